"""The containers' files: what compose.yaml promises, and that code and containers agree."""

import importlib.util
import re
import shutil
import stat
import subprocess
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from qinglian.dashboards.process import LOG_IN_SECRETS, superset_environment
from qinglian.dashboards.roles import RolesFile
from qinglian.pipeline import publish
from qinglian.secrets_file import MissingSecretError, SecretsFile
from qinglian.services.airflow_environment import airflow_environment
from qinglian.services.ports import choose_ports
from qinglian.services.programs import programs
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.embedded import analytic_settings
from qinglian.warehouse.server import ROLES, Server

ROOT = repository_root()
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILES = sorted(DOCKER.glob("*/Dockerfile"))
ONE_OFF = {"initialise", "superset-initialise"}
each_service = pytest.mark.parametrize("name", SERVICES)
each_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda p: p.parent.name)


@pytest.fixture
def handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets as a container sees it, each holding its own name."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in COMPOSE["secrets"]:
        (folder / name).write_text(f"of/{name}\n")
    monkeypatch.setenv("QINGLIAN_SECRETS_DIR", str(folder))
    return folder


def container_settings(home: Path) -> Settings:
    """Settings as `airflow-scheduler` reads them, with another state folder."""
    environment = SERVICES["airflow-scheduler"]["environment"]
    values = {
        name.removeprefix("QINGLIAN_").lower(): _default(value)
        for name, value in environment.items()
        if name.startswith("QINGLIAN_") and name != "QINGLIAN_SOURCE_DIRS"
    }
    return Settings(home=home, **{k: v for k, v in values.items() if k in Settings.model_fields})


def _default(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_every_service_of_the_installation_is_there() -> None:
    assert set(SERVICES) == {
        *("postgres", "superset"),
        *(f"airflow-{part}" for part in ("api-server", "scheduler", "dag-processor", "triggerer")),
        *ONE_OFF,
    }


@each_service
def test_no_service_is_root_or_writes_to_its_image(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in {"root", "0"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert not any("docker.sock" in volume for volume in service["volumes"])


@each_service
def test_no_image_of_ours_is_asked_of_a_registry(name: str) -> None:
    assert SERVICES[name]["image"].startswith("qinglian/")
    assert SERVICES[name]["pull_policy"] == "never"


@each_service
def test_every_service_has_limits_and_its_log_is_rotated(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}


@each_service
def test_what_keeps_running_says_whether_it_is_well(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if name in ONE_OFF:
        assert check == {"disable": True}
    else:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@each_service
def test_a_service_waits_for_what_can_be_waited_for(name: str) -> None:
    for other, wish in SERVICES[name].get("depends_on", {}).items():
        ends = other in ONE_OFF
        expected = "service_completed_successfully" if ends else "service_healthy"
        assert wish["condition"] == expected, other


def test_pages_alone_are_published_and_on_this_machine_only() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"airflow-api-server", "superset"}
    for name in published:
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])
    assert all("network_mode" not in service for service in SERVICES.values())
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inside"]


def test_the_tasks_alone_reach_what_hospitals_deliver() -> None:
    volumes = {name: set(service.get("volumes", ())) for name, service in SERVICES.items()}
    drop = {name for name, mounts in volumes.items() if any("/drop" in m for m in mounts)}
    assert drop == {"airflow-scheduler"}
    # Read and written, and outside of the state folder, where nobody's name may stand.
    assert volumes["airflow-scheduler"] - volumes["airflow-triggerer"] == {
        "${QINGLIAN_DROP:-./drop}:/drop"
    }
    assert volumes["airflow-triggerer"] <= volumes["airflow-scheduler"]
    assert (DOCKER / "drop").is_dir()
    assert "QINGLIAN_DROP=./drop" in (DOCKER / ".env.example").read_text().splitlines()
    assert "docker/drop/*" in (ROOT / ".gitignore").read_text().splitlines()
    assert "docker/drop" in (ROOT / ".dockerignore").read_text().split()


def test_secrets_are_files_that_git_does_not_see() -> None:
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"docker/secrets/", "docker/.env"} <= set(ignored)
    assert {"docker/secrets", "docker/.env"} <= set((ROOT / ".dockerignore").read_text().split())


@each_service
def test_no_secret_travels_through_the_environment(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|_KEY|TOKEN", variable):
            assert value.startswith("/run/secrets"), variable
        assert not re.search(r"://[^/\s@]+:[^/\s@]+@", value), variable


@each_service
def test_a_service_is_given_known_secrets_and_no_other(name: str) -> None:
    assert set(SERVICES[name].get("secrets", [])) <= set(COMPOSE["secrets"])
    superuser = "POSTGRES_PASSWORD" in SERVICES[name].get("secrets", [])
    assert superuser == (name in {"postgres", "initialise"})


@pytest.mark.parametrize(
    "path",
    [DOCKER / "compose.yaml", DOCKER / ".env.example", *DOCKERFILES],
    ids=lambda p: str(p.relative_to(DOCKER)),
)
def test_no_password_and_no_registry_stands_in_a_file(path: Path) -> None:
    text = path.read_text("utf-8")
    named = re.findall(r"(?im)\b(\w*(?:PASSWORD|SECRET|_KEY|TOKEN)\w*)\s*=", text)
    assert named == []
    assert not re.search(r"://[^/\s@]+:[^/\s@]+@", text)
    images = re.findall(r"(?m)^FROM (\S+)|_IMAGE[:=]-?\s*(\S+)", text)
    assert not any("." in name.split("/")[0] for pair in images for name in pair if "/" in name)
    assert "index-url" not in text


def test_every_built_image_has_its_dockerfile() -> None:
    built = [service["build"] for service in SERVICES.values() if "build" in service]
    assert {(DOCKER / b["context"] / b["dockerfile"]).resolve() for b in built} == set(DOCKERFILES)


@each_dockerfile
def test_base_images_are_pinned_and_can_be_given_a_digest(path: Path) -> None:
    text = path.read_text("utf-8")
    bases = dict(re.findall(r"(?m)^ARG (\w+_IMAGE)=(\S+)", text))
    froms = re.findall(r"(?m)^FROM (\S+)", text)
    assert froms
    for base in froms:
        tag = bases[base.removeprefix("${").removesuffix("}")].partition(":")[2]
        assert re.fullmatch(r"\d+\.\d+[\w.-]*bookworm", tag)
    for name, default in bases.items():
        for service in SERVICES.values():
            build = service.get("build", {})
            if (DOCKER / build.get("context", "") / build.get("dockerfile", "")).resolve() == path:
                assert build["args"][name] == f"${{QINGLIAN_{name}:-{default}}}"


@each_dockerfile
def test_the_image_itself_is_not_roots_and_takes_only_locked_packages(path: Path) -> None:
    text = path.read_text("utf-8")
    users = re.findall(r"(?m)^USER (\S+)", text)
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}
    lock_files = re.findall(r"COPY (requirements/\S+)", text)
    assert text.count("pip install") == text.count("--require-hashes") == len(lock_files)
    for source in re.findall(r"(?m)^COPY (?!--from)(?:--chmod=\d+ )?(\S+) ", text):
        assert (ROOT / source).exists(), source


def test_the_file_follows_the_compose_specification() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec", str(DOCKER / "compose.yaml")]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_itself_accepts_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], check=False).returncode:
        pytest.skip("no docker client with the compose plugin on this machine")
    done = subprocess.run(
        [docker, "compose", "--file", str(DOCKER / "compose.yaml"), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_secrets_are_generated_once_in_a_closed_folder(tmp_path: Path) -> None:
    for name in ("generate_secrets.sh", "compose.yaml"):
        shutil.copy(DOCKER / name, tmp_path)
    script = ["sh", str(tmp_path / "generate_secrets.sh")]
    subprocess.run(script, check=True, capture_output=True)
    written = {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()}
    assert set(written) == set(COMPOSE["secrets"])
    assert len(set(written.values())) == len(written)
    assert {len(value) for value in written.values()} == {64}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    subprocess.run(script, check=True, capture_output=True)
    assert {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()} == written


def test_every_secret_that_a_service_reads_is_one_that_it_is_given(
    handed_in: Path, tmp_path: Path
) -> None:
    for name in ("initialise", "airflow-scheduler", "airflow-triggerer"):
        given = set(SERVICES[name]["secrets"])
        for path in handed_in.iterdir():
            path.unlink()
        for secret in given:
            (handed_in / secret).write_text(secret)
        settings = container_settings(tmp_path / "state")
        server = Server.open(settings)
        airflow_environment(settings, server)
        if name == "initialise":
            assert all(server.password(role) for role in [*ROLES, "superuser"])
        if name == "airflow-scheduler":
            users = RolesFile.read(ROOT / "superset" / "roles.yaml").users
            assert {user.secret for user in users} | {"PSEUDONYM_KEY"} <= given


def test_a_secret_that_is_not_given_is_not_invented(handed_in: Path, tmp_path: Path) -> None:
    secrets = SecretsFile(tmp_path / "secrets.env")
    assert secrets.get("LOADER_PASSWORD") == "of/LOADER_PASSWORD"
    with pytest.raises(MissingSecretError, match="OTHER"):
        secrets.get("OTHER")
    (handed_in / "EMPTY").touch()
    with pytest.raises(MissingSecretError, match="EMPTY"):
        secrets.get("EMPTY")
    assert not (tmp_path / "secrets.env").exists()


@pytest.mark.usefixtures("handed_in")
def test_airflows_parts_find_each_other_by_name(tmp_path: Path) -> None:
    settings = container_settings(tmp_path)
    environment = airflow_environment(settings, Server.open(settings))
    assert (
        environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
        == "http://airflow-api-server:8080/execution/"
    )
    assert environment["AIRFLOW__API__HOST"] == "0.0.0.0"  # noqa: S104
    assert environment["AIRFLOW__API__PORT"] == "8080"
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8080"
    assert environment["QINGLIAN_DBT_HOST"] == "postgres"


def test_the_superusers_password_may_stand_in_the_url_or_be_a_secret(
    handed_in: Path, tmp_path: Path
) -> None:
    assert (handed_in / "POSTGRES_PASSWORD").exists()
    without = Server.open(Settings(home=tmp_path, database_url="postgresql://postgres@db:5433"))
    assert without.password("superuser") == "of/POSTGRES_PASSWORD"
    url = "postgresql://postgres:a%2Fb@db:5433"
    within = Server.open(Settings(home=tmp_path, database_url=url))
    assert within.password("superuser") == "a/b"
    assert within.url("superuser", "x") == f"{url}/x"


def test_dashboards_are_published_to_the_given_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, superset_url="http://superset:8088")
    published: list[str] = []
    fakes = {
        "settings_and_server": lambda: (settings, None),
        "recorded_run": lambda *_: nullcontext(),
        "publish_dashboards": lambda settings, server, url: published.append(url),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(f"qinglian.pipeline.{name}", fake)
    publish(date(2025, 12, 31))
    assert published == ["http://superset:8088"]


def test_airflows_programs_can_be_named_where_superset_is_not_installed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, root=tmp_path)
    names = {program.name for program in programs(settings, choose_ports(tmp_path))}
    commands = [service["command"] for service in SERVICES.values() if "command" in service]
    launched = {c[-1] for c in commands if "qinglian.services.launch" in c}
    assert launched == {name for name in names if name.startswith("airflow-")}


def test_superset_in_a_container_gets_what_it_gets_on_one_machine(
    handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = SERVICES["superset"]["environment"]["QINGLIAN_DATABASE_ADDRESS"]
    monkeypatch.setenv("QINGLIAN_DATABASE_ADDRESS", address)
    for name in ("TZ", "QINGLIAN_SUPERSET_STATE", "SUPERSET_HOME"):
        monkeypatch.delenv(name, raising=False)
    settings = container_settings(tmp_path)
    there = superset_environment(settings, Server.open(settings))
    monkeypatch.setenv("HOME", there["SUPERSET_HOME"])
    here = _start_script().environment()
    assert here == {name: there[name] for name in here}
    inherited = set(there) - set(here)
    assert not any(name.startswith(("SUPERSET_", "FLASK_")) for name in inherited)


@pytest.mark.parametrize(("way", "name"), LOG_IN_SECRETS.items())
def test_another_log_in_gets_its_secret_in_a_container_too(
    handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, name: str
) -> None:
    monkeypatch.setenv("QINGLIAN_DATABASE_ADDRESS", "postgres:5432")
    monkeypatch.setenv("QINGLIAN_AUTH", way)
    with pytest.raises(FileNotFoundError, match=name):
        _start_script().environment()
    (handed_in / name).write_text("chosen elsewhere\n")
    settings = container_settings(tmp_path)
    there = superset_environment(settings, Server.open(settings))
    variable = f"QINGLIAN_{name}"
    assert _start_script().environment()[variable] == there[variable] == "chosen elsewhere"


def test_superset_reads_the_quality_reports_and_writes_none() -> None:
    superset = SERVICES["superset"]
    folder = superset["environment"]["QINGLIAN_DATA_DOCS"]
    assert f"data-docs:{folder}:ro" in superset["volumes"]
    writer = SERVICES["airflow-scheduler"]["user"].partition(":")[2]
    assert superset["group_add"] == [writer]
    ignored = (ROOT / ".dockerignore").read_text().split()
    for handbook in ("docs/contracts.md", "docs/indicators.md"):
        assert handbook in (DOCKER / "superset" / "Dockerfile").read_text().split()
        assert f"!{handbook}" in ignored


def test_postgres_has_the_settings_of_the_embedded_server() -> None:
    def parsed(text: str) -> dict[str, str]:
        lines = [line.partition("#")[0] for line in text.splitlines()]
        return {k.strip(): v.strip() for k, _, v in (x.partition("=") for x in lines if x.strip())}

    embedded = parsed(analytic_settings(16 * 2**30, 4))
    container = parsed((DOCKER / "postgres" / "postgresql.conf").read_text())
    different = {name for name in embedded if container.get(name) != embedded[name]}
    logged = {"wal_level", "max_wal_senders"}
    assert different == {"listen_addresses", "unix_socket_directories", *logged}
    assert set(container) == set(embedded)


@pytest.mark.parametrize(("cores", "workers"), [(2, 0), (4, 0), (8, 1), (16, 3)])
def test_a_query_takes_further_processors_only_where_four_models_leave_some(
    cores: int, workers: int
) -> None:
    lines = analytic_settings(16 * 2**30, cores).splitlines()
    assert f"max_parallel_workers_per_gather = {workers}" in lines


def _start_script() -> ModuleType:
    specification = importlib.util.spec_from_file_location(
        "superset_start", DOCKER / "superset" / "start.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
