"""Fixtures: the made-up study with its report, to read and to change."""

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

from stages.report.__main__ import main
from stages.study.params import Params, load
from tests.report.made_study import VARIANTS, arguments, write_params, write_study


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The made-up study and the report on it, written once; to be read only."""
    folder = tmp_path_factory.mktemp("made")
    with contextlib.chdir(folder):
        write_params(variants=VARIANTS)
        write_study()
        with arguments("report"):
            main()
    return folder


@pytest.fixture
def study(made, tmp_path, monkeypatch) -> Params:
    """A copy of the made-up study to change; it is the working directory."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["report"])
    return load()


@pytest.fixture
def printed(made, monkeypatch) -> Path:
    """The report as it was written; its folder is the working directory."""
    monkeypatch.chdir(made)
    return made
