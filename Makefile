.DEFAULT_GOAL := help
UV := .venv/bin/uv
export UV_PROJECT_ENVIRONMENT := .venv

.venv/installed: requirements/dev.txt pyproject.toml
	test -x .venv/bin/python || python3 -m venv .venv
	test -x $(UV) || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(UV) pip install --quiet --python .venv/bin/python --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --python .venv/bin/python --no-deps --editable .
	touch $@

.venv-superset/installed: .venv/installed requirements/superset.txt
	test -x .venv-superset/bin/python || $(UV) venv --quiet --python .venv/bin/python .venv-superset
	$(UV) pip sync --quiet --python .venv-superset/bin/python --require-hashes requirements/superset.txt
	touch $@

install: .venv/installed .venv-superset/installed ## Install both environments

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
