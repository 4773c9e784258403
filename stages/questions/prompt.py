"""The one function that puts a problem to the student, in training and in evaluation alike."""

from collections.abc import Iterable

from stages.study.records import ANSWER_LINE, Example

INSTRUCTION = f"Solve the problem. End with a line '{ANSWER_LINE}' and the answer."


def student_messages(
    statement: str, instruction: str = INSTRUCTION, examples: Iterable[Example] = ()
) -> list[dict[str, str]]:
    """Chat messages for a statement, without the response; worked examples stand before it as earlier turns."""
    turns = [{"role": "system", "content": instruction}]
    for one in examples:
        turns += [{"role": "user", "content": one.statement}, {"role": "assistant", "content": one.text}]
    return [*turns, {"role": "user", "content": statement}]
