"""The one function that puts a problem to the student, in training and in evaluation alike."""

INSTRUCTION = "Solve the problem. End with a line 'Answer: ' and the answer."
ANSWER_LINE = "Answer: "


def student_messages(statement: str) -> list[dict[str, str]]:
    """Chat messages for a statement, without the response."""
    return [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": statement}]
