r"""Finds the final answer in a response and decides whether it equals the key. Text comes in, and nothing of ours.

`compare(truth, candidate)` gives `match`, `no` or `undecided`, with a reason and, where one decided, the policy's name;
`extract(response, truncated)` gives the answer and the tier that found it, and `without_thoughts(text)` the text and
what was thought aloud before it. `grade(response, key)` is 1.0 or 0.0, and `reward` the same for trl's
`GRPOTrainer(reward_funcs=reward)`. `undecided` is for a person or a verifier; whoever counts accuracy counts it as
wrong. `python -m stages.answers` compares the pairs of a file, or grades the responses of one.

Text becomes tokens (`tokens`, `meaning`), tokens a typed answer (`parse` and its grammars, into `kinds`), and typed
answers are compared by rules, kind by kind (`judge`). Nothing is ever evaluated as code, and work is counted
(`limits`), so that no input takes more than 50 ms. A new kind of answer touches, and only these:

    kinds.py            its dataclass, its line in `Answer` and in `KINDS`
    *_grammar.py        where it is read; or words.py, dates.py for set phrases
    rules_*.py          its rule, and its place in `judge.RULES`
    cases.tsv           its cases (in tests/answers)

>>> def verdict(truth, candidate):
...     result = compare(truth, candidate)
...     return f"{result.verdict} ({result.policy})" if result.policy else result.verdict

**Values are equal or not, and never nearly equal.** A `match` is proved: by exact arithmetic, by a separation bound for
algebraic numbers, or as an identity in what is transcendental; a `no` by balls that do not meet (see `equality`). Where
neither is proved, however many digits agree, the verdict is undecided.

>>> verdict(r"\frac{448}{15625}", "2240/78125"), verdict(r"8\sqrt{11}", "√704"), verdict("1/2^99", "1/2^98")
('match', 'match', 'no')

**Rounded decimals** (`rounded`). A decimal never matches an exact key; a key with decimals stands for its own number
of places only. A more exact answer that rounds to such a key is undecided, because the key may itself be exact.

>>> verdict("1/3", "0.33"), verdict("41.57", "41.6"), verdict("41.57", r"24\sqrt{3}")
('no (rounded)', 'no', 'undecided (rounded)')

**Percent** (`percent`). Where the key has a percent sign, its fraction matches and the sign may be left out. Where it
has none, a percent matches as the number before the sign, and its fraction does not.

>>> verdict(r"50\%", "1/2"), verdict(r"50\%", "50"), verdict("50", r"50\%"), verdict("1/2", r"50\%")
('match (percent)', 'match (percent)', 'match (percent)', 'no (percent)')

**Units** (`unit`). A unit may be left out or added; where both have one, they are converted, and other units do not
match. What is counted (12 ways) may be left out like a unit; any other word behind a number leaves it undecided.

>>> verdict("5 cm", "5"), verdict("5", "5 cm"), verdict("5 cm", "50 mm"), verdict("5 cm", "5 m")
('match (unit)', 'match (unit)', 'match (unit)', 'no (unit)')
>>> verdict(r"5.4 \text{ cents}", r"\$5.40"), verdict(r"\$5.40", "540 cents")
('no (unit)', 'match (unit)')

**Angles** (`angle`). Degrees equal their radians.

>>> verdict(r"30^\circ", "30 degrees"), verdict(r"30^\circ", r"\frac{\pi}{6}")
('match', 'match (angle)')

**Bases** (`base`). A missing base is the key's; another base does not match, and the same number to another base is
undecided.

>>> verdict("52_8", "52 base 8"), verdict("52_8", "52"), verdict("52_8", "52_9"), verdict("52_8", "42_{10}")
('match', 'match (base)', 'no (base)', 'undecided (base)')

**Alternatives** (`alternatives`). A key `a or b` offers forms of one answer, or answers of which any counts; names
make it a list of solutions, all of which count.

>>> verdict("0.47 or .47", "47/100"), verdict("2 or 3", "3"), verdict("x = 2 or x = 3", "3")
('match', 'match (alternatives)', 'no')
>>> verdict("12", "12 ways"), verdict("3", "3 fifths"), verdict("5", "5 wrong")
('match (unit)', 'no', 'undecided')

**Names** (`assignment`). `x = 3` is 3, and `f(x) =` before a formula may be left out. A key that is an equation for x,
y or z asks for an equation, so that its right side alone is undecided. Equations are equal up to a factor (`equation`).

>>> verdict("3", "x = 3"), verdict("x = 3", "y = 3"), verdict("2x+1", "y = 2x+1"), verdict("y = 2x+1", "2x+1")
('match (assignment)', 'no (assignment)', 'match (assignment)', 'undecided (assignment)')
>>> verdict("2x+4y=6", "x = 3 - 2y"), verdict("2x+4y=6", "x+2y=4")
('match (equation)', 'no (equation)')

>>> verdict("Area = 24", "24"), verdict("AB = 12", "AC = 12"), verdict("f'(x) = 2x", "f(x) = 2x")
('match (assignment)', 'no (assignment)', 'no (assignment)')

**Order** (`order`). Lists and sets have none; tuples, points and vectors have. Brackets around a tuple may be left out,
names may stand for them, and a column is its tuple; a set is no tuple.

>>> verdict("1,-2", "{-2, 1}"), verdict("1,-2", "1"), verdict("(8,23)", "(23,8)"), verdict("(8,23)", "8, 23")
('match', 'no', 'no', 'match (order)')
>>> verdict("(2,3)", "y=3, x=2"), verdict(r"\begin{pmatrix}-7\\16\end{pmatrix}", "(-7,16)"), verdict("{1,2}", "(1,2)")
('match', 'match', 'no (order)')

**Thousands.** `14,400` is a number; inside brackets a comma parts elements: `(1,234)` is a tuple.

>>> verdict("14,400", "14400"), verdict("1234", "(1,234)")
('match', 'no')

**Intervals** and inequalities are the same thing; each end counts.

>>> verdict(r"(0,1)\cup(1,\infty)", "x > 0, x ≠ 1"), verdict(r"(0,1)\cup(1,\infty)", r"(0,\infty) \setminus \{1\}")
('match', 'match')
>>> verdict(r"(2,\infty)", "x > 2"), verdict(r"(2,\infty)", r"[2,\infty)"), verdict("(9,5)", "[9,5]")
('match', 'no', 'no')

**Ratios** (`ratio`) are equal up to a factor, and equal to their fraction; to their decimal is undecided.

>>> verdict("6:7", "12 to 14"), verdict("3:4", "3/4"), verdict("3:4", "0.75"), verdict("3:4", "4:3")
('match (ratio)', 'match (ratio)', 'undecided (ratio)', 'no (ratio)')

**Choices** (`choice`). The letter decides; the text behind a letter counts where the key has no letter.

>>> verdict("B", r"\text{(B)}"), verdict("B", "(B) 12"), verdict("12", "B) 12"), verdict("B", "C")
('match (choice)', 'match (choice)', 'match (choice)', 'no (choice)')

**Approximations.** An exact value with its decimal behind it is the exact value; a decimal key matches that decimal.

>>> verdict(r"5\sqrt{2}", r"\sqrt{50} \approx 7.07"), verdict("7.07", r"\sqrt{50} \approx 7.07")
('match', 'match (rounded)')

**Stated twice.** An answer that repeats itself in another form is right if both forms are.

>>> verdict("1/2", "0.5 (or 1/2)"), verdict("3/2", "1.5 (2/3)")
('match', 'no')

**Text** (`text`) is equal up to case, articles and punctuation; `always true` is always. Partly equal is undecided.

>>> verdict("ALWAYS", "Always true."), verdict("ellipse", "an ellipse"), verdict("INSIDE", "outside the circle")
('match (text)', 'match (text)', 'no (text)')
>>> verdict("Lose 15", "a loss of 15"), verdict("Lose 15", "15")
('match (text)', 'undecided')

**No solution** (`no solution`): none, the empty set and no solution are the same; zero beside them is undecided.

>>> verdict("no solution", r"\emptyset"), verdict("no solution", "0"), verdict(r"(-\infty,\infty)", "all real numbers")
('match', 'undecided (no solution)', 'match')

**Policies** in bold with a name can be switched off, or on: `compare(truth, candidate, Policies(unit=False))`.

**A required form** (common fraction, simplest radical) is not enforced: `compare` does not know the question.

**Blank** is no match, before anything else; beyond the limits, and for what cannot be read, the verdict is undecided.

>>> verdict("504", " "), verdict("5", "9^{9^{9^{9}}}")
('no', 'undecided')
"""

from stages.answers.compare import compare
from stages.answers.extract import Extraction, extract
from stages.answers.grade import grade, judge_response, reward
from stages.answers.policies import Policies
from stages.answers.thoughts import without_thoughts
from stages.answers.verdicts import Comparison

__all__ = [
    "Comparison",
    "Extraction",
    "Policies",
    "compare",
    "extract",
    "grade",
    "judge_response",
    "reward",
    "without_thoughts",
]
