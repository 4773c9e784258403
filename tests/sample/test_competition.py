"""The sample competition: its size, its mixture, its deliberate faults, and that its papers come out byte for byte."""

import io
import itertools
import platform
import re
from collections import Counter
from pathlib import Path
from shutil import copyfile

import pypdfium2
import pytest

from data.sample.competition import FIGURES, MISSING, NEAR_DUPLICATES, SCANNED, benchmark, competition
from data.sample.markup import linear
from stages.folds.resemblance import jaccard, word_ngrams
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import BenchmarkProblem

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw" / "sample"
EXAMS = competition()
QUESTIONS = [question for exam in EXAMS for question in exam.questions]
BY_ID = {question.id: question for question in QUESTIONS}
READABLE = [question for question in QUESTIONS if not question.missing]


def test_every_year_has_its_sections_and_numbers() -> None:
    assert [(exam.year, exam.section) for exam in EXAMS] == list(
        itertools.product(range(2021, 2026), ("fs", "js", "tp"))
    )
    for exam in EXAMS:
        numbers = [question.number for question in exam.questions]
        regular = [number for number in numbers if number.isdigit()]
        assert regular == [str(n) for n in range(1, (10 if exam.section == "tp" else 20) + 1)]
        assert numbers[len(regular) :] == [f"T{n}" for n in range(1, len(numbers) - len(regular) + 1)]
    assert len(BY_ID) == len(QUESTIONS)


def test_many_problems_from_many_families() -> None:
    assert len({question.item.statement for question in READABLE}) >= 240
    assert len({question.item.family for question in READABLE} - {"figure"}) >= 40


def test_a_wording_is_used_once_apart_from_the_planned_repeats() -> None:
    drawn = [question for question in QUESTIONS if question.item.family not in ("figure", "missing")]
    fresh = Counter((question.item.family, question.wording) for question in drawn if not question.repeats)
    assert max(fresh.values()) == 1
    again = [question for question in drawn if question.repeats]
    assert 6 <= len(again) == len(NEAR_DUPLICATES) <= 8
    for question in again:
        first = BY_ID[question.repeats]
        assert (first.item.family, first.wording) == (question.item.family, question.wording)
        assert first.id[:11] != question.id[:11], "a repeat stands in another year"
        assert jaccard(*(word_ngrams(linear(item.statement)) for item in (first.item, question.item))) >= 0.5


def test_some_figures_and_texts_are_lost() -> None:
    figures = [question for question in QUESTIONS if question.item.needs_figure]
    assert 4 <= len(figures) == len(FIGURES) <= 6
    assert all("in the figure shown" in question.item.statement.lower() for question in figures)
    lost = [question for question in QUESTIONS if question.missing]
    assert 3 <= len(lost) == len(MISSING) <= 4
    assert {question.item.statement for question in lost} == {"", "(content not legible)"}
    assert all(question.item.answer for question in QUESTIONS)


@pytest.mark.parametrize(
    ("form", "pattern", "least"),
    [
        ("integer", r"-?\d+", 100),
        ("fraction", r"-?\d+/\d+", 15),
        ("decimal", r"-?\d*\.\d+", 5),
        ("radical or pi", r".*[√π].*", 8),
        ("tuple", r"\([^()]+,[^()]+\)", 4),
        ("word", r"[A-Za-z]{2,}", 4),
        ("ratio", r"\d+ : \d+", 1),
        ("mixed number", r"\d+ \d+/\d+", 3),
        ("expression", r"\d+x\^2.*", 1),
        ("numeral with its base", r"\d+_\d+", 1),
        ("complex", r".*\bi|.*\di", 2),
        ("set", r"\{.*\}", 1),
    ],
)
def test_answers_have_the_competitions_forms(form: str, pattern: str, least: int) -> None:
    assert sum(bool(re.fullmatch(pattern, linear(question.item.answer))) for question in QUESTIONS) >= least, form


def test_the_scanned_year_is_light_on_mathematics_but_not_free_of_it() -> None:
    texts = [linear(q.item.statement) for exam in EXAMS if exam.year == SCANNED for q in exam.questions]
    heavy = sum(bool(re.search(r"[\^/√_]", text)) for text in texts)
    assert 5 <= heavy <= len(texts) * 0.4


def test_the_benchmark_comes_from_other_families() -> None:
    chosen = benchmark()
    assert len({item.statement for _, item in chosen}) == len(chosen) >= 60
    assert not {family.name for family, _ in chosen} & {question.item.family for question in QUESTIONS}


@pytest.mark.slow
def test_the_committed_sample_comes_out_again_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers, truth, benchmark, and the recording of what the stages ask about the papers as they are read."""
    pytest.importorskip("typst", reason="typesetting needs the package typst (extra: test)")
    from data.sample.__main__ import main

    for path in ("params.yaml", "data/corrections/sample.jsonl", "data/versions.yaml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        copyfile(ROOT / path, tmp_path / path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["data.sample"])
    main()
    written = tmp_path / "data"
    scans = [path.name for path in RAW.glob(f"{SCANNED}*.pdf")]
    same_pixels = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    names = sorted(path.name for path in RAW.iterdir())
    assert names == sorted(path.name for path in (written / "raw" / "sample").iterdir())
    for name in names:
        if same_pixels or name not in scans:
            assert (written / "raw" / "sample" / name).read_bytes() == (RAW / name).read_bytes(), name
    assert (written / "benchmarks/sample.jsonl").read_bytes() == (ROOT / "data/benchmarks/sample.jsonl").read_bytes()
    if not same_pixels:
        pytest.skip("scans, and what is read from them, are compared on Linux x86-64 only; the rest was the same")
    assert (written / "recordings/sample.jsonl").read_bytes() == (ROOT / "data/recordings/sample.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("change", "arguments", "fault"),
    [
        (("profile: sample", "profile: paper"), [], "profile: sample"),
        (("corpus: sample", "corpus: other"), [], "corpus: sample"),
        (("", ""), ["again"], "again: unknown argument"),
    ],
)
def test_what_is_refused_before_anything_is_written(tmp_path, monkeypatch, change, arguments, fault) -> None:
    pytest.importorskip("typst", reason="typesetting needs the package typst (extra: test)")
    from data.sample.__main__ import main

    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert change[0] in params
    (tmp_path / "params.yaml").write_text(params.replace(*change, 1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["data.sample", *arguments])
    with pytest.raises(StudyError, match=fault):
        main()
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]


def test_the_benchmark_has_enough_problems() -> None:
    assert len(read_records(ROOT / "data/benchmarks/sample.jsonl", BenchmarkProblem)) >= 60


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in RAW.iterdir()) < 3_000_000


def test_the_scanned_year_has_images_and_no_text() -> None:
    for path in sorted(RAW.glob(f"{SCANNED}*.pdf")):
        content = path.read_bytes()
        document = pypdfium2.PdfDocument(io.BytesIO(content))
        assert content.count(b"/CCITTFaxDecode") == len(document)
        assert not any(page.get_textpage().count_chars() for page in document)


def test_the_text_layer_holds_each_title_once_a_sheet_and_a_combined_file_has_a_blank_page() -> None:
    for path in sorted(RAW.glob("202[1-4]*.pdf")):
        texts = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]
        titles = [text.count("The Sample Mathematics Competition") for text in texts]
        assert titles[0] == 1
        assert max(titles) == 1
        assert ("" in [text.strip() for text in texts]) == (path.name[:4] in ("2023", "2024"))


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_every_question_stands_on_paper_in_order(year: int) -> None:
    sheets = [page.get_textpage().get_text_bounded() for path in sorted(RAW.glob(f"{year}*.pdf"))
              for page in pypdfium2.PdfDocument(path)]  # fmt: skip
    for exam in (exam for exam in EXAMS if exam.year == year):
        text, place = " ".join(" ".join(sheets).split()), 0
        for question in exam.questions:
            for prose in question.item.statement.replace("\\$", "").split("$")[::2]:
                words = re.findall(r"[A-Za-z]{3,}", prose)
                found = re.search(r"\b.{1,40}?\b".join(words), text[place:])
                assert found, (question.id, prose)
                place += found.end()
