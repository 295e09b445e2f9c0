# What a machine needs: Python 3.11 or newer, a C++20 compiler and make. CMake and Ninja come with pip.
#
# Everything lives in .venv and build; `make clean` forgets both. The package is installed from the present sources:
# .venv/.sources holds their checksums, and whatever depends on it is done again when a file changes, comes or goes.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Bytecode is written when a module is first used: compiling all of SciPy and pandas beforehand takes longer than the demo.
INSTALL := $(PIP) install --no-compile
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for p in $(CANDIDATES); do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
PYTEST_ARGS ?= -n auto --dist worksteal
# How the core is built for its tests: dev, sanitize or release.
PRESET ?= dev
# A developer's editable package stays one when its tools are asked for.
TOOLS := $(if $(wildcard $(VENV)/.editable),dev,$(VENV)/.installed-dev)

SHELL := /bin/sh
unexport PYTHONPATH PYTHONHOME
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo test test-core test-python bench dev tools stub format clean FORCE
.DEFAULT_GOAL := help

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

demo: $(VENV)/.installed  ## Install the program and run the example study of the Netherlands
	netdesign run examples/netherlands

test: test-core test-python  ## Install the package and run all tests, C++ and Python

test-core: $(VENV)/.installed-test  ## Build and test the C++ core, without Python
	cmake --preset $(PRESET)
	cmake --build --preset $(PRESET)
	ctest --preset $(PRESET)

test-python: $(VENV)/.installed-test  ## Run the Python tests on the installed package
	pytest --benchmark-disable $(PYTEST_ARGS)

bench: $(VENV)/.installed-test  ## Time the program on small samples; benchmarks/README.md tells the rest
	pytest benchmarks/micro --benchmark-only
	python benchmarks/quality/run.py --samples --time 5
	python benchmarks/quality/scaling.py --sizes 1000 10000 --time 5

# Run this again after a change of C++.
dev: $(VENV)/.build-requires  ## Install an editable package with all tools of development
	rm -f $(VENV)/.installed*
	$(INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $(VENV)/.editable

tools: $(VENV)/.installed-dev  ## Install the package with the tools of development, not editable

# stubgen looks at the current folder first, where the tree's package has no compiled core: hence from another one.
stub: $(TOOLS)  ## Write netdesign/_native.pyi anew, the types of the compiled core
	cd $(VENV) && python -m nanobind.stubgen -q -m netdesign._native -o _native.pyi
	python -c "from importlib.metadata import version; print('# Written by nanobind', version('nanobind'), 'with make stub')" \
	    | cat - $(VENV)/_native.pyi > netdesign/_native.pyi

format: $(TOOLS)  ## Format the Python sources
	ruff check --fix-only --select I .
	ruff format .

clean:  ## Remove everything that was built, installed or cached here
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none of these is: $(CANDIDATES)." \
	    "Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.sources: $(VENV)/.made FORCE
	@find pyproject.toml CMakeLists.txt cpp netdesign geodata -type f ! -name '*.py[co]' ! -path 'cpp/tests/*' \
	    -exec cksum {} + | LC_ALL=C sort > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(VENV)/.build-requires: $(VENV)/.made pyproject.toml
	python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')" \
	    > $@.txt
	$(INSTALL) -r $@.txt cmake ninja
	@touch $@

# Without build isolation the core is compiled again only where it changed. .ci/run has the isolated build.
$(VENV)/.installed: $(VENV)/.sources $(VENV)/.build-requires
	@echo "Installing netdesign into $(VENV); the first time compiles the core and fetches its dependencies"
	$(INSTALL) --no-build-isolation .
	@rm -f $(VENV)/.editable
	@touch $@

# The package is there already; only what the extra asks for is added.
$(VENV)/.installed-%: $(VENV)/.installed
	$(INSTALL) 'netdesign[$*]'
	@touch $@
