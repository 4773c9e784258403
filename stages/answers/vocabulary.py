"""The words and letters of the room, each table once: Greek letters, functions, LaTeX commands, number words, nouns."""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re

GREEK = dict(
    zip(
        (
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega"
        ).split(),
        "αβγδεζηθικλμνξρστφχψω",
        strict=True,
    )
)
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan ln exp abs sinh cosh tanh floor ceil cis log lg".split()
)
SPELLED_FUNCTIONS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "cosec": "csc", "cotan": "cot", "lg": "log"}
INVERTIBLE = frozenset(("sin", "cos", "tan"))  # sin^{-1} is arcsin

PLAIN_TEXT = ("text", "mbox", "textrm", "hbox", "textnormal", "textup", "textsf", "texttt")  # letters in them are words
STYLES = (
    "textbf textit emph mathrm mathbf mathit mathsf boldsymbol bm operatorname boxed fbox mathcal ensuremath "
    "operatorname* underline displaystyle framebox cancel bcancel xcancel"
).split()
TEXT_COMMAND = re.compile(rf"\\(?:{'|'.join(re.escape(name) for name in (*PLAIN_TEXT, *STYLES))})\s*\{{([^{{}}]*)\}}")
WRAPPER = re.compile(rf"\\(?:{'|'.join(re.escape(name) for name in (*PLAIN_TEXT, *STYLES))})\s*\{{")

UNIT_LETTERS = {"m": "meter", "g": "gram", "s": "second", "h": "hour", "L": "liter", "l": "liter"}
CURRENCIES = {"$": "dollar", "€": "euro", "£": "sterling", "¥": "yen", "₹": "rupee", "¢": "cent"}

SMALL_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth"
).split()
PARTS = {
    "half": 2,
    "halves": 2,
    "quarter": 4,
    "quarters": 4,
    "twentieth": 20,
    "twentieths": 20,
    **{word: number for number, word in enumerate(_ORDINALS, start=3)},
    **{f"{word}s": number for number, word in enumerate(_ORDINALS, start=3)},
    **{f"{word}th{s}": number for word, number in MULTIPLES.items() if word != "dozen" for s in ("", "s")},
}
ORDINALS = {"first": 1, "second": 2, **{word: number for number, word in enumerate(_ORDINALS, start=3)}}
DAYS = {day[:3]: day for day in "monday tuesday wednesday thursday friday saturday sunday".split()}
MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(), start=1
    )
}

ARTICLES = frozenset("a an the is are it its they there this that statement true".split())
COUNTED = frozenset(  # nouns that may stand behind a number without changing it, in the singular
    """
    answer apple arrangement arrow ball balloon banana bag bar base basket bean bee bill bird block board boat book
    bottle bowl box boy bracelet bread brick brother bucket bus button cake calorie camper can candy candle car card
    carrot cat cell chair chapter cherry chicken child children chocolate choice chord circle class clown club coin
    color column combination comic committee composer computer cone cookie corner couple course cow crate crayon
    cube cup customer cut cycle daughter desk diagonal dice die digit dish divisor dog doll donut door doughnut
    dress drink driver drop duck edge egg element employee envelope error event face factor family fan farmer file
    finger fish flavor flower fly friend fruit function gallon game gem gift girl glass goal goat grade grape graph
    grandchild group guest handshake hat head hen horse hotel house integer item jar jelly job key kid king knight
    ladybug lamp lap leaf leg lemon lesson letter lightbulb lily line lizard loaf locker machine magazine man marble
    match meal medal member men message monkey mouse mice move movie muffin mug nail neighbor nickel night note
    notebook number object one option orange order orchid outcome outfit page paint pair palindrome pancake paper
    parent part partition partner party passenger path patient patty pattern peach pear pebble pen pencil penny
    people permutation person pet phone photo picture piece pig pill pizza plane plant plate player plum pocket poem
    point pole polygon position possibility post potato present prime prize problem product program puppy question
    rabbit rectangle region result ribbon ring robot rock roll room root rope rose round row rug rule sandwich
    school seat seed segment selection sentence sequence set shape sheep sheet shell ship shirt shoe shop shot side
    sign sister skirt slice snack sock solution son song space spoon square stair star state stick sticker stone
    stool store story strawberry string student subject subset sum surface swan sweet symbol symmetry table tail
    team teacher term test text ticket tie tile toy track trail train tree triangle trip truck try tulip turn twin
    value van vase vegetable vertex vertices vote vowel wall watch watermelon way wheel win window winner woman
    women wood word worker zebra zero zeros
    """.split()
)
DESCRIBING = frozenset(  # adjectives and small words that may stand before or behind such a noun
    """
    different distinct possible total in all of the a an red blue green yellow white black brown pink purple orange
    real complex positive left integer whole natural unique ordered unordered such full remaining
    each altogether together that are on for to by these those her his their male female new old small large
    big little long short tall wide high deep equal prime even odd common proper correct available now left today
    overall already still single individual standard regular valid isosceles equilateral congruent similar first
    """.split()
)
CHANGING = frozenset(  # words that change the number before them
    """
    below above before after loss lost lose gain profit decrease increase short extra more less times squared cubed
    factorial half third quarter minus plus not over under least most negative if when mod modulo root than
    divided multiplied power but except either repeating recurring per wrong incorrect
    """.split()
)


def is_harmless(word: str) -> bool:
    """Whether a word behind a number leaves the number as it is: a noun that is counted, or what describes one."""
    lower = word.lower()
    if lower in DESCRIBING:
        return True
    stems = (lower, lower.removesuffix("s"), lower.removesuffix("es"), lower.removesuffix("ies") + "y")
    return any(stem in COUNTED for stem in stems)
