"""What every rule of the judge works with: the two texts, the policies, the work left, and equality of values."""

from collections.abc import Callable
from typing import TypeGuard

from stages.answers.equality import equal
from stages.answers.expressions import Expr, Num, Op, Sym
from stages.answers.kinds import KINDS, Answer, Seq
from stages.answers.limits import Work
from stages.answers.policies import Policies
from stages.answers.verdicts import Comparison, match, no, unsure

_SEQS = {
    **dict.fromkeys(("list", "or", "and"), "several values"),
    "set": "a set",
    "()": "a tuple",
    "[]": "a list in brackets",
}


class Judge:
    """One comparison; `judge` compares two answers of any kind, also those within others."""

    def __init__(self, key: str, answer: str, policies: Policies, work: Work, judge: "JudgeAnswers") -> None:
        self.key, self.answer, self.policies, self.work = key, answer, policies, work
        self._judge = judge

    def judge(self, t: Answer, c: Answer) -> Comparison:
        """The verdict on a candidate `c` for a key `t`."""
        return self._judge(self, t, c)

    def same(self, one: Expr, other: Expr) -> bool | None:
        """`equal` within this comparison's work."""
        return equal(one, other, self.work)

    def verdict(self, outcome: bool | None, yes: str = "the same value", policy: str = "") -> Comparison:
        """A verdict from an outcome of `equal`."""
        if outcome:
            return self.allow(yes, policy) if policy else match(yes)
        return unsure("equality could not be proved") if outcome is None else no("different values", policy)

    def allow(self, reason: str, policy: str) -> Comparison:
        """A match by a policy, undecided where the policy is switched off."""
        return match(reason, policy) if getattr(self.policies, policy, True) else unsure(reason, policy)


JudgeAnswers = Callable[[Judge, Answer, Answer], Comparison]


def kind(answer: Answer) -> str:
    """What a person calls this kind of answer."""
    return _SEQS[answer.kind] if isinstance(answer, Seq) else KINDS.get(type(answer), "something else")


def is_expr(answer: Answer) -> TypeGuard[Expr]:
    """Whether an answer is a plain value."""
    return isinstance(answer, Num | Sym | Op)
