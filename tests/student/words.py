"""A tokenizer whose tokens are words, for tests that need a student's lengths and no student: it loads nothing."""

from typing import Any


class Words:
    """As much of mlx-lm's tokenizers as rows need. A token is a word's hash; 0 stops."""

    eos_token_id = 0
    eos_token_ids = frozenset({0})

    def apply_chat_template(
        self, messages: list[dict[str, str]], *, add_generation_prompt: bool = False, return_dict: bool = False
    ) -> list[int]:
        """Role and words of each message, each with its end."""
        assert not return_dict
        tokens: list[Any] = [word for one in messages for word in (one["role"], *one["content"].split(), 0)]
        tokens += ["assistant"] * add_generation_prompt
        return [word if word == 0 else 1 + hash(word) % 2**31 for word in tokens]
