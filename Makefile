# `make book` builds the book, `make check` and `make test` check it. Each makes .venv itself, from python3 (3.11 or newer).

PYTHON ?= python3
VENV := .venv
COMMA := ,
BIN := $(VENV)/bin
PROFILE ?=
LOCK ?= requirements.lock
WORKERS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# uv looks for wheels in the folders where pip does.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif

.PHONY: help book check test lint lock bundles clean

help:
	@echo "make book                  execute the chapters that changed and build _build/html/index.html"
	@echo "make book PROFILE=smoke    the same in another size: smoke, quick, full or paper"
	@echo "make book LOCK=            the same with the newest versions of all packages that pyproject.toml allows"
	@echo "make check                 format, lint, imports, types and the fast tests: a few minutes"
	@echo "make test                  format, lint, imports, types and all tests, with their coverage: a quarter of an hour or more"
	@echo "make lint                  format, lint, imports and types only"
	@echo "make lock                  write requirements.lock anew from pyproject.toml; UPGRADE=1 takes newer versions"
	@echo "make bundles               bundle the widgets' scripts for notebooks anew, after one of them changed"
	@echo "make clean                 remove what was built (add .venv and .faceinv by hand to begin from nothing)"

book: $(VENV)/book.stamp
	$(BIN)/faceinv book $(if $(PROFILE),--profile $(PROFILE))

check: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m "not slow"

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --cov --cov-report=xml --cov-report=term

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

lock: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--extra book --extra test --no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
		pyproject.toml --output-file requirements.lock

bundles: $(VENV)/book.stamp
	$(BIN)/python scripts/bundle_widgets.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "faceinv needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# uv installs in a third of pip's time; where it cannot be had, or knows no index that pip is told of, pip does.
# Bytecode is compiled once, as pip does: each of the many processes that follow starts seconds sooner.
# The lock says which version of a package is taken, not which packages: one that a machine does not need costs nothing.
LOCKED := $(if $(LOCK),--constraint $(LOCK))
define install
$(BIN)/python -m pip install --quiet uv \
	&& $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(LOCKED) --editable '$(1)' \
	|| $(BIN)/python -m pip install --quiet $(LOCKED) --editable '$(1)'
endef

# The tests' requirements hold the book's, so that either command may come first.
$(VENV)/book.stamp: pyproject.toml $(LOCK) | $(VENV)/bin/python
	$(call install,.[book])
	@touch $@

$(VENV)/test.stamp: pyproject.toml $(LOCK) | $(VENV)/bin/python
	$(call install,.[book$(COMMA)test])
	@touch $@ $(VENV)/book.stamp

clean:
	rm -rf _build book/chapters runs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage coverage.xml
