# Everything here is a name for a command; the work is in deploy/.

PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test lint format translations bench lighthouse screenshots pictures lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf 'make %-12s %s\n' "$$name" "$$text"; done

run: ## Start everything; PORT, SANDBOX_PORT and YARDPASS_HOME say where
	@deploy/venv.sh requirements.lock
	@exec $(PYTHON) -m webapp.supervisor

test: ## Check style and types and run all tests
	@exec deploy/test.sh

lint: ## Check style and types only
	@deploy/venv.sh requirements-dev.lock
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy

format: ## Put the code in the one format
	@deploy/venv.sh requirements-dev.lock
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

translations: ## Bring the catalogues up to date: new sentences come in empty, lost ones go out
	@deploy/venv.sh requirements-dev.lock
	$(PYTHON) -m deploy.translations

bench: ## Measure how fast it is
	@deploy/venv.sh requirements-dev.lock
	@exec $(PYTHON) -m bench

lighthouse: ## Let Lighthouse score the pages on the way to a ticket; reports go to test-results/lighthouse
	@deploy/venv.sh requirements-dev.lock
	@YARDPASS_CHROMIUM="$${YARDPASS_CHROMIUM:-$$(deploy/chromium.sh)}" $(PYTHON) -m e2e.lighthouse_report test-results/lighthouse

screenshots: ## Take pictures of every page and state, light and dark, in test-results/screenshots
	@deploy/venv.sh requirements-dev.lock
	@YARDPASS_CHROMIUM="$${YARDPASS_CHROMIUM:-$$(deploy/chromium.sh)}" $(PYTHON) -m e2e.screenshots test-results/screenshots

pictures: ## Take the pictures of the README anew
	@deploy/venv.sh requirements-dev.lock
	@YARDPASS_CHROMIUM="$${YARDPASS_CHROMIUM:-$$(deploy/chromium.sh)}" $(PYTHON) -m e2e.readme_pictures docs/screenshots

lock: ## Write both lock files anew from pyproject.toml
	@deploy/lock.sh

clean: ## Remove the virtual environment, never data
	rm -rf .venv
