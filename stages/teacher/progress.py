"""How far a stage is and what it has spent: a bar on a terminal, elsewhere a line a minute."""

import sys
import time
from dataclasses import dataclass, field

from tqdm import tqdm

TELL_EVERY = 60.0  # seconds between two lines


@dataclass
class Progress:
    """Of one `ask`: `total` requests, `done` of them settled, `bought` of those from the server, for `usd` dollars."""

    role: str
    total: int
    done: int = 0
    bought: int = 0
    usd: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._bar = tqdm(desc=self.role, total=self.total, unit=" requests", disable=None)

    def add(self, bought: bool = False, usd: float = 0.0) -> None:
        """One more request is settled."""
        self.done += 1
        self.bought += bought
        self.usd += usd
        self._bar.set_postfix_str(self._money(), refresh=False)
        self._bar.update()

    def tell(self) -> None:
        """Where there is no bar, a line on stderr, once a minute however often this is called."""
        now = time.monotonic()
        if not self._bar.disable or now - self._told < TELL_EVERY:
            return
        self._told, minutes = now, (now - self._began) / 60
        left = f"about {minutes / self.done * (self.total - self.done):.0f} min left" if self.done else "no reply yet"
        parts = (f"{self.role}: {self.done} of {self.total} requests", self._money(), left)
        print(", ".join(filter(None, parts)), file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the bar."""
        self._bar.close()

    def _money(self) -> str:
        """Spent, and projected as if what is left cost what was bought so far."""
        if not self.bought:
            return ""
        projected = self.usd + self.usd / self.bought * (self.total - self.done)
        return f"${self.usd:.2f} spent, about ${projected:.2f} in all"
