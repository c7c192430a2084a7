# Two commands: `make book` and `make test`. Each makes .venv itself, from python3 (3.11 or newer).

PYTHON ?= python3
VENV := .venv
COMMA := ,
BIN := $(VENV)/bin
PROFILE ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: book test clean help

help:
	@echo "make book                  execute the chapters that changed and build _build/html/index.html"
	@echo "make book PROFILE=smoke    the same in another size: smoke, quick, full or paper"
	@echo "make test                  format, lint and type checks, then all tests"
	@echo "make clean                 remove what was built (add .venv and .faceinv by hand to begin from nothing)"

book: $(VENV)/book.stamp
	$(BIN)/faceinv book $(if $(PROFILE),--profile $(PROFILE))

test: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "faceinv needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# uv installs in a third of pip's time; where it cannot be had, or knows no index that pip is told of, pip does.
# Bytecode is compiled once, as pip does: each of the many processes that follow starts seconds sooner.
define install
$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '$(1)' \
	|| $(BIN)/python -m pip install --quiet --editable '$(1)'
endef

# The tests' requirements hold the book's, so that either command may come first.
$(VENV)/book.stamp: pyproject.toml | $(VENV)/bin/python
	$(call install,.[book])
	@touch $@

$(VENV)/test.stamp: pyproject.toml | $(VENV)/bin/python
	$(call install,.[book$(COMMA)test])
	@touch $@ $(VENV)/book.stamp

clean:
	rm -rf _build book/chapters runs .pytest_cache .mypy_cache .ruff_cache
