"""Ports, supervisord's configuration, and Airflow's settings: files and values, no process."""

import configparser
import shlex
import socket
from pathlib import Path

import pytest

from qinglian.secrets_file import SecretsFile
from qinglian.services.airflow_environment import airflow_environment
from qinglian.services.control import service_status, settings_environment
from qinglian.services.ports import HOST, choose_ports, load_ports
from qinglian.services.programs import programs
from qinglian.services.supervisor import SupervisedProgram, Supervisor
from qinglian.settings import Settings
from qinglian.warehouse.server import Server


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(state_dir=tmp_path / "100% of it", logs_dir=tmp_path / "logs")


@pytest.fixture
def installation(tmp_path: Path) -> tuple[Settings, Server]:
    settings = Settings(home=tmp_path)
    secrets = SecretsFile(settings.secrets_path)
    return settings, Server("db.invalid", 5432, "postgres", "su/per", secrets, None)


def read(config: str) -> configparser.RawConfigParser:
    parsed = configparser.RawConfigParser()
    parsed.read_string(config)
    return parsed


def test_ports_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    first = choose_ports(tmp_path)
    assert len(set(first.model_dump().values())) == 2
    assert choose_ports(tmp_path) == first == load_ports(tmp_path)


def test_a_taken_port_alone_is_chosen_again(tmp_path: Path) -> None:
    first = choose_ports(tmp_path)
    with socket.socket() as stranger:
        stranger.bind((HOST, first.superset))
        stranger.listen()
        second = choose_ports(tmp_path)
    assert second.superset != first.superset
    assert second.airflow == first.airflow


def test_no_ports_before_the_first_start(tmp_path: Path) -> None:
    assert load_ports(tmp_path) is None


def test_a_command_is_read_back_word_by_word(supervisor: Supervisor) -> None:
    command = ("/opt/my venv/python", "-c", "print(\"100% 'fine'\")")
    config = read(supervisor.render_config([SupervisedProgram("one", command)], {}))
    written = config["program:one"]["command"]
    assert tuple(shlex.split(written % {})) == command
    assert config["program:one"]["autorestart"] == "true"
    assert config["group:qinglian"]["programs"] == "one"


def test_configuration_follows_the_settings_and_holds_no_secret(supervisor: Supervisor) -> None:
    url = {"QINGLIAN_DATABASE_URL": "postgresql://postgres:hunter2@db/"}
    with_url = supervisor.render_config([], url)
    assert "hunter2" not in with_url
    assert with_url != supervisor.render_config([], {})
    assert with_url == supervisor.render_config([], {**url, "TERM": "xterm"})


def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = Supervisor(state_dir=tmp_path / ("d" * 120), logs_dir=tmp_path)
    assert len(str(deep.socket_path)) < 100
    assert deep.socket_path != Supervisor(tmp_path / ("e" * 120), tmp_path).socket_path


def test_settings_travel_through_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        home=tmp_path,
        sources_in_parallel=3,
        source_dirs=[tmp_path / "more"],
        dashboard_languages=("zh", "en"),
    )
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_airflow_phones_nobody_and_knows_its_own_port(
    installation: tuple[Settings, Server],
) -> None:
    settings, server = installation
    environment = airflow_environment(settings, server)
    port = environment["AIRFLOW__API__PORT"]
    assert (
        environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"http://{HOST}:{port}/execution/"
    )
    assert environment["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert environment["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] == "False"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["AIRFLOW__CORE__DEFAULT_TIMEZONE"] == "Asia/Shanghai"


def test_airflow_keys_are_long_distinct_and_kept(installation: tuple[Settings, Server]) -> None:
    settings, server = installation
    keys = [
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__FERNET_KEY",
    ]
    first = airflow_environment(settings, server)
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert len({first[key] for key in keys}) == len(keys)
    assert airflow_environment(settings, server) == first


def test_the_superuser_password_does_not_reach_airflow(
    installation: tuple[Settings, Server],
) -> None:
    settings, server = installation
    assert not any("su/per" in value for value in airflow_environment(settings, server).values())


def test_the_data_docs_are_behind_supersets_log_in(installation: tuple[Settings, Server]) -> None:
    settings, _ = installation
    ports = choose_ports(settings.state_dir)
    address = f"http://{HOST}:{ports.superset}/reports/data-docs/"
    assert service_status(settings).data_docs_url == address


def test_every_program_says_how_it_is_well(installation: tuple[Settings, Server]) -> None:
    settings, _ = installation
    known = programs(settings, choose_ports(settings.state_dir))
    names = [program.name for program in known]
    assert len(set(names)) == len(names)
    for program in known:
        assert Path(program.command[0]).is_absolute()
        assert program.has_page or program.health_key, program.name
