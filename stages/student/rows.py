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


def encode(tokenizer: Any, rows: Iterable[Row], max_tokens: int) -> list[TokenizedRow]:
    """All rows as tokens; raises StudyError for a row longer than `max_tokens`, as its tail is the answer."""
    encoded = []
    for row in rows:
        one = row_tokens(tokenizer, row)
        if len(one.tokens) > max_tokens:
            raise StudyError(
                f"{row.problem_id}: {len(one.tokens)} tokens are more than train.max_tokens = {max_tokens}; "
                "raise it in params.yaml, or shorten the chain (rows are never cut: the answer stands at their end)"
            )
        encoded.append(one)
    return encoded
