# `make` alone lists what can be done. Python 3.11 or newer with venv is all that the machine must have.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV := uv>=0.9,<1
BIN := .venv/bin
STAMP := .venv/installed
PATHS := deploy services shared tests
WORKERS ?= auto
ONLY ?=

.PHONY: help demo show up test check bench lock clean browser

help:
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-7s %s\n", $$1, $$2}'

demo: $(STAMP) ## Play the whole main job with invented people, on real Kafka and PostgreSQL (a minute)
	@$(BIN)/vernissage demo

show: $(STAMP) ## Bring back what the last demo played, with the links in its mails, until Ctrl-C
	@$(BIN)/vernissage show

up: $(STAMP) ## Run everything on this machine until Ctrl-C; what is entered stays in var/
	@$(BIN)/vernissage up

test: $(STAMP) browser ## Run the whole suite on real parts; its last lines say which
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: $(STAMP) ## Check style, types, layers and contracts
	@echo "style"     && $(BIN)/ruff check --quiet $(PATHS) && $(BIN)/ruff format --quiet --check $(PATHS)
	@echo "types"     && $(BIN)/mypy --no-error-summary
	@echo "layers"    && { said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }; }
	@echo "contracts" && $(BIN)/python -m shared.travel.asyncapi --check docs

bench: $(STAMP) ## Measure against peers and write var/bench/results.json; ONLY=relay for one of them
	@$(BIN)/python -m tests.bench $(ONLY)

lock: $(STAMP) ## Resolve the newest versions that pyproject.toml allows into requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --all-extras \
		--group dev --group bench --output-file requirements.lock pyproject.toml
	@echo "requirements.lock is new; the next make installs it"

clean: ## Remove the environment, caches, reports and the demo; what was entered stays in var/
	@test ! -f var/demo/made-by-vernissage-demo || rm -rf var/demo
	@rm -rf var/bench .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find deploy services shared tests -name __pycache__ -prune -exec rm -rf {} +
	@rmdir var 2>/dev/null || test ! -e var || echo "var/ holds what was entered and stays: remove it yourself if nobody needs it"
	@echo "removed"

# Every file is checked against the hashes of requirements.lock. The product itself is installed as it lies here. What an
# older version compiled goes: it may name what is no longer there, and Numba notices only when it fails.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: name one with make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "Python's venv is missing: install it (on Debian: apt-get install python3-venv)"; exit 1; }
	@test -x $(BIN)/uv || { echo "installing uv"; $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(UV)'; }
	@echo "installing what requirements.lock names"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@echo "compiling what computes" && find services -name '*.nb[ic]' -delete && $(BIN)/python -m services.matching.warming
	@touch $@

# Pages are tested in a real browser. With CI=true its absence is a failure; elsewhere those tests are skipped and say so.
browser:
	@command -v chromium >/dev/null || bash .ci/chromium
