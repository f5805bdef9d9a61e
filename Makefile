# Two commands do all the set-up: `make demo` and `make test`. Nothing outside this folder is touched.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check benchmarks clean

demo: $(VENV)/installed ## Install, generate 100 tasks, show where they are
	$(BIN)/selfinstruct generate demo-run --tasks 100

test: $(VENV)/installed-test ## Install what tests need, and run them all
	$(BIN)/python -m pytest

check: $(VENV)/installed-test $(VENV)/installed-check ## Lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmarks: $(VENV)/installed-test ## Every claim about speed, measured; takes some minutes on an idle machine
	$(BIN)/python benchmarks/novelty.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py

clean: ## Remove the virtual environment, caches and the demo's run
	rm -rf $(VENV) demo-run .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1" # dependency groups

$(VENV)/installed: pyproject.toml $(VENV)/bin/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) install --group test
	@touch $@

$(VENV)/installed-check: $(VENV)/installed
	$(PIP) install --group check
	@touch $@
