# Two commands do everything on a fresh machine: `make run` and `make test`.
# Needed beforehand: make, and Python 3.11 or later with its venv module.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
PORT ?= 8642
DATA ?= data
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test lint conformance engines prove bench docs golden lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(VENV)/run.done ## Set up what is needed and start the product with synthetic samples
	$(BIN)/hanwatch --data "$(DATA)" run --demo --port "$(PORT)"

test: $(VENV)/test.done lint ## Set up what is needed and run all tests that this machine can run
	@if [ "$$CI" = true ]; then $(MAKE) --no-print-directory engines || \
		echo "engines: not everything could be prepared; the tests that need it are skipped by name" >&2; fi
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not conformance"

lint: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

conformance: $(VENV)/test.done ## Hold the product against the public data in ../shared
	@test -d $(SHARED)/data || { echo "make conformance needs the shared data at $(SHARED)/data (set SHARED=DIR): not found" >&2; exit 1; }
	CONFORMANCE_SHARED=$(abspath $(SHARED)) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m conformance tests/conformance

prove: $(VENV)/test.done ## The long forms of the tests: more kills, more examples
	PROVE=1 $(BIN)/python -m pytest -m "not conformance"

engines: $(VENV)/test.done ## Install what tests need beyond pip: tshark, Chromium, rsyslog, softflowd, tcpreplay, PostgreSQL, a JDK, a real Elasticsearch
	$(BIN)/python -m tests.engines prepare

bench: $(VENV)/test.done ## Measure this machine; see docs/benchmarks.md
	$(BIN)/hanwatch bench

golden: $(VENV)/test.done ## Write the golden files anew (then read the difference)
	$(BIN)/python -m pytest -q -m "not conformance" --update-golden

lock: | $(VENV)/bin/python ## Pin every dependency anew
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --extra build --extra packets --extra postgresql -o requirements/run.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --extra build --extra packets --extra postgresql --extra dev -o requirements/test.txt pyproject.toml

clean: ## Remove the environment and caches; data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# An environment names its own folder in every command: copied or moved, it would fail, or run the sources of the other place.
.PHONY: here
here:
	@! grep -s '^command = .* -m venv ' $(VENV)/pyvenv.cfg | grep -qvF ' -m venv $(CURDIR)/$(VENV)' || \
		{ echo "the environment in $(VENV) was made for another folder: run make clean, then this again" >&2; exit 1; }

$(VENV)/bin/python: | here
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "hanwatch needs Python 3.11 or later as '$(PYTHON)': apt install python3 (or set PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing: apt install python3-venv" >&2; exit 1; }
	@test -w . || { echo "nothing can be written into $(CURDIR): copy the checkout to where you may write, and run make there" >&2; exit 1; }
	@echo "making the Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "the environment could not be made (Python says why above)" >&2; exit 1; }

# A set-up that was interrupted has left no mark: the next one goes on, and pip keeps what is there already.
define install
@echo "installing the packages of $(1) into $(VENV): once, a minute or two"
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) || $(UNINSTALLED)
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . || $(UNINSTALLED)
endef
UNINSTALLED := { df -Ph $(VENV) | awk 'NR == 2 { print "the packages could not be installed; pip says why above. They need a package index within reach, and 1 GB of disk: " $$4 " are free here" }' >&2; exit 1; }

$(VENV)/run.done: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements/run.txt)
	@touch $@

$(VENV)/test.done: requirements/test.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements/test.txt)
	@touch $@ $(VENV)/run.done
