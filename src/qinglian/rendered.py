"""Files that follow from contracts and models: written here, never by hand."""

from collections.abc import Iterator
from pathlib import Path

from qinglian.contracts import dbt_sources_yaml, handbook_markdown, load_contracts
from qinglian.indicator_handbook import indicator_handbook
from qinglian.settings import Settings, get_settings
from qinglian.transform import write_manifest


def rendered_files(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Each generated file of the repository with the text that it must have."""
    contracts = load_contracts(settings.contracts_dir)
    yield settings.dbt_dir / "models/staging/_sources.yml", dbt_sources_yaml(contracts)
    yield settings.root / "docs/contracts.md", handbook_markdown(contracts)
    manifest = write_manifest(settings.dbt_dir, settings.state_dir / "dbt")
    yield settings.root / "docs/indicators.md", indicator_handbook(manifest)


def write_rendered_files() -> list[Path]:
    """Write them all; returns their paths."""
    written = []
    for path, text in rendered_files(get_settings()):
        path.write_text(text, "utf-8")
        written.append(path)
    return written
