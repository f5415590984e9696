# Every chore of the project. A machine needs Python >= 3.11, make and git; `make help` lists what there is.

PYTHON ?= python3
VENV := .venv
MINIAPP := miniapp
STATIC := src/ovqat/static
E2E := tests/e2e
SHELL := /bin/sh
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000
COMPILE := uv pip compile -q --universal --generate-hashes --no-header
NO_PACKAGES := The Python packages could not be installed: let this machine reach a Python package index, then run make again.
NO_NPM := The npm packages could not be installed: let this machine reach an npm registry, then run make again.

.PHONY: help run test lint check-miniapp unit e2e bench miniapp lock clean

help: ## list these chores
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

run: $(VENV)/.run ## set up what is missing, build the mini-app and serve it on PORT (3001)
	@$(MAKE) --no-print-directory miniapp || echo "The API serves without the mini-app, and / says so."
	@exec ovqat serve

test: lint check-miniapp unit ## set up what is missing and run everything that CI runs

lint: $(VENV)/.test ## style, types, import rules and dependencies of the Python code
	@ruff check . && ruff format --check .
	@basedpyright
	@lint-imports --no-logo 2>/dev/null || lint-imports
	@deptry src

check-miniapp: $(MINIAPP)/node_modules/.test $(STATIC)/.built ## style, types and tests of the mini-app
	@cd $(MINIAPP) && npm run --silent check && npm run --silent test

unit: $(VENV)/.test $(STATIC)/.built $(E2E)/node_modules/.installed ## all Python tests, browser tests too, with coverage
	@coverage erase
	@coverage run -m pytest -n 2 --dist worksteal
	@coverage run -m pytest -n 2 tests/e2e
	@coverage combine -q && coverage report

e2e: $(VENV)/.test $(STATIC)/.built $(E2E)/node_modules/.installed ## the browser tests alone
	@pytest tests/e2e

bench: $(VENV)/.test ## the speed of the hot calls against a bare function, memory and start-up
	@python -m bench $(BENCH)

miniapp: $(STATIC)/.built ## build the mini-app and the contract's pages
	@:

lock: $(VENV)/.test ## pin every dependency anew, with hashes
	@pip install -q --require-hashes -r requirements/lock.txt
	@$(COMPILE) pyproject.toml -o requirements/run.txt
	@$(COMPILE) --group build -o requirements/build.txt
	@$(COMPILE) pyproject.toml --group test -o requirements/test.txt
	@$(COMPILE) --group lock -o requirements/lock.txt
	@for folder in $(MINIAPP) $(E2E); do (cd $$folder && npm install --package-lock-only --ignore-scripts --silent) || exit 1; done
	@python tools/drop_funding.py $(MINIAPP)/package-lock.json $(E2E)/package-lock.json

clean: ## remove everything that was built or installed here; data/ stays
	@rm -rf $(VENV) $(STATIC) $(MINIAPP)/node_modules $(MINIAPP)/src/api/schema.d.ts $(E2E)/node_modules .coverage .coverage.*

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Install Python 3.11 or newer, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Install Python's venv module (on Debian: apt install python3-venv), then run make again."; exit 1; }

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/pip
	@echo "Installing what the server needs …"
	@pip install -q --require-hashes -r requirements/run.txt -r requirements/build.txt || { echo "$(NO_PACKAGES)"; exit 1; }
	@pip install -q --no-deps --no-build-isolation --no-index -e . || \
	  { echo "The project could not be installed into $(VENV): read the message above, then run make again."; exit 1; }
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Installing what the tests need …"
	@pip install -q --require-hashes -r requirements/test.txt || { echo "$(NO_PACKAGES)"; exit 1; }
	@touch $@

$(MINIAPP)/node_modules/.installed: $(MINIAPP)/package-lock.json $(VENV)/.run
	@echo "Installing what the mini-app is built with …"
	@cd $(MINIAPP) && $(NPM_CI) --omit=dev || { echo "$(NO_NPM)"; exit 1; }
	@touch $@

$(MINIAPP)/node_modules/.test: $(MINIAPP)/package-lock.json $(VENV)/.run
	@cd $(MINIAPP) && $(NPM_CI) || { echo "$(NO_NPM)"; exit 1; }
	@touch $@ $(MINIAPP)/node_modules/.installed

$(E2E)/node_modules/.installed: $(E2E)/package-lock.json $(VENV)/.run
	@echo "Installing the browser of the tests …"
	@cd $(E2E) && $(NPM_CI) || { echo "$(NO_NPM)"; exit 1; }
	@touch $@

MINIAPP_SOURCES := $(shell find $(MINIAPP) -name node_modules -prune -o -type f -not -name schema.d.ts -not -path '*/tests/*' -print)

$(STATIC)/.built: $(MINIAPP_SOURCES) openapi.yaml | $(MINIAPP)/node_modules/.installed
	@echo "Building the mini-app …"
	@cd $(MINIAPP) && npm run --silent build -- --logLevel warn || \
	  { echo "The mini-app could not be built: read the message above, then run make miniapp."; exit 1; }
	@touch $@
