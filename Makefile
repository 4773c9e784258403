# make repro   the whole study, from PDFs to plots/report.html
# make test    the tests, an end-to-end run of the pipeline included
# make lock    resolve the requirements anew (after a change of pyproject.toml)

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: repro grid student split baseline test lock sample

# Stages that do not need each other run side by side, each in one process with one BLAS thread: two cores do that
# faster than one stage after the other with both. `dvc repro` alone does the same work in turn.
repro: $(BIN)/.installed
	$(MAKE) -j $(JOBS) student split
	$(MAKE) -j $(JOBS) grid
	dvc repro

ONE := $(if $(filter-out 1,$(JOBS)),OPENBLAS_NUM_THREADS=1 LOKY_MAX_CPU_COUNT=1) dvc --wait-for-lock repro
student split:
	$(ONE) $@

# The longest training comes first, and beside it the base student: by the time that is done, the other runs of R1 read
# the features that the long one has left behind.
ifneq ($(filter grid,$(MAKECMDGOALS)),)
RUNS := $(patsubst train@%,%,$(shell $(BIN)/dvc stage list --name-only | grep '^train@' | sort -t- -k2))
$(if $(RUNS),,$(error no stage train@... in dvc.yaml; see `dvc stage list`))
.PHONY: $(RUNS:%=train@%) $(RUNS:%=measure@%)
endif
grid: $(firstword $(RUNS:%=train@%)) baseline $(RUNS:%=train@%) $(RUNS:%=measure@%)
baseline $(RUNS:%=train@%):
	$(ONE) --single-item $@
$(RUNS:%=measure@%): measure@%: train@%
	$(ONE) --single-item evaluate@$* benchmark@$*

test: $(BIN)/.installed-test
	ruff check .
	ruff format --check .
	mypy
	pytest

sample: $(BIN)/.installed-test
	python -m data.sample

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --upgrade --output-file requirements.lock
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --constraint requirements.lock --output-file requirements-test.lock

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

$(BIN)/.installed: requirements.lock | $(BIN)/python
	pip install --quiet --require-hashes -r requirements.lock
	touch $@

$(BIN)/.installed-test: requirements-test.lock | $(BIN)/python
	pip install --quiet --require-hashes -r requirements-test.lock
	touch $@
