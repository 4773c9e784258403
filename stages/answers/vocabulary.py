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

_SI = {"N": "newton", "J": "joule", "W": "watt", "V": "volt"}
UNIT_LETTERS = {"m": "meter", "g": "gram", "s": "second", "h": "hour", "L": "liter", "l": "liter", **_SI}
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
    acorn adult airplane album animal answer ant apple aquarium arrangement arrow athlete aunt bag baker ball
    balloon banana bar barrel base basket basketball bat battery bead bean bear bed bee bicycle bike bill bird
    blanket block blouse board boat book bottle bowl box boy bracelet bread brick brother bucket bulb bus butterfly
    button cabin cake calorie camel camera camper can candidate candle candy canoe car card carrot carton cat cell
    chain chair chapter chef cherry chicken child children chip chocolate choice chord circle citizen class clock
    cloud clown club coach coat cobbler coconut coin collection color column combination comic committee composer
    computer cone container contestant cookie corner couple course cousin cow cracker crate crayon cube cup cupcake
    curtain customer cut cycle dancer daughter desk diagonal dice die digit dime dinosaur dish divisor doctor dog
    doll dolphin donut door doughnut dragon drawer dress drink driver drop duck edge egg element elephant employee
    engine envelope error essay event exam eye face factor family fan farm farmer feather fence file finger
    firefighter fish flashlight flavor floor flour flower fly friend frog fruit function gallon game garden gem gift
    giraffe girl glass glove goal goat goldfish grade grandchild grape graph group guest gumball guppy hamburger
    hamster handshake hat head hen hexagon horse hotel house insect integer item jacket jar jelly job key kid king
    kitten knight ladybug lamb lamp lap laptop lawn leaf leg lemon lesson letter lightbulb lighter lily line lion
    lizard loaf locker lollipop machine magazine man mango marble mask match meal medal member men message mice
    mirror monkey monster motorcycle mouse move movie muffin mug nail necklace neighbor nickel night note notebook
    number nurse object olive one option orange orchard orchid order outcome outfit oven owl page paint painting
    pair palindrome pancake paper parent parrot part partition partner party passenger pastry path patient pattern
    patty peach peanut pear pebble pen pencil penguin penny people pepper permutation person pet phone photo picture
    pie piece pig pigeon pill pillow pine pineapple pitcher pizza plane planet plant plate player plum pocket poem
    point pole polygon pond pool position possibility post potato present prime prize problem product program
    pumpkin pupil puppy puzzle question rabbit raffle rat recipe rectangle region reporter result ribbon ring robin
    robot rock roll room root rope rose round row rug rule sailor salad sandwich sausage scarf school scientist
    screw seat seed segment selection sentence sequence server set shape shark sheep sheet shelf shell shelves ship
    shirt shoe shop shot shrimp side sign singer sister skirt slice snack snail snake sock soldier solution son song
    space spider spoon square squirrel stair stamp star state statue stick sticker stone stool store story
    strawberry string student subject subset sum surface swan sweet swimmer symbol symmetry table tablet tail tank
    taxi teacher team tent term test text theater ticket tie tile tire toad tomato tool toothbrush tourist tower toy
    track trail train tree triangle trip truck try tulip turkey turn turtle twin umbrella uncle value van vase
    vegetable vehicle vertex vertices violin visitor volunteer vote vowel wagon waiter wall wallet watch watermelon
    way whale wheel win window winner wolf wolves woman women wood word worker yacht zebra zero zeros
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
