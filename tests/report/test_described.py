"""metrics/README.md names every key of summary.json, and none that is not there."""

import re
from collections.abc import Iterator
from typing import Any

from stages.study.files import read_json
from tests.report.made_study import ROOT


def rows() -> list[list[str]]:
    text = (ROOT / "metrics/README.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "| `" in line]


def patterns() -> dict[str, re.Pattern[str]]:
    """Described keys, blocks taken apart, as patterns of paths."""
    blocks: dict[str, list[tuple[str, str]]] = {}
    described = [row for row in rows() if row[0].startswith("`")]
    for name, key, meaning in (row for row in rows() if not row[0].startswith("`")):
        block, _, base = name.partition(" ")
        blocks.setdefault(block, [*blocks.get(base.strip("()"), [])]).append((key.strip("`"), meaning))

    def taken_apart(key: str, holds: str) -> Iterator[str]:
        if holds not in blocks:
            yield key
        for inner, kind in blocks.get(holds, []):
            yield from taken_apart(f"{key}.{inner}", kind)

    keys = [path for key, holds, _ in described for path in taken_apart(key.strip("`"), holds)]
    assert len(keys) == len(set(keys))
    return {key: re.compile(re.sub("<[a-z]+>", "[^.]*", re.escape(key))) for key in keys}


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".lstrip("."))
    else:
        yield path


def test_every_key_is_described_and_every_description_has_a_key(printed):
    known = patterns()
    unused = set(known)
    for path in leaves(read_json("metrics/summary.json")):
        fitting = {key for key, pattern in known.items() if pattern.fullmatch(path)}
        assert fitting or path.endswith("versus_first"), f"metrics/README.md does not describe {path}"
        unused -= fitting
    unused -= {key for key in known if key.startswith("levels.<level>.all.")}  # here no level was asked everything
    assert not unused, f"metrics/README.md describes what there is not: {sorted(unused)}"
