"""A scaffolded source: files that fit the contracts, and nothing overwritten."""

from pathlib import Path

import pytest
import yaml

from qinglian.contracts import load_contracts
from qinglian.extract.mapping import mapping_faults
from qinglian.extract.sources import SourceCatalog
from qinglian.onboarding.scaffold import ScaffoldError, scaffold_source
from qinglian.settings import Settings, repository_root

CONTRACTS = load_contracts(repository_root() / "expectations")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    root = tmp_path / "root"
    (root / "sources").mkdir(parents=True)
    (root / "expectations").symlink_to(repository_root() / "expectations")
    return Settings(home=tmp_path / "state", root=root)


def new(settings: Settings, source_id: str = "his_renmin", **changes: str) -> list[Path]:
    options = {"vendor": "newco_his", "system": "his", "kind": "mysql", "name": "某某人民医院"}
    return scaffold_source(settings, source_id, org_code="H50010300101", **(options | changes))


@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mssql", "oracle", "files"])
def test_the_skeleton_of_a_new_product_fits_every_contract_of_its_system(
    settings: Settings, kind: str
) -> None:
    new(settings, kind=kind)
    catalog = SourceCatalog(settings)
    source = catalog.source("his_renmin")
    dialect = catalog.vendor(source).dialect
    mapping = catalog.mapping_sql(source)
    assert set(mapping) == {c.table for c in CONTRACTS.values() if c.domain == "his"}
    for table, sql in mapping.items():
        contract = CONTRACTS[table]
        assert mapping_faults(sql, contract, contract.cursor, dialect) == [], table


def test_a_source_of_files_names_the_files_that_its_sql_reads(settings: Settings) -> None:
    new(settings, kind="files")
    files = SourceCatalog(settings).source("his_renmin").connection.files
    assert {name: s.pattern for name, s in files.items()} == {
        c.table: f"{c.table}.csv" for c in CONTRACTS.values() if c.domain == "his"
    }


def test_a_second_hospital_of_a_product_gets_only_its_yaml(settings: Settings) -> None:
    new(settings)
    written = new(settings, "his_zhongyi")
    assert [path.name for path in written] == ["his_zhongyi.yaml"]
    assert yaml.safe_load(written[0].read_text("utf-8"))["vendor"] == "newco_his"


@pytest.mark.parametrize(
    ("source_id", "changes", "words"),
    [
        ("his_renmin", {}, "exists"),
        ("his_two", {"kind": "oracle"}, "written in mysql"),
        ("his_two", {"kind": "excel"}, "no kind 'excel'"),
        ("his_two", {"system": "bank"}, "no system 'bank'"),
        ("His-2", {}, "cannot be an id"),
        ("his_two", {"vendor": "../elsewhere"}, "cannot be an id"),
    ],
)
def test_what_cannot_be_scaffolded_is_refused_and_nothing_changes(
    settings: Settings, source_id: str, changes: dict[str, str], words: str
) -> None:
    new(settings)
    folder = settings.root / "sources"
    before = {path: path.read_text("utf-8") for path in folder.rglob("*.*") if path.is_file()}
    with pytest.raises(ScaffoldError, match=words):
        new(settings, source_id, **changes)
    assert before == {p: p.read_text("utf-8") for p in folder.rglob("*.*") if p.is_file()}
