.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

# With REQUIRE_ALL=1 a test fails where it would be skipped for a program that is not there.
export REQUIRE_ALL

.PHONY: help install run test check crash fault-matrix format lock reconcile-load count bench \
  bench-check check-peers openapi pages service

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/installed ## Set up .venv from the locks

run: install ## Serve staging on http://127.0.0.1:PORT (8000), with no account
	$(BIN)/wearable-link serve --staging --port $(or $(PORT),8000)

test: install ## Run every test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

crash: install ## Kill the service CYCLES times under load, and see that no 201 was lost
	@$(BIN)/python -m tests.crash --cycles $(or $(CYCLES),1000) --first $(or $(FIRST),0) \
	  --clients $(or $(CLIENTS),12) $(if $(SEED),--seed $(SEED)) \
	  $(if $(DATABASE_URL),--database-url '$(DATABASE_URL)')

reconcile-load: install ## Reconcile ROWS connections against the simulator, stopped in between
	@$(BIN)/python -m bench.reconcile --rows $(or $(ROWS),100000) --rate $(or $(RATE),500)

count: install ## Count an exchange's instructions and system calls (needs valgrind and strace)
	@$(BIN)/python -m bench.counting --exchanges $(or $(EXCHANGES),1000)

check: install ## All that must hold: format, lint, types, layers, tests, coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test
	$(BIN)/coverage report --include='domain/*,ports/*' --fail-under=100

fault-matrix: install ## Play every upstream fault at every step; write docs/fault-matrix.md
	FAULT_MATRIX=write $(BIN)/pytest -q tests/faults/test_fault_matrix.py

pages: install ## Write the tables of the documents that are made from the code
	PAGES=write $(BIN)/pytest -q tests/documents/test_tables.py

openapi: install ## Write the API document's copy, docs/openapi.json
	$(BIN)/wearable-link openapi > docs/openapi.json

format: install ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install ## Compile the locks anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements/runtime.txt
	$(BIN)/uv pip compile --group pyproject.toml:docs -c requirements/runtime.txt $(LOCK) \
	  -o requirements/docs.txt
	$(BIN)/python -c '$(OTEL)' | $(BIN)/uv pip compile - -c requirements/runtime.txt $(LOCK) \
	  -o requirements/otel.txt
	$(BIN)/uv pip compile --group pyproject.toml:build $(LOCK) -o requirements/build.txt
	$(BIN)/uv pip compile --group pyproject.toml:dev -c requirements/runtime.txt \
	  -c requirements/docs.txt -c requirements/otel.txt -c requirements/build.txt $(LOCK) \
	  -o requirements/development.txt
	$(BIN)/uv pip compile --group pyproject.toml:bench-peers -c requirements/runtime.txt $(LOCK) \
	  -o requirements/bench-peers.txt
	$(BIN)/uv pip compile --group pyproject.toml:bench -c requirements/runtime.txt $(LOCK) \
	  -o requirements/bench.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header

# uv compiles an extra together with all that it is an extra to.
OTEL := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"] \
  ["optional-dependencies"]["otel"], sep="\n")

# Only what is locked, by hash; then the project itself, without resolving anything: the locks are
# whole, and pip 23 asks for hashes of a newer release where a package is wanted with an extra.
.venv/installed: requirements/runtime.txt requirements/docs.txt requirements/otel.txt \
  requirements/development.txt pyproject.toml
	@echo "Installing into .venv: a minute or two"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  -r requirements/runtime.txt -r requirements/docs.txt -r requirements/otel.txt \
	  -r requirements/development.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/pip check
	touch $@

# What measures, what is measured and what it is compared with: an environment each.
PEERS := .venv-bench/peers
SERVICE := .venv-bench/service
TOOLS := .venv-bench/tools

bench: $(TOOLS)/installed $(PEERS)/installed service ## Measure WHAT (all), in ROUNDS; write docs/performance.md
	@$(TOOLS)/bin/python -m bench $(WHAT) --rounds $(or $(ROUNDS),5)

bench-check: $(TOOLS)/installed $(PEERS)/installed service ## See that nothing got slower against the peers
	@$(TOOLS)/bin/python -m bench.check

check-peers: $(PEERS)/installed ## See that what we are compared with does the same work
	@$(PEERS)/bin/python -m bench.peers.check $(if $(POSTGRESQL),--postgresql '$(POSTGRESQL)')

# The service as it is installed: a wheel, and its run-time packages only.
service: install $(SERVICE)/installed
	@rm -rf .venv-bench/wheels
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  -w .venv-bench/wheels .
	@$(SERVICE)/bin/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall \
	  .venv-bench/wheels/*.whl

$(SERVICE)/installed: requirements/runtime.txt
$(PEERS)/installed: requirements/bench-peers.txt
$(TOOLS)/installed: requirements/runtime.txt requirements/bench.txt
.venv-bench/%/installed:
	$(PYTHON) -m venv .venv-bench/$*
	.venv-bench/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  $(addprefix -r ,$^)
	.venv-bench/$*/bin/pip check
	touch $@
