"""Whether two parsed answers are equal: the rules, by kind of answer, in the order in which they are asked."""

from stages.answers.judging import Judge, kind
from stages.answers.kinds import Answer, Choice, Unread, Words
from stages.answers.limits import Work
from stages.answers.policies import Policies
from stages.answers.rules_names import names, relations
from stages.answers.rules_regions import regions
from stages.answers.rules_several import matrices, sequences
from stages.answers.rules_text import alternatives, choices, nothing, times, words
from stages.answers.rules_units import based, quantities, ratios
from stages.answers.rules_values import approximations, cases, values
from stages.answers.settle import settle
from stages.answers.verdicts import Comparison, match, no, unsure

RULES = (
    alternatives,
    approximations,
    times,
    choices,
    words,
    nothing,
    names,
    relations,
    based,
    quantities,
    ratios,
    cases,
    matrices,
    regions,
    sequences,
    values,
)


def new_judge(key: str, answer: str, policies: Policies, work: Work) -> Judge:
    """The judge of one comparison; the two texts are for the rules that look at them."""
    return Judge(key, answer, policies, work, _judged)


def _judged(judge: Judge, t: Answer, c: Answer) -> Comparison:
    """The first rule that knows the pair decides."""
    judge.work.spend(5)
    t, c = settle(t, judge.work), settle(c, judge.work)
    if t == c and not isinstance(t, Unread):
        return match("the same answer", {Words: "text", Choice: "choice"}.get(type(t), ""))
    if isinstance(t, Unread) or isinstance(c, Unread):
        side, unread = ("key", t) if isinstance(t, Unread) else ("answer", c)
        return unsure(f"the {side} cannot be read: {getattr(unread, 'why', '')}")
    for rule in RULES:
        result = rule(judge, t, c)
        if result is not None:
            return result
    return no(f"{kind(c)} where the key is {kind(t)}")
