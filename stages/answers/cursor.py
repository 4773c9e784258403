"""A place in a list of tokens, and how to move it."""

from stages.answers.kinds import Unreadable
from stages.answers.limits import MAX_DEPTH, TooHard
from stages.answers.tokens import Token

END = Token("end", "", False)


class Cursor:
    """Reads tokens from `self.place` on."""

    def __init__(self, tokens: list[Token], tight: bool) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.tight = tight
        self.colons = True  # whether a colon makes a ratio here
        self.in_bars = False  # whether a bar closes an absolute value here

    def peek(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else END

    def take(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def at(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind in ("op", "sep") and token.text in texts

    def accept(self, text: str) -> bool:
        if self.at(text):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise Unreadable(f"expected {text!r}, found {self.peek().text or 'the end'!r}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooHard(f"nested deeper than {MAX_DEPTH}")
