"""A changed threshold makes a new version of its rule, from its first day on and where it holds."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from psycopg import Connection, sql

from qinglian.settings import Settings
from qinglian.transform import TransformError, run_dbt
from qinglian.warehouse.server import Server

DAY = date(2025, 6, 30)
#: Of the district whose threshold changes, and of another one.
HERE, THERE = "H50010300001", "H50010400001"
VERSIONS = ("org_threshold", "int_rule_threshold", "int_rule_version", "rule_threshold", "lead")
CHECKS = (
    "threshold_scope_is_known",
    "threshold_periods_do_not_overlap",
    "own_threshold_replaces_one",
)
#: Indicator, organisation and month of each lead.
FIRED = (
    ("RX01", HERE, date(2025, 3, 1)),
    ("RX01", HERE, date(2025, 4, 1)),
    ("RX01", HERE, date(2025, 5, 1)),
    ("RX01", THERE, date(2025, 4, 1)),
    ("BL03", HERE, date(2025, 4, 1)),
)


class Rules:
    """Two registered hospitals with leads, and the thresholds that can be set for them."""

    def __init__(self, server: Server, settings: Settings, owner: Connection[Any]) -> None:
        self.server, self.settings, self.owner = server, settings, owner

    def dbt(self, *arguments: str) -> None:
        run_dbt(self.server, arguments, DAY, self.settings)

    def set_threshold(
        self, indicator: str, param: str, scope: str, value: float, valid_from: date
    ) -> None:
        self.owner.execute(
            "insert into ref.threshold (indicator_id, param, scope, value, unit, legal_force,"
            " source, verified_by, valid_from)"
            " values (%s, %s, %s, %s, '-', true, 'order', 'A', %s)",
            (indicator, param, scope, value, valid_from),
        )

    def versions(self) -> list[str]:
        """Rule versions of the leads in the order of `FIRED`, after building them."""
        self.dbt("run", "--select", *VERSIONS)
        rows = self.owner.execute(
            "select indicator_id, org_code, period_start, rule_version from marts.lead"
            " where org_code in (%s, %s)",
            (HERE, THERE),
        ).fetchall()
        known = {row[:3]: row[3] for row in rows}
        return [known[lead] for lead in FIRED]


def _create_results(owner: Connection[Any], settings: Settings) -> None:
    """A table in the place of the view over all indicators, with what fired."""
    macro = settings.dbt_dir / "macros/indicators/result_rows.sql"
    columns = re.findall(r"\('(\w+)', '([^']+)'\)", macro.read_text("utf-8"))
    typed = ", ".join(f"{name} {kind}" for name, kind in columns)
    owner.execute("drop view if exists indicators.indicator_result cascade")
    owner.execute(
        sql.SQL("create table indicators.indicator_result ({}, evidence text)").format(
            sql.SQL(typed)  # type: ignore[arg-type]
        )
    )
    with owner.cursor() as cursor:
        cursor.executemany(
            "insert into indicators.indicator_result (indicator_id, org_code, period_start,"
            " subject_type, subject_id, outcome, state)"
            " values (%s, %s, %s, 'doctor', 'D1', 'fired', '疑点')",
            FIRED,
        )


@pytest.fixture
def rules(server: Server, settings: Settings) -> Iterator[Rules]:
    with server.connect("transformer", autocommit=True) as owner:
        rules = Rules(server, settings, owner)
        rules.dbt("seed", "--select", "threshold", "code_label")
        rules.dbt("run", "--select", "+dim_organisation", "indicator", "stg_ops__lead_register")
        _create_results(owner, settings)
        with owner.cursor() as cursor:
            cursor.executemany(
                "insert into core.dim_organisation (org_code, district_code, org_type, org_level,"
                " level_group) values (%s, %s, 'general', '02', 'tertiary')",
                [(HERE, "500103"), (THERE, "500104")],
            )
        yield rules
        owner.execute("drop table indicators.indicator_result")
        owner.execute("delete from core.dim_organisation where org_code in (%s, %s)", (HERE, THERE))
        if owner.execute("select to_regclass('marts.lead') is not null").fetchone() == (True,):
            owner.execute("delete from marts.lead where org_code in (%s, %s)", (HERE, THERE))
        rules.dbt("seed", "--select", "threshold")


def test_leads_after_a_change_have_another_rule_version(rules: Rules) -> None:
    march, april, may, elsewhere, other_rule = rules.versions()
    assert march == april == may == elsewhere

    rules.set_threshold("RX01", "max_drugs", "500103", 4, date(2025, 4, 1))
    changed = rules.versions()
    new = changed[1]
    assert new != march
    assert changed == [march, new, new, elsewhere, other_rule]
    listed = rules.owner.execute(
        "select rule_version, scope, value, valid_from, verified_by from marts.rule_threshold"
        " where indicator_id = 'RX01' and param = 'max_drugs'"
    ).fetchall()
    assert sorted(listed, key=lambda row: row[1]) == [
        (march, "*", 5, date(2000, 1, 1), None),
        (new, "500103", 4, date(2025, 4, 1), "A"),
    ]

    rules.owner.execute("update ref.threshold set valid_to = '2025-04-30' where scope = '500103'")
    assert rules.versions() == [march, new, march, elsewhere, other_rule]


def test_rows_that_would_hold_for_nobody_or_twice_are_reported(rules: Rules) -> None:
    rules.set_threshold("RX01", "max_drugs", "500103", 4, date(2025, 4, 1))
    rules.set_threshold("RX04", "max_rate", "500103|outpatient", 0.18, date(2025, 4, 1))
    rules.set_threshold("RX04", "max_rate", f"{HERE}|emergency", 0.3, date(2025, 4, 1))
    rules.dbt("test", "--select", *CHECKS)

    rules.set_threshold("RX01", "max_drugs", "500105", 4, date(2025, 4, 1))
    with pytest.raises(TransformError) as unknown_district:
        rules.dbt("test", "--select", *CHECKS)
    assert [name in str(unknown_district.value) for name in CHECKS] == [True, False, False]

    rules.owner.execute("delete from ref.threshold where scope = '500105'")
    rules.set_threshold("RX01", "max_drugs", "500103", 3, date(2025, 5, 1))
    rules.set_threshold("RX04", "max_rate", "500104", 0.18, date(2025, 4, 1))
    with pytest.raises(TransformError) as twice:
        rules.dbt("test", "--select", *CHECKS)
    assert [name in str(twice.value) for name in CHECKS] == [False, True, True]
