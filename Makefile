# Everything a developer or a CI machine does. `make` alone lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
COMPILED := $(VENV)/.compiled
HOT_MODULES := $(addprefix src/,$(shell grep -v '^\#' compiled.txt))
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup compiled demo test check format serve bench bench-all bench-growth bench-stages bench-in-process \
        bench-clients docs docs-serve screenshots sbom torture fuzz soak clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1	/' | expand -t 26

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Pannier needs Python 3.11 or newer as '$(PYTHON)'; name another: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "This Python can't make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) ..."
	@PANNIER_PURE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Where there is no C compiler the modules stay as they are, and setup.py says so.
$(COMPILED): $(READY) setup.py compiled.txt $(HOT_MODULES)
	@echo "Compiling the hot modules ..."
	@find src -name '*.so' -delete  # of modules, too, that are not compiled any more
	@$(BIN)/python setup.py --quiet build_ext --inplace >$(VENV)/compiled.log 2>&1 || { cat $(VENV)/compiled.log; exit 1; }
	@grep 'stay pure Python' $(VENV)/compiled.log || true
	@find src -name '*.so' -exec touch {} +  # those that came out the same are of now, too
	@touch $@

compiled: $(COMPILED) ## Compile the modules on the hot path again, after a change to one of them

setup: $(COMPILED) ## Make the virtual environment and install everything into it

demo: $(COMPILED) ## Run the main job on the embedded engine: batch writes, reads, a report
	@$(BIN)/python examples/demo.py

test: $(COMPILED) ## Run all the tests
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

check: $(READY) ## Check format, lint, types, import contracts, licences and known vulnerabilities
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@$(BIN)/python -m supply

format: $(READY) ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

serve: $(COMPILED) ## Serve the embedded engine on port 8000
	@$(BIN)/pannier serve

bench: $(COMPILED) ## Measure against other engines, quick form; all: make bench ARGS="--peers all"
	@$(BIN)/python -m benchmarks --quick $(ARGS)

bench-all: $(COMPILED) ## Measure against all other engines: all work, 1, 8 and 32 connections; about an hour
	@$(BIN)/python -m benchmarks --peers all --connections 1,8,32 $(ARGS)

bench-growth: $(COMPILED) ## Measure as the table grows to ten million items; about 10 minutes
	@$(BIN)/python -m benchmarks.growth $(ARGS)

bench-stages: $(COMPILED) ## Measure a request by stage; beside another checkout: ARGS="--against PATH"
	@$(BIN)/python -m benchmarks.stages $(ARGS)

bench-in-process: $(COMPILED) ## Measure the library without a server, and `pannier write` as a command
	@$(BIN)/python -m benchmarks.in_process
	@$(BIN)/python -m benchmarks.command

bench-clients: $(COMPILED) ## Compare whole clients against a server that does nothing: boto3, aiodynamo, Pannier
	@$(BIN)/python -m benchmarks.clients $(ARGS)

docs: $(READY) ## Build the documentation site into site/; a link that leads nowhere fails
	@$(BIN)/python -m docs_pages build/docs
	@cd build/docs && $(abspath $(BIN))/python -m zensical build --strict
	@rm -rf site && cp -R build/docs/site site
	@echo "It is in site/; make docs-serve shows it."

docs-serve: docs ## Show the documentation site at http://127.0.0.1:8001; make docs brings it up to date
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory site 8001

torture: $(COMPILED) ## Kill servers and jobs, cut the power, damage files, and check everything; about half an hour
	@$(BIN)/python -m tests.crash --server-kills 200 --job-kills 100 --power-cuts 500 $(ARGS)
	@$(BIN)/python -m tests.storage.damage --rounds 500

fuzz: $(COMPILED) ## Send a million spoilt requests to a server, and watch it; about 10 minutes
	@$(BIN)/python -m tests.fuzz --requests 1000000 $(ARGS)

soak: $(COMPILED) ## Hold a server under a mixed load for an hour: memory, files, disk, latencies, every item
	@$(BIN)/python -m benchmarks.soak --minutes 60 $(ARGS)

screenshots: $(COMPILED) ## Take the pictures in the documents again; needs Debian's chromium
	@$(BIN)/python -m tests.screenshots

sbom: $(READY) ## Write the bill of materials, CycloneDX, of what users install: build/sbom.cdx.json
	@rm -rf build/sbom && $(PYTHON) -m venv --without-pip build/sbom
	@PANNIER_PURE=1 $(BIN)/python -m pip --python build/sbom/bin/python install --quiet \
	  --disable-pip-version-check --constraint constraints.txt '.[all]'
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --validate \
	  --output-file build/sbom.cdx.json build/sbom/bin/python
	@rm -rf build/sbom
	@echo "It is in build/sbom.cdx.json."

clean: ## Remove what was installed and built here; databases stay
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist site src/*.egg-info
	find src -name '*.so' -delete
