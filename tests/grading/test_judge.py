"""stages.grading.judge and grades: cut off, blank, then compare, in this order; what was asked is what is graded."""

from pathlib import Path

import pytest

from stages.grading import judge as module
from stages.grading.grades import grade, grade_run
from stages.grading.judge import BLANK, CUT_OFF, found_answer, judge
from stages.questions.exam import EXAMS, Question
from stages.study.errors import StudyError
from stages.study.records import Response, Student

WHO = Student(
    run="R1-r0", base_digest="b", adapter_digest="a", prompt_digest="p", budget=20, batch_size=8, engine="mlx"
)


@pytest.mark.parametrize(
    ("key", "text", "finish", "answer", "verdict", "why"),
    [
        ("1/2", "Half.\nAnswer: 0.5", "stop", "0.5", "match", None),
        ("4", "Answer: 4", "stop", "4", "match", None),
        ("4", "Answer: 5", "stop", "5", "no", None),
        ("4", "Answer: 4\n\nTo check, we", "length", "4", "no", CUT_OFF),  # however right it looks
        ("4", "Answer: 4", "length", None, "no", CUT_OFF),  # it may have gone on to 42
        ("4", "I go on and on", "length", None, "no", CUT_OFF),  # both: cut off is told
        ("4", "", "length", None, "no", CUT_OFF),
        ("4", "", "stop", None, "no", BLANK),
        ("4", "   \n", "stop", None, "no", BLANK),
    ],
)
def test_cut_off_blank_then_compare(key, text, finish, answer, verdict, why):
    judged = judge(key, text, finish)
    assert (judged.answer, judged.verdict) == (answer, verdict)
    assert judged.why == why if why else judged.why not in (CUT_OFF, BLANK)
    assert found_answer(text, finish) == judged.answer


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_only_a_finished_answer_is_compared(monkeypatch, finish):
    """The key goes first, the response second: the judge tells them apart. What is cut off never gets there."""
    asked = []

    def compare(gold, found):
        asked.append((gold, found))
        return type("Compared", (), {"verdict": "undecided", "reason": "cannot tell"})

    monkeypatch.setattr(module, "compare", compare)
    judged = judge("the key", "Answer: the response", finish)
    if finish == "stop":
        assert asked == [("the key", "the response")]
        assert (judged.verdict, judged.why) == ("undecided", "cannot tell")
    else:
        assert asked == []
        assert judged.verdict == "no"
    judge("the key", "", "stop")
    assert len(asked) == (1 if finish == "stop" else 0)  # nor does a blank one


def test_what_is_cut_off_is_read_as_such(monkeypatch):
    """An answer that runs up to the cut may go on: the room of answers is told so."""
    told = []
    real = module.extract
    monkeypatch.setattr(module, "extract", lambda text, truncated: told.append(truncated) or real(text, truncated))
    judge("4", "Answer: 4", "length")
    judge("4", "Answer: 4", "stop")
    found_answer("Answer: 4", "length")
    found_answer("Answer: 4", "stop")
    assert told == [True, False, True, False]


def question(number: int, source: str = EXAMS, split: str = "test", fold: int | None = 2) -> Question:
    return Question(source, f"p{number}", f"Find {number}.", str(number), split, fold)


def response(number: int, text: str = "", finish: str = "stop", source: str = EXAMS, **who: object) -> Response:
    text = text or f"So.\nAnswer: {number}"
    return Response(
        source=source,
        problem_id=f"p{number}",
        text=text,
        finish_reason=finish,
        tokens=7,
        words=len(text.split()),
        student=WHO.model_copy(update=who),
    )


def test_a_grade_says_what_was_asked_and_who_answered():
    found = grade(question(3, split="valid", fold=1), response(3))
    assert found.model_dump() == {
        "source": "exams",
        "problem_id": "p3",
        "sample": 1,
        "answer": "3",
        "tier": found.tier,
        "verdict": "match",
        "why": found.why,
        "finish_reason": "stop",
        "tokens": 7,
        "words": 3,
        "split": "valid",
        "fold": 1,
        "student": WHO.model_dump(),
    }
    assert found.tier
    assert found.why
    cut = grade(question(3), response(3, finish="length"))
    assert (cut.verdict, cut.why, cut.finish_reason) == ("no", CUT_OFF, "length")


def test_grades_stand_in_the_order_of_the_questions():
    asked = [question(2), question(1), question(1, source="other", split="benchmark", fold=None)]
    said = [response(1, source="other"), response(1, "Answer: 9"), response(2)]
    found = grade_run("R1-r0", asked, said, Path("x"))
    told = [(one.source, one.problem_id, one.verdict) for one in found]
    assert told == [("exams", "p2", "match"), ("exams", "p1", "no"), ("other", "p1", "match")]


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        ([response(1)], r"x.jsonl: R1-r0: 1 of 2 responses missing, p2 first; run `dvc repro`"),
        ([], r"x.jsonl: R1-r0: 2 of 2 responses missing, p1 first"),
        ([response(1), response(2), response(3)], r"x.jsonl: R1-r0: p3 of exams was not asked"),
        ([response(1), response(2), response(2, source="other")], r"x.jsonl: R1-r0: p2 of other was not asked"),
        ([response(1), response(2), response(1)], r"x.jsonl: p1: answered twice"),
        ([response(1), response(2, run="base")], r"x.jsonl: p2: a response of base, not R1-r0"),
        ([response(1), response(2, adapter_digest="z")], r"x.jsonl: R1-r0: responses of several students"),
        ([response(1), response(2, budget=21)], r"x.jsonl: R1-r0: responses of several students"),
    ],
)
def test_what_was_not_asked_or_not_answered_is_an_error(responses, message):
    with pytest.raises(StudyError, match=message):
        grade_run("R1-r0", [question(1), question(2)], responses, Path("x.jsonl"))
