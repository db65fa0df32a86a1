# Every target makes its own environment first, from requirements.lock; only python3 (3.11 or newer)
# and CA certificates are needed. Extra arguments go through ARGS: make test ARGS="-k lockout".

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# A file of tests at a time in each process. Tests that measure time take turns (marker `alone`).
PROCESSES ?= -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help environment demo test check fix bench soak faults lock build clean

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done

environment:  ## make or refresh .venv (every other target does this by itself)
	@$(PYTHON) tools/bootstrap.py

demo: environment  ## an alarm, and a telephone that rings here (ARGS=--script answers by itself)
	@$(BIN)/tocsin demo $(ARGS)

test: environment  ## run all tests but the long ones
	$(BIN)/python -m pytest $(PROCESSES) $(ARGS)

check: environment  ## what a change must pass: lint, format, types, layers, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(PROCESSES) $(ARGS)

fix: environment  ## repair what lint and format can repair; write the references anew
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tools/reference.py

bench: environment  ## measure the call path in ratios, and the way from an alarm to a person
	$(BIN)/python bench/runtime.py $(ARGS)
ifeq (,$(findstring --only,$(ARGS)))
	$(BIN)/python bench/notify.py $(filter --short,$(ARGS))
	$(BIN)/python bench/engine.py $(filter --short,$(ARGS))
	$(BIN)/python bench/emulator.py $(filter --short,$(ARGS))
	$(BIN)/python bench/people.py
endif

soak: environment  ## the long runs: frame fuzzing, leaks, attacks under load
	$(BIN)/python -m pytest -o faulthandler_timeout=0 -m soak -rs $(ARGS)

faults: environment  ## crashes, bad providers, full disks, wrong clocks, by the thousand
	$(BIN)/python -m pytest -o faulthandler_timeout=0 -m faults -rs tests/faults $(ARGS)

lock:  ## resolve pyproject.toml anew into requirements.lock (needs uv)
	@uv="$$(command -v uv || echo $(BIN)/uv)"; test -x "$$uv" || { \
		echo "make lock needs uv: $(BIN)/python -m pip install uv" >&2; exit 1; }; \
	"$$uv" pip compile pyproject.toml --group dev --generate-hashes --universal --no-config --quiet \
		--custom-compile-command "make lock" --output-file requirements.lock $(ARGS)

build: environment  ## build the wheel and the source distribution into dist/
	$(BIN)/hatchling build

clean:  ## remove the environment, caches and builds; a project's .tocsin/ data stays
	rm -rf .venv .venv.old dist build .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
