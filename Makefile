# Everything runs from the folder .venv, made by the first target that needs it.
#
#   make lab PORT=9999          another port (default 8888)
#   make lab BROWSER=no         do not open a browser (a server: also IP=0.0.0.0, and keep the token secret)
#   make lab LAB_ARGS=...       any other option of JupyterLab, for example --allow-root in a container
#   make lab TORCH=cpu          PyTorch without CUDA. On Linux the default wheels bring about 6 GB of CUDA libraries,
#                               these do not. Only the first run reads it: `make clean` to change your mind.
#   make book PACE=lab          outputs of whole runs in the book (a quarter of an hour and more)
#   make lab PYTHON=python3.12  the Python that .venv is made from (3.11 or newer)

PYTHON   ?= python3
TORCH    ?= default
PORT     ?= 8888
IP       ?= 127.0.0.1
BROWSER  ?= yes
LAB_ARGS ?=
PACE     ?= smoke

FIRST_LAB := notebooks/00_start_here.ipynb
NOTEBOOKS  = $(wildcard notebooks/*.ipynb notebooks/solutions/*.ipynb)

# Empty files that say "installed"; older than pyproject.toml means "install again".
LAB_READY  := .venv/.lab-ready
TEST_READY := .venv/.test-ready
TEACH_READY := .venv/.teach-ready

VENV_PYTHON := .venv/bin/python
PIP         := $(VENV_PYTHON) -m pip install --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help lab check test test-long lint-course notebooks results results-page explorers book slides bench class data clean

help: ## list these targets (at once)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

lab: $(LAB_READY) ## open JupyterLab on the first lab (the first time installs: minutes, mostly download; then seconds)
	$(VENV_PYTHON) -m jupyterlab --ip=$(IP) --port=$(PORT) $(if $(filter no,$(BROWSER)),--no-browser) $(LAB_ARGS) $(FIRST_LAB)

check: $(TEST_READY) ## before each commit: ruff, mypy, the package's tests and the touched labs' (kept below 2 minutes on two cores)
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	OMP_NUM_THREADS=1 $(VENV_PYTHON) -m pytest -m "not long and not slow and not wording" tests/package
	OMP_NUM_THREADS=1 $(VENV_PYTHON) tests/touched.py

test: $(TEST_READY) ## run the tests, then every notebook in seconds-long form (kept below 20 minutes on two cores)
	$(VENV_PYTHON) -m pytest tests
	$(RUN_NOTEBOOKS)

test-long: $(TEST_READY) $(TEACH_READY) ## the same with the tests marked `long` (kept below 45 minutes on two cores)
	$(VENV_PYTHON) -m pytest -m "not wording" tests
	$(RUN_NOTEBOOKS)

lint-course: $(TEST_READY) ## what the course's texts say: numbers, terms, minutes, slides, hints, axes; blocks nothing (a minute)
	$(VENV_PYTHON) -m pytest -m wording tests

notebooks: $(TEST_READY) ## build notebooks/ from notebooks/source/ (seconds)
	$(VENV_PYTHON) notebooks/tools/build.py

results: $(TEST_READY) ## go on with the plan of runs on lines (hours; stop it when you like, the next call goes on)
	$(VENV_PYTHON) data/recorders/plan.py

results-page: $(TEST_READY) ## write the tables of docs/results.md and of the README from data/results/ (seconds)
	$(VENV_PYTHON) data/recorders/results_page.py

explorers: $(TEST_READY) ## build notebooks/explorers/, the explorers that need no kernel (a minute; MNIST needed)
	$(VENV_PYTHON) notebooks/tools/build_explorers.py

book: $(TEACH_READY) ## build the labs as a static site, runs/book/html (ten minutes the first time: each lab runs once, cut short; then one)
	$(VENV_PYTHON) notebooks/tools/book.py --pace $(PACE)

bench: $(TEST_READY) ## what things cost: training step beside a plain port, scores, growth; explorers if Chromium is there (10 minutes)
	$(VENV_PYTHON) tests/bench/bench.py $(if $(PEER),--peer $(PEER))
	$(VENV_PYTHON) tests/browser/latency.py

slides: $(TEACH_READY) ## a deck of slides a lab, runs/slides (each lab runs once in full: a quarter of an hour; LAB=02 for one)
	$(VENV_PYTHON) notebooks/tools/slides.py $(LAB)

class: $(TEST_READY) ## before class: a zip for a room without network, then every lab on one processor against its header (20 minutes)
	$(VENV_PYTHON) notebooks/tools/pack.py
	$(VENV_PYTHON) notebooks/tools/measure.py --check

data: $(LAB_READY) ## download MNIST, Fashion-MNIST and CIFAR-10 (about 0.2 GB: as long as that takes)
	$(VENV_PYTHON) -m acai_lite data fetch mnist cifar10 fashion_mnist

clean: ## remove .venv, caches and build files; notebooks, data/ and runs/ stay (seconds)
	rm -rf .venv .nox build *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find acai_lite notebooks tests -name __pycache__ -prune -exec rm -rf {} +

# --nbval: every stored output of tests/values.ipynb is compared. --nbval-lax: a cell fails when it raises.
define RUN_NOTEBOOKS
$(VENV_PYTHON) -m pytest --nbval --nbval-current-env --nbval-cell-timeout=300 tests/values.ipynb
$(if $(NOTEBOOKS),ACAI_LITE_PACE=smoke ACAI_LITE_PASSPORT=$$(mktemp -d)/passport.json $(VENV_PYTHON) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=300 notebooks/*.ipynb notebooks/solutions/*.ipynb,@echo "No notebooks to run yet: make notebooks builds them.")
endef

# The stamp is written last, so a failed or interrupted installation is tried again.
# TORCH=cpu takes torch from PyTorch's CPU index first (bounds as in pyproject.toml); the second line then keeps it.
$(LAB_READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "acai_lite needs Python 3.11 or newer, and '$(PYTHON)' is not: install one and name it, as in: make lab PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "'$(PYTHON)' cannot make virtual environments: install its venv module (Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
ifeq ($(TORCH),cpu)
	$(PIP) --index-url https://download.pytorch.org/whl/cpu 'torch>=2.5,<3' 'torchvision>=0.20,<1'
endif
	$(PIP) -e '.[course]'
	@touch $@

$(TEST_READY): pyproject.toml $(LAB_READY)
	$(PIP) -e '.[test]'
	@touch $@

$(TEACH_READY): pyproject.toml $(LAB_READY)
	$(PIP) -e '.[teach]'
	@touch $@
