# Short names for commands of `despliegue` and `python -m`: README.md has the same steps for machines without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
TORCH := torch==2.13.0
BECAS := .despliegue/becas
# One process more than there are processors (tests/selection.py), each of which may load torch.
PARALLEL := --numprocesses=logical --maxprocesses=8
# The least percentage of lines and branches of functions/core that tests/core covers. A run of its own, because tracing
# would slow down the other tests.
FLOOR := 98
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help run quick test check lint bench lock build synth base-image zoo-test becas rehearse smoke audit sbom clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## train the sample models where nothing is in production, and serve on http://127.0.0.1:8000
	@$(BIN)/despliegue serve

quick: $(VENV)/.quick ## run the tests that are quick, without torch and the CDK: a minute and a half
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" --hypothesis-profile=quick

test: lint $(VENV)/.test ## run ruff, mypy and all tests
	$(BIN)/python -m pytest $(PARALLEL) tests/core --cov --cov-fail-under=$(FLOOR)
	$(BIN)/python -m pytest $(PARALLEL) --ignore=tests/core

lint: $(VENV)/.test ## run ruff and mypy
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# each system has an encoding of its own for files, unless one is named
	$(BIN)/ruff check --preview --select PLW1514 .
	$(BIN)/mypy

check: test ## the same as test

bench: $(VENV)/.test ## measure against other servers and write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

# Trains again only the models that have changed.
build: $(VENV)/.run ## write the versions that the images hold to build/
	$(BIN)/despliegue build

synth: $(VENV)/.infra ## the same, and the CloudFormation template to cdk.out
	$(BIN)/despliegue build
	CDK_OUTDIR=cdk.out $(BIN)/python -m infra.app

# By the digest, the same files and base give the same image, and a patched base a new one: docs/aws.md.
BASE_IMAGE := $(shell sed -n 's/^ARG BASE_IMAGE=//p' Dockerfile.lambda)
base-image: ## print the base image of today by its digest, for cdk deploy -c base_image=...
	@index="$$(docker buildx imagetools inspect --format '{{json .Manifest}}' $(BASE_IMAGE))" && echo "$$index" \
	    | $(PYTHON) -c 'import json, sys; print("$(BASE_IMAGE)@" + json.load(sys.stdin)["digest"])'

# zoo/README.md
zoo-test: $(VENV)/.test ## check the programs that made the sample models, which lint and test leave out
	$(BIN)/ruff format --check zoo
	$(BIN)/ruff check zoo
	$(BIN)/mypy --package zoo
	$(BIN)/python -m pytest zoo

# The checkpoints, their figures and the version in models/becas; zoo/README.md says where the files are from.
STAGE = $(BIN)/python -m zoo.becas.train --threads 2 --squad $(SQUAD)
written = $(1:%=zoo/becas/written/%.txt)
# By the round of writing: a stage that learned before a file was written did without it.
WRITTEN_1 := $(call written,campus empresa espana exterior mexico saber sur tramites)
WRITTEN_2 := $(call written,avisos bases ciencia historia noticias preguntas trabajo vida)
WRITTEN_3 := $(call written,convoca fichas premios fundacion ayuntamiento posgrado movilidad mezcla resolucion master \
    internacional colegio empleo salud viaje tecnica)
WRITTEN := $(WRITTEN_1) $(WRITTEN_2) $(WRITTEN_3)
becas: $(VENV)/.test ## train the question-answering sample again: hours; zoo/README.md says what it needs
	@test -n "$(E5)" -a -n "$(TOKENIZER)" -a -n "$(SQUAD)" || \
	    { echo "error: write make becas E5=e5-small-q4.bin TOKENIZER=tokenizer.json SQUAD='FILE...' (zoo/README.md)"; exit 2; }
	$(BIN)/python -m zoo.becas.base --weights $(E5) --tokenizer $(TOKENIZER) --squad $(SQUAD) --pages $(WRITTEN) --out $(BECAS)/base
	$(STAGE) --base $(BECAS)/base --course reading --steps 1000 --seed 1 --out $(BECAS)/1
	$(STAGE) --base $(BECAS)/1 --course pages --steps 260 --seed 1 --out $(BECAS)/2
	$(STAGE) --base $(BECAS)/2 --course reading --steps 2000 --seed 2 --out $(BECAS)/3
	$(STAGE) --base $(BECAS)/3 --course pages --steps 1300 --seed 2 --out $(BECAS)/4
	$(STAGE) --base $(BECAS)/4 --course pages --steps 1200 --seed 3 --rate 8e-5 --out $(BECAS)/5
	$(STAGE) --base $(BECAS)/5 --course reading --steps 1500 --seed 4 --out $(BECAS)/6
	$(STAGE) --base $(BECAS)/6 --course pages --steps 1800 --seed 5 --rate 8e-5 --out $(BECAS)/7
	$(STAGE) --base $(BECAS)/7 --course written --steps 700 --seed 8 --pages $(WRITTEN_1) --out $(BECAS)/8
	$(STAGE) --base $(BECAS)/8 --course written --steps 1200 --seed 9 --pages $(WRITTEN_1) $(WRITTEN_2) --out $(BECAS)/9
	$(STAGE) --base $(BECAS)/9 --course written --steps 420 --seed 10 --rate 8e-5 --pages $(WRITTEN_1) $(WRITTEN_2) --out $(BECAS)/10
	$(STAGE) --base $(BECAS)/10 --course written --steps 1400 --seed 11 --pages $(WRITTEN_3) $(call written,avisos bases preguntas) --out $(BECAS)/11
	$(STAGE) --base $(BECAS)/11 --course written --steps 1750 --seed 12 --pages $(WRITTEN) --out $(BECAS)/12
	$(BIN)/python -m zoo.becas.averaged $(BECAS)/11 $(BECAS)/12 --out $(BECAS)/12-mean
	$(STAGE) --base $(BECAS)/12-mean --course both --steps 650 --seed 13 --pages $(WRITTEN) --out $(BECAS)/13
	$(BIN)/python -m zoo.becas.averaged $(BECAS)/12-mean $(BECAS)/13 --out $(BECAS)/13-mean
	$(STAGE) --base $(BECAS)/13-mean --course short --steps 1250 --seed 15 --rate 1.5e-4 --pages $(WRITTEN) --out $(BECAS)/14
	$(BIN)/python -m zoo.becas.averaged $(BECAS)/13-mean $(BECAS)/14 --out $(BECAS)/14-mean
	@# how sure it must be that a page does not tell: zoo/README.md
	echo '{"null_score_diff_threshold": 0.5}' > $(BECAS)/14-mean/model_args.json
	$(BIN)/python -m zoo.becas.evaluation --pages 1 --out $(BECAS)/evaluation.json
	DESPLIEGUE_HOME=$(BECAS)/home $(BIN)/despliegue export-hf $(BECAS)/14-mean --name becas --bake --impossible \
	    --max-length 384 --max-answer-len 60 --quantize --evaluation $(BECAS)/evaluation.json --margin 1
	$(BIN)/python -m zoo.becas.served models/becas/baked --squad $(firstword $(SQUAD))

# docs/rehearsal.md
rehearse: $(VENV)/.test ## deploy the stack to an emulated AWS on this machine, test it and destroy it
	$(BIN)/python -m tools.rehearsal

# It undoes its changes; with READ_ONLY=1 it makes none, and a token of the scope predict is enough.
smoke: $(VENV)/.quick ## test your own deployment: make smoke [READ_ONLY=1] URL=https://... TOKEN=... (a token of every scope)
	@test -n "$(URL)" -a -n "$(TOKEN)" || { echo "error: write make smoke URL=https://... TOKEN=..."; exit 2; }
	@DESPLIEGUE_BASE_URL="$(URL)" API_TOKEN="$(TOKEN)" $(BIN)/python -m pytest \
	    $(if $(READ_ONLY),tests/deployed/test_read_only.py,tests/deployed tests/examples)

# requirements/test.txt holds all that is pinned but torch and the tools of this target itself.
AUDIT := $(VENV)/audit/bin
audit: $(VENV)/.audit ## ask PyPI whether a pinned package has a known vulnerability
	@for pins in test audit; do $(AUDIT)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/$$pins.txt || exit 1; done
	@echo $(TORCH) > $(VENV)/audit/torch.txt
	@$(AUDIT)/pip-audit --strict --disable-pip --no-deps --requirement $(VENV)/audit/torch.txt

sbom: $(VENV)/.audit ## write what is in the images to sbom/, in the format CycloneDX
	@mkdir -p sbom
	@for image in inference training; do \
	    $(AUDIT)/cyclonedx-py requirements --output-reproducible --output-format JSON \
	        --output-file sbom/$$image.json requirements/$$image.txt || exit 1; \
	done
	@echo "wrote sbom/inference.json and sbom/training.json"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Despliegue needs Python 3.11 to 3.13, $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=python3.12 ..." if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	$(PYTHON) -m venv $(VENV)

# Each set of requirements includes that of `run`, and that of `test` includes all: every package is installed once.
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --no-deps
$(VENV)/.run: $(VENV)/bin/python pyproject.toml requirements/local.txt
	@echo "installing into $(VENV), about a minute the first time"
	@$(INSTALL) --requirement requirements/local.txt
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.quick: $(VENV)/bin/python pyproject.toml client/pyproject.toml requirements/quick.txt
	@echo "installing the quick tests' tools into $(VENV), about a minute the first time"
	@$(INSTALL) --requirement requirements/quick.txt
	@$(INSTALL) --editable . --editable ./client
	@touch $@ $(VENV)/.run

$(VENV)/.infra: $(VENV)/bin/python pyproject.toml requirements/infra.txt
	@echo "installing the CDK into $(VENV), about a minute the first time"
	@$(INSTALL) --requirement requirements/infra.txt
	@$(INSTALL) --editable .
	@touch $@ $(VENV)/.run

$(VENV)/.test: $(VENV)/bin/python pyproject.toml client/pyproject.toml requirements/test.txt
	@echo "installing the test tools into $(VENV), some minutes the first time"
	@$(BIN)/python -m pip install --quiet $(TORCH)
	@$(INSTALL) --requirement requirements/test.txt
	@$(INSTALL) --editable . --editable ./client
	@touch $@ $(VENV)/.run $(VENV)/.quick $(VENV)/.infra

# In an environment of its own, because these tools are in no other.
$(VENV)/.audit: $(VENV)/bin/python requirements/audit.txt
	@$(BIN)/python -m venv $(VENV)/audit
	@$(AUDIT)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/audit.txt
	@touch $@

# Pins for Python 3.11 to 3.13, every file but audit.txt a part of requirements/test.txt. Torch is left out, as its builds differ by
# machine; so is what tokenizers needs only to load from a hub, which would weigh on the inference image.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"
LOCK := $(COMPILE) pyproject.toml
WITHOUT_TORCH := --override requirements/without-torch.in
WITHOUT_HUB := --override requirements/without-hub.in --constraint requirements/test.txt
lock: $(VENV)/bin/python ## pin the requirements again after a change of pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) $(WITHOUT_TORCH) --all-extras --output-file requirements/test.txt
	$(LOCK) $(WITHOUT_HUB) --output-file requirements/inference.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --output-file requirements/training.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --extra local --output-file requirements/local.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --extra local --extra infra --output-file requirements/infra.txt
	$(LOCK) $(WITHOUT_HUB) --extra training --extra local --extra quick --output-file requirements/quick.txt
	$(COMPILE) requirements/audit.in --output-file requirements/audit.txt
	@# Each peer of the benchmarks in an environment of its own, which none of the others knows.
	for pins in benchmarks/peers/requirements/*.in; do $(COMPILE) $$pins --output-file $${pins%.in}.txt || exit 1; done

clean: ## delete the environment and everything that was built; .despliegue stays
	rm -rf $(VENV) .coverage build sbom *.egg-info client/src/*.egg-info cdk.out .pytest_cache .mypy_cache .ruff_cache
