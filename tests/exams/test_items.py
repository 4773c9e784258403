"""Items grouped into lines."""

from stages.exams.items import Item, rows
from stages.exams.shapes import Box, Glyph

EM = 40.0


def ink(x: float, y: float, width: float = 15, height: float = 20) -> Item:
    box = Box(x, y, x + width, y + height)
    return Item(box, "glyph", Glyph(box, labels=(1,)))


def test_specks_between_two_lines_do_not_tie_them_together() -> None:
    high, low = [ink(x, 0) for x in (0, 20, 40)], [ink(x, 36) for x in (0, 20, 40)]
    specks = [ink(70, 16 + 8 * place, 4, 4) for place in range(3)]
    found = rows([*high, *low, *specks], EM)
    assert [row for row in ([i for i in row if i not in specks] for row in found) if row] == [high, low]
    assert all(any(speck in row for row in found) for speck in specks)


def test_stops_stand_on_their_line_and_a_lone_speck_on_none() -> None:
    line, stop, speck = [ink(0, 0), ink(20, 0)], ink(40, 16, 4, 4), ink(0, 200, 3, 3)
    assert rows([speck, stop, *line], EM) == [[*line, stop], [speck]]
    assert rows([], EM) == []
