"""What a model thinks aloud before it answers, told apart from the answer: for the teacher and the student alike."""

import re

_TAGS = re.compile(
    r"<(?P<close>/?)(?:think|thinking|thought|thoughts|reasoning|scratchpad)>"
    r"|\[(?P<slash>/?)THINK\]|◁(?P<bar>/?)think▷|<\|(?P<edge>begin|end)_of_thought\|>"
    r"|<\|channel\|>(?P<channel>\w+)<\|message\|>|(?P<final><\|end\|>)",
    re.IGNORECASE,
)


def without_thoughts(text: str) -> tuple[str, str]:
    """The text outside of `<think>...</think>` and its kin, and the thoughts within, both stripped.

    Where only the closing tag stands (some chat templates give the opening one to the model), all before it is
    thought; where only the opening one does, all behind it is.
    """
    outside: list[str] = []
    inside: list[str] = []
    start, thinking = 0, False
    for tag in _TAGS.finditer(text):
        if tag["final"] and not thinking:
            continue
        closing = bool(tag["close"] or tag["slash"] or tag["bar"] or tag["edge"] == "end" or tag["final"])
        opens = tag["channel"].lower() != "final" if tag["channel"] else not closing
        part = text[start : tag.start()]
        if closing and not thinking:
            inside += [*outside, part]  # the opening tag was eaten
            outside = []
        else:
            (inside if thinking else outside).append(part)
        start, thinking = tag.end(), opens
    (inside if thinking else outside).append(text[start:])
    return "".join(outside).strip(), "\n".join(part.strip() for part in inside if part.strip())
