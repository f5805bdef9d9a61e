# Two commands do all the set-up: `make demo` and `make test`. Nothing outside this folder is touched, except
# that `make test` installs Debian's Chromium where there is no browser for the tests of pages.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check benchmarks clean chromium

demo: $(VENV)/installed ## Install, generate 100 tasks and their report, show where they are
	$(BIN)/selfinstruct generate demo-run --tasks 100
	$(BIN)/selfinstruct report demo-run

test: $(VENV)/installed-test chromium ## Install what tests need, and run them all
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(VENV)/installed-test $(VENV)/installed-check ## Lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmarks: $(VENV)/installed-test chromium ## Every claim about speed, measured; takes some minutes on an idle machine
	$(BIN)/python benchmarks/novelty.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/report.py

chromium: ## For tests of pages: the one named in $CHROMIUM, the one that is there, or Debian's
	@if [ -n "$$CHROMIUM" ] || command -v chromium chromium-browser google-chrome >/dev/null; then exit 0; \
	elif command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then \
		as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); set -ex; \
		$$as_root apt-get update -q; \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; \
	else \
		echo "Tests of pages need Chromium, and this makefile knows only Debian's. Install it, or name another" \
			"Chromium browser: make test CHROMIUM=/path/to/it" >&2; exit 1; \
	fi

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
