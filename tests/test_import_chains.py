"""Published chains become a recording that the teacher stages read and check."""

import json
from pathlib import Path

import pytest

from stages import compress, import_chains, solve, verify
from stages.import_chains import Published
from stages.study import params
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Chain, Level
from stages.teacher import Request, connect, prompts
from stages.teacher.chains import falls
from stages.teacher.settings import TeacherMachine, TeacherSettings
from tests.teacher.scripted import problem

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT.parent / "shared" / "obryan"
TEXTS = {
    "R1": "There is one and there is one more, so that there are two. \\[\\boxed{2}\\]",
    "R2": "There is one and there is one more, and one and one are two, as everybody knows who has fingers.\nAnswer: 2",
    "R3": "There is one and one more, so 1 + 1 = 2.",
    "R4": "One and one more: 1 + 1 = 2.",
    "R5": "So 1 + 1 = 2.",
    "R6": "1 + 1 = 2",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project whose teacher is the recording that the importer writes."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8").replace("attempts: 3", "attempts: 1", 1)
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "metrics").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("TEACHER_API_KEY", raising=False)
    return tmp_path


def published(texts: dict[str, str], number: int = 1) -> list[Published]:
    return [
        Published(problem_id=problem(number).id, published_level=level, text=text, answer="2")
        for level, text in texts.items()
    ]


def through_the_teacher_stages(items, problems, monkeypatch) -> tuple[list[Chain], dict, dict]:
    """Import, then solve, verify and compress; the chains, metrics/teacher.json and metrics/chains.json."""
    write_records("published.jsonl", items)
    write_records("data/problems.jsonl", problems)
    monkeypatch.setattr("sys.argv", ["import_chains", "published.jsonl", "data/recordings/sample.jsonl"])
    import_chains.main()
    monkeypatch.setattr("sys.argv", ["stage"])
    for stage in (solve, verify, compress):
        stage.main()
    teacher, made = (json.loads(Path(f"metrics/{name}.json").read_text()) for name in ("teacher", "chains"))
    return read_records("data/chains.jsonl", Chain), teacher, made


def test_levels_follow_length_and_end_in_one_answer_line(project, monkeypatch):
    made, teacher, _ = through_the_teacher_stages(published(TEXTS), [problem(1)], monkeypatch)
    assert [chain.level for chain in made] == list(Level)
    assert [chain.text.split("\n")[0] for chain in made[:2]] == [TEXTS["R2"].split("\n")[0], TEXTS["R1"]]
    assert all(chain.text.endswith("\nAnswer: 2") and chain.text.count("Answer:") == 1 for chain in made)
    assert teacher["solved"] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"R3": "So it is three, 1 + 1 = 3."}, "wrong answer"),
        ({"R3": "So it is \\boxed{3}, or 2."}, "wrong answer"),
        ({"R3": "So it is \\boxed{2"}, "no answer line"),
        ({"R3": "We add them up and the"}, "no answer line"),
        ({"R3": ""}, "missing level"),
        ({"R2": TEXTS["R1"]}, "length"),
        ({"R2": TEXTS["R2"].replace("Answer: 2", "Answer: 3")}, "unverified"),
    ],
)
def test_what_breaks_a_rule_is_left_out_and_counted(project, monkeypatch, change, reason):
    items = [*published(TEXTS | change, 1), *published(TEXTS, 2)]
    made, _, metrics = through_the_teacher_stages(items, [problem(1), problem(2)], monkeypatch)
    assert {chain.problem_id for chain in made} == {problem(2).id}
    assert metrics["left_out"][reason] == 1


def test_a_problem_without_texts_counts_as_blank(project, monkeypatch):
    _, teacher, _ = through_the_teacher_stages(published(TEXTS), [problem(1), problem(2)], monkeypatch)
    assert (teacher["solved"], teacher["blank"]) == (1, 1)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published chains in ../shared/obryan")
def test_the_published_chains(project, monkeypatch):
    rows = [json.loads(line) for line in (PUBLISHED / "truth" / "problems.jsonl").read_text().split("\n") if line]
    problems = [
        problem(1, row["answer"], id=row["id"], year=row["year"], section=row["section"], statement=row["statement"])
        for row in rows
    ]
    items = read_records(PUBLISHED / "chains" / "published.jsonl", Published)
    made, teacher, metrics = through_the_teacher_stages(items, problems, monkeypatch)
    assert teacher["problems"] == len(rows)
    assert metrics["with_chains"] == len(made) // 6
    assert 40 <= metrics["with_chains"] <= 60  # of 85 whose six texts fall by length
    # What the published texts are known for: they argue from the answer, repeat a level, or are no short text at all.
    assert min(metrics["refused"][kind] for kind in ("leaning", "repetition", "sentences")) >= 5
    for start in range(0, len(made), 6):
        assert falls([chain.words for chain in made[start : start + 6]])


def test_a_recording_asks_no_server(project, monkeypatch):
    through_the_teacher_stages(published(TEXTS), [problem(1)], monkeypatch)
    study = params.load()
    settings = study.block("teacher", TeacherSettings)
    request = Request("x", prompts.body(settings.solver, [{"role": "user", "content": "other"}], 9))
    with (
        connect(settings, study.machine.teacher_block(TeacherMachine), study.recording) as ask,
        pytest.raises(StudyError, match=r"neither .* nor the store holds a reply"),
    ):
        ask("solver", [request], 1)


def test_bad_input_is_named(project, monkeypatch):
    monkeypatch.setattr("sys.argv", ["import_chains", "a"])
    with pytest.raises(StudyError, match="usage"):
        import_chains.main()
    Path("a.jsonl").write_text('{"problem_id": "x"}\n')
    write_records("data/problems.jsonl", [problem(1)])
    monkeypatch.setattr("sys.argv", ["import_chains", "a.jsonl", "out.jsonl"])
    with pytest.raises(StudyError, match=r"a\.jsonl:1: published_level"):
        import_chains.main()
    write_records("a.jsonl", published(TEXTS, 2))
    with pytest.raises(StudyError, match="no text about any usable problem"):
        import_chains.main()
    assert not Path("out.jsonl").exists()
