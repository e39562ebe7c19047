"""Who may see personal data in quarantine is not for the environment to say."""

import os
import pwd

import pytest

from qinglian.quarantine.commands import _login


@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_the_environment_names_nobody(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "chief")
    assert _login() == pwd.getpwuid(os.getuid()).pw_name
