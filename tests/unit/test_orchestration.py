"""What is asked of Airflow while it is still reading its DAGs, and while a day goes on."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from qinglian import orchestration
from qinglian.orchestration import (
    ALL_DAGS,
    EXTRACT_DAGS,
    Airflow,
    DayProgress,
    Run,
    trigger_day,
    wait_for_day,
)
from qinglian.settings import Settings


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


class FakeApi:
    """Airflow's answers for a day whose extracts are done and whose detection takes two looks."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.detections = iter(["running", "running"])

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2/")
        self.asked[path] += 1
        if path == "/auth/token":
            return httpx.Response(201, json={"access_token": "token"})
        return httpx.Response(200, json=self._of(path, request.url.params))

    def _of(self, path: str, parameters: httpx.QueryParams) -> dict[str, Any]:
        if path == "assets/events":
            follower = {"detect": "publish", "publish": None}.get(
                parameters["source_dag_id"], "detect"
            )
            self.asked[f"events of {parameters['source_dag_id']}"] += 1
            runs = [{"dag_id": follower, "run_id": "asset"}] if follower else []
            return {"asset_events": [{"created_dagruns": runs}]}
        if path.endswith("/taskInstances"):
            return {"total_entries": 3, "task_instances": []}
        if path.endswith("/dagRuns"):
            return {"dag_runs": [{"dag_run_id": "day"}]}
        running = path.startswith("dags/detect/")
        return {"state": next(self.detections, "success") if running else "success"}


def test_a_day_is_followed_to_its_end_and_what_has_ended_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, seen = FakeApi(), list[DayProgress]()
    monkeypatch.setattr(
        httpx.HTTPTransport, "handle_request", lambda _, request: api.answer(request)
    )
    monkeypatch.setattr(orchestration, "_POLL_SECONDS", 0)
    airflow = Airflow("http://airflow", "password")
    monkeypatch.setattr(Airflow, "of", lambda _: airflow)
    wait_for_day(date(2025, 12, 31), seen.append, 60, Settings())
    assert [progress.states["detect"] for progress in seen] == ["running", "running", "success"]
    assert seen[-1].states == dict.fromkeys(ALL_DAGS, "success")
    assert seen[-1].finished == seen[-1].total == 3 * len(ALL_DAGS)
    for dag_id in EXTRACT_DAGS:
        assert api.asked[f"events of {dag_id}"] == 1
        assert api.asked[f"dags/{dag_id}/dagRuns/day"] == 1
        assert api.asked[f"dags/{dag_id}/dagRuns/day/taskInstances"] == 1
    assert api.asked["dags/detect/dagRuns/asset"] == len(seen)


def test_a_day_waits_for_the_night_and_takes_back_what_detection_was_told_by_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that is due, then one that goes on; a day beside them would be detected too early."""
    now = datetime.now(UTC)
    due = iter([now - timedelta(hours=1)])
    active = iter([0, 1, 1])
    asked: list[str] = []

    def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2/dags/")
        asked.append(f"{request.method} {path}")
        if path == "/auth/token":
            return httpx.Response(201, json={"access_token": "token"})
        if request.method != "GET":
            return httpx.Response(404 if request.method == "DELETE" else 200)
        is_his = path.startswith("extract_his")
        if path.endswith("/dagRuns"):
            return httpx.Response(200, json={"total_entries": next(active, 0) if is_his else 0})
        moment = next(due, now + timedelta(hours=1)) if is_his else None
        return httpx.Response(200, json={"next_dagrun_run_after": moment and moment.isoformat()})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(orchestration, "_POLL_SECONDS", 0)
    airflow = Airflow("http://airflow", "password")
    monkeypatch.setattr(Airflow, "of", lambda _: airflow)
    trigger_day(date(2025, 12, 31), Settings())
    looks = [i for i, one in enumerate(asked) if one == "GET extract_his/dagRuns"]
    taken_back = asked.index("DELETE detect/assets/queuedEvents")
    started = [i for i, one in enumerate(asked) if one.startswith("POST extract")]
    assert len(looks) == 4
    assert len(started) == len(EXTRACT_DAGS)
    assert max(looks) < taken_back < min(started)
