# Everything a user or a developer runs. `make demo` and `make test` need Python 3.11 and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean

BIN := .venv/bin
PINS := pyproject.toml constraints.txt tools/environment.sh
TREES := src tests tools $(wildcard benchmarks)
WORKERS ?= 2

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

demo: .venv/made-run ## de-identify a synthetic study and show what became of it
	@$(BIN)/python -m tools.demo

test: check ## make the environment with the development tools, and pass all checks and tests

check: .venv/made-dev ## format, lint, types, rooms, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n $(WORKERS) --cov --cov-report=term

format: .venv/made-dev ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/made-run ## measure dicomveil and its peers side by side
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.server

clean: ## remove the environment and everything generated
	rm -rf .venv build dist .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made-run: $(PINS)
	tools/environment.sh
	@touch $@

.venv/made-%: $(PINS)
	tools/environment.sh $*
	@touch $@ .venv/made-run
