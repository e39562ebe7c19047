"""What is asked of Airflow while it is still reading its DAGs."""

from datetime import date

import httpx
import pytest

from qinglian.orchestration import Airflow, Run


def test_a_dag_that_is_listed_but_not_yet_readable_is_started_when_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Airflow answers 404 to a run of a DAG that it has just let run."""
    answers = {"/auth/token": [201], "/api/v2/dags/extract_his/dagRuns": [404, 200]}
    asked = []

    def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(answers[request.url.path].pop(0), json={"access_token": "token"})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    run = Airflow("http://airflow", "password").trigger("extract_his", "day", date(2025, 12, 31))
    assert run == Run("extract_his", "day")
    assert asked[-2:] == ["/api/v2/dags/extract_his/dagRuns"] * 2
