"""stages.judge: both verdicts on what the checker leaves undecided; nothing is asked where it is off."""

import json
import sys
from pathlib import Path

import pytest

from stages import judge
from stages.questions.exam import Question
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import Grade, Judged, Student
from stages.teacher.settings import JudgeSettings, Role
from tests.report.made_study import write_params, write_study
from tests.teacher.scripted import reply, scripted

SETTINGS = JudgeSettings(ask="undecided", attempts=2, max_tokens=20)


def asked(run: str, number: int, answer: str = "f(x)") -> tuple[Question, Grade]:
    who = Student(
        run=run, base_digest="b", adapter_digest="", prompt_digest="p", budget=9, batch_size=8, engine="mlx cpu float32"
    )
    question = Question("exams", f"p{number}", f"What is {number}?", "g(x)", "test", 0)
    told = {"source": "exams", "problem_id": f"p{number}", "answer": answer, "tier": "line", "verdict": "undecided"}
    told |= {"why": "", "finish_reason": "stop", "tokens": 4, "words": 3, "split": "test", "fold": 0, "student": who}
    return question, Grade.model_validate(told)


def test_each_undecided_answer_gets_the_models_verdict_beside_the_checkers():
    says = {"a: p1": "CORRECT\nThe same.", "a: p2": "INCORRECT", "base: p1": "Hm."}
    ask, seen = scripted(lambda name, before, body: reply(body, says[name]))
    told = [asked("a", 1), asked("a", 2), asked("base", 1, "h(x)")]
    judged, replies = judge.second_verdicts(told, ask, Role(model="verifier"), SETTINGS)
    assert [(one.run, one.problem_id, one.answer, one.checker, one.model) for one in judged] == [
        ("a", "p1", "f(x)", "undecided", "match"),
        ("a", "p2", "f(x)", "undecided", "no"),
        ("base", "p1", "h(x)", "undecided", "undecided"),
    ]
    assert judged[0].why == "The same."
    assert [name for name, _ in seen] == ["a: p1", "a: p2", "base: p1", "base: p1"]  # asked again where unread
    assert len(replies) == 4
    shown = seen[0][1]["messages"][0]["content"]
    assert all(part in shown for part in ("What is 1?", "<true_answer>\ng(x)", "<given_answer>\nf(x)"))
    assert judge.counted(judged) == {
        "a": {"match": 1, "no": 1, "undecided": 0},
        "base": {"match": 0, "no": 0, "undecided": 1},
    }


def test_a_failed_request_is_no_verdict():
    ask, _ = scripted(lambda name, before, body: reply(body, "", failure="refused"))
    [one], _ = judge.second_verdicts([asked("a", 1)], ask, Role(model="verifier"), SETTINGS)
    assert (one.model, one.why) == ("undecided", "refused")


def run(monkeypatch) -> dict:
    monkeypatch.setattr(sys, "argv", ["judge"])
    judge.main()
    return json.loads(Path("metrics/judged.json").read_text(encoding="utf-8"))


def test_off_it_asks_nobody_and_on_it_wants_the_replies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("TEACHER_API_KEY", raising=False)
    write_params()
    write_study()
    Path("data/recordings").mkdir()
    Path("data/recordings/made.jsonl").touch()
    told = run(monkeypatch)
    assert (told["ask"], told["students"]) == ("none", {})
    assert read_records("data/judged.jsonl", Judged) == []
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("ask: none", "ask: undecided"), encoding="utf-8")
    path = Path("data/grades/R1-r0.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(place for place, line in enumerate(lines) if '"verdict": "match"' in line)
    lines[place] = lines[place].replace('"verdict": "match"', '"verdict": "undecided"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"R1-r0: made-\S+: neither data/recordings/made.jsonl nor the store"):
        run(monkeypatch)
