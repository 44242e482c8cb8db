# Everything one does with Ratecard from a shell. `make help` lists the targets.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
MANAGE := $(BIN)/python server/manage.py
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) pyproject.toml
# Values as strong as production demands and as short-lived as the check they are for. Each is set,
# so that none comes from .env.
PRODUCTION := DJANGO_SETTINGS_MODULE=server.settings.production \
	SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))')" \
	DATABASE_URL=postgres://ratecard:none@127.0.0.1/ratecard REDIS_URL= JWT_SIGNING_KEY= DEBUG=0 \
	ALLOWED_HOSTS=ratecard.example CORS_ALLOWED_ORIGINS= SIGNUP=closed TRUSTED_PROXIES=1 \
	METRICS_TOKEN= SENTRY_DSN= \
	EMAIL_URL= DEFAULT_FROM_EMAIL= PUBLIC_URL= PASSWORD_RESET_URL=
TESTING := env -u DATABASE_URL -u REDIS_URL DJANGO_SETTINGS_MODULE=server.settings.testing
# The tests wait for databases and hash passwords: a process for each core.
PYTEST := $(BIN)/pytest -m "not system" --numprocesses=logical --cov --cov-report= --cov-fail-under=0

export UV_CUSTOM_COMPILE_COMMAND := make lock

# Install a requirement set with the newest Python that can make virtual environments.
define install
	@unfit=; \
	for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		unfit=$$($$python -c 'import sys; print("python%d.%d" % sys.version_info[:2])'); \
		$$python -c 'import ensurepip, venv' 2>/dev/null || continue; \
		exec $$python requirements/install.py $(1); \
	done; \
	if [ "$$unfit" ]; then \
		echo "$$unfit cannot make virtual environments: its venv module is missing."; \
		echo "On Debian and Ubuntu: apt install $$unfit-venv"; \
	else \
		echo "Ratecard needs Python 3.11 or later. If it has an unusual name: make PYTHON=name"; \
	fi >&2; \
	exit 1
endef

define say
	@echo "== $(1)"
endef

## Use it

run: base ## Run on this machine: http://HOST:PORT, demo data, SQLite in var/ (DEBUG=1 to debug)
	$(call say,Preparing the database)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo --if-empty
	@exec $(MANAGE) serve

serve: export DJANGO_SETTINGS_MODULE = server.settings.production
serve: production ## Run in production: settings from the environment or .env, see .env.example
	$(call say,Collecting static files)
	@$(MANAGE) collectstatic --no-input --verbosity 0
	$(call say,Applying migrations)
	@$(MANAGE) migrate --verbosity 0
	@exec $(MANAGE) serve

demo: base ## Load the demo data into the development database, if it is empty
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo --if-empty

shell: base ## Open a Python shell with the development database
	@$(MANAGE) shell

## Change it

test: lint ## Check everything and run all tests, on SQLite and on PostgreSQL with Valkey
	$(call say,Production settings pass Django's deployment checks)
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(call say,No migration is missing)
	@$(TESTING) $(MANAGE) makemigrations --check --dry-run
	$(call say,docs/openapi.yaml is current)
	@mkdir -p var
	@$(TESTING) $(MANAGE) spectacular --validate --fail-on-warn --file var/openapi.yaml
	@diff -u docs/openapi.yaml var/openapi.yaml || \
		{ echo "docs/openapi.yaml is out of date: run make openapi" >&2; exit 1; }
	@$(BIN)/coverage erase
	$(call say,Tests on SQLite)
	@TEST_DATABASE=sqlite COVERAGE_FILE=.coverage.sqlite $(PYTEST)
	$(call say,Tests on PostgreSQL and Valkey)
	@TEST_DATABASE=postgresql COVERAGE_FILE=.coverage.postgresql $(PYTEST)
	$(call say,Branch coverage of both runs)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

test-full: ## Like test, and what needs more: a git clone, bash, curl, nginx, openssl, chromium, wrk
	@PATH="$$PATH:/usr/sbin"; for program in git bash curl nginx openssl chromium wrk; do \
	command -v $$program >/dev/null || missing="$$missing $$program"; \
	done; test -z "$$missing" || { echo "make test-full needs:$$missing" >&2; exit 1; }
	@git rev-parse --git-dir >/dev/null || { echo "make test-full needs a git clone" >&2; exit 1; }
	@$(MAKE) test
	$(call say,Tests that need system programs or minutes)
	@$(BIN)/pytest -m system
	@$(BIN)/python requirements/audit.py code secrets
	$(call say,The pre-commit hooks)
	@$(BIN)/pre-commit run --all-files

lint: development ## Check format, lint rules, layers and types
	$(call say,Format)
	@$(BIN)/ruff format --check
	$(call say,Lint rules)
	@$(BIN)/ruff check --quiet
	$(call say,Layers)
	@PYTHONPATH=server $(BIN)/lint-imports --no-logo
	$(call say,Types)
	@$(BIN)/mypy

format: development ## Format the code, and mend what the linter can
	@$(BIN)/ruff check --quiet --fix --exit-zero
	@$(BIN)/ruff format

bench: development ## Measure against others (QUICK=1: in 5 minutes; ONLY=list,create: some sections)
	@PYTHONPATH=.:server $(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

openapi: development ## Write docs/openapi.yaml
	@$(TESTING) $(MANAGE) spectacular --validate --fail-on-warn --file docs/openapi.yaml

screenshots: development ## Write docs/images/console-*.png, the pictures of README (needs chromium)
	@PYTHONPATH=server $(TESTING) $(BIN)/python -m tests.screenshots

lock: development ## Lock the dependencies of pyproject.toml (UPGRADE=1: to their newest versions)
	@$(LOCK) --output-file requirements/base.txt
	@$(LOCK) --output-file requirements/production.txt \
		--constraint requirements/base.txt --extra production
	@$(LOCK) --output-file requirements/development.txt \
		--constraint requirements/production.txt --extra production --extra development

audit: development ## Look for unsafe code, secrets, and known vulnerabilities (needs the network)
	@$(BIN)/python requirements/audit.py code secrets dependencies

sbom: development ## Write var/sbom.json: what production is made of, as CycloneDX
	@mkdir -p var
	@$(BIN)/python -W ignore::UserWarning $(BIN)/cyclonedx-py requirements --output-reproducible \
		--pyproject pyproject.toml --mc-type application --output-format JSON \
		--output-file var/sbom.json requirements/production.txt
	$(call say,Wrote var/sbom.json)

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^## / { print "\n" substr($$0, 4) } \
		/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

base production development:
	$(call install,$@)

.PHONY: run serve demo shell test test-full lint format bench openapi screenshots lock audit sbom help base production development
