# `make book` builds the book, `make check` and `make test` test it. Each creates .venv first, from python3 (3.11 or newer).

PYTHON ?= python3
VENV := .venv
COMMA := ,
BIN := $(VENV)/bin
PROFILE ?=
LOCK ?= requirements.lock
HASHED := requirements.hashed.lock
HASHES ?=
RESOLUTION ?= highest
WORKERS ?= 3

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Bytecode is written by the first process that needs it. Where it may not be, each of the many processes would
# compile PyTorch anew; to compile all packages on installation takes as long as to install them.
unexport PYTHONDONTWRITEBYTECODE

# Let uv look for wheels in the same folders as pip.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif

.PHONY: help book check test coverage mutants faults style lint lock audit bundles clean

help:
	@echo "make book                  execute the chapters that changed and build _build/html/index.html"
	@echo "make book PROFILE=smoke    the same with another profile: smoke, quick, full or paper"
	@echo "make book LOCK=            the same with the newest versions of all packages that pyproject.toml allows"
	@echo "make book HASHES=1         the same, and install only packages whose SHA-256 is in $(HASHED)"
	@echo "make check                 check format, lint, imports and types, run the fast tests: a few minutes"
	@echo "make test                  check the same, and run all tests: eleven to forty minutes"
	@echo "make coverage              the same, and report the lines that no test runs: half as long again"
	@echo "make test LOCK= RESOLUTION=lowest-direct  the same with the lowest versions that pyproject.toml allows"
	@echo "make mutants               change the code of masks, tolerance, statistics and rules in small ways: do tests notice?"
	@echo "make mutants ONLY='*[147]' the same with three mutants in ten, by the last digit of their numbers"
	@echo "make faults                inject faults, many of each kind, and write the table of the page What was tried: an hour"
	@echo "make lint                  check format, lint, imports and types only"
	@echo "make lock                  update requirements.lock from pyproject.toml; UPGRADE=1 takes newer versions"
	@echo "make audit                 look up known vulnerabilities of all locked packages, of Python and npm"
	@echo "make bundles               bundle the widgets' scripts for notebooks again, after a change of one of them"
	@echo "make clean                 remove everything that was built, except .venv and the cache .faceinv"

book: $(VENV)/book.stamp
	$(BIN)/faceinv book $(if $(PROFILE),--profile $(PROFILE))

check: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m "not slow"

# Types are checked by one of the tests, side by side with others: mypy takes half a minute of one core.
test coverage: style
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --durations=60 --durations-min=2$(if $(filter coverage,$@), --cov --cov-report=xml --cov-report=term)

mutants: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet $(LOCKED) 'mutmut==3.8.1'
	OMP_NUM_THREADS=1 $(BIN)/python -m mutmut run $(if $(ONLY),'$(ONLY)') $(if $(CI),> $(VENV)/mutants.log || { tail -c 2000 $(VENV)/mutants.log; exit 1; })
	$(BIN)/python scripts/mutation_score.py

faults: $(VENV)/test.stamp
	FACEINV_FAULTS=20 FACEINV_TRIED=$(CURDIR)/book/results/faults/tried.csv $(BIN)/python -m pytest tests/faults/test_injected_faults.py

style: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

lint: style
	$(BIN)/mypy

COMPILE := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--extra book --extra test --no-annotate --custom-compile-command "make lock" pyproject.toml

lock: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --generate-hashes --output-file $(HASHED)

audit: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip_audit --requirement $(HASHED) --require-hashes --disable-pip
	npm --prefix book/web audit --audit-level=high

bundles: $(VENV)/book.stamp
	$(BIN)/python scripts/bundle_widgets.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "faceinv needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# uv takes a third of pip's time; pip is the fallback where uv is not available or does not know pip's index.
# The lock file constrains versions only: it does not install packages that a machine does not need. With HASHES=1,
# nothing is installed but what the hashed lock lists, and this only if its SHA-256 is listed too.
LOCKED := $(if $(LOCK),--constraint $(LOCK))
ifdef HASHES
define install
$(BIN)/python -m pip install --quiet uv
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $(HASHED)
$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
endef
else
define install
$(BIN)/python -m pip install --quiet uv \
	&& $(BIN)/uv pip install --quiet --python $(BIN)/python --resolution $(RESOLUTION) $(LOCKED) --editable '$(1)' \
	|| { [ $(RESOLUTION) = highest ] && $(BIN)/python -m pip install --quiet $(LOCKED) --editable '$(1)'; }
endef
endif

# The requirements of the tests include those of the book, so that either command can come first.
$(VENV)/book.stamp: pyproject.toml $(LOCK) | $(VENV)/bin/python
	$(call install,.[book])
	@touch $@

$(VENV)/test.stamp: pyproject.toml $(LOCK) | $(VENV)/bin/python
	$(call install,.[book$(COMMA)test])
	@touch $@ $(VENV)/book.stamp

clean:
	rm -rf _build book/chapters runs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage coverage.xml mutants
