"""What is wrong with an installation is told in one line, without a trace."""

import pytest

from qinglian import cli
from qinglian.extract.errors import SourceConfigurationError
from qinglian.landing.journal import JournalError
from qinglian.warehouse.server import NotPreparedError


@pytest.mark.parametrize("kind", [JournalError, NotPreparedError, SourceConfigurationError])
def test_an_error_of_the_installation_is_one_line(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise kind("the database is new: `qinglian rebuild` loads what is missing")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "qinglian rebuild" in "".join(capsys.readouterr())
