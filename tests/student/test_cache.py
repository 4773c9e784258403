"""The cache of unfinished work: its key, and what is removed with time."""

import os
import time

from stages.student.cache import WEEK, code_digest, unfinished


def test_the_key_tells_everything_that_decides(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    folders = {unfinished("training", *decided) for decided in ((1, "a"), (1, "b"), ("1", "a"), (1,), (1, "a"))}
    assert len(folders) == 4
    assert all(folder.is_dir() and folder.parent == tmp_path / ".cache" / "training" for folder in folders)


def test_what_nobody_touched_for_a_week_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    old, young = unfinished("training", 1), unfinished("training", 2)
    (old / "state").touch()
    for folder, age in ((old, WEEK + 60), (young, WEEK - 60)):
        os.utime(folder, (time.time() - age,) * 2)
    mine = unfinished("training", 3)
    assert sorted(mine.parent.iterdir()) == sorted([young, mine])


def test_the_digest_of_code_tells_each_file(tmp_path):
    (tmp_path / "room").mkdir()
    files = [tmp_path / "room" / "a.py", tmp_path / "room" / "b.py", tmp_path / "c.py"]
    for file in files:
        file.write_text("x = 1")
    seen = {code_digest(tmp_path / "room", files[2])}
    for file in files:
        file.write_text("x = 2")
        seen.add(code_digest(tmp_path / "room", files[2]))
    assert len(seen) == 4
