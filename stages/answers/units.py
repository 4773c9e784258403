"""Units of measure: which words are units, and how one converts to another."""

from dataclasses import dataclass
from fractions import Fraction

from stages.answers.vocabulary import CURRENCIES, UNIT_LETTERS


@dataclass(frozen=True, slots=True)
class Unit:
    """`dims` are base dimensions to powers, `factor` converts to the base unit; `name` is for messages."""

    dims: tuple[tuple[str, int], ...]
    factor: Fraction
    name: str


def _table(rows: str) -> dict[str, tuple[str, Fraction]]:
    table = {}
    for row in rows.strip().splitlines():
        dimension, factor, *names = row.split()
        for name in names:
            table[name] = (dimension, Fraction(factor))
    return table


_UNITS = _table("""
length 1 meter meters metre metres
length 1/1000 mm millimeter millimeters millimetre millimetres
length 1/100 cm centimeter centimeters centimetre centimetres
length 1/10 dm decimeter decimeters
length 1/1000000 micrometer micrometers
length 1/1000000000 nm nanometer nanometers
length 1000 km kilometer kilometers kilometre kilometres
length 127/5000 in inch inches
length 381/1250 ft foot feet
length 1143/1250 yd yds yard yards
length 201168/125 mi mile miles
time 1 sec secs second seconds
time 60 min mins minute minutes
time 3600 hr hrs hour hours
time 86400 day days
time 604800 week weeks
month 1 month months
month 12 year years yr yrs
mass 1 gram grams
mass 1000000 tonne tonnes
mass 1/1000 mg milligram milligrams
mass 1000 kg kilogram kilograms
mass 45359237/100000 lb lbs pound pounds
mass 45359237/1600000 oz ounce ounces
volume 1 liter liters litre litres
volume 1/1000 ml cc milliliter milliliters millilitre millilitres
volume 473176473/125000000 gallon gallons gal
volume 473176473/500000000 quart quarts
volume 473176473/1000000000 pint pints
volume 473176473/2000000000 cup cups
money 1 dollar dollars usd buck bucks
money 1/100 cent cents
euro 1 euro euros eur
sterling 1 sterling gbp
yen 1 yen jpy
rupee 1 rupee rupees
angle 1 radian radians rad
degrees 1 degree degrees deg
percent 1 percent
speed 1397/3125 mph
speed 5/18 kph kmh
frequency 1 hz hertz
energy 1 joule joules
power 1 watt watts
voltage 1 volt volts
force 1 newton newtons
temperature 1 kelvin
none 1 unit units
""")
# 473176473/125000000 is the US gallon of 231 cubic inches in litres.


def known(word: str) -> bool:
    """Whether a word is a unit wherever a number stands before it."""
    return word.lower() in _UNITS


def unit(word: str, power: int = 1) -> Unit:
    """The unit a word names; a word that is none is a unit of its own (apples)."""
    name = UNIT_LETTERS.get(word) or CURRENCIES.get(word) or word.lower()
    dimension, factor = _UNITS.get(name, (name, Fraction(1)))
    if dimension == "none":
        return Unit((), Fraction(1), "")
    if dimension == "speed":
        return Unit((("length", power), ("time", -power)), factor**power, name)
    if dimension == "volume":
        return Unit((("length", 3 * power),), (factor / 1000) ** power, name)
    return Unit(((dimension, power),), factor**power, name + (f"^{power}" if power != 1 else ""))


def combine(one: Unit, other: Unit, sign: int = 1) -> Unit:
    """Product of two units (quotient where sign is -1)."""
    dims = dict(one.dims)
    for dimension, power in other.dims:
        dims[dimension] = dims.get(dimension, 0) + sign * power
    kept = tuple(sorted((dimension, power) for dimension, power in dims.items() if power))
    return Unit(kept, one.factor * other.factor**sign, f"{one.name}{'/' if sign < 0 else ' '}{other.name}".strip())
