# `make crawl URL=…` and `make test` install everything they need.

VENV ?= .venv
PYTHON ?= python3
SPIDER ?= hybrid
WORKERS ?= 3
PARTS := faults kills media front fleet mutations worlds browser
PY := $(VENV)/bin/python

# Passed through the environment, so that the shell does not interpret characters of a share text.
export URL

.PHONY: help crawl serve demo test nightly browser lint wheel bench docs pins clean

help:
	@echo 'make crawl URL="…" [ARGS="-a with=comments -O out.jsonl"]   crawl links, ids or share texts'
	@echo 'make crawl SPIDER=bilibili URL="…"   the same for one platform; the default is $(SPIDER), which takes all links'
	@echo 'make serve [ARGS="--port 9000"]   answer calls over HTTP at http://127.0.0.1:8000'
	@echo 'make demo    crawl a simulator on this machine'
	@echo 'make test    run the tests in WORKERS=3 processes'
	@echo 'make nightly [PART=…]   the tests that take long: $(PARTS)'
	@echo 'make bench   measure the speed, relative to plain Scrapy'
	@echo 'make lint    check style and types'
	@echo 'make wheel   build the package, install it into an empty environment and crawl the simulator with it'
	@echo 'make docs    regenerate the record schema and the tables of records, routers, routes and links'

crawl: $(VENV)/.runtime
	@test -n "$$URL" || { echo 'give a link, an id or a share text: make crawl URL="https://b23.tv/…"'; exit 2; }
	@$(PY) -m scrapy crawl $(SPIDER) -a url="$$URL" $(ARGS)

serve: $(VENV)/.serve
	@$(PY) -m scrapy serve $(ARGS)

demo: $(VENV)/.test
	@$(PY) -m tests.demo

# The tests start many processes: each would compile all modules again if none were written.
test nightly: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.test browser
	$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Install Chromium, its certificates and a virtual screen. If that is impossible, the tests that need them say so.
browser: $(VENV)/.test
	@$(PY) -m tests.browsers

# Each part takes up to half an hour (see docs/testing.md). A failing part does not stop the others.
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

# Install a file of pinned versions, and say what for. pip compiles it; without that, every crawl would start two seconds later.
define install
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo 'installing what $(2) …'
	@$(PY) -m pip install -q --disable-pip-version-check -r $(1)
	@touch $@
endef

$(VENV)/.runtime: requirements.txt
	$(call install,requirements.txt,a crawl needs)

$(VENV)/.serve: requirements.txt requirements-serve.txt
	$(call install,requirements-serve.txt,the HTTP front needs)
	@touch $(VENV)/.runtime

$(VENV)/.test: requirements.txt requirements-serve.txt requirements-fleet.txt requirements-test.txt
	$(call install,requirements-test.txt,the tests and the simulator need; that takes a minute or more)
	@touch $(VENV)/.runtime $(VENV)/.serve
