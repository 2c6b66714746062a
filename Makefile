# `make run` to use the tracker, `make test` to test it; CONTRIBUTING.md says more.

PORT ?= 8000
EXAMPLE ?= 1
PLANS ?=
SIZE ?= M
DATABASE ?= sqlite
VENV := .venv
TOOLS := .venv-tools
PYTHON := $(VENV)/bin/python
MANAGE := $(PYTHON) manage.py
# The site as links in mails and files have it.
LOCAL_SITE := SITE_URL=http://127.0.0.1:$(PORT)

.PHONY: help run mail test test-postgres test-upgrades test-all bench check format migration messages docs audit sbom freeze release lock clean

help:
	@echo "make run        install, load plan and example record, serve http://127.0.0.1:$(PORT)/"
	@echo "                (PORT= changes the port; EXAMPLE=0 omits the example record;"
	@echo "                PLANS=all loads the other plans of fixtures/ too)"
	@echo "make mail       print the mails that wait in the site of \`make run\`, such as a link to set a password"
	@echo "make test       install the test requirements and run the quick tests on SQLite"
	@echo "make test-postgres  the quick tests on PostgreSQL (needs Debian's postgresql)"
	@echo "make test-upgrades  bring databases of the releases up to date on PostgreSQL"
	@echo "make test-all   also the long tests, on SQLite and PostgreSQL"
	@echo "make bench      what requests cost on a large record (SIZE=S, M, L1 or L; DATABASE=postgres)"
	@echo "make check      linters (container files too), types, layers, migrations, deployment settings"
	@echo "make format     format code and templates"
	@echo "make migration  add a migration (NAME= names it)"
	@echo "make messages   collect and compile the interface texts (needs Debian's gettext)"
	@echo "make docs       write the parts of docs/ that are made from code"
	@echo "make audit      known weaknesses of the libraries"
	@echo "make sbom       a list of the libraries with their licences (CycloneDX)"
	@echo "make freeze     keep migrations, a database, a backup and the API of this version for tests of later ones"
	@echo "make release    check, test and build a release into dist/, and tag it (SIGNING_KEY= signs its files)"
	@echo "make lock       renew the requirements files (needs uv)"

run: $(VENV)/run.stamp .env
	@echo "Bringing the database up to date ..."
	@umask 077 && $(MANAGE) migrate --verbosity 0
	@$(MANAGE) make_ledger_key --if-absent >/dev/null
	@$(MANAGE) load_plan fixtures/iscc/plan.yaml --if-absent
	@[ "$(PLANS)" != all ] || for plan in example us-nap5; do \
		$(MANAGE) load_plan fixtures/$$plan/plan.yaml --if-absent 2>/dev/null || exit 1; done
	@$(MANAGE) example_accounts .accounts $(if $(filter all,$(PLANS)),--join-offices)
	@[ "$(PLANS)" != all ] || [ "$(EXAMPLE)" = 0 ] || for plan in example us-nap5; do \
		$(MANAGE) load_updates fixtures/$$plan/record.yaml --author reporter --publish-as reviewer || exit 1; done
	@[ "$(EXAMPLE)" = 0 ] || { echo "Example record, from public sources ..." && \
		$(MANAGE) load_updates fixtures/iscc/public-record.yaml --author reporter --publish-as reviewer || \
		echo "The example record was not loaded; EXAMPLE=0 omits it."; }
	@$(MANAGE) sign_checkpoint >/dev/null
	@echo
	@echo "  The pages        http://127.0.0.1:$(PORT)/"
	@echo "  The API's page   http://127.0.0.1:$(PORT)/api/v1/docs/"
	@echo "  Status as JSON   http://127.0.0.1:$(PORT)/api/v1/status/?plan=ISCC&group_by=goal"
	@echo "  Staff side       http://127.0.0.1:$(PORT)/admin/   (sign in as one of the above)"
	@echo "  Its mails        make mail$(if $(filter-out 8000,$(PORT)), PORT=$(PORT))   (in a second terminal; prints those that wait)"
	@echo "  A tour is in README.md.  Stop with Ctrl+C."
	@echo
	@$(LOCAL_SITE) DJANGO_RUNSERVER_HIDE_WARNING=true $(MANAGE) runserver --noreload 127.0.0.1:$(PORT)

mail: $(VENV)/run.stamp .env
	@$(LOCAL_SITE) $(MANAGE) send_mail_due

test: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.run

test-postgres: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.run --postgres

test-upgrades: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.run --upgrades

test-all: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.run --all

# The record is generated once and kept in .bench/ (BENCH_DIR); docs/performance.md says more.
bench: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.performance --size $(SIZE) --database $(DATABASE) $(if $(JSON),--json $(JSON))

check: $(VENV)/dev.stamp
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djhtml --check --tabwidth 2 commitments/templates
	SECRET_KEY=check $(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/hadolint --no-color --trusted-registry docker.io deploy/Containerfile
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	umask 077 && SECRET_KEY=check $(MANAGE) makemigrations --check --dry-run
	env SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))") HTTPS=true DEBUG=false ALLOWED_HOSTS=tracker.example.org SITE_URL=https://tracker.example.org SITE_CONTACT=office@example.org BEHIND_PROXY=true LEDGER_KEY=no.key $(MANAGE) check --deploy --fail-level WARNING

format: $(VENV)/dev.stamp
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djhtml --tabwidth 2 commitments/templates

migration: $(VENV)/dev.stamp
	SECRET_KEY=migration $(MANAGE) makemigrations commitments --no-header $(if $(NAME),--name $(NAME))

# A catalogue for each language of the settings but the default.
LOCALES = $$(SECRET_KEY=messages $(PYTHON) -c "from django.utils.translation import to_locale as name; \
	from tracker.settings import LANGUAGE_CODE, LANGUAGES as listed; \
	print(*('--locale ' + name(code) for code, _ in listed if code != LANGUAGE_CODE))")

messages: $(VENV)/dev.stamp
	locales="$(LOCALES)" && cd commitments && \
		SECRET_KEY=messages ../$(PYTHON) ../manage.py makemessages $$locales --no-location --no-wrap --no-obsolete
	cd commitments && SECRET_KEY=messages ../$(PYTHON) ../manage.py compilemessages

# The parts of docs/ that are made from code.
docs: $(VENV)/dev.stamp
	DJANGO_SETTINGS_MODULE=tracker.settings SECRET_KEY=docs $(PYTHON) -m tests.docs

# Known weaknesses of the libraries; never a failure for want of the network.
audit:
	@rm -f $(TOOLS)/audit.json
	@$(MAKE) --no-print-directory $(TOOLS)/made.stamp >/dev/null 2>&1 || \
		{ echo "not audited: pip-audit could not be installed; is there a network?"; exit 0; }; \
		$(TOOLS)/bin/pip-audit -r requirements-extras.txt --require-hashes --disable-pip --timeout 10 \
		-f json -o $(TOOLS)/audit.json >/dev/null 2>&1; python3 -m tests.audit $(TOOLS)/audit.json

# What the tracker is made of, by CycloneDX: what is locked, with the licences of what is installed.
sbom: $(TOOLS)/made.stamp $(VENV)/dev.stamp
	@$(TOOLS)/bin/cyclonedx-py requirements requirements-extras.txt --pyproject pyproject.toml \
		--mc-type application --output-reproducible --output-format JSON -o sbom.json
	@PYTHONWARNINGS=ignore $(TOOLS)/bin/cyclonedx-py environment $(VENV) --output-reproducible --output-format JSON -o $(TOOLS)/installed.json
	@python3 -m tools.sbom sbom.json $(TOOLS)/installed.json
	@echo "Wrote sbom.json."

freeze: $(VENV)/dev.stamp
	@$(PYTHON) -m tests.release.freeze

release: $(VENV)/dev.stamp $(TOOLS)/made.stamp
	@$(PYTHON) -m tools.release

$(TOOLS)/made.stamp: requirements-tools.txt
	@python3 -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet --disable-pip-version-check --retries 2 -r requirements-tools.txt
	@touch $@

lock:
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 requirements.in -o requirements.txt
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 -c requirements.txt requirements-extras.in -o requirements-extras.txt
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 -c requirements-extras.txt requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) $(TOOLS) dist sbom.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A changed lock file leads to a new installation.

$(VENV)/made.stamp:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version)'
	@echo "Creating $(VENV) ..."
	@python3 -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run.stamp: requirements.txt $(VENV)/made.stamp
	@echo "Installing what the tracker needs (once) ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/made.stamp
	@echo "Installing what tests and checks need (once) ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

.env:
	@(umask 077 && python3 -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50)); print('HTTPS=false'); print('EMAIL_URL=consolemail://')" > .env)
	@echo "Wrote .env with a random secret."
