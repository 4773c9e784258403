"""stages.report.offline and readme: charts without a network, and a README whose numbers nobody typed."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from stages.report.offline import PAGE, dvc_page
from stages.report.readme import BEGIN, END, results, rewrite
from stages.study.errors import StudyError
from tests.report.made_study import ROOT


def test_dvcs_page_brings_its_scripts_along():
    page = dvc_page()
    assert page == dvc_page()  # the same bytes each time
    assert page.count("{plot_divs}") == page.count("{refresh_tag}") == 1  # DVC fills them wherever they stand
    assert "{scripts}" not in page  # where DVC would put links to its own
    assert not re.search(r"<(script|link)\b[^>]*(src|href)=", page)
    assert len(re.findall("</script>", page)) == 1
    for name in ("vegaEmbed", "vegaLite", "vega"):
        assert f"window.{name}" in page
    assert len(page) > 500_000 > len(PAGE)


def test_the_pipeline_points_dvc_to_it():
    config = (ROOT / ".dvc/config").read_text(encoding="utf-8")
    assert "html_template = ../plots/dvc_page.html" in config


def test_results_go_between_the_markers(printed, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nyesterday's\n{END}\nafter\n", encoding="utf-8")
    rewrite(readme)
    text = readme.read_text(encoding="utf-8")
    summary = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    assert text == f"before\n{BEGIN}\n\n{results(summary)}\n\n{END}\nafter\n"
    assert "yesterday" not in text
    rewrite(readme)
    assert readme.read_text(encoding="utf-8") == text
    level = summary["levels"]["R1"]
    assert f"to {100 * level['held_out']['accuracy']:.1f} % of 250 held-out problems" in text
    assert "| R6 " in text


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{BEGIN}{BEGIN}{END}"])
def test_a_readme_without_a_place_for_them_is_an_error(printed, tmp_path, text):
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"README.md: the lines <!-- results -->"):
        rewrite(tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text


def committed(path: str) -> str:
    done = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        pytest.skip(f"not in a commit: {path}: {done.stderr.strip()}")
    return done.stdout


def test_the_committed_readme_holds_the_committed_results():
    block = committed("README.md").partition(BEGIN)[2].partition(END)[0]
    assert block.strip() == results(json.loads(committed("metrics/summary.json"))), (
        "run `python -m stages.report --readme`"
    )
