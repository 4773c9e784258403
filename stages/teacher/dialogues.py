"""The conversation with the compressor about one problem's chains, and what has come of all of them."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from stages.study.records import Chain, Level, Problem, Solution
from stages.teacher import chains, prompts
from stages.teacher.money import bill
from stages.teacher.session import Reply
from stages.teacher.settings import CompressSettings


class Dialogue:
    """`faults` are those of the last reply, as kind to sentence. The reasoning that it is about is not held."""

    def __init__(self, problem: Problem, settings: CompressSettings, same: Callable[[str, str], bool]) -> None:
        """`same(key, answer)` tells whether an answer is the key."""
        self.problem = problem
        self._settings, self._same = settings, same
        self._limits: Mapping[Level, int] = {}
        self._turns: prompts.Messages = []  # after the first message
        self.replies: list[Reply] = []  # without their texts
        self.refused: list[str] = []  # kinds of fault of all replies
        self.faults: Mapping[str, str] = {}
        self.chains: list[Chain] = []

    def messages(self, solution: Solution) -> prompts.Messages:
        """What is asked next about the reasoning of a solution, the same one each time."""
        # A model that does not show its reasoning has it in the response.
        reasoning = solution.reasoning or solution.response
        self._limits = chains.word_limits(reasoning, self._settings.levels)
        begun = prompts.compress(self.problem.statement, reasoning, self.problem.answer, self._limits)
        return [*begun, *self._turns]

    @property
    def may_go_on(self) -> bool:
        """Whether the last reply broke a rule that another one may keep."""
        return bool(self.faults) and "failed" not in self.faults

    def receive(self, reply: Reply) -> None:
        """Take a reply in: as chains, or with what is wrong with it."""
        self.replies.append(replace(reply, text="", reasoning=""))
        if reply.failure:
            self.faults = {"failed": reply.failure}
            return
        key = self.problem.answer
        sections = chains.parse(reply.text)
        self.faults = chains.faults(sections, key, self._same, self._limits, self._settings)
        if reply.finish_reason == "length":
            self.faults = {"truncated": "The reply is longer than the space for it and was cut off."} | self.faults
        self.refused.extend(self.faults)
        if self.faults:
            self._turns += prompts.mend(reply.text, self.faults, key)
        else:
            self.chains = chains.records(self.problem.id, {item.level: item.body for item in sections}, key)


class Outcomes:
    """Counts over dialogues that have ended; their texts are not held."""

    def __init__(self) -> None:
        self.passed: Counter[int] = Counter()  # by how many replies it took
        self._refused: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._failed: dict[str, str] = {}
        self._dialogues = 0
        self._replies: list[Reply] = []
        self._lengths = chains.Lengths()

    def add(self, dialogue: Dialogue) -> None:
        """Count a dialogue, and say on stderr why its problem is left out."""
        self._dialogues += 1
        self._replies.extend(dialogue.replies)
        self._refused.update(dialogue.refused)
        for chain in dialogue.chains:
            self._lengths.add(chain)
        if not dialogue.faults:
            self.passed[len(dialogue.replies)] += 1
            return
        kind, told = next(iter(dialogue.faults)), " ".join(dialogue.faults.values())
        self._left_out[kind] += 1
        if kind == "failed":
            self._failed[dialogue.problem.id] = told
        print(f"{dialogue.problem.id}: left out after {len(dialogue.replies)} attempts: {told}", file=sys.stderr)

    def summary(self, problems: int) -> dict[str, object]:
        """The metrics. Of `problems` usable ones, each has six chains or is left out: unverified, or by the first rule
        that its last reply broke. `refused` counts the rules that replies broke, `failed` names what got no reply.
        """
        return {
            "problems": problems,
            "with_chains": self.passed.total(),
            "left_out": {"unverified": problems - self._dialogues, **dict(sorted(self._left_out.items()))},
            "failed": self._failed,
            "passed_at_attempt": {str(attempt): count for attempt, count in sorted(self.passed.items())},
            "retries": len(self._replies) - self._dialogues,
            "refused": dict(sorted(self._refused.items())),
            **self._lengths.summary(),
            "compressor": bill(self._replies),
        }
