"""Rules for assignments, equations and inequalities."""

from dataclasses import replace

from stages.answers import equations as equation_rules
from stages.answers.expressions import Num, Op, Sym, symbols
from stages.answers.judging import Judge, is_expr, kind
from stages.answers.kinds import Answer, Named, Region, Relation, Seq, as_region
from stages.answers.verdicts import Comparison, match, no, unsure


def names(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """x = 5."""
    if isinstance(t, Seq) or isinstance(c, Seq):
        pair = assignments(judge, t, c)
        if pair:
            return judge.judge(*pair)
    if isinstance(t, Named) and isinstance(c, Named):
        if t.name == c.name:
            return judge.judge(t.value, c.value)
        if "()" in t.name + c.name:
            one, other = (name.removesuffix("()").removesuffix("⁻¹") for name in (t.name, c.name))
            same = "y" in (one[0], other[0]) and one[1:] == other[1:]  # y for f(x), y' for f'(x)
            return judge.judge(t.value, c.value) if same else no("different names", "assignment")
        if _open(t.value) or _open(c.value):
            return equations(judge, _as_relation(t), _as_relation(c))
        if max(len(t.name), len(c.name)) > 3 and judge.judge(t.value, c.value).verdict == "match":
            return unsure("the same value by another name", "assignment")
        return no("different names", "assignment")
    if isinstance(t, Named):
        if isinstance(c, Relation):
            return equations(judge, _as_relation(t), c)
        if isinstance(c, Region):
            return no("an interval where the key is a value")
        result = judge.judge(t.value, c)
        if result.verdict == "match":
            if _open(t.value) and t.name in ("x", "y", "z"):
                return unsure(f"the value is right, and the key is an equation for {t.name}", "assignment")
            return match(result.reason, result.policy or "assignment")
        return result
    if isinstance(c, Named):
        if isinstance(t, Relation):
            return equations(judge, t, _as_relation(c))
        if isinstance(t, Region):
            return no("a value where the key is an interval")
        result = judge.judge(t, c.value)
        return replace(result, policy=result.policy or "assignment") if result.verdict == "match" else result
    return None


def assignments(judge: Judge, t: Answer, c: Answer) -> tuple[Answer, Answer] | None:
    """x = 2, y = 3 beside (2, 3): values in the order of the names; beside another such list: as it stands."""
    one, other = _by_name(t), _by_name(c)
    if one and other:
        if [name for name, _ in one] != [name for name, _ in other]:
            return None
        return Seq("()", tuple(v for _, v in one)), Seq("()", tuple(v for _, v in other))
    if one and isinstance(c, Seq) and c.kind == "()":
        return Seq("()", tuple(v for _, v in one)), c
    if other and isinstance(t, Seq) and t.kind == "()":
        return t, Seq("()", tuple(v for _, v in other))
    return None


def relations(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Equations and inequalities that are no assignments and no intervals."""
    if isinstance(t, Relation) and isinstance(c, Relation):
        return equations(judge, t, c)
    for relation, other in ((t, c), (c, t)):
        if isinstance(relation, Relation) and relation.op != "=" and as_region(other) is not None:
            answer = equation_rules.solved(relation, judge.work)
            if answer is None:
                return unsure("an inequality that was not solved")
            return judge.judge(answer, other) if relation is t else judge.judge(other, answer)
    if isinstance(c, Relation) and c.op == "=" and is_expr(t) and not symbols(c.right) and judge.same(t, c.right):
        return unsure("the value of an expression, or an equation", "equation")  # a + b = 5
    if isinstance(t, Relation) or isinstance(c, Relation):
        return no(f"{kind(c)} where the key is {kind(t)}")
    return None


def equations(judge: Judge, t: Relation | None, c: Relation | None) -> Comparison:
    """Two relations, of which one may be an assignment to something that is no plain value."""
    if t is None or c is None:
        return unsure("an equation between answers of other kinds")
    return equation_rules.equations(t, c, judge.work, judge.judge)


def _open(answer: Answer) -> bool:
    """Whether a value has variables."""
    return isinstance(answer, Num | Sym | Op) and bool(symbols(answer) - {"i"})


def _as_relation(named: Named) -> Relation | None:
    if isinstance(named.value, Num | Sym | Op) and "()" not in named.name:
        return Relation("=", Sym(named.name), named.value)
    return None


def _by_name(answer: Answer) -> list[tuple[str, Answer]] | None:
    """A list of assignments to different names, sorted by name."""
    if not isinstance(answer, Seq) or answer.kind != "list":
        return None
    pairs = [(item.name, item.value) for item in answer.items if isinstance(item, Named)]
    if len(pairs) != len(answer.items) or len({name for name, _ in pairs}) != len(pairs):
        return None
    return sorted(pairs, key=lambda pair: pair[0])
