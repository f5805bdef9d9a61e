# Two commands do all the set-up: `make demo` and `make test`. Nothing outside this folder is touched, except
# that `make test` installs Debian's Chromium where there is no browser for the tests of pages.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
# One known-good version of everything, so that a release elsewhere turns no test red. `make constraints`.
INSTALL := $(PIP) install --constraint constraints.txt

CODE := src tests benchmarks examples docs/hooks.py
YAML := .github .pre-commit-config.yaml mkdocs.yml
# Rooms whose tests take seconds and need no model: their coverage has a floor.
COVERED := text seeds filters recipes store

.PHONY: demo test check docs coverage package benchmarks constraints clean chromium

demo: $(VENV)/installed ## Install, generate 100 tasks and their report, show where they are
	$(BIN)/selfinstruct generate demo-run --tasks 100
	$(BIN)/selfinstruct report demo-run

test: $(VENV)/installed-test chromium ## Install what tests need, and run them all
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(VENV)/installed-test $(VENV)/installed-check ## Lint, format, types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/mypy --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls --no-strict-equality tests benchmarks examples docs/hooks.py
	$(BIN)/yamllint --strict $(YAML)

docs: $(VENV)/installed-docs ## The documentation site, into build/site; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

coverage: $(VENV)/installed-test ## Coverage of the rooms that need no model; fails below the floor
	$(BIN)/python -m pytest $(COVERED:%=tests/%) --cov --cov-report= --numprocesses auto --maxprocesses 4
	$(BIN)/coverage report --skip-covered --fail-under=90 --include="$(subst $() ,$(),$(COVERED:%=*/selfinstruct/%/*,))"

package: $(VENV)/installed-package ## The sdist and the wheel, each tried in a fresh environment
	$(BIN)/python tests/support/try_package.py

benchmarks: $(VENV)/installed-test chromium ## Every claim about speed, measured; takes some minutes on an idle machine
	$(BIN)/python benchmarks/novelty.py
	$(BIN)/python benchmarks/meaning.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/lag.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/report.py

constraints: ## Write constraints.txt again, from the newest versions that fit together
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --upgrade pip
	build/constraints/bin/python -m pip install --quiet --editable . $(GROUPS:%=--group %)
	( sed '/^[^#]/,$$d' constraints.txt; \
		build/constraints/bin/python -m pip freeze --exclude-editable | sed -e '/^#/d' -e 's/+[a-z0-9.]*$$//' \
	) > build/constraints.txt
	mv build/constraints.txt constraints.txt

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

clean: ## Remove the virtual environment, caches, what was built and the demo's run
	rm -rf $(VENV) build dist demo-run .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1" # dependency groups

$(VENV)/installed: pyproject.toml constraints.txt $(VENV)/bin/python
	$(INSTALL) --editable .
	@touch $@

GROUPS := test check docs package
$(GROUPS:%=$(VENV)/installed-%): $(VENV)/installed-%: $(VENV)/installed
	$(INSTALL) --group $*
	@touch $@
