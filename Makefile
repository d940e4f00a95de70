# make run and make test are each enough by themselves on a fresh machine; both set up first, once.
SAMPLE ?= build/sample/padi
INPUT  ?= $(SAMPLE)
CONFIG ?= conf/local.yml
LAKE   ?= build/lake/padi
OUTPUT ?= build/report/padi
ARGS   ?=

PY     := .venv/bin/python
SUBMIT := .venv/bin/spark-submit

.DEFAULT_GOAL := help
.PHONY: help setup sample run test test-full check dist docs clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make run takes INPUT=, LAKE=, OUTPUT=, CONFIG= and ARGS='--lang id …', which is handed to the job"

setup:  ## make .venv with everything in it (nothing to do: returns at once)
	@scripts/setup.sh

# A sample that the project made itself; orders of one's own (INPUT=…) are never made up.
sample: $(SAMPLE)/truth/manifest.json  ## write the PaDi-shaped sample into build/sample/padi, unless it is there

$(SAMPLE)/truth/manifest.json: | setup
	$(PY) scripts/make_sample.py padi --out $(SAMPLE)

run: setup $(if $(filter $(SAMPLE),$(INPUT)),sample)  ## set up, make the sample, segment its buyers and sellers
	$(SUBMIT) jobs/segment.py --config $(CONFIG) --input $(INPUT) --lake $(LAKE) --output $(OUTPUT) $(ARGS)

test: setup  ## set up and pass the tests
	$(PY) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder -m "not full" --durations=30 $(ARGS)

test-full: setup  ## the same, with the long ones: full-size samples, several masters
	$(PY) -m pytest $(ARGS)

check: setup  ## ruff (rules and format) and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

dist: setup  ## the wheel, and the same as a zip for --py-files, into dist/
	scripts/package.sh

docs: setup  ## docs/tables.md, from the declaration of the tables
	$(PY) scripts/tables_doc.py

clean:  ## remove what was made, except .venv
	rm -rf build dist *.egg-info spark-warehouse metastore_db derby.log
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
