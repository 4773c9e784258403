"""Every attempt that was made at a request, what it cost, and who is at it now: one SQLite file for all servers.

It lies at `$DVC_ROOT/.cache/teacher.sqlite`, outside DVC's outs, because DVC deletes a stage's outs before it runs.
An attempt is on disk before anyone works with it. A *claim* with a lease keeps two processes from buying the same;
it falls with its process, or at the end of its lease.
"""

import errno
import fcntl
import hashlib
import json
import re
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from pydantic import ValidationError

from stages.study.errors import StudyError
from stages.study.files import cache_folder
from stages.teacher.completion import Completion, StoredReply, judge

LEASE = 60.0  # seconds a claim holds without being renewed
SPOILT_TRIES = 6  # of a request in one run, while its replies are blank, or cut off long before the budget's end
CUT_OFF_TRIES = 3  # while they are cut off by the budget, which doubles from one to the next
BUSY = 60.0  # seconds to wait for another process's transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, server TEXT NOT NULL, request TEXT NOT NULL, sample INTEGER NOT NULL,
    role TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, response TEXT, model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL, usd REAL NOT NULL, seconds REAL NOT NULL, finished REAL NOT NULL);
CREATE INDEX IF NOT EXISTS by_request ON attempts (server, request, sample);
CREATE TABLE IF NOT EXISTS claims (
    server TEXT NOT NULL, request TEXT NOT NULL, sample INTEGER NOT NULL, owner TEXT NOT NULL, expires REAL NOT NULL,
    usd REAL NOT NULL, PRIMARY KEY (server, request, sample)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS servers (
    server TEXT PRIMARY KEY, free_at REAL NOT NULL, spent REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (server TEXT NOT NULL, began REAL NOT NULL, ended REAL);
CREATE TABLE IF NOT EXISTS uses (
    corpus TEXT NOT NULL, server TEXT NOT NULL, request TEXT NOT NULL, sample INTEGER NOT NULL,
    PRIMARY KEY (corpus, server, request, sample)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    tag TEXT PRIMARY KEY, server TEXT NOT NULL, role TEXT NOT NULL, batch TEXT NOT NULL) WITHOUT ROWID;
"""


class Key(NamedTuple):
    """What an answer is kept by: the server, the body's fingerprint, and which of several samples of it."""

    server: str
    request: str
    sample: int


class Attempt(NamedTuple):
    """One try at a request. `outcome` is of `completion.Outcome`, `failed` for good, or a passing `trouble`."""

    role: str
    outcome: str
    detail: str = ""
    completion: Completion | None = None
    usd: float = 0.0
    seconds: float = 0.0


class Claim(NamedTuple):
    """Whether a request is `answered` (by which model), `taken` by a living process, `exhausted` as this run has tried
    it often enough, or now `mine` alone to send. `cut_off` is how often its replies ended too early, so far.
    """

    state: str
    model: str = ""
    cut_off: int = 0


class Mean(NamedTuple):
    """Tokens of a call, on average over `calls` of them."""

    calls: int
    prompt_tokens: float
    cached_tokens: float
    completion_tokens: float


class OverBudget(Exception):
    """The next call could pass the budget: what is spent and set aside, and what it may cost, in US dollars."""


def fingerprint(body: dict[str, Any]) -> str:
    """sha256 of the canonical JSON of a request body, in hexadecimal."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="replace")).hexdigest()


def server_name(base_url: str) -> str:
    """A base URL as the store names it."""
    return re.sub(r"[^\w.-]+", "-", base_url.split("://")[-1]).strip("-")


def store_path() -> Path:
    """Where paid answers are kept; `$DVC_ROOT` is the main repository even in DVC's temporary copies."""
    return cache_folder() / "teacher.sqlite"


def taken_over_from(server: str) -> Path:
    """A file of StoredReply lines beside the store that the next run takes in: an earlier version's store of a server,
    or replies that a full disk kept out of it."""
    return cache_folder() / "teacher" / f"{server}.jsonl"


def open_store(server: str, create: bool) -> "Store | None":
    """The store, with what lies beside it for `server` taken over; None where there is none and none may be created."""
    path, beside = store_path(), taken_over_from(server)
    if not (create or path.exists()):
        return None
    store = Store(path)
    if store.writable and beside.exists():
        with explained(path):
            store.together([lambda: store.take_over(beside, server)])
        beside.replace(beside.with_suffix(".jsonl.taken-over"))
    return store


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors as a StudyError that says what to do; nothing is bought over a store that cannot keep it."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said or "disk I/O" in said:
            advice = "make room on the disk"
        elif "readonly" in said or "unable to open" in said:
            advice = "make it and its folder writable, for answers that are bought have to be stored"
        elif "locked" in said:
            advice = "another process holds it; end that or wait"
        else:
            advice = (
                f"it is damaged; try `sqlite3 {path} .recover | sqlite3 new.sqlite` and put new.sqlite in its place. "
                "Answers in it are paid for, so it is not begun anew by itself"
            )
        raise StudyError(f"{path}: {said}; {advice}; then run the same command again") from None


class Store:
    """The file. Calls belong into one thread at a time; `Writer` sees to that while a stage asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = uuid.uuid4().hex
        self.writable = True  # unless the file or its folder says otherwise
        self._alive: IO[bytes] | None = None
        with explained(path):
            self._db = self._open()
            if self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = _connect(self.path, "mode=rwc")
            _use_a_write_ahead_log(db)
            db.execute("PRAGMA synchronous = FULL")  # a reply is on the disk before it is used
            db.executescript(SCHEMA)
            self._alive = self._lock_file(self.owner).open("wb")
            fcntl.flock(self._alive, fcntl.LOCK_EX)
            return db
        except (sqlite3.OperationalError, OSError) as error:
            known = isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS
            if not (known or "readonly" in str(error) or "unable to open" in str(error)):
                raise
        self.writable = False
        db = _connect(self.path, "mode=ro")
        try:
            db.execute("SELECT 1 FROM attempts LIMIT 1")
        except sqlite3.OperationalError:  # its -wal and -shm files are not there and cannot be made
            db = _connect(self.path, "immutable=1")
        return db

    def close(self) -> None:
        """Give back what this process had claimed."""
        if self.writable:
            with suppress(sqlite3.Error):
                self._db.execute("DELETE FROM claims WHERE owner = ?", (self.owner,))
        self._db.close()
        if self._alive:
            self._alive.close()
            self._lock_file(self.owner).unlink(missing_ok=True)

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """The results of `calls`, made in one transaction: all of them are on disk after it, or none.

        An OverBudget is the result of the call that raises it.
        """
        results: list[Any] = []
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for call in calls:
                try:
                    results.append(call())
                except OverBudget as error:
                    results.append(error)
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        return results

    def answered(self, key: Key) -> str | None:
        """The model that answered a request in full, and None where none has."""
        row = self._db.execute(
            "SELECT model FROM attempts WHERE server = ? AND request = ? AND sample = ? AND outcome = 'answered'", key
        ).fetchone()
        return row[0] if row else None

    def claim(self, key: Key, usd: float, budget: float, since: float) -> Claim:
        """Claim a request that may cost up to `usd`; raises OverBudget where that could pass `budget` (0: none).

        `since` is when this run began.
        """
        if (model := self.answered(key)) is not None:
            return Claim("answered", model)
        row = self._db.execute(
            "SELECT owner, expires FROM claims WHERE server = ? AND request = ? AND sample = ?", key
        ).fetchone()
        if row and row[0] != self.owner and row[1] > time.time() and self._lives(row[0]):
            return Claim("taken")
        tried = self._tried(key, since)
        if tried["blank"] + tried["cut short"] >= SPOILT_TRIES or tried["cut off"] >= CUT_OFF_TRIES:
            return Claim("exhausted")
        if budget:
            committed = self.spent() + sum(
                reserved
                for owner, reserved, expires in self._db.execute("SELECT owner, usd, expires FROM claims")
                if owner == self.owner or (expires > time.time() and self._lives(owner))
            )
            if committed + usd > budget:
                raise OverBudget(committed, usd)
        self._db.execute("REPLACE INTO claims VALUES (?, ?, ?, ?, ?, ?)", (*key, self.owner, time.time() + LEASE, usd))
        ever = self._tried(key, 0)
        return Claim("mine", cut_off=ever["cut off"] + ever["cut short"])

    def _lock_file(self, owner: str) -> Path:
        return self.path.with_suffix(f".{owner}.lock")

    def _lives(self, owner: str) -> bool:
        """Whether a claim's process is still there: it holds a lock on its file that the system takes from the dead."""
        path = self._lock_file(owner)
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        path.unlink(missing_ok=True)
        return False

    def renew(self) -> None:
        """Hold this process's claims for another lease."""
        self._db.execute("UPDATE claims SET expires = ? WHERE owner = ?", (time.time() + LEASE, self.owner))

    def add(self, key: Key, attempt: Attempt, last: bool = True) -> None:
        """Keep an attempt. With the `last` one the claim is given back."""
        completion = attempt.completion
        usage = completion.usage if completion else None
        self._db.execute(
            "INSERT INTO attempts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                attempt.role,
                attempt.outcome,
                attempt.detail,
                completion.model_dump_json(exclude_none=True) if completion else None,
                completion.model if completion else "",
                usage.prompt_tokens if usage else 0,
                (usage.cached_tokens or 0) if usage else 0,
                usage.completion_tokens if usage else 0,
                (usage.reasoning_tokens or 0) if usage else 0,
                attempt.usd,
                attempt.seconds,
                time.time(),
            ),
        )
        if attempt.usd:
            self._db.execute(
                "INSERT INTO servers VALUES (?, 0, ?) ON CONFLICT DO UPDATE SET spent = spent + ?",
                (key.server, attempt.usd, attempt.usd),
            )
        if last:
            self._db.execute("DELETE FROM claims WHERE server = ? AND request = ? AND sample = ?", key)

    def reply(self, key: Key) -> StoredReply | None:
        """What a request has come to: its answer, else the longest cut-off or blank reply, else why it failed."""
        row = self._db.execute(
            "SELECT response, detail FROM attempts WHERE server = ? AND request = ? AND sample = ? AND outcome <> "
            "'trouble' ORDER BY outcome = 'answered' DESC, LENGTH(response) DESC NULLS LAST, id DESC LIMIT 1",
            key,
        ).fetchone()
        if row is None:
            return None
        sample = key.sample if key.sample > 1 else None
        if row[0] is None:
            return StoredReply(request=key.request, sample=sample, failure=row[1] or "refused")
        return StoredReply(request=key.request, sample=sample, response=Completion.model_validate_json(row[0]))

    def _tried(self, key: Key, since: float) -> Counter[str]:
        """How often a request came to which outcome."""
        query = (
            "SELECT outcome, COUNT(*) FROM attempts WHERE server = ? AND request = ? AND sample = ? AND finished >= ? "
            "GROUP BY outcome"
        )
        return Counter(dict(self._db.execute(query, (*key, since)).fetchall()))

    def begin(self, server: str) -> float:
        """When this run began. One that was killed or stopped goes on, and what runs beside it belongs to it: what it
        has tried in vain is not tried anew, as a run after its end would."""
        began = self._db.execute("SELECT MAX(began) FROM runs WHERE server = ? AND ended IS NULL", (server,)).fetchone()
        if began[0] is not None:
            return float(began[0])
        now = time.time()
        self._db.execute("INSERT INTO runs VALUES (?, ?, NULL)", (server, now))
        return now

    def end(self, server: str) -> None:
        """This run is through."""
        self._db.execute("UPDATE runs SET ended = ? WHERE server = ? AND ended IS NULL", (time.time(), server))

    def note_batch(self, tag: str, server: str, role: str, batch: str) -> None:
        """Remember a batch: before it is made (`batch` is empty), and once it has an id."""
        self._db.execute("REPLACE INTO batches VALUES (?, ?, ?, ?)", (tag, server, role, batch))

    def forget_batch(self, tag: str) -> None:
        """A batch whose replies are stored."""
        self._db.execute("DELETE FROM batches WHERE tag = ?", (tag,))

    def open_batches(self, server: str) -> list[tuple[str, str, str]]:
        """Tag, role and id of the batches whose replies are not stored yet."""
        return self._db.execute("SELECT tag, role, batch FROM batches WHERE server = ?", (server,)).fetchall()

    def turn(self, server: str, seconds: float) -> float:
        """Reserve the server for `seconds` from when it is next free; how long to wait until then. All processes
        share the queue, and it outlives them."""
        now = time.time()
        row = self._db.execute("SELECT free_at FROM servers WHERE server = ?", (server,)).fetchone()
        begin = max(now, row[0] if row else 0.0)
        self._db.execute(
            "INSERT INTO servers VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET free_at = ?",
            (server, begin + seconds, begin + seconds),
        )
        return begin - now

    def spent(self) -> float:
        """US dollars, of all servers."""
        return float(self._db.execute("SELECT COALESCE(SUM(spent), 0) FROM servers").fetchone()[0])

    def use(self, corpus: str, keys: Sequence[Key]) -> None:
        """Remember which answers a corpus's stages have worked with, for `export`."""
        self._db.executemany("INSERT OR IGNORE INTO uses VALUES (?, ?, ?, ?)", [(corpus, *key) for key in keys])

    def used(self, corpus: str) -> Iterator[Key]:
        """What `use` remembers, in order."""
        query = "SELECT server, request, sample FROM uses WHERE corpus = ? ORDER BY request, sample, server"
        return (Key(*row) for row in self._db.execute(query, (corpus,)))

    def totals(self) -> list[dict[str, Any]]:
        """Counts, tokens and dollars by server, role, served model and outcome."""
        self._db.row_factory = sqlite3.Row
        rows = self._db.execute(
            "SELECT server, role, model, outcome, COUNT(*) AS requests, SUM(prompt_tokens) AS prompt_tokens, "
            "SUM(cached_tokens) AS cached_tokens, SUM(completion_tokens) AS completion_tokens, "
            "SUM(reasoning_tokens) AS reasoning_tokens, SUM(usd) AS usd "
            "FROM attempts GROUP BY server, role, model, outcome ORDER BY server, role, model, outcome"
        ).fetchall()
        self._db.row_factory = None
        return [dict(row) for row in rows]

    def measured(self, server: str) -> dict[str, Mean]:
        """What a server's replies took on average, by role."""
        query = (
            "SELECT role, COUNT(*), AVG(prompt_tokens), AVG(cached_tokens), AVG(completion_tokens) FROM attempts "
            "WHERE server = ? AND completion_tokens > 0 GROUP BY role"
        )
        return {role: Mean(*means) for role, *means in self._db.execute(query, (server,))}

    def take_over(self, path: Path, server: str, role: str = "imported") -> int:
        """Take in a file of StoredReply lines, one paid answer each; how many were new. Torn lines are passed over."""
        new = 0
        with path.open("rb") as file:
            for line in file:
                try:
                    told = StoredReply.model_validate_json(line)
                except ValidationError:
                    continue
                key = Key(server, told.request, told.sample or 1)
                if told.response is None or self.answered(key) is not None:
                    continue
                self.add(key, Attempt(role, judge(told.response, 0), completion=told.response), last=False)
                new += 1
        return new


def _use_a_write_ahead_log(db: sqlite3.Connection) -> None:
    """Switch to WAL, for which SQLite does not wait: of two processes that open a new store at once it refuses one."""
    until = time.monotonic() + BUSY
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _connect(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
