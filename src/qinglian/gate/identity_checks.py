"""The identities on data quality as checks of the marts' checkpoint.

They are described once, in the metadata of the dbt models in `models/quality`, and reach the
warehouse as `marts.quality_identity`. A verdict is one organisation, table and month: it fails
where a smaller share holds than the identity asks for, and says nothing where nothing could be
judged.
"""

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.gate.checks import Check

IDENTITY_MONTH = "quality_identity_month"

_CATALOGUE = """
select identity_id, name_zh, meaning_zh, tolerance_zh, dimension
from marts.quality_identity order by number
"""
_OFFENDERS = """
select org_name as "机构", table_zh as "数据表", period_month as "月份", aspect as "计数",
    denominator - numerator as "不成立", denominator as "可评价", example_key as "例"
from {{batch}} where identity_id = '{identity_id}' and not holds
order by org_code, table_name, period_month, aspect
"""
_COUNTS = """
select count(holds), count(*) - count(holds),
    min(reason) filter (where holds is null)
from marts.quality_identity_month where identity_id = %s
"""


def identity_checks(connection: Connection[Any]) -> list[Check]:
    """One check an identity, of severity warning: what is wrong at a hospital stops no publication.

    `connection` is one that may read `marts`. Names and descriptions are those of the catalogue.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        catalogue = cursor.execute(_CATALOGUE).fetchall()
    return [
        Check(
            rule_id=f"identity_{entry['identity_id'].lower()}",
            name_zh=f"{entry['identity_id']} {entry['name_zh']}",
            description=f"{entry['meaning_zh']}{entry['tolerance_zh']}",
            dimension=entry["dimension"],
            severity="warning",
            level="row",
            condition=None,
            expectation="unexpected_rows_expectation",
            kwargs={"unexpected_rows_query": _OFFENDERS.format(identity_id=entry["identity_id"])},
        )
        for entry in catalogue
    ]


def verdict_counts(connection: Connection[Any], rule_id: str) -> tuple[int, int, str | None]:
    """How many verdicts of an identity could be made, how many not, and one reason why not."""
    identity_id = rule_id.removeprefix("identity_").upper()
    row = connection.execute(_COUNTS, (identity_id,)).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return row[0], row[1], row[2]
