"""What is kept of a solution until its verdict is known, the verifier's words as a verdict, and which sample is taken.

A solution's long text is not held: ten thousand of them are read twice instead.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from stages.study.records import Problem, Solution, Verdict, Verified
from stages.teacher.prompts import Messages, body
from stages.teacher.prompts import verify as verify_messages
from stages.teacher.session import Ask, Reply, Request
from stages.teacher.settings import Choose, Role, VerifySettings

WHY = 300  # characters kept of a verifier's sentence
NO_VERDICT = "the verifier gave no verdict"


@dataclass
class Candidate:
    """One sample's last attempt. `checker` is the checker's verdict, `verifier` the model's (None: not asked), and
    `likelihood` how likely the student finds it, where that is asked for."""

    problem: Problem
    sample: int
    attempt: int
    answer: str | None
    words: int
    checker: Verdict
    why: str
    cut_off: bool
    verifier: Verdict | None = None
    likelihood: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The checker's where it has one, else the verifier's."""
        return self.verifier or "undecided" if self.checker == "undecided" else self.checker

    @property
    def messages(self) -> Messages:
        """What the verifier is asked."""
        return verify_messages(self.problem.statement, self.problem.answer, self.answer or "")

    def hear(self, text: str, failure: str) -> None:
        """Take in the verifier's reply; the reason is the model's where the checker had none."""
        self.verifier, why = ("undecided", failure) if failure else read_verdict(text)
        if self.checker == "undecided":
            self.why = why


def read_verdict(reply: str) -> tuple[Verdict, str]:
    """A verifier's verdict and why; `undecided` where its reply does not begin with one."""
    first, _, rest = reply.strip().partition("\n")
    word = re.match(r"[\W_]{0,20}(CORRECT|INCORRECT)\b", first, re.IGNORECASE)
    if word is None:
        return "undecided", NO_VERDICT
    why = " ".join(f"{first[word.end() :].lstrip('*_ .:,-')} {rest}".split())[:WHY]
    return "match" if word[1].upper() == "CORRECT" else "no", why


def ask_verifier(judged: Iterable[Candidate], ask: Ask, role: Role, settings: VerifySettings) -> list[Reply]:
    """Put the verifier's verdicts into `judged`, and give its replies. It never sees a blank or cut-off solution."""
    replies: list[Reply] = []
    shown = (item for item in judged if item.answer is not None and not item.cut_off)
    asked = [item for item in shown if settings.ask == "all" or item.checker == "undecided"]
    for attempt in range(1, settings.attempts + 1):
        requests = (Request(item.problem.id, body(role, item.messages, settings.max_tokens), attempt) for item in asked)
        unread = []
        for item, (_, reply) in zip(asked, ask("verifier", requests, len(asked)), strict=True):
            item.hear(reply.text, reply.failure)
            replies.append(reply)
            if item.verifier == "undecided" and not reply.failure:
                unread.append(item)
        asked = unread
    return replies


class Choice:
    """The samples of one problem, and the one of them that stands for it."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        how: Choose,
        same: Callable[[str, str], bool],
    ) -> None:
        """`same(first, second)` tells whether two answers are equal; the first of equally common ones is the commonest.

        Of verified samples the first, the one of the fewest words, or the one that the student finds likeliest is taken
        (of equal ones the first); without any, the first sample.
        """
        right = [item for item in candidates if item.verdict == "match"]
        if how == "shortest":
            right.sort(key=lambda item: item.words)
        elif how == "likeliest":
            right.sort(key=lambda item: -item.likelihood)
        self.first = min(candidates, key=lambda item: item.sample)
        self.taken = (right or list(candidates))[0]
        self._candidates = candidates
        groups: list[list[Candidate]] = []
        for item in (item for item in candidates if item.answer is not None):
            for group in groups:
                if same(str(group[0].answer), str(item.answer)):
                    group.append(item)
                    break
            else:
                groups.append([item])
        self._commonest = max(groups, key=len, default=[])

    @property
    def several(self) -> bool:
        """Whether there was a choice of samples."""
        return len(self._candidates) > 1

    @property
    def right(self) -> tuple[bool, bool, bool]:
        """Whether the checker alone accepts the first sample, the commonest answer, and any sample."""
        accepted = [item.checker == "match" for item in self._candidates]
        return self.first.checker == "match", any(item.checker == "match" for item in self._commonest), any(accepted)

    def verified(self, solutions: Mapping[int, Solution]) -> Verified:
        """The record, from the solutions of the samples that were taken and that came first, by sample."""
        taken, samples = self.taken, len(self._candidates)
        return Verified(
            problem_id=taken.problem.id,
            solution=solutions[taken.sample],
            first=None if taken is self.first else solutions[self.first.sample],
            verdict=taken.verdict,
            decided_by="verifier" if taken.checker == "undecided" else "checker",
            checker=taken.checker,
            verifier=taken.verifier,
            why=taken.why,
            samples=samples,
            agreement=len(self._commonest) / samples if self.several else None,
            majority=any(item.verdict == "match" for item in self._commonest) if self.several else None,
        )


Samples = Mapping[str, Mapping[int, Candidate]]  # by problem id and sample


def choose(samples: Samples, how: Choose, same: Callable[[str, str], bool]) -> dict[str, Choice]:
    """Which sample stands for each problem; see `Choice`."""
    return {name: Choice(list(items.values()), how, same) for name, items in samples.items()}


def verdicts(choices: Mapping[str, Choice], solutions: Iterable[Solution]) -> Iterator[Verified]:
    """One record a problem, as soon as its chosen solution and that of its first sample were read."""
    waiting: dict[str, dict[int, Solution]] = {}
    for solution in solutions:
        if choice := choices.get(solution.problem_id):
            wanted = {(one.sample, one.attempt) for one in (choice.first, choice.taken)}
            if (solution.sample, solution.attempt) in wanted:
                found = waiting.setdefault(solution.problem_id, {})
                found[solution.sample] = solution
                if len(found) == len(wanted):
                    yield choice.verified(waiting.pop(solution.problem_id))


def sample_rates(choices: Collection[Choice]) -> dict[str, float] | None:
    """Shares of problems that the checker alone accepts where several samples were asked for; None where none was.

    `first_sample` is pass@1, what one sample is worth; `majority` is the commonest answer of the samples; `any_sample`
    is pass@k, which knows the key and is no accuracy.
    """
    if not any(choice.several for choice in choices):
        return None
    rates = (fmean(one) for one in zip(*(choice.right for choice in choices), strict=True))
    return dict(zip(("first_sample", "majority", "any_sample"), rates, strict=True))


def tally(verified: Iterable[Verified], kinds: Mapping[str, str]) -> dict[str, object]:
    """Counts for the metrics. Every problem is solved, failed, undecided or wrong, or of one of `kinds` (by `why`).

    `failed` names the problems that the teacher gave no reply to, and why. `both_asked` counts where checker and model
    both had a verdict, and `disagreement` where these differ.
    """
    outcomes, decided_by, checker = Counter[str](), Counter[str](), Counter[str]()
    both, agreements = Counter[bool](), list[float]()
    failed: dict[str, str] = {}
    recovered = majority = 0
    for item in verified:
        if item.solution.failure:
            failed[item.problem_id] = item.solution.failure
        else:
            plain = {"match": "solved", "undecided": "undecided"}
            outcomes[plain.get(item.verdict) or kinds.get(item.why, "wrong")] += 1
        decided_by[item.decided_by] += 1
        checker[item.checker] += 1
        if item.checker != "undecided" and item.verifier in ("match", "no"):
            both[item.checker != item.verifier] += 1
        recovered += item.verdict == "match" and item.solution.attempt > 1
        if item.agreement is not None:
            agreements.append(item.agreement)
            majority += item.majority is True
    return {
        **{kind: outcomes[kind] for kind in ("solved", *kinds.values(), "wrong", "undecided")},
        "failed": failed,
        "decided_by": {kind: decided_by[kind] for kind in ("checker", "verifier")},
        "checker": {kind: checker[kind] for kind in ("match", "no", "undecided")},
        "both_asked": {"verdicts": both.total(), "disagreement": both[True]},
        "samples": {"agreement": fmean(agreements), "majority_verified": majority} if agreements else None,
        "recovered": recovered,
    }
