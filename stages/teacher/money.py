"""What requests cost: dollars by kind of token and hour of the week, before and after they are made."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from stages.study.records import Usage
from stages.teacher.completion import BilledUsage
from stages.teacher.settings import Peak, Prices, TeacherMachine

BATCH = 0.5  # share of the price that the Batch API takes
IMAGE = "-" * 4000  # an image counts as so much text
UNBOUNDED = 65536  # tokens of a request that names no limit
FREE = Prices(prompt=0, cached=0, completion=0)


def peak_factor(peak: Peak, moment: datetime) -> float:
    """What prices are multiplied by at a moment."""
    now = moment.astimezone(UTC)
    hour = now.hour + now.minute / 60
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    busy = days[now.weekday()] in peak.days and any(start <= hour < end for start, end in peak.hours)
    return peak.factor if busy else 1.0


def dollars(usage: BilledUsage, prices: Prices, factor: float = 1.0) -> float:
    """US dollars of the tokens a request was billed for; reasoning is part of the completion."""
    cached = min(usage.cached_tokens or 0, usage.prompt_tokens)
    fresh = usage.prompt_tokens - cached
    total = fresh * prices.prompt + cached * prices.cached + usage.completion_tokens * prices.completion
    return factor * total / 1e6


def factor_now(machine: TeacherMachine) -> float:
    """What the prices are multiplied by at this moment."""
    return peak_factor(machine.peak, datetime.now(UTC)) * (BATCH if machine.batch else 1.0)


def most(body: Mapping[str, Any], prices: Prices, machine: TeacherMachine) -> float:
    """The most that a request may cost: two characters a token, its whole budget, and peak prices if they may come."""
    factor = (BATCH if machine.batch else 1.0) * max(1.0, machine.peak.factor)
    usage = BilledUsage(prompt_tokens=prompt_tokens(body, 2.0), completion_tokens=budget(body))
    return dollars(usage, prices, factor)


def prompt_tokens(body: Mapping[str, Any], characters: float = 3.5) -> int:
    """About how many tokens a request's messages are, at so many characters a token."""
    length = 0
    for message in body["messages"]:
        parts = message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
        length += sum(len(part.get("text", IMAGE)) for part in parts)
    return round(length / characters)


def budget(body: Mapping[str, Any]) -> int:
    """The most tokens that a request allows its completion."""
    return int(body.get("max_completion_tokens") or body.get("max_tokens") or UNBOUNDED)


class Billed(Protocol):
    """A reply, or a record made of one."""

    @property
    def usage(self) -> Usage: ...
    @property
    def request(self) -> str: ...
    @property
    def sample(self) -> int: ...
    @property
    def model(self) -> str: ...


def bill(replies: Iterable[Billed]) -> dict[str, object]:
    """The tokens that replies were billed for, and the models that were served, as they stand in the metrics.

    The same reply counts once.

    Tries in vain are not in it: `python -m stages.teacher stats` has them, and the dollars.
    """
    once = {(reply.request, reply.sample): (reply.usage, reply.model) for reply in replies}.values()
    return {
        "served": sorted({model for _, model in once if model}),
        "requests": len(once),
        **{kind: sum(getattr(usage, kind) for usage, _ in once) for kind in Usage.model_fields},
    }
