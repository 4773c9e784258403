"""Dataset rows and chat messages as tokens: one function for the prompt of training and of generation."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from stages.study.errors import StudyError
from stages.study.records import Row


class TokenizedRow(NamedTuple):
    """A row as the student reads it: the prompt, then from `start` on what it is to say, up to and with its stop."""

    tokens: list[int]
    start: int


def prompt_tokens(tokenizer: Any, messages: list[dict[str, str]]) -> list[int]:
    """The chat messages through the student's own template, up to where its answer begins."""
    tokens: list[int] = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    return tokens


def row_tokens(tokenizer: Any, row: Row) -> TokenizedRow:
    """The prompt's tokens and the completion's, without what a template puts after the stop token."""
    prompt = prompt_tokens(tokenizer, row.messages[:-1])
    tokens = tokenizer.apply_chat_template(row.messages, return_dict=False)
    if tokens[: len(prompt)] != prompt:
        raise StudyError(
            f"models/base: the chat template does not put the answer of {row.problem_id} right after its prompt, so "
            "training and generation would see different prompts; choose another student"
        )
    stops = [place for place in range(len(prompt), len(tokens)) if tokens[place] in tokenizer.eos_token_ids]
    if stops:
        return TokenizedRow(tokens[: stops[0] + 1], len(prompt))
    return TokenizedRow([*tokens, tokenizer.eos_token_id], len(prompt))


def encode(tokenizer: Any, rows: Iterable[Row], max_tokens: int, path: object) -> list[TokenizedRow]:
    """All rows as tokens; raises StudyError where some of `path` are longer than `max_tokens`: how many, the longest.

    Rows are never cut, as the answer stands at their end.
    """
    rows = list(rows)
    encoded = [row_tokens(tokenizer, row) for row in rows]
    over = [(len(one.tokens), row.problem_id) for one, row in zip(encoded, rows, strict=True)]
    over = [(length, problem) for length, problem in over if length > max_tokens]
    if over:
        length, problem = max(over)
        raise StudyError(
            f"{path}: {len(over)} of {len(rows)} rows have more tokens than train.max_tokens = {max_tokens}, the"
            f" longest {length} ({problem}); raise it in params.yaml, or shorten the chains (compress.levels)"
        )
    return encoded
