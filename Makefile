# make demo   the main job on a small project, offline
# make test   every test
#             AUTOPACK_TESTS_START=process has each command of a test be a Python of its own, not the child of one that has imported all
# make crash  kills a run at every call that matters, at most an hour; the table goes to build/crash.md, what failed is kept beside it
# make sweeps what `make test` takes a sample of: a thousand trees that commands wreck, five million lines, streams of every shape,
#             a rollback killed at each of its calls; some 35 minutes
# make git-variables   the end-to-end tests in shells that set every documented GIT_ variable to something nasty
# make docs   the documentation as a site, in build/site; a broken link fails
# make recording   the picture of the quick start in the README, anew
# make check  the line a change must hold: format, lint, types, layers, dead code, dependencies, spelling, unit tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.autopack-ready
DOCS := $(VENV)/docs

# What is compiled is kept: workers share it, and a second start collects in half the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test sweeps git-variables crash docs recording check lint unit clean
.DEFAULT_GOAL := demo

demo: $(READY)
	$(BIN)/autopack demo

test: $(READY)
	$(BIN)/pytest -q -W error -n 4 --dist worksteal --hypothesis-profile ci

sweeps: $(READY)
	AUTOPACK_FUZZ_TREES=1000 AUTOPACK_SAME_LINES=5000000 READER_EXAMPLES=10000 CRASH_EVERY=1 $(BIN)/pytest -q -W error -n 2 --dist worksteal \
		tests/worktree/test_work_tree_fuzz.py tests/edits/test_bounds.py tests/llm/providers/test_readers.py tests/crash/test_rollback.py

git-variables: $(READY)
	AUTOPACK_TESTS_GIT=nasty $(BIN)/pytest -q -W error -n 4 --dist worksteal tests/end_to_end

crash: $(READY)
	$(BIN)/python -m tests.crash.sweep --table build/crash.md --keep build/crash-kept

docs: $(DOCS)/.ready
	NO_COLOR=1 $(DOCS)/bin/zensical build --config-file mkdocs.yml --clean --strict

recording: $(READY)
	$(BIN)/python -m tests.docs.recording

check: lint unit

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/vulture autopack tests --min-confidence 80
	$(BIN)/deptry .
	$(BIN)/codespell

unit: $(READY)
	$(BIN)/pytest -q -W error -n 4 --dist worksteal --hypothesis-profile ci --ignore tests/end_to_end --ignore tests/crash

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[server]' --group dev
	touch $@

$(DOCS)/.ready: pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(DOCS)/bin/python -m pip install --quiet --group docs
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
