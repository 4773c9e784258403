"""The door: whether two answers are equal."""

import re

from stages.answers.judge import new_judge
from stages.answers.kinds import Answer, Seq, Unread, Words
from stages.answers.limits import MAX_CHARACTERS, TooHard, Work
from stages.answers.parse import parse
from stages.answers.policies import STANDARD, Policies
from stages.answers.tokens import fold
from stages.answers.verdicts import Comparison, match, no, unsure
from stages.answers.wrapping import unwrap

_OR = re.compile(r"\s+or\s+|\\text\s*\{\s*or\s*\}")

_MIXED = re.compile(r"(-?\d{1,9}) and (\d{1,9})/(\d{1,9})")  # 4 and 1/2, where it is not two answers
_RESTATED = re.compile(  # 0.5 (or 1/2); 1.5, i.e. 3/2
    r"(.{1,200}?),?\s+(?:\((?:(?:or|i\.e\.|that is|equivalently|=),?)?\s*(.{1,200})\)"
    r"|(?:i\.e\.|a\.?k\.?a\.?|that is|or equivalently|equivalently),?\s+(.{1,200}))"
)


def compare(truth: str, candidate: str, policies: Policies = STANDARD) -> Comparison:
    """Whether `candidate` is the answer `truth`; see the room's docstring for the policies. Never raises."""
    if not candidate.strip():
        return no("blank")
    if not truth.strip():
        return unsure("the key is blank")
    if max(len(truth), len(candidate)) > MAX_CHARACTERS:
        if truth.strip() == candidate.strip():
            return match("the same text")
        return unsure(f"longer than {MAX_CHARACTERS} characters")
    key, answer = unwrap(fold(truth)), unwrap(fold(candidate))
    if not answer:
        return no("blank")
    if key.split() == answer.split():
        return match("the same text")
    work = Work(seed="\n".join(sorted((key, answer))))
    try:
        parsed_key, parsed_answer = _parsed_key(key, work), parse(answer, work)
        result = new_judge(key, answer, policies, work).judge(parsed_key, parsed_answer)
        if result.verdict == "no" and "/" in key + answer:
            result = _other_reading(key, answer, policies, (parsed_key, parsed_answer), work) or result
        if result.verdict != "match" and _means_twice(key, answer, policies, parsed_key, work):
            return match("the same value in other words")
        return result
    except TooHard as limit:
        return unsure(f"too hard: {limit}")
    except RecursionError:
        return unsure("too hard: nested too deeply")


def _means_twice(key: str, answer: str, policies: Policies, parsed_key: Answer, work: Work) -> bool:
    """Whether an answer is the key in other words: `4 and 1/2`, or the same twice, `0.5 (or 1/2)`."""
    mixed, restated = _MIXED.fullmatch(answer), _RESTATED.fullmatch(answer)
    parts = [f"{mixed[1]} {mixed[2]}/{mixed[3]}"] if mixed else []
    parts = parts or ([unwrap(part) for part in restated.groups() if part] if restated else [])
    judges = ((new_judge(key, part, policies, work), parse(part, work)) for part in parts)
    return bool(parts) and all(judge.judge(parsed_key, part).verdict == "match" for judge, part in judges)


def _parsed_key(key: str, work: Work) -> Answer:
    """A key as an answer; where it cannot be read as a whole, the answers that it joins by `or`."""
    parsed = parse(key, work)
    if isinstance(parsed, Unread | Words) and len(parts := _OR.split(key)) > 1:
        items = [parse(unwrap(part), work) for part in parts[:8]]
        if not any(isinstance(item, Unread) for item in items):
            return Seq("or", tuple(items))
    return parsed


def _other_reading(
    key: str, answer: str, policies: Policies, pair: tuple[Answer, Answer], work: Work
) -> Comparison | None:
    """1/2x may mean 1/(2x): where that reading would match, a person has to look."""
    tight_key, tight_answer = parse(key, work, tight=True), parse(answer, work, tight=True)
    if (tight_key, tight_answer) == pair:
        return None
    judge = new_judge(key, answer, policies, work)
    for a, b in ((tight_key, tight_answer), (tight_key, pair[1]), (pair[0], tight_answer)):
        if judge.judge(a, b).verdict == "match":
            return unsure("equal if a factor behind the slash belongs to the denominator")
    return None
