# make repro       the whole study, from PDFs to plots/report.html; JOBS=4: four stages side by side
# make test        all tests, an end-to-end run of the pipeline included
# make test-fast   without the slow ones
# make test-long   those that take minutes: kills at many moments, scans, real exams, a queue's workers
# make review      a page on which a person corrects what was read of the exams
# make lock        resolve the requirements anew (after a change of pyproject.toml)
#
# It runs with GNU make 3.81, Apple's: that one finds a program by the caller's PATH, not by the PATH exported below, so
# every recipe names its program's folder.

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: repro versions grid contaminate test test-fast test-long lint lock sample review

# Stages that do not need each other run side by side and share the cores; `dvc repro` alone does the same work in turn,
# each stage with all cores. Both give the same bytes. What runs side by side is asked for by itself (--single-item):
# DVC stops a process that wants to look at a stage while another one reads its output.
repro: versions
	$(BIN)/dvc repro split
	$(MAKE) -j $(JOBS) grid
	$(BIN)/dvc repro

versions: $(BIN)/.installed
	$(BIN)/python -m stages.study.versions

SHARE = STAGE_CORES=$$($(BIN)/python -c 'import os; print(max(1, (os.cpu_count() or 1) // $(JOBS)))')
ONE = $(SHARE) $(BIN)/dvc --wait-for-lock repro

# The longest training comes first, and beside it the student before training. Those that are asked in another way come
# after all training, as a run's adapter may be theirs.
ifneq ($(filter grid,$(MAKECMDGOALS)),)
RUNS := $(patsubst train@%,%,$(shell $(BIN)/dvc stage list --name-only | grep '^train@' | sort -t- -k2))
$(if $(RUNS),,$(error no stage train@... in dvc.yaml; see `dvc stage list`))
VARIANTS := $(patsubst generate-variant@%,%,$(shell $(BIN)/dvc stage list --name-only | grep '^generate-variant@'))
.PHONY: $(RUNS:%=train@%) $(RUNS:%=measure@%) $(VARIANTS:%=vary@%)
endif
grid: $(firstword $(RUNS:%=train@%)) vary@base $(RUNS:%=train@%) $(RUNS:%=measure@%) $(VARIANTS:%=vary@%) contaminate
$(RUNS:%=train@%):
	$(ONE) --single-item $@
$(RUNS:%=measure@%): measure@%: train@%
	$(ONE) --single-item generate@$* evaluate@$*
$(patsubst %,vary@%,$(filter-out base,$(VARIANTS))): $(RUNS:%=train@%)
$(VARIANTS:%=vary@%): vary@%:
	$(ONE) --single-item generate-variant@$* evaluate-variant@$*
contaminate:
	$(ONE) --single-item $@

PYTEST = $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
test: lint
	$(PYTEST) -m 'not long'

test-fast: lint
	$(PYTEST) -m 'not slow'

test-long: lint
	$(PYTEST) -m long

lint: $(BIN)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

review: $(BIN)/.installed
	$(BIN)/python -m stages.review

sample: $(BIN)/.installed-test
	$(BIN)/python -m data.sample

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --upgrade --output-file requirements.lock
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --constraint requirements.lock --output-file requirements-test.lock

# A stamp is written last: an installation that was interrupted is begun again.
$(BIN)/.made:
	$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	touch $@

$(BIN)/.installed: requirements.lock | $(BIN)/.made
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	touch $@

$(BIN)/.installed-test: requirements-test.lock | $(BIN)/.made
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	touch $@
