# Latentscape: `make help` lists what can be made.
PYTHON ?= python3.11
VENV ?= .venv
ADDRESS ?= localhost
PORT ?= 8501
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check lint format types bench soak starters clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 14

run: $(VENV)/.runtime ## install what is missing, start the app and print its address
	$(BIN)/streamlit run app/streamlit_app.py --server.address $(ADDRESS) --server.port $(PORT)

# The browser's tests go alone: they watch frames under a moving hand, which others would slow down.
test: check $(VENV)/.system $(VENV)/.firefox ## everything that must hold: lint, types, all tests with the browser ones
	$(BIN)/python -m pytest -m "not browser" -n 2 --dist loadfile
	$(BIN)/python -m pytest -m browser

check: lint types ## the quick part of `make test`

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.development
	$(BIN)/mypy

format: $(VENV)/.development ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(VENV)/.system $(VENV)/.development ## the long runs: kills, malformed files, random sizes
	$(BIN)/python -m pytest -m soak --timeout 3600

bench: $(VENV)/.system $(VENV)/.development ## the tables of benchmarks/
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/first_map.py
	$(BIN)/python benchmarks/explorer.py
	$(BIN)/python benchmarks/palette.py
	$(BIN)/python benchmarks/decoders.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/export.py

starters: $(VENV)/.runtime ## train the starter runs in assets/ anew (Fashion-MNIST must be on this machine)
	$(BIN)/python scripts/make_starters.py

clean: ## remove the environment
	rm -rf $(VENV)

# torch first: a version of its own choosing would bring gigabytes of packages for graphics cards.
$(VENV)/.runtime: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

# What drives Firefox in its smoke test, which is skipped where it cannot be had.
$(VENV)/.firefox: $(VENV)/.system
	mkdir -p $(VENV)/firefox
	npm install --prefix $(VENV)/firefox --no-audit --no-fund --no-package-lock --silent puppeteer-core@24.43.1 || \
	    echo "Could not install puppeteer-core; the test in Firefox will be skipped." >&2
	touch $@

# Chromium and Node for the browser part; where they cannot be had those tests skip and say so.
$(VENV)/.system: scripts/system_packages.sh $(VENV)/.runtime
	sh scripts/system_packages.sh
	touch $@
