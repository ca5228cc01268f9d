PYTHON ?= python3
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
SQUAD ?= ../shared/data/squad/dev-v1.1.json
# An index for PyTorch alone, such as that of its CPU builds; empty: pip's own.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt
# pip compiles on one core what may never be imported. These are compiled by whoever first imports them.
LARGE := /(torch|transformers|sympy|playwright|tests?)/
COMPILE := $(BIN)/python -m compileall -q -j 0 -x '$(LARGE)' $(VENV)/lib >/dev/null 2>&1 || true
PYTEST := $(BIN)/python -m pytest -n 2
# Many tests start processes of their own; without compiled files each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

# Tools that look at the product's packages, in an environment of their own.
TOOLS := .tools
SUPPLY := $(BIN)/python -m tests.support.supply_chain
SEED ?= 0
# The fault classes A to G of docs/results/reliability.md, as tests that provoke each.
FAULTS := tests/embeddings/test_atomic_write.py tests/embeddings/test_memory_limit.py tests/embeddings/test_cache.py \
	tests/qa/library tests/qa/sources tests/ui/page/test_page_hostile.py tests/ui/page/test_page_forged.py \
	tests/ui/page/test_page_guard.py tests/ui/page/test_page_busy.py tests/ui/page/test_page_login.py

.PHONY: run test test-all test-rest test-failed test-slow test-browser check bench quality faults faults-long mutants \
	hashes licences sbom audit format clean help

run: $(VENV)/installed ## set up, load the seed articles, and serve the page: open the address that it prints (PORT=…)
	$(BIN)/pullquote serve seeds/ --library .library --port $(PORT)

test: $(VENV)/installed-dev ## set up and run the quick tests
	$(PYTEST) -m "smoke or not (slow or browser)"

test-all: $(VENV)/installed-dev ## run every test; those in a browser need Chromium and are skipped without it
	$(PYTEST)

test-rest: $(VENV)/installed-dev ## run what `make test` leaves out: the slow tests and those in a browser
	$(PYTEST) -m "(slow or browser) and not smoke"

test-failed: $(VENV)/installed-dev ## run once more, one by one, the tests that failed last
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

test-slow: $(VENV)/installed-dev ## run the slow tests that need no browser
	$(PYTEST) -m "slow and not browser"

test-browser: $(VENV)/installed-dev ## run the tests in a browser that `make test` leaves out
	$(PYTEST) -m "browser and not smoke"

check: $(VENV)/installed-dev ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-bench ## measure speed and memory beside other tools; half an hour or more and 20 GB (BENCH="--sizes 2000" for minutes)
	$(BIN)/python -m benchmarks.speed $(BENCH)

quality: $(VENV)/installed-dev ## measure answers on SQuAD (SQUAD=file; not part of the project) and survival of 100 kills
	$(BIN)/pullquote eval seeds/questions.jsonl
	$(BIN)/python -m benchmarks.answers --squad $(SQUAD)
	$(BIN)/python -m benchmarks.crash --kills 100 --seed 0

faults: $(VENV)/installed-dev ## provoke every class of fault: crashes, damage, neighbours, documents, the web
	$(PYTEST) $(FAULTS)

faults-long: $(VENV)/installed-dev ## hours of kills, power cuts, failing calls and damage (SEED=…); needs strace
	$(BIN)/python -m benchmarks.faults.kills --kills 1000 --seed $(SEED)
	$(BIN)/python -m benchmarks.faults.power_cuts --torn 3 --seed $(SEED)
	$(BIN)/python -m benchmarks.faults.failing_calls --seed $(SEED)
	$(BIN)/python -m benchmarks.damages --n 300 --seed $(SEED)
	$(BIN)/python -m benchmarks.faults.neighbours --seconds 600 --seed $(SEED)
	$(BIN)/python -m benchmarks.faults.endurance

mutants: $(VENV)/installed-dev ## break one safeguard at a time; the tests must notice
	$(BIN)/python -m benchmarks.mutants

hashes: $(VENV)/installed-dev ## write hashes.txt: the SHA-256 of each package as pip takes it on this machine
	$(PIP) --dry-run --ignore-installed --report $(VENV)/report.json '.[dev]'
	$(SUPPLY) hashes <$(VENV)/report.json >hashes.txt

licences: $(VENV)/installed-dev $(TOOLS)/installed ## check that the product may use every package
	$(TOOLS)/bin/pip-licenses --python $(BIN)/python --format json >$(TOOLS)/licences.json
	$(SUPPLY) licences <$(TOOLS)/licences.json

sbom: $(VENV)/installed $(TOOLS)/installed ## write sbom.json, what the product is made of (CycloneDX)
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o sbom.json $(BIN)/python

audit: $(VENV)/installed-dev $(TOOLS)/installed ## look for known faults in the packages; fails if it could not look
	@rm -f $(TOOLS)/audit.json
	-$(TOOLS)/bin/pip-audit --requirement constraints.txt --disable-pip --no-deps --format json --output $(TOOLS)/audit.json
	@touch $(TOOLS)/audit.json
	$(SUPPLY) audit <$(TOOLS)/audit.json

format: $(VENV)/installed-dev ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## delete everything that was made here, the seeds' library too
	rm -rf $(VENV) $(TOOLS) .library .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/torch: $(VENV)/bin/python constraints.txt
	$(if $(TORCH_INDEX),$(PIP) --index-url $(TORCH_INDEX) torch)
	@touch $@

$(VENV)/installed: $(VENV)/torch pyproject.toml
	$(PIP) --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/installed-dev: $(VENV)/torch pyproject.toml
	$(PIP) --editable '.[dev]'
	@$(COMPILE)
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: $(VENV)/installed
	$(PIP) --editable '.[bench]'
	@touch $@

$(TOOLS)/installed:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet cyclonedx-bom==7.5.0 pip-audit==2.10.1 pip-licenses==5.5.5
	@touch $@
