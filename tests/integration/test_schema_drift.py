"""New columns are reported and go on; missing, renamed and retyped ones stop their table alone."""

from pathlib import Path

import pytest
import yaml
from hospital import ORG, SETTLE_SQL, Hospital
from test_rebuild import _digests, _rebuild

from qinglian.pipeline import IngestError

WITH_NEW = SETTLE_SQL.replace(
    "null as src_updated_at", "null as src_updated_at, note, '张伟' as contact"
)
DEPT_SQL = f"""
-- source: a literal, one row a department
select '{ORG}' as org_code, 'd1' as dept_code, '内科' as dept_name, null as std_dept_code,
    null as hi_dept_code, 'clinical' as dept_kind, null as parent_dept_code,
    null as sponsor_staff_code, true as is_active, null as src_updated_at
"""


def _vendor_file(hospital: Hospital) -> Path:
    return hospital.settings.root / "sources/test_his/vendor.yaml"


def test_a_new_column_is_reported_and_only_a_listed_one_is_landed(
    hospital: Hospital, caplog: pytest.LogCaptureFixture
) -> None:
    assert hospital.ingest().loaded == 1000
    hospital.sql("alter table settle add column note text")
    hospital.sql("update settle set note = 'E' || chr(39) || id where id in ('s1', 's2')")
    hospital.write_mapping(WITH_NEW)
    assert hospital.ingest().loaded == 0, "what no contract knows is no change"
    assert "note string not landed" in caplog.text
    assert hospital.outcomes("his_settle_unknown_columns") == [False]
    assert "his_settle_unknown_columns" in hospital.failing_rules_of_page()

    path = _vendor_file(hospital)
    listed = {"his_settle": {"note": "票据备注，不含个人信息"}}
    vendor = yaml.safe_load(path.read_text()) | {"extra_columns": listed}
    path.write_text(yaml.safe_dump(vendor, allow_unicode=True))
    assert hospital.ingest().loaded == 2
    landed = "select count(*) from land.his_settle where _extra ->> 'note' = 'E''' || settle_id"
    assert hospital.count(landed) == 2
    assert hospital.count("select count(*) from land.his_settle where _extra ? 'contact'") == 0
    told = "contact string not landed, note string landed"
    assert hospital.count(f"select count(*) from ops.batch where extra_columns = '{told}'") == 1
    assert not any(
        "张伟".encode() in file.read_bytes()
        for file in hospital.settings.landing_dir.rglob("*")
        if file.is_file()
    )
    before = _digests(hospital)
    _rebuild(hospital, replace=True)
    assert _digests(hospital) == before

    hospital.write_mapping(SETTLE_SQL)
    hospital.sql("delete from settle where id = 's501'")
    hospital.ingest()
    assert "his_settle_unknown_columns" not in hospital.failing_rules_of_page()
    assert hospital.verify().ok


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("alter table settle drop column invoice", 'column "invoice" does not exist'),
        (
            "alter table settle rename invoice to invoice_no2",
            "new name of 'invoice': 'invoice_no2'",
        ),
        (
            "alter table settle alter invoice type int using substr(invoice, 2)::int",
            "'invoice_no' was text and is number",
        ),
    ],
    ids=["missing", "renamed", "retyped"],
)
def test_a_changed_column_stops_its_table_alone_and_is_named(
    hospital: Hospital, change: str, words: str
) -> None:
    assert hospital.ingest().loaded == 1000
    (hospital.settings.root / "sources/test_his/his_dept.sql").write_text(DEPT_SQL)
    hospital.sql(change)
    with pytest.raises(IngestError) as failure:
        hospital.ingest()
    assert words in str(failure.value)
    assert "his_dept" not in str(failure.value)
    assert hospital.count("select count(*) from land.his_dept") == 1
    assert hospital.count("select count(*) from land.his_settle") == 1000
