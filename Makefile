# The two commands of the README, and what they need. Everything is made inside this folder.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help refresh test check dev faults soak bench mutants audit bill lint lock clean

help: ## What there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv: pip installs $$(grep -c '^[a-z].*==' requirements.lock) packages, a minute or two"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q orchestration
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	@echo "Setting up what tests need: pip installs the packages of requirements-dev.lock"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

refresh: .venv/ready ## Land extracts, run the night through Dagster, publish, say what happened
	@$(BIN)/csp refresh

test: .venv/ready-dev ## Set up what tests need, lint, check types and run the whole suite, on two cores
	@sh tests/support/browser.sh
	@sh tests/support/postgres.sh
	@sh tests/support/nginx.sh
	@sh tests/support/edition.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint ## What to run before a commit: lint, types, layers, and the tests that are quick
	$(BIN)/python -m pytest -q -n 2 --quick tests/architecture tests/unit

faults: .venv/ready ## Kill, starve and disturb the night and the assessment at every step, and compare
	@$(BIN)/python -m benchmarks.faults

soak: .venv/ready ## Analysts query without pause while nights run
	@$(BIN)/python -m benchmarks.soak

bench: .venv/ready ## What the warehouse costs, beside bare DuckDB, dbt, polars and pandas (docs/benchmarks.md)
	@$(BIN)/python -m benchmarks.bench

mutants: .venv/ready-dev ## Put errors into the rules, one at a time, and count those that a test finds (after refresh)
	@$(BIN)/python -m benchmarks.mutants

audit: .venv/ready-dev ## Known vulnerabilities and licences of what the lock pins; not green where it cannot be known
	@$(BIN)/python -m benchmarks.supply audit

bill: .venv/ready-dev ## The bill of materials of a release (CycloneDX), from the lock: dist/bill.cdx.json
	@$(BIN)/python -m benchmarks.supply bill

dev: .venv/ready ## The Dagster UI on 127.0.0.1:3000, with the schedule; runs can be started in it
	@$(BIN)/csp prepare
	@$(BIN)/csp pages --write --daemon --port 3000

lint: .venv/ready-dev ## Formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/sqlfmt --check --quiet dbt_project orchestration/disclosure orchestration/edition orchestration/figures
	$(BIN)/yamllint --strict .github .pre-commit-config.yaml deploy expectations seeds dbt_project workspace.yaml
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

lock: ## Pin every dependency anew, with hashes and without addresses (needs uv)
	uv pip compile pyproject.toml --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-dev.lock

clean: ## Remove the environment and build products, never the data under CSP_HOME
	rm -rf .venv build dist *.egg-info
