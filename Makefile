.DEFAULT_GOAL := help
UV := .venv/bin/uv
export UV_PROJECT_ENVIRONMENT := .venv
# Dozens of processes import Airflow and Great Expectations: without bytecode on disk each of them
# compiles these anew, which takes longer than most tasks.
unexport PYTHONDONTWRITEBYTECODE

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

demo: install ## Make the city, run the whole way of the data, start everything
	.venv/bin/qinglian demo

stop: ## Stop everything that was started; data stays
	.venv/bin/qinglian down

lint: .venv/installed ## Check style, types, SQL and that dbt parses, side by side
	$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint-style lint-types lint-sql lint-dbt

lint-style:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

lint-types:
	.venv/bin/mypy

# sqlfluff as it is, but that Python looks for unused objects less often: a fifth of the time.
lint-sql:
	.venv/bin/python -c "import gc; gc.set_threshold(100_000, 50, 100); from sqlfluff.cli.commands import cli; cli()" \
		lint --processes 2 dbt_project/models dbt_project/tests

# The whole project: when dbt parses what has changed, it forgets what tests of one file mean.
lint-dbt:
	.venv/bin/qinglian dbt parse --no-partial-parse

test: install lint ## Lint, then unit, integration and end-to-end tests, the last with a browser
	.venv/bin/pytest tests/unit tests/integration tests/end_to_end

test-superset: install ## Test what Superset shows to whom: rights, log-ins, every page in a browser
	.venv/bin/pytest tests/superset tests/browser

bench: .venv/installed ## Measure the charts of a running installation, then the ingest of 5 million lines
	.venv/bin/python -m benchmarks.chart_answers --if-running
	.venv/bin/python -m benchmarks.ingest_speed

page-requests: .venv/installed ## Write what pages ask for, for the warm-up of the cache
	.venv/bin/python -m benchmarks.page_requests

bench-charts: .venv/installed ## Measure how fast a running installation answers its charts
	.venv/bin/python -m benchmarks.chart_answers

bench-way: .venv/installed ## Measure the way from the login to the rows behind a lead, on a running installation
	.venv/bin/python -m benchmarks.way_to_a_lead

faults: install ## Kill the steps at 84 points, fill disks, cut connections (SEED=7)
	.venv/bin/pytest tests/integration/test_faults.py tests/integration/test_detection_faults.py --kill-points 84 --seed $(or $(SEED),7)

render: .venv/installed ## Write the files that are generated from contracts and models
	.venv/bin/qinglian contracts render

clean: stop ## Stop everything and remove state and environments
	rm -rf .qinglian .venv .venv-superset dbt_project/target dbt_project/logs

.PHONY: install help demo stop lint lint-style lint-types lint-sql lint-dbt test test-superset faults bench bench-charts bench-way page-requests render clean
