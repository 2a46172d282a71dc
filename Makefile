# Two commands do everything: `make demo` shows the main job, `make test` proves it.
# Needs: Debian or Ubuntu with python3 >= 3.11, its venv module, pip and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help demo shop test lint script bench crash fuzz bulk format clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# A stamp for each set of packages, so that the second run of a command starts at once.
$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fast]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fast,dev]'
	@touch $@

demo: $(VENV)/.installed  ## a synthetic shop, a misbehaving TikTok, and an account at the end
	@$(BIN)/fullsignal demo

shop: $(VENV)/.installed  ## the same to click through: a shop in your browser, with an ad blocker to switch on
	@$(BIN)/fullsignal demo --shop

test: $(VENV)/.installed-dev  ## everything that must hold, under ten minutes
	@$(BIN)/python scripts/need.py
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 3 --dist worksteal

lint: $(VENV)/.installed-dev  ## style, types, import rules
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/python scripts/browser.py --check

script: $(VENV)/.installed-dev  ## fs.js and fs-debug.js, built from their TypeScript
	@$(BIN)/python scripts/browser.py

format: $(VENV)/.installed-dev  ## let ruff rewrite what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev  ## the figures of benchmarks/README.md, measured here and now
	@$(BIN)/python benchmarks/run.py

crash: $(VENV)/.installed-dev  ## the long form of the kill -9 suite
	@$(BIN)/python -m pytest -m slow tests/crash

fuzz: $(VENV)/.installed-dev  ## hostile bytes for as long as it takes
	@FULLSIGNAL_FUZZ_TIMES=$${FULLSIGNAL_FUZZ_TIMES:-20} $(BIN)/python -m pytest -k 'hostile or anything or whatever or contract' tests/collector tests/identity tests/sources tests/destinations tests/emulator

bulk: $(VENV)/.installed-dev  ## millions of rows of Parquet, killed half-way and resumed (FULLSIGNAL_BULK_ROWS)
	@$(BIN)/python -m pytest -m slow -s tests/backfill

clean:  ## forget the virtual environment and the compiler of the browser script
	@rm -rf $(VENV) node_modules tests/sdks/node_modules
