# Two commands do everything on a fresh machine: `make demo` and `make test`. They install what they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint faults bench docs pictures clean help

help:
	@echo "make demo   show everything on a made-up discussion, at a local address"
	@echo "make test   run the whole test suite"
	@echo "make lint   check style and types"
	@echo "make pictures  draw the pictures in the docs again"
	@echo "make faults  500 scenarios of what may go wrong (half an hour); the seed is the day's date"
	@echo "make bench  measure, print and write benchmarks/results.json"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tagora needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing Tagora into $(VENV) (once) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	@echo "Installing Tagora and its test tools into $(VENV) (once) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/.installed-test
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[test,bench]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/tagora demo

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright

# The long run of what may go wrong; `make test` plays 50 scenarios of it. Another seed: make faults SEED=7
faults: $(VENV)/.installed-test
	@$(BIN)/python -m pytest tests/faults -n 2 --dist worksteal -q --scenarios 500 --seed $(or $(SEED),$(shell date +%Y%m%d))

bench: $(VENV)/.installed-bench
	@$(BIN)/python -m benchmarks

# The pictures in the docs, from the demo in a browser.
pictures: $(VENV)/.installed-test
	@TAGORA_PICTURES=1 $(BIN)/python -m pytest tests/browser/test_pictures.py -q

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
