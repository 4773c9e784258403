"""stages.extract: the teacher's reader, engines that share out pages, and outputs that a failed run leaves alone."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import extract
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import Problem
from tests.clone import copy_project, small_params
from tests.exams.papers import typeset
from tests.teacher.faulty import Server, completion, running
from tests.test_extract import WHOLE, put

SEEN = {  # a word of the draft -> what the model says
    "prime": lambda draft: {"statement": draft.replace("20", "30"), "needs_figure": False, "unreadable": False},
    "polynomial": lambda _: {"statement": "", "needs_figure": False, "unreadable": True},
    "diagonal": lambda _: "The diagonal is 4√2.",
    "triangles": lambda _: {"statement": "Find the number of triangles of all sizes.", "needs_figure": False,
                            "unreadable": False},
    "twelve": lambda draft: {"statement": draft.replace("whole", "entire whole"), "needs_figure": False,
                             "unreadable": False},
}  # fmt: skip


def change(project: Path, **keys: Any) -> None:
    """Change keys of params.yaml, named by their path with `__` for dots."""
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    for name, value in keys.items():
        *parents, last = name.split("__")
        block = params
        for parent in parents:
            block = block[parent]
        block[last] = value
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


def test_the_reader_is_asked_where_it_is_told_to_be(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(project, _2031_FS=WHOLE)
    asked = Counter[str]()

    def brain(body: dict[str, Any]) -> dict[str, Any]:
        image, text = body["messages"][0]["content"]
        assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
        assert "23" not in text["text"]
        assert "1/12" not in text["text"]
        draft = text["text"].split("<draft>\n")[1].split("\n</draft>")[0]
        word = next(word for word in SEEN if word in draft)
        asked[word] += 1
        said = SEEN[word](draft)
        return completion(said if isinstance(said, str) else json.dumps(said), model=body["model"])

    monkeypatch.setenv("TEACHER_API_KEY", "any")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    vision = {"attempts": 2, "max_tokens": 500}
    with running(Server(brain)) as url:
        change(project, sample__teacher__base_url=url)
        for nobody in ("none", "doubtful"):  # a text layer is not doubted
            change(project, sample__extract__vision=vision | {"ask": nobody})
            extract.main([])
            assert not asked
        plain = read_records("data/problems.jsonl", Problem)
        change(project, sample__extract__vision=vision | {"ask": "all"})
        extract.main([])
        assert asked == {"prime": 1, "polynomial": 1, "diagonal": 2, "triangles": 1, "twelve": 1}
        extract.main([])
        assert asked.total() == 6  # paid once
    prime, polynomial, diagonal, triangles, twelve = problems = read_records("data/problems.jsonl", Problem)
    assert [p.answer for p in problems] == [p.answer for p in plain]
    assert prime.reading.doubtful
    assert "contradicts: 20 30" in prime.reading.doubts[-1]
    assert polynomial.reading.doubtful
    assert not polynomial.usable
    assert diagonal == plain[2].model_copy(update={"reading": diagonal.reading})
    assert "breaks its form" in diagonal.reading.doubts[-1]
    assert (triangles.usable, triangles.needs_figure) == (True, False)
    assert "entire whole" in twelve.statement
    assert twelve.reading.engine == "text+reader"
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert metrics["reader"]["requests"] == 6
    assert metrics["engines"] == {"text": 3, "text+reader": 2}


def test_a_reader_that_nobody_named_is_an_error(project: Path) -> None:
    put(project, _2031_FS=WHOLE)
    change(
        project, sample__extract__vision={"ask": "all", "attempts": 1, "max_tokens": 9}, sample__teacher__reader=None
    )
    with pytest.raises(StudyError, match=r"teacher\.reader"):
        extract.main([])


@pytest.mark.slow
def test_pages_are_read_by_a_dask_cluster(project: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    put(project, _2031_FS=WHOLE)
    extract.main([])
    before = [Path(name).read_bytes() for name in ("data/problems.jsonl", "metrics/extract.json")]
    shutil.rmtree(project / ".cache")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        change(project, machine__backend="dask", machine__scheduler=cluster.scheduler_address)
        extract.main([])
        assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter) > 0
    assert before == [Path(name).read_bytes() for name in ("data/problems.jsonl", "metrics/extract.json")]
    assert list((project / ".cache/pages").glob("*.json"))


@pytest.mark.slow
def test_earlier_outputs_survive_a_failed_repro(tmp_path: Path) -> None:
    clone = copy_project(tmp_path / "project")
    paper = clone.path / "data/raw/made/2031 FS.pdf"
    paper.parent.mkdir(parents=True)
    typeset(WHOLE, paper)
    for folder in ("corrections", "recordings"):
        (clone.path / f"data/{folder}/made.jsonl").touch()
    small_params(clone, "made", "sample", {})
    clone.run("git", "init", "-q")
    clone.run("git", "commit", "-q", "--allow-empty", "-m", "a history")
    clone.run("dvc", "repro", "extract")
    before = clone.contents("data/crops") | {
        name: (clone.path / name).read_bytes() for name in ("data/problems.jsonl", "metrics/extract.json")
    }
    assert len(before) == 12
    paper.write_bytes(b"no PDF at all")
    told = clone.run("dvc", "repro", "extract", check=False)
    assert "no problem found; 2031 FS.pdf: not a PDF" in told
    after = clone.contents("data/crops") | {
        name: (clone.path / name).read_bytes() for name in ("data/problems.jsonl", "metrics/extract.json")
    }
    assert after == before
    typeset(WHOLE.replace("more than 20", "more than 40"), paper)
    clone.run("dvc", "repro", "extract")
    assert "more than 40" in (clone.path / "data/problems.jsonl").read_text(encoding="utf-8")
