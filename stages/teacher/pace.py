"""When the next request may be sent: limits a minute, given or learnt, and one pause that all requests share."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from random import Random

MINUTE = 61.0  # seconds, one more than servers count: a request may be on its way for longer than the one before
LONGEST = 60.0  # seconds of a pause that no server has asked for
LONGEST_TOLD = 600.0  # seconds of one that it has
LEARNT_FOR = 600.0  # seconds until a learnt limit is put to the test again
REFUSALS = 5  # in a row without an acceptance, from which a refusal is taken for a limit a minute


def back_off(tries: int, random: Random, base: float = 0.5) -> float:
    """Seconds before try number `tries` + 1: doubled each time, with half of it up to chance, so that many spread."""
    return float(min(LONGEST, base * 2 ** (tries - 1)) * random.uniform(0.5, 1))


def told_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date; None where it says nothing."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if not value:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except ValueError:
                continue
        if seconds == seconds:  # not NaN
            return min(max(seconds, 0.0), LONGEST_TOLD)
    return None


@dataclass
class Pace:
    """Limits of one server, evenly kept: a hundred a minute are one each 0.6 s, so that no window of a minute, however
    the server cuts it, holds more. `random` spreads the back-off, and decides nothing that is kept.
    """

    requests_per_minute: float  # 0: no limit is known
    tokens_per_minute: float
    random: Random = field(default_factory=Random)
    _learnt: float | None = None
    _learnt_at: float = 0.0
    _resume_at: float = 0.0
    _refusals: int = 0
    _accepted: deque[float] = field(default_factory=deque)

    def seconds(self, tokens: float, requests: int = 1) -> float:
        """How long the server is taken by a request of so many tokens; 0 without limits."""
        if self._learnt and time.monotonic() > self._learnt_at + LEARNT_FOR:
            self._learnt = None
        limits = [limit for limit in (self.requests_per_minute, self._learnt) if limit]
        by_requests = requests * MINUTE / min(limits) if limits else 0.0
        return max(by_requests, tokens * MINUTE / self.tokens_per_minute if self.tokens_per_minute else 0.0)

    async def turn(self, tokens: float, reserve: Callable[[float], Awaitable[float]]) -> None:
        """Wait until a request may be sent. `reserve(seconds)` queues with other processes and gives the wait."""
        await self._end_of_pause()
        if (seconds := self.seconds(tokens)) and (wait := await reserve(seconds)) > 0:
            await asyncio.sleep(wait)
            await self._end_of_pause()

    async def _end_of_pause(self) -> None:
        while (left := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left + self.random.uniform(0, 0.05))

    def pause(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def accepted(self, headers: Mapping[str, str]) -> None:
        """A request was let in; its headers may tell the limits."""
        now = time.monotonic()
        self._refusals = 0
        self._accepted.append(now)
        while self._accepted[0] < now - MINUTE:
            self._accepted.popleft()
        self._read(headers)

    def refused(self, headers: Mapping[str, str]) -> None:
        """Status 429: all pause, for as long as the server says or ever longer.

        Several refusals with nothing let in between are a limit a minute: as many as were let in during the last one
        are sent in the next. A refusal while that was kept shows that it is about something else, so it is forgotten.
        """
        self._refusals += 1
        self._read(headers)
        now, wait = time.monotonic(), told_wait(headers)
        if self._learnt and self._resume_at < now:
            self._learnt = None
        elif self._refusals == REFUSALS and self._learnt is None and not self.requests_per_minute:
            recent = [moment for moment in self._accepted if moment > now - MINUTE]
            self._learnt, self._learnt_at = float(max(1, len(recent))), now
            wait = max(wait or 0.0, MINUTE)
        self.pause(back_off(self._refusals, self.random, 1.0) if wait is None else wait)

    def _read(self, headers: Mapping[str, str]) -> None:
        """Take in `x-ratelimit-*`. A limit whose window is over a minute, as a day's, is left to the 429s."""
        for kind in ("requests", "tokens"):
            limit = _number(headers.get(f"x-ratelimit-limit-{kind}", ""))
            reset = _seconds(headers.get(f"x-ratelimit-reset-{kind}", ""))
            if limit and (reset is None or reset <= MINUTE):
                own = getattr(self, f"{kind}_per_minute")
                setattr(self, f"{kind}_per_minute", min(own, limit) if own else limit)
            if reset and reset <= MINUTE and headers.get(f"x-ratelimit-remaining-{kind}") == "0":
                self.pause(reset)


def _number(value: str) -> float | None:
    return float(value) if value.isdecimal() and int(value) > 0 else None


def _seconds(value: str) -> float | None:
    """A duration as `20`, `1.5s`, `6ms` or `1m30s`; None for anything else."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|$)", value.strip())
    if not parts or "".join(number + unit for number, unit in parts) != value.strip():
        return None
    return sum(float(number) * {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3600, "d": 86400}[unit]
               for number, unit in parts)  # fmt: skip
