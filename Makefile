# Every recipe is one plain `python -m …` line, so that the README can give the same steps without make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY     := $(BIN)/python
READY  := $(VENV)/.ready

BOOK_SOURCES := _config.yml _toc.yml index.md CHANGELOG.md CONTRIBUTING.md \
    $(shell find chapters course exercises labkit solutions tests/claims -type f \
        -not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*')

.PHONY: book pdf test serve lab notebooks exercises lock clean help
.DEFAULT_GOAL := help

help:
	@echo "make book       build the site into _build/html"
	@echo "make pdf        print the whole book into _build/book.pdf (needs Chromium)"
	@echo "make test       run every test"
	@echo "make serve      build the site and serve it on this machine"
	@echo "make lab        open JupyterLab with the course's kernel"
	@echo "make notebooks  execute all notebooks and check all claims again, and store what comes out"
	@echo "make exercises  write exercises/ from solutions/"
	@echo "make lock       choose new versions and hashes for requirements.txt"
	@echo "make clean      delete everything that was built, the environment included"

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'This course needs Python 3.11 or later; this is ' + sys.version.split()[0] + '. Name another with: make PYTHON=python3.12 …')"
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r requirements.txt
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(PY) -c "import pathlib; pathlib.Path('$(READY)').touch()"

# The program makes this file when the book was built without a warning, and deletes it when it was not.
_build/complete: $(READY) $(BOOK_SOURCES)
	$(PY) -m course build

book: _build/complete
	@echo "The book is in _build/html: open _build/html/index.html, or run make serve."

pdf: _build/complete
	$(PY) -m course pdf

test: $(READY)
	$(PY) -m pytest -n 2

serve: book
	$(PY) -m http.server --directory _build/html --bind 127.0.0.1 8000

lab: $(READY)
	$(PY) -m jupyterlab

notebooks: $(READY)
	$(PY) -m course notebooks
	$(PY) -m course ledger

exercises: $(READY)
	$(PY) -m course exercises

lock:
	$(PYTHON) -m venv $(VENV)/lock
	$(subst $(VENV),$(VENV)/lock,$(PY)) -m pip install --quiet uv
	$(subst $(VENV),$(VENV)/lock,$(PY)) -m uv pip compile --quiet pyproject.toml --group course --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-package labkit \
	    --upgrade --output-file requirements.txt

clean:
	rm -rf _build $(VENV) .pytest_cache .ruff_cache .hypothesis .coverage
