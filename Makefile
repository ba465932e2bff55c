# Thin over `despliegue` and `python -m`: README.md has the same steps for machines without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
TORCH := torch==2.13.0
BECAS := .despliegue/becas
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check lint bench lock build synth zoo-test becas rehearse smoke clean

run: $(VENV)/.run
	@$(BIN)/despliegue serve

test: lint $(VENV)/.test
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy requirements/*.py

check: test

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

# What the images hold of the models; trains again only what has changed.
build: $(VENV)/.run
	$(BIN)/despliegue build

synth: $(VENV)/.test build
	CDK_OUTDIR=cdk.out $(BIN)/python -m infra.app

# The programs that made the sample models, which neither lint nor test reads: zoo/README.md.
zoo-test: $(VENV)/.test
	$(BIN)/ruff format --check zoo
	$(BIN)/ruff check zoo
	$(BIN)/mypy --package zoo
	$(BIN)/python -m pytest zoo

# The checkpoint, its figures and the version in models/becas: about two hours on two cores that do nothing else.
becas: $(VENV)/.test
	$(BIN)/python -m zoo.becas.train --out $(BECAS)/core --split core --steps 2600 --learning-rate 1e-3
	$(BIN)/python -m zoo.becas.train --out $(BECAS) --start $(BECAS)/core
	$(BIN)/python -m zoo.becas.corpus --pages 40 --questions 6 --seed 7 --split unseen --out $(BECAS)/evaluation.json
	DESPLIEGUE_HOME=$(BECAS)/home $(BIN)/despliegue export-qa $(BECAS) --name becas --bake --impossible --max-answer-len 60 \
	    --quantize --evaluation $(BECAS)/evaluation.json --margin 3
	$(BIN)/python -m zoo.becas.served models/becas/baked

# The stack in an AWS on this machine, from bootstrap to destroy: docs/rehearsal.md.
rehearse: $(VENV)/.test
	$(BIN)/python -m tools.rehearsal

# A deployment of yours: make smoke URL=https://... TOKEN=..., of every scope. What it changes, it puts back.
smoke: $(VENV)/.test
	@test -n "$(URL)" -a -n "$(TOKEN)" || { echo "make smoke URL=https://... TOKEN=..."; exit 2; }
	@DESPLIEGUE_BASE_URL="$(URL)" API_TOKEN="$(TOKEN)" $(BIN)/python -m pytest tests/deployed tests/examples

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Despliegue needs Python 3.11 to 3.13, $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=python3.12 ..." if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml requirements/local.txt
	@echo "installing into $(VENV), about a minute the first time"
	@$(BIN)/python -m pip install --quiet --no-deps --requirement requirements/local.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml requirements/test.txt
	@echo "installing the test tools into $(VENV), some minutes the first time"
	@$(BIN)/python -m pip install --quiet $(TORCH)
	@$(BIN)/python -m pip install --quiet --no-deps --requirement requirements/test.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@ $(VENV)/.run

# Pins for Python 3.11 to 3.13, every file a part of requirements/test.txt. Torch is left out, as its builds differ by
# machine; so is what tokenizers needs only to load from a hub, which would weigh on the inference image.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" pyproject.toml
WITHOUT_TORCH := --override requirements/without-torch.in
WITHOUT_HUB := --override requirements/without-hub.in --constraint requirements/test.txt
lock: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) $(WITHOUT_TORCH) --all-extras --output-file requirements/test.txt
	$(LOCK) $(WITHOUT_HUB) --output-file requirements/inference.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --output-file requirements/training.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --extra local --output-file requirements/local.txt

clean:
	rm -rf $(VENV) build *.egg-info cdk.out .pytest_cache .mypy_cache .ruff_cache
