"""The answers room: policies, a table of cases, extraction, limits, the command line."""

import doctest
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import stages.answers
from stages.answers import Extraction, Policies, compare, extract, grade, reward, without_thoughts
from tests.answers.hostile import hostile

CASES = Path(__file__).parent / "answers" / "cases.tsv"
OPEN_CASES = Path("../shared/answers/open-cases.tsv")


def rows(path: Path) -> list[tuple[str, str, str]]:
    """truth, candidate, expected of a file with a header."""
    return [tuple(line.split("\t")) for line in path.read_text("utf-8").splitlines()[1:]]  # type: ignore[misc]


def test_every_policy_in_the_docstring_has_an_example_that_holds() -> None:
    result = doctest.testmod(stages.answers)
    assert result.attempted >= 15
    assert result.failed == 0


@pytest.mark.parametrize(("truth", "candidate", "expected"), rows(CASES))
def test_case(truth: str, candidate: str, expected: str) -> None:
    result = compare(truth, candidate)
    assert result.verdict in expected.split("-or-"), result
    assert result.reason


@pytest.mark.skipif(not OPEN_CASES.exists(), reason="the adjudicated cases are not here")
def test_open_cases() -> None:
    wrong = [row for row in rows(OPEN_CASES) if compare(*row[:2]).verdict not in row[2].split("-or-")]
    assert not wrong


EXTRACTIONS = [
    (r"So \boxed{\frac{1}{2}}.", r"\frac{1}{2}", "boxed"),
    (r"\boxed{1} and then \boxed{2}", "2", "boxed"),
    (r"\boxed{\left\{1, \frac{2}{3}\right\}}", r"\left\{1, \frac{2}{3}\right\}", "boxed"),
    (r"\boxed{\text{(B)}} is it", "(B)", "boxed"),
    (r"\fbox{7}", "7", "boxed"),
    (r"\boxed 5", "5", "boxed"),
    (r"\boxed{1} ... \boxed{\frac{1}{2", None, "none"),
    (r"\boxed{}", None, "none"),
    ("Steps.\nAnswer: 42", "42", "answer line"),
    ("Steps.\n**Answer:** 42.", "42", "answer line"),
    ("Steps.\n**Answer: 42**", "42", "answer line"),
    ("Steps.\n### Final Answer: $42$\n", "42", "answer line"),
    ("Answer: 3\nNo, wait.\nAnswer: 4", "4", "answer line"),
    ("**Final answer:**\n\n\\[\n12\n\\]", "12", "answer line"),
    ("Answer:", None, "none"),
    ("answer = 3/4", "3/4", "answer line"),
    ("Answer: \\(6:7\\)", "6:7", "answer line"),
    ("Hence the answer is 5, because 2 + 3 = 5.", "5", "the answer is"),
    ("The final answer is $\\frac{3}{4}$. It is in lowest terms.", "\\frac{3}{4}", "the answer is"),
    ("The answer is 3.14.", "3.14", "the answer is"),
    ("The answer is (2, 3).", "(2, 3)", "the answer is"),
    ("We get x + y = 12.", "12", "last line"),
    ("So there are 12 ways.", "12 ways", "last line"),
    ("Thus, **NEVER** true.\n", "NEVER true", "last line"),
    ("Only 9 + 4 = 13, so a = 3, b = 2.", "a = 3, b = 2", "last line"),
    ("The line is y = 2x + 1.", "y = 2x + 1", "last line"),
    ("k+w=3125+26=3151", "3151", "last line"),
    ("42", "42", "last line"),
    ("x = 5\n\n---\n```\n", "5", "last line"),
    ("We now look at the next case:", None, "none"),
    ("The triangles need not be congruent to each other at all", None, "none"),
    ("<final_answer>3/7</final_answer>", "3/7", "answer tag"),
    ("<answer>\nThe total is **100**.\n</answer>", "100", "answer tag"),
    ("<answer>7", "7", "answer tag"),
    ('{"answer": [3, -1]}', "3, -1", "json"),
    ('{"answer": {"x": 1, "y": 2}}', "x = 1, y = 2", "json"),
    ('{"solution": "x = 5", "answer": 5}', "5", "json"),
    ("## Answer\n\n**72 mph**\n\n## Explanation\n\n144 miles in 2 hours.", "72 mph", "answer line"),
    ("**Answers**\n\n1. $x = 1$\n2. $x = 4$", "1, 4", "answer line"),
    ("The solutions are:\n- 2\n- 3", "2, 3", "last line"),
    ("(a) so \\boxed{3}.\n(b) so \\boxed{5}.", "3, 5", "boxed"),
    ("(a) so \\boxed{3}.\nThen again \\boxed{5}.", "5", "boxed"),
    ("So the sum is 21.\n\nQuestion: 4 + 5?\nAnswer: 9", "21", "last line"),
    ("Question: 4 + 5?\nAnswer: 9", "9", "answer line"),
    ("The next prime is\n\n**17**\n\nThis is because 16 is even.", "17", "last line"),
    ("So x = 5.\n\n**Verification:**\n2(5) + 3 = 13", "5", "last line"),
    ("So, Maria will have 75 dollars left after that.", "75 dollars", "last line"),
    ("So it is 120 in base 7.", "120 in base 7", "last line"),
    ("The 8th number is **21**, not 13.", "21", "last line"),
    ("I cannot say which of the 5 is right.", None, "none"),
    ("**Step 2b: Altitude to side 11**", None, "none"),
    ("```python\nresult = 1\n```\nThe multiple is 2520.", "2520", "last line"),
    ("**B.** The graph moves to (2, 0).", "B", "last line"),
    ("", None, "none"),
    (" \n\t\n", None, "none"),
]


@pytest.mark.parametrize(("response", "answer", "tier"), EXTRACTIONS)
def test_extraction(response: str, answer: str | None, tier: str) -> None:
    assert extract(response) == Extraction(answer, tier)


TRUNCATED = [
    (r"so \boxed{5}. And fur", "5", "boxed"),
    (r"so \boxed{5}. Then \boxed{\frac{1}", None, "none"),
    ("Answer: 12", None, "none"),  # it may have been about to say 120
    ("Answer: 12\nBut wait, the", "12", "answer line"),
    ("the answer is 12", None, "none"),
    ("the answer is 12. Let me check th", "12", "the answer is"),
    ("so x = 12", None, "none"),
    ("<answer>12", None, "none"),
    ("<answer>12</answer>", "12", "answer tag"),
    ("#### 12", None, "none"),
]


@pytest.mark.parametrize(("response", "answer", "tier"), TRUNCATED)
def test_what_runs_up_to_the_end_of_a_truncated_response_is_no_answer(
    response: str, answer: str | None, tier: str
) -> None:
    assert extract(response, truncated=True) == Extraction(answer, tier)


def test_extraction_is_linear() -> None:
    pieces = ("\\boxed{", "answer is ", "Answer:\n", "```", " (a", "= ", "**", "\n", "x = 1, ", "\\", "{", "<think>")
    for piece in (
        *pieces,
        "</think>",
        "#### 5\n",
        '"answer": "',
        "<answer>",
        "\\boxed{1}, ",
        "答案",
        "answer to a ",
        "-\n",
        "Answer:\n\nThe speed is not known to us\n",
        "Check\n",
        "- 5\n",
        "**5** ",
        "\\(5\\) ",
        "since ",
        "```python\n",
        "<answer>",
        "Question: 5\n",
    ):
        for suffix in ("", "!5"):
            response = (piece * 1_000_000)[:1_000_000] + suffix
            seconds = []
            for _ in range(2):
                start = time.process_time()
                extract(response)
                seconds.append(time.process_time() - start)
            assert min(seconds) < 0.1, piece


def test_hostile_answers_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    slowest = 0.0
    for text in hostile():
        backwards = ",".join(reversed(text.split(",")))
        for truth, candidate in (
            ("7919", text),
            (text, "5"),
            (text, f"0+{text}"),
            (text, backwards),
            (r"\sqrt{2}+\sqrt{3}", text),
        ):
            seconds = []
            for _ in range(2):  # the faster of two: a pause of the garbage collector is not the checker's
                start = time.process_time()
                result = compare(truth, candidate)
                seconds.append(time.process_time() - start)
            slowest = max(slowest, min(seconds))
            if truth == "7919":
                assert result.verdict != "match", text[:60]
        extract(text)
    assert not list(tmp_path.iterdir())
    assert slowest < 0.05


def run(*arguments: str, text: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command line, with `text` on standard input."""
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run([sys.executable, "-m", "stages.answers", *arguments], input=data, capture_output=True)


def test_command_prints_a_line_per_case_and_goes_on_after_bad_lines() -> None:
    done = run("-", text=b"truth\tcandidate\n1/2\t0.5\n3\t4\nno tab here\n\xff\xfe\t5\n5\t\n(1\t(1\r\n7\t7\tmatch\n")
    verdicts = [line.split("\t")[0] for line in done.stdout.decode().splitlines()]
    assert verdicts == ["match", "no", "undecided", "undecided", "no", "match", "match"]
    assert all(len(line.split("\t")) == 2 for line in done.stdout.decode().splitlines())
    assert done.returncode == 0


def test_command_without_a_header_skips_nothing() -> None:
    assert run("-", text="1\t1\n2\t2\n").stdout.decode().count("\n") == 2


def test_command_scores_the_third_column() -> None:
    done = run(
        "-",
        "--expected",
        text="truth\tcandidate\texpected\n1\t1\tmatch\n1\t2\tmatch\n5\t9^{9^{9^9}}\tundecided-or-no\n",
    )
    assert [line.split("\t")[2] for line in done.stdout.decode().splitlines()] == ["right", "wrong", "right"]
    assert done.stderr.decode().strip() == "2 of 3 as expected"
    assert done.returncode == 1


def test_command_names_a_missing_file() -> None:
    done = run("nowhere.tsv")
    assert done.returncode == 2
    assert "nowhere.tsv: No such file" in done.stderr.decode()


THOUGHTS = [
    ("<think>a</think>b", "b", "a"),
    ("a</think>b", "b", "a"),
    ("<think>a", "", "a"),
    ("<think>a</think>b<think>c</think>d", "bd", "a\nc"),
    ("b", "b", ""),
    ("[THINK]a[/THINK]b", "b", "a"),
    ("<|begin_of_thought|>a<|end_of_thought|>b", "b", "a"),
    ("<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>b", "b", "a"),
    ("<think>\n\n</think>\n\nb", "b", ""),
]


@pytest.mark.parametrize(("text", "outside", "inside"), THOUGHTS)
def test_thoughts(text: str, outside: str, inside: str) -> None:
    assert without_thoughts(text) == (outside, inside)


def test_grade_compares_the_answer_with_the_key_and_not_the_key_with_the_answer() -> None:
    assert grade(r"so \boxed{1/2}", r"50\%") == 1.0
    assert grade(r"so \boxed{50\%}", "1/2") == 0.0
    assert grade("no idea what to do about it", "5") == 0.0
    assert grade("Answer: 12", "12", truncated=True) == 0.0
    assert grade("Answer: 5 gizmos", "5") == 0.0
    assert grade("Answer: 5 gizmos", "5", undecided=0.5) == 0.5


def test_reward_has_the_signature_of_trl() -> None:
    texts = [r"\boxed{4}", "Answer: 5"]
    assert reward(prompts=["a", "b"], completions=texts, answer=["4", "4"], completion_ids=[[1], [2]]) == [1.0, 0.0]
    messages = [[{"role": "assistant", "content": text}] for text in texts]
    assert reward(completions=messages, answer=["4", "5"]) == [1.0, 1.0]
    with pytest.raises(ValueError, match="zip"):
        reward(completions=texts, answer=["4"])


POLICIES = [
    ("5 cm", "5", Policies(unit=False)),
    ("50%", "1/2", Policies(percent=False)),
    ("30^\\circ", "\\frac{\\pi}{6}", Policies(angle=False)),
    ("52_8", "52", Policies(base=False)),
    ("(8,23)", "8, 23", Policies(order=False)),
    ("3:4", "3/4", Policies(ratio=False)),
    ("2 or 3", "2", Policies(alternatives=False)),
]


@pytest.mark.parametrize(("truth", "candidate", "policies"), POLICIES)
def test_a_policy_that_is_off_leaves_open_what_it_decided(truth: str, candidate: str, policies: Policies) -> None:
    assert compare(truth, candidate).verdict == "match"
    assert compare(truth, candidate, policies).verdict == "undecided"


def test_the_rounding_policy_is_off_until_it_is_asked_for() -> None:
    assert compare("41.57", r"24\sqrt{3}").verdict == "undecided"
    assert compare("41.57", r"24\sqrt{3}", Policies(rounded=True)).verdict == "match"
    assert compare("41.58", r"24\sqrt{3}", Policies(rounded=True)).verdict == "no"


def test_command_grades_json_lines(tmp_path: Path) -> None:
    rows = [("so \\boxed{4}", "4", False), ("Answer: 5", "4", False), ("Answer: 4", "4", True), ("well", "4", False)]
    text = "".join(json.dumps({"text": a, "gold": b, "cut": c}) + "\n" for a, b, c in rows)
    out = tmp_path / "graded.jsonl"
    options = ("--response", "text", "--key", "gold", "--truncated", "cut", "--out", str(out))
    done = run("-", *options, text=text)
    assert done.returncode == 0
    assert "1 of 4 match" in done.stdout.decode()
    assert "2           | no        | no answer found" in done.stdout.decode()
    graded = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["verdict"] for row in graded] == ["match", "no", "no", "no"]
    assert [row["answer"] for row in graded] == ["4", "5", None, None]


def test_command_names_the_line_that_is_unfit() -> None:
    for text, wanted in (("{}\n", "line 1: no field 'response'"), ("\nnot json\n", "line 2: not JSON")):
        done = run("-", "--response", "response", text=text)
        assert done.returncode == 2
        assert wanted in done.stderr.decode()
