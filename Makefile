# Two commands: `make demo` and `make test`. Each creates what it needs (.venv) and may be repeated.
# Uses uv where it is installed, pip where not. Another interpreter: make test PYTHON=/path/to/python3.12

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
FEATURETOOLS := .venv-featuretools
EVENTS ?= 30000000

.DEFAULT_GOAL := help
.PHONY: help install demo test test-engines test-features lint docs bench-features featuretools bench-refresh bench-pages bench-explain clean

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

install: $(READY)  ## Create .venv with everything, exactly as locked

$(READY): requirements.lock pyproject.toml
	@bash install.sh "$(PYTHON)" "$(VENV)"
	@touch $(READY)

demo: $(READY)  ## A simulated company, the whole path, ten rows of the list
	@$(BIN)/holdfast demo

test: $(READY) lint  ## Everything that CI runs: ruff, mypy, import-linter, tests
	@echo "==> tests (two files at a time)"
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-engines: $(READY)  ## Postgres, Spark and DuckDB compared on five companies, each of which takes two and a half minutes
	@$(BIN)/python -m pytest tests/features/engines --companies 5

test-features: $(READY)  ## Every feature against edited futures and the second opinion, on 20 companies (half an hour)
	@$(BIN)/python -m pytest tests/features/test_edit_the_future.py tests/features/test_oracle.py --companies 20

lint: $(READY)
	@echo "==> ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "==> mypy --strict" && $(BIN)/mypy
	@echo "==> import-linter" && $(BIN)/lint-imports

docs: $(READY)  ## Write the generated pages again (docs/features.md, docs/commands.md)
	@$(BIN)/python -m pipelines.pages

bench-features: $(READY) featuretools  ## Features against a bare GROUP BY, pandas and Featuretools; EVENTS="3000000 30000000 100000000"
	@$(BIN)/python -m benchmarks.bench_features --events $(EVENTS)

featuretools: $(FEATURETOOLS)/.ready  ## An environment of its own for Featuretools, which bench-features is compared with

$(FEATURETOOLS)/.ready:  # where it cannot be had, the benchmark says so and goes on
	@test -x "$(FEATURETOOLS)/bin/python" || "$(PYTHON)" -m venv "$(FEATURETOOLS)"
	@"$(FEATURETOOLS)/bin/python" -m pip install --quiet "featuretools==1.31.0" "pandas<3" "setuptools<80" pyarrow \
		&& touch $@ || rm -rf "$(FEATURETOOLS)"

bench-refresh: $(READY)  ## What a new day costs beside a full reading; EVENTS=30000000
	@$(BIN)/python -m benchmarks.bench_refresh --events $(firstword $(EVENTS))

bench-pages: $(READY)  ## How long a browser takes to open the accounts page of 50,000 accounts
	@$(BIN)/python -m benchmarks.bench_pages

bench-explain: $(READY)  ## Rows explained a second, and how many times that is of shap.TreeExplainer
	@$(BIN)/python -m benchmarks.bench_explain

clean:  ## Remove .venv and what the demo and the yardsticks made
	rm -rf $(VENV) $(FEATURETOOLS) demo yardsticks
