# Two commands set up all they need: `make crawl URL=…` and `make test`.

VENV ?= .venv
PYTHON ?= python3
SPIDER ?= hybrid
WORKERS ?= 2
PARTS := faults kills mutations worlds browser
PY := $(VENV)/bin/python

# From the environment, so that no character of a share text means anything to the shell.
export URL

.PHONY: help crawl demo test nightly browser lint wheel bench docs pins clean

help:
	@echo 'make crawl URL="…" [ARGS="-a with=comments -O out.jsonl"]   crawl links, ids or share texts'
	@echo 'make crawl SPIDER=bilibili URL="…"   the same with one platform only; by default it is $(SPIDER), which takes all'
	@echo 'make demo    a crawl against the simulator, without a network'
	@echo 'make test    every test, in WORKERS=2 processes'
	@echo 'make nightly [PART=…]   more of what takes long: $(PARTS)'
	@echo 'make bench   speed, as ratios to bare Scrapy'
	@echo 'make lint    style and types of the code'
	@echo 'make wheel   build the package, install it into an empty environment and crawl the simulator with it'
	@echo 'make docs    what is generated: the record schema, the tables of routers and links, that of the README'

crawl: $(VENV)/.runtime
	@test -n "$$URL" || { echo 'give a link, an id or a share text: make crawl URL="https://b23.tv/…"'; exit 2; }
	@$(PY) -m scrapy crawl $(SPIDER) -a url="$$URL" $(ARGS)

demo: $(VENV)/.test
	@$(PY) -m tests.demo

test: $(VENV)/.test browser
	$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# A real Chromium, its certificates and a screen for it. Where none of it can be had, the tests that want it say so.
browser: $(VENV)/.test
	@$(PY) -m tests.browsers

# Each part takes up to half an hour; docs/testing.md says what it is for. One that fails does not stop the others.
nightly: $(VENV)/.test browser
	@failed=; for part in $(or $(PART),$(PARTS)); do echo "nightly: $$part"; \
		NIGHTLY=1 $(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m $$part || failed="$$failed $$part"; done; \
		test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

lint: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

wheel: $(VENV)/.test
	$(PY) -m tests.installed

bench: $(VENV)/.test
	$(PY) -m tests.bench $(ARGS)

docs: $(VENV)/.test
	PYTHONPATH=. $(PY) docs/generate.py

pins:
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	build/pins/bin/pip install -q . && build/pins/bin/pip uninstall -q -y short-video-scraper
	build/pins/bin/pip freeze

clean:
	rm -rf $(VENV) build

# pip compiles what it installs; without that, every crawl would start two seconds later.
$(VENV)/.runtime: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo 'installing what a crawl needs …'
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-test.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo 'installing what the tests need …'
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements-test.txt
	@touch $@ $(VENV)/.runtime
