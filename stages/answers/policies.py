"""Where graders may differ: what counts as the same answer beyond equality."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policies:
    """Each is on or off; what a policy that is off would have matched is undecided. See the room's docstring.

    `unit`: a unit may be left out, added or converted. `percent`: so may a percent sign, and the fraction matches.
    `angle`: degrees equal radians. `base`: a missing base is the key's. `order`: brackets around a tuple may be left
    out. `ratio`: a ratio equals its fraction. `alternatives`: of answers that the key joins by `or`, any one counts.
    `rounded`: an exact answer that rounds to a decimal key matches.
    """

    unit: bool = True
    percent: bool = True
    angle: bool = True
    base: bool = True
    order: bool = True
    ratio: bool = True
    alternatives: bool = True
    rounded: bool = False


STANDARD = Policies()
