"""What a study will cost, before it is paid: from measured calls where the store has some, else from assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.teacher import money
from stages.teacher.completion import BilledUsage
from stages.teacher.prompts import Messages
from stages.teacher.settings import CompressSettings, SolveSettings, TeacherMachine, VerifySettings
from stages.teacher.store import Mean

REASONING = 6000  # tokens of a solution by a reasoning model, where none was measured
VERDICT = 60  # tokens
UNDECIDED = 0.1  # share of answers that the checker leaves to the verifier
RETRIED = 0.15  # share of chains that are asked for again
PROMPT = 150  # tokens of a prompt beside what is put into it


@dataclass(frozen=True)
class Row:
    """One role: how often it is asked, tokens of a call (`measured` on how many), and US dollars of all calls: at the
    usual price, at peak hours, and the most if every call used up its budget."""

    role: str
    calls: int
    measured: int
    prompt_tokens: float
    completion_tokens: float
    usd: float
    usd_peak: float
    usd_most: float

    def shown(self) -> dict[str, str]:
        """The row as text."""
        return {
            "role": self.role,
            "calls": str(self.calls),
            "prompt tokens a call": f"{self.prompt_tokens:.0f}",
            "completion tokens a call": f"{self.completion_tokens:.0f}",
            "from": f"{self.measured} measured calls" if self.measured else "assumptions",
            "$": f"{self.usd:.2f}",
            "$ at peak": f"{self.usd_peak:.2f}",
            "$ at most": f"{self.usd_most:.2f}",
        }


def estimate(
    solve_prompts: Sequence[Messages],
    settings: tuple[SolveSettings, VerifySettings, CompressSettings],
    machine: TeacherMachine,
    measured: Mapping[str, Mean],
) -> list[Row]:
    """One row a role, for as many problems as there are `solve_prompts`. What is paid for already is not taken off.

    `measured` are means over calls of a role, as the store has them.
    """
    solve, verify, compress = settings
    solved = len(solve_prompts) * solve.samples
    asked = sum(money.prompt_tokens({"messages": messages}) for messages in solve_prompts) / max(1, len(solve_prompts))
    thought = min(REASONING, solve.max_tokens) if not measured.get("solver") else measured["solver"].completion_tokens
    shown = solved if verify.ask == "all" else round(solved * UNDECIDED)
    assumed = {
        "solver": (solved, asked, min(REASONING, solve.max_tokens), solve.max_tokens, solve.attempts),
        "verifier": (shown, asked + PROMPT, min(VERDICT, verify.max_tokens), verify.max_tokens, verify.attempts),
        "compressor": (
            round(len(solve_prompts) * (1 + RETRIED)),
            asked + thought + PROMPT,
            min(thought, compress.max_tokens),
            compress.max_tokens,
            compress.attempts,
        ),
    }
    return [_row(role, *assumption, measured.get(role), machine) for role, assumption in assumed.items()]


def _row(
    role: str,
    calls: int,
    prompt: float,
    completion: float,
    budget: int,
    attempts: int,
    measured: Mean | None,
    machine: TeacherMachine,
) -> Row:
    prices, many = machine.prices.get(role, money.FREE), measured.calls if measured else 0
    cached = 0.0
    if measured:
        prompt, cached, completion = measured.prompt_tokens, measured.cached_tokens, measured.completion_tokens
    usage = BilledUsage(
        prompt_tokens=round(prompt * calls), cached_tokens=round(cached * calls),
        completion_tokens=round(completion * calls),
    )  # fmt: skip
    most = BilledUsage(prompt_tokens=round(prompt * calls * attempts), completion_tokens=budget * calls * attempts)
    usual = money.dollars(usage, prices, money.BATCH if machine.batch else 1.0)
    peak = max(1.0, machine.peak.factor)
    return Row(role, calls, many, prompt, completion, usual, usual * peak, money.dollars(most, prices, peak))
