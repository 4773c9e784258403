"""What stands around an answer and is no part of it: Markdown, dollar signs, boxes, full stops."""

import re

from stages.answers.limits import MAX_WRAPPERS
from stages.answers.vocabulary import WRAPPER

_LEAD = re.compile(
    r"^(?:(?:so|thus|hence|therefore),?\s+)?(?:the\s+)?(?:final\s+|correct\s+)?answer(?:\s+is\s*:?|\s*[:=])\s*",
    re.IGNORECASE,
)
_PAIRS = (
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("**", "**"),
    ("__", "__"),
    ("*", "*"),
    ("`", "`"),
    ('"', '"'),
    ("“", "”"),
    ("'", "'"),
)


def unwrap(text: str) -> str:
    """An answer without Markdown emphasis, dollar signs, boxes, `the answer is` and full stops around it."""
    for _ in range(MAX_WRAPPERS):
        before = text
        text = text.strip().strip("\u200b\ufeff")
        text = _LEAD.sub("", text, count=1)
        for left, right in _PAIRS:
            inside = text[len(left) : len(text) - len(right)]
            wrapped = text.startswith(left) and text.endswith(right) and len(text) >= len(left) + len(right)
            if wrapped and left not in inside and right not in inside and not inside.endswith("\\"):
                text = inside
        text = text.removeprefix("=").removeprefix(":").removeprefix("≈").removeprefix("\\approx")
        head = WRAPPER.match(text)
        if head and closing_brace(text, head.end()) == len(text) - 1:
            text = text[head.end() : -1]
        text = text.strip("*`")
        for left, right in (("\\(", "\\)"), ("\\[", "\\]")):
            if text.endswith(right) and left not in text:
                text = text.removesuffix(right)
            if text.startswith(left) and right not in text:
                text = text.removeprefix(left)
        if text.endswith("$") and text.count("$") == 1 and not text.endswith("\\$"):
            text = text[:-1]
        if text.endswith((".", ",", ";", ":", "\\", "。")) and not text.endswith(("..", "\\,")):
            text = text[:-1]
        text = text.removesuffix("\\,").removesuffix("\\!")
        if text == before:
            break
    return text


def closing_brace(text: str, start: int) -> int:
    """Where the brace closes that was opened just before `start`; -1 where it does not. Linear in the text."""
    depth = 1
    place = start
    while place < len(text):
        character = text[place]
        if character == "\\":
            place += 2
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return place
        place += 1
    return -1
