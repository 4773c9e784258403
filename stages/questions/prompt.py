"""The one function that puts a problem to the student, in training and in evaluation alike."""

from stages.study.records import ANSWER_LINE

INSTRUCTION = f"Solve the problem. End with a line '{ANSWER_LINE}' and the answer."


def student_messages(statement: str) -> list[dict[str, str]]:
    """Chat messages for a statement, without the response."""
    return [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": statement}]
