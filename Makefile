# Needs make and Python 3.10 or newer; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Written last, so that an interrupted set-up is taken up again.
STAMP := $(VENV)/.set-up

# Threads of torch that wait for one another sleep: spinning, as is their default, makes a training
# several times slower as soon as anything else wants a core.
export OMP_WAIT_POLICY ?= passive

.DEFAULT_GOAL := help
.PHONY: help setup test test-slow lint tables demo clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv with everything in it (PYTHON=python3.11 picks the Python)

demo: $(STAMP)  ## teach three actions and recognise them in a stream (ARGS="--seed 1")
	@if $(BIN)/python -c 'import cyclonedds, rosbags' 2>/dev/null; then live=--live; \
	  echo "Node, people and client in processes of their own, over DDS" >&2; \
	else echo "All in one process: cyclonedds is not installed" >&2; fi; \
	$(BIN)/python -m skeleton_dml_ros.cli demo $$live $(ARGS)

test: lint  ## check style, types and layers, and run the tests
	$(BIN)/python -m pytest $(ARGS)

test-slow: $(STAMP)  ## run the tests that take minutes
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: $(STAMP)  ## check style, types and layers
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

tables: $(STAMP)  ## write config/recognition.yaml and the tables in docs/ from the code
	$(BIN)/python docs/tables.py

clean:  ## remove .venv and everything that was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find skeleton_dml_ros test -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): setup.py pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not installed; install Python 3.10 or newer, or name one: make PYTHON=..." >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("$(PYTHON) is Python %d.%d; 3.10 or newer is needed: make PYTHON=python3.11" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: sudo apt install python3-venv" >&2; \
	  exit 1; }
	@echo "Making $(VENV): a minute or two, longer where torch has to be downloaded"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -c constraints.txt pip setuptools
	@$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[test]'
	@touch $@
