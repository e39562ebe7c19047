"""Which YAML files make the list of sources."""

from pathlib import Path

import pytest

from qinglian.extract.sources import SourceConfigurationError, read_sources
from qinglian.settings import repository_root

EXAMPLES = repository_root() / "sources" / "examples" / "sources"


def test_a_file_that_is_met_twice_is_one_source() -> None:
    sources = read_sources([EXAMPLES, EXAMPLES / "synthea.yaml", EXAMPLES / ".." / "sources"])
    assert list(sources) == sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


def test_two_files_with_one_id_are_both_named(tmp_path: Path) -> None:
    other = tmp_path / "copy.yaml"
    other.write_text((EXAMPLES / "synthea.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(SourceConfigurationError) as raised:
        read_sources([EXAMPLES, tmp_path])
    assert str(other) in str(raised.value)
    assert str(EXAMPLES / "synthea.yaml") in str(raised.value)
