# The two commands of the README. All the work is in scripts/bootstrap.py, which needs nothing
# but Python 3.11 or later, so that it runs where there is no make.
PYTHON ?= $(shell command -v python3 || command -v python)

.PHONY: run test setup pictures bench
run:
	@$(PYTHON) scripts/bootstrap.py run

test:
	@$(PYTHON) scripts/bootstrap.py test

setup:
	@$(PYTHON) scripts/bootstrap.py setup

bench:
	@$(PYTHON) scripts/bootstrap.py python main.py bench

pictures:
	@$(PYTHON) scripts/bootstrap.py python scripts/pictures.py
