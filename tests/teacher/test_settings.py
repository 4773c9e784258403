"""Settings of the teacher: what is refused, and prices by kind of token and hour."""

from datetime import UTC, datetime
from random import Random

import pytest
import yaml
from pydantic import ValidationError

from stages.study import params
from stages.study.errors import StudyError
from stages.teacher import money, pace, prompts
from stages.teacher.completion import BilledUsage
from stages.teacher.settings import CompressSettings, Role, TeacherMachine, TeacherSettings
from tests.clone import ROOT

FILE = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
MACHINE = FILE["machine"]["teacher"]


@pytest.mark.parametrize("key", ["sk-0123456789abcdef", "0123456789abcdef0123456789abcdef", "abcdef0123456789"])
def test_a_key_in_the_place_of_its_name_is_refused_and_not_repeated(key):
    with pytest.raises(ValidationError, match="never the key itself") as error:
        TeacherMachine(**MACHINE | {"key_variable": key})
    assert key not in str(error.value)


@pytest.mark.parametrize(
    "url", ["api.deepseek.com", "https://me:secret@host/v1", "https://host/v1?key=secret", "file:///x"]
)
def test_an_address_with_a_password_is_refused_and_not_repeated(url):
    with pytest.raises(ValidationError, match="without a password") as error:
        TeacherSettings(**FILE["paper"]["teacher"] | {"base_url": url})
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("level", "change"), [("R3", {"ratio": 0.9}), ("R6", {"limit": 0}), ("R6", {"limit": 80}), ("R2", {"ratio": 1.0})]
)
def test_levels_must_fall(level, change):
    block = FILE["sample"]["compress"]
    levels = block["levels"] | {level: block["levels"][level] | change}
    with pytest.raises(ValidationError, match="must fall from level to level"):
        CompressSettings(**block | {"levels": levels})


@pytest.mark.parametrize("profile", ["sample", "paper"])
def test_where_a_word_is_asked_thinking_is_off(profile):
    settings = TeacherSettings(**FILE[profile]["teacher"])
    assert settings.verifier.extra["thinking"] == {"type": "disabled"}
    assert {settings.solver.model, settings.verifier.model} == {"deepseek-v4-pro", "deepseek-flash"}
    assert settings.role("reader").model == "deepseek-flash"  # which sees images
    assert settings.role("reader").extra["thinking"] == {"type": "disabled"}
    with pytest.raises(StudyError, match=r"teacher\.reader"):
        settings.model_copy(update={"reader": None}).role("reader")


def test_extra_fields_go_into_the_body_and_null_takes_one_away():
    role = Role(model="o", extra={"temperature": None, "max_tokens": None, "max_completion_tokens": 9})
    assert prompts.body(role, [], 5) == {"model": "o", "messages": [], "max_completion_tokens": 9}


@pytest.mark.parametrize(
    ("moment", "factor"),
    [
        ("2026-11-23T00:59", 1), ("2026-11-23T01:00", 2), ("2026-11-23T03:59", 2), ("2026-11-23T04:00", 1),
        ("2026-11-23T09:30", 2), ("2026-11-23T10:00", 1), ("2026-11-22T02:00", 1), ("2026-11-21T02:00", 1),
    ],
)  # fmt: skip
def test_peak_hours(moment, factor):
    machine = params.load(ROOT / "params.yaml").machine.teacher_block(TeacherMachine)
    assert money.peak_factor(machine.peak, datetime.fromisoformat(moment).replace(tzinfo=UTC)) == factor


def test_dollars_by_kind_of_token():
    prices = TeacherMachine(**MACHINE).prices["solver"]
    usage = BilledUsage(prompt_tokens=1_000_000, cached_tokens=600_000, completion_tokens=500_000, reasoning_tokens=9)
    assert money.dollars(usage, prices, 2) == pytest.approx(2 * (0.4 * 0.66 + 0.6 * 0.022 + 0.5 * 1.98))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3), ({"retry-after": "0.5"}, 0.5), ({"retry-after-ms": "20"}, 0.02),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0), ({"retry-after": "-5"}, 0),
        ({"retry-after": "1e9"}, 600),
        ({"retry-after": "soon"}, None), ({"retry-after": "nan"}, None), ({}, None),
    ],
)  # fmt: skip
def test_retry_after_in_its_forms(headers, seconds):
    assert pace.told_wait(headers) == seconds


def test_back_off_doubles_and_spreads():
    waits = [pace.back_off(tries, Random(1)) for tries in range(1, 12)]
    assert all(0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(waits[:7]))
    assert max(waits) <= pace.LONGEST


@pytest.mark.parametrize(
    ("reset", "expected"), [("20", 20), ("6ms", 0.006), ("1m30s", 90), ("1.5s", 1.5), ("later", None), ("", None)]
)
def test_durations_in_headers(reset, expected):
    assert pace._seconds(reset) == expected


def test_limits_of_a_longer_window_are_not_taken_for_a_minutes():
    kept = pace.Pace(0, 0)
    kept.accepted({"x-ratelimit-limit-requests": "14400", "x-ratelimit-reset-requests": "2m59s"})
    assert kept.seconds(0) == 0
    kept.accepted({"x-ratelimit-limit-requests": "30", "x-ratelimit-reset-requests": "2s"})
    assert kept.seconds(0) == pytest.approx(pace.MINUTE / 30)
    kept.accepted({"x-ratelimit-limit-tokens": "1000"})
    assert kept.seconds(500) == pytest.approx(pace.MINUTE / 2)


def test_several_refusals_in_a_row_are_a_limit_and_one_among_answers_is_not():
    kept = pace.Pace(0, 0)
    for _ in range(40):
        kept.accepted({})
    kept.refused({})
    kept.accepted({})
    assert kept.seconds(0) == 0
    for _ in range(pace.REFUSALS):
        kept.refused({})
    assert kept.seconds(0) == pytest.approx(pace.MINUTE / 41)
    kept._resume_at = 0.0
    kept.refused({})
    assert kept.seconds(0) == 0, "a refusal though the limit was kept is about something else"
