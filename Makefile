# make repro   the whole study, from PDFs to plots/report.html
# make test    the tests, an end-to-end run of the pipeline included
# make lock    resolve the requirements anew (after a change of pyproject.toml)

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.PHONY: repro test lock sample

# Students are trained and questioned side by side, one BLAS thread each, which two cores do faster than one after the
# other with two threads. The longest training comes first, and beside it the base student: by the time that is done,
# the other runs of R1 read the features that the long one has left behind.
IN_TURN := OPENBLAS_NUM_THREADS=1 xargs -P $(JOBS) -n 1 dvc --wait-for-lock repro -s
repro: $(BIN)/.installed
	dvc repro student split
	{ echo baseline; dvc stage list --name-only | grep '^train@' | sort -t- -k2; } | $(IN_TURN)
	dvc stage list --name-only | grep -E '^(evaluate|benchmark)@' | $(IN_TURN)
	dvc repro

test: $(BIN)/.installed-test
	ruff check .
	ruff format --check .
	mypy
	pytest

sample: $(BIN)/.installed-test
	python -m stages.sample

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
