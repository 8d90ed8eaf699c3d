# `make run` and `make test` do all the set-up themselves: they find a Python from 3.10 to 3.13, make the virtual
# environment .venv, install the pinned requirements and the package, then do the job. The set-up is stamped, so
# that a second call starts at once. Give another Python with PYTHON=..., another environment with VENV=...
# `make test-addons` does the same with Python 3.10 or 3.11 and .venv-addons: ADDONS_PYTHON=..., ADDONS_VENV=...
# `make test-backends` does it with Python 3.11 and .venv-backends: BACKENDS_PYTHON=..., BACKENDS_VENV=...

VENV ?= .venv
PYTHON ?=
RUN_ARGS ?= --preset quick
PAPER_ARGS ?=
PYTEST_ARGS ?=
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
MINUTES ?= 5
SOAK_ARGS ?=
MUTANTS_ARGS ?=
ADDONS_VENV ?= .venv-addons
ADDONS_PYTHON ?=
BACKENDS_VENV ?= .venv-backends
BACKENDS_PYTHON ?= python3.11
TRITON_VENV ?= .venv-triton
TRITON_PYTHON ?= python3.11

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.10)
IN_RANGE := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))

ADDONS_CANDIDATES := $(or $(ADDONS_PYTHON),python3.11 python3.10 python3)
ADDONS_RANGE := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 12))
# What touches TensorFlow or Keras; the rest is NumPy alone, or about tools that the second stack leaves out.
ADDONS_TESTS := tests/models tests/training tests/evaluation tests/serving tests/test_addons.py tests/test_compat.py tests/test_verifier.py \
    tests/studies/addons tests/reproduce/paper/test_optimizer_choice.py tests/reproduce/paper/test_paper_network.py \
    tests/losses/test_addons_losses.py tests/recipes/test_methods.py

# The losses are tested in the same way on each backend.
BACKENDS_TESTS := tests/backends tests/losses

.PHONY: help run reproduce test test-fast test-addons test-backends soak mutants coverage lint format types docs clean

help:
	@echo "make run        train and score the quick example (RUN_ARGS='--preset cpu' for another run)"
	@echo "make reproduce  the paper's tables (PAPER_ARGS='--dry-run' shows plan and cost first)"
	@echo "make test       every test; those on real data need KERAS_SIAMESE_DATA=folder"
	@echo "make test-fast  the tests that take under a minute and need no data"
	@echo "make test-addons the tests beside tensorflow-addons, in a second environment (docs/stacks.md)"
	@echo "make test-backends the tests that need no TensorFlow, on JAX and on PyTorch (docs/stacks.md)"
	@echo "make soak       kills, damaged files and wrong requests for MINUTES=5, from new seeds (docs/reliability.md)"
	@echo "make mutants    changes the code in many places, each of which a test must notice (MUTANTS_ARGS=splits for some)"
	@echo "make coverage   every test, and fail below the share of lines set in pyproject.toml"
	@echo "make lint       ruff check and ruff format --check; make format repairs"
	@echo "make types      mypy"
	@echo "make docs       the documentation, strictly, to build/site"
	@echo "make clean      remove .venv, caches and build output"

run: $(VENV)/.package
	$(BIN)/python reproduce/run_paper.py $(RUN_ARGS)

reproduce: $(VENV)/.dev
	$(BIN)/python reproduce/run_paper.py $(PAPER_ARGS)

# A process per core; each takes whole files, those with slow tests first, so that fixtures of a file are made once.
# `-n 0` stays in one process.
test: $(VENV)/.dev
	$(BIN)/python -m pytest --runslow $(PARALLEL) $(PYTEST_ARGS)

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest --fast $(PARALLEL) $(PYTEST_ARGS)

test-addons: $(ADDONS_VENV)/.package
	$(ADDONS_VENV)/bin/python -m pytest $(ADDONS_TESTS) $(PYTEST_ARGS)

test-backends: $(BACKENDS_VENV)/.package
	KERAS_BACKEND=jax $(BACKENDS_VENV)/bin/python -m pytest $(BACKENDS_TESTS) $(PYTEST_ARGS)
	KERAS_BACKEND=torch $(BACKENDS_VENV)/bin/python -m pytest $(BACKENDS_TESTS) $(PYTEST_ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m tests.attacks.soak --minutes $(MINUTES) $(SOAK_ARGS)

mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants.run $(MUTANTS_ARGS)

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest --runslow --cov $(PARALLEL) $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev
	$(BIN)/mypy

# The variable silences a notice of the theme's makers about their next product.
docs: $(VENV)/.dev
	$(BIN)/python -m website --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	$(BIN)/python website/links.py build/site

clean:
	rm -rf .venv .venv-addons .venv-backends .venv-triton build dist keras_siamese.egg-info .coverage htmlcov .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find keras_siamese reproduce studies benchmarks examples website tests -name __pycache__ -prune -exec rm -rf {} +

# A stamp is written last, so that an interrupted step is done again.
$(VENV)/.created:
	@for python in $(CANDIDATES); do \
	    if $$python -c '$(IN_RANGE)' 2>/dev/null && $$python -m venv --clear $(VENV); then \
	        touch $@; exit 0; \
	    fi; \
	done; \
	echo "make: found no Python 3.10 to 3.13 that can make a virtual environment (tried: $(CANDIDATES))." >&2; \
	echo "make: name one with PYTHON=/path/to/python3; on Debian: apt-get install python3 python3-venv" >&2; \
	exit 1

$(VENV)/.requirements: $(VENV)/.created requirements.txt
	@echo "Installing the pinned requirements into $(VENV): the first time takes a few minutes."
	@$(PIP) install --requirement requirements.txt
	@touch $@

# No build isolation: the pinned setuptools builds it, and nothing is fetched a second time.
$(VENV)/.package: $(VENV)/.requirements setup.py pyproject.toml keras_siamese/__init__.py
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(ADDONS_VENV)/.created:
	@for python in $(ADDONS_CANDIDATES); do \
	    if $$python -c '$(ADDONS_RANGE)' 2>/dev/null && $$python -m venv --clear $(ADDONS_VENV); then \
	        touch $@; exit 0; \
	    fi; \
	done; \
	echo "make: found no Python 3.10 or 3.11, and tensorflow-addons works with none newer (tried: $(ADDONS_CANDIDATES))." >&2; \
	echo "make: name one with ADDONS_PYTHON=/path/to/python3.11; everything else runs without it" >&2; \
	exit 1

$(ADDONS_VENV)/.package: $(ADDONS_VENV)/.created requirements-addons.txt setup.py pyproject.toml
	@echo "Installing the pinned requirements of the second stack into $(ADDONS_VENV)."
	@$(ADDONS_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --requirement requirements-addons.txt
	@$(ADDONS_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

# TensorFlow is a requirement of the package, and left out here: nothing that these tests use may need it.
$(BACKENDS_VENV)/.package: requirements-backends.txt setup.py pyproject.toml
	@echo "Installing JAX and PyTorch into $(BACKENDS_VENV)."
	@$(BACKENDS_PYTHON) -m venv --clear $(BACKENDS_VENV)
	@$(BACKENDS_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --requirement requirements-backends.txt
	@$(BACKENDS_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

# The model server of docs/serving.md, for the test that KERAS_SIAMESE_TRITON=$(TRITON_VENV)/bin/python lets run.
$(TRITON_VENV)/.package: requirements-triton.txt
	@echo "Installing the model server into $(TRITON_VENV)."
	@$(TRITON_PYTHON) -m venv --clear $(TRITON_VENV)
	@$(TRITON_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --requirement requirements-triton.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.package requirements-dev.txt requirements-docs.txt
	@echo "Installing the pinned test tools into $(VENV)."
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@
