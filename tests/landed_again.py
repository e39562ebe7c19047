"""The landed rows told in another way that means the same, and one more hospital beside them.

The same is meant in another order, in other batches, with lines that were undone, in other money.
"""

import re
from collections.abc import Iterable, Iterator

import psycopg
from psycopg import sql

from qinglian.contracts import Contract

#: Fee lines that are charged once more and taken back.
UNDONE = 200
_MONEY = re.compile(r"^(?!.*比例).*([价额费付资]|成本|支出|负担|承担)")


def tell_differently(connection: psycopg.Connection, seed: int) -> int:
    """Change how the landed rows stand in the database, and nothing of what they say.

    Every table's rows in another order; each batch of fee lines in two, where no row has an earlier
    version; lines that are charged again and reversed in full. Returns the number of such pairs.
    """
    connection.execute("select setseed(%s)", (1 / (seed + 1),))
    tables = connection.execute(
        "select tablename from pg_tables where schemaname = 'land' order by 1"
    ).fetchall()
    for (table,) in tables:
        _shuffle(connection, table)
    _split_batches(connection)
    undone = _undo_lines(connection)
    # Without statistics of what is new the first models would run by nested loops.
    connection.execute("analyze")
    return undone


def tell_in_other_money(
    connection: psycopg.Connection, contracts: Iterable[Contract], factor: int
) -> None:
    """Every price and amount, landed or a threshold in CNY, in a unit that is worth 1/factor."""
    for contract in contracts:
        told = [
            sql.SQL("{0} = {0} * {1}").format(sql.Identifier(column), factor)
            for column in money_columns(contract)
        ]
        if told:
            connection.execute(
                sql.SQL("update {} set {}").format(
                    sql.Identifier("land", contract.table), sql.SQL(", ").join(told)
                )
            )
    connection.execute("update ref.threshold set value = value * %s where unit = 'CNY'", (factor,))


def money_columns(contract: Contract) -> Iterator[str]:
    """Numbers that are called a price, an amount, a payment or a cost; a share (比例) is none."""
    for column in contract.columns:
        if column.physical_type.startswith("numeric") and _MONEY.search(column.label_zh):
            yield column.name


def add_hospital(
    connection: psycopg.Connection, contracts: Iterable[Contract], like: str, code: str
) -> int:
    """A hospital `code` at which happened what happened at `like`, to other people.

    All other numbers are the same, as numbers are unique within a hospital only. Returns the number
    of landed rows, which come in batches of their own.
    """
    batches = connection.execute(
        "select distinct batch_id from ops.batch where state = 'loaded'"
    ).fetchall()
    connection.execute("create temp table copied (old_batch bigint primary key, batch bigint)")
    for (batch,) in batches:
        connection.execute(
            "insert into copied values (%s, %s)", (batch, _copy_batch(connection, batch))
        )
    rows = 0
    for contract in contracts:
        persons = {column.name for column in contract.columns if column.pseudonym == "id_number"}
        columns = _columns(connection, "land", contract.table)
        values = sql.SQL(", ").join(
            _at_other_hospital(column, column in persons) for column in columns
        )
        rows += connection.execute(
            sql.SQL(
                "insert into {table} ({columns}) select {values} from {table} as landed"
                " inner join copied on landed._batch_id = copied.old_batch"
                " where landed.org_code = %(like)s"
            ).format(
                table=sql.Identifier("land", contract.table),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=values,
            ),
            {"like": like, "code": code},
        ).rowcount
    connection.execute("drop table copied")
    connection.execute("analyze")
    return rows


def _at_other_hospital(column: str, is_person: bool) -> sql.Composable:
    """The copied value: another code, another batch, another person with a key as long."""
    value = sql.Identifier("landed", column)
    if column in ("org_code", "fixmedins_code"):
        return sql.SQL("%(code)s")
    if column == "_batch_id":
        return sql.SQL("copied.batch")
    if is_person:
        return sql.SQL("translate({}, '0123456789abcdef', '123456789abcdef0')").format(value)
    return value


def _copy_batch(connection: psycopg.Connection, batch: int) -> int:
    """Number of a new batch that is described as the old one is."""
    columns = sql.SQL(", ").join(
        sql.Identifier(name) for name in _columns(connection, "ops", "batch") if name != "batch_id"
    )
    row = connection.execute(
        sql.SQL(
            "insert into ops.batch ({columns}) select {columns} from ops.batch"
            " where batch_id = %s returning batch_id"
        ).format(columns=columns),
        (batch,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _columns(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns"
            " where table_schema = %s and table_name = %s order by ordinal_position",
            (schema, table),
        ).fetchall()
    ]


def _shuffle(connection: psycopg.Connection, table: str) -> None:
    landed = sql.Identifier("land", table)
    for statement in (
        "create temp table shuffled as select * from {table} order by random()",
        "truncate {table}",
        "insert into {table} select * from shuffled",
        "drop table shuffled",
    ):
        connection.execute(sql.SQL(statement).format(table=landed))


def _split_batches(connection: psycopg.Connection) -> None:
    batches = connection.execute(
        "select batch_id from ops.batch where table_name = 'his_fee' and loaded > 1"
    ).fetchall()
    for (batch,) in batches:
        connection.execute(
            "update land.his_fee set _batch_id = %s where _batch_id = %s and random() < 0.5"
            " and (org_code, fee_id) not in (select org_code, fee_id from land.his_fee"
            " group by org_code, fee_id having count(*) > 1)",
            (_copy_batch(connection, batch), batch),
        )


def _undo_lines(connection: psycopg.Connection) -> int:
    """Originals that nothing reverses, once more under a new number, and their full reversals."""
    connection.execute(
        "create temp table again as select * from land.his_fee as fee where orig_fee_id is null"
        " and not src_is_deleted and qty > 0 and not exists (select 1 from land.his_fee as other"
        " where other.org_code = fee.org_code and other.orig_fee_id = fee.fee_id)"
        " order by random() limit %s",
        (UNDONE,),
    )
    connection.execute(
        "update again set fee_id = fee_id || '-again';"
        " insert into land.his_fee select * from again;"
        " update again set orig_fee_id = fee_id, fee_id = fee_id || '-undone', qty = -qty,"
        " amount = -amount;"
        " insert into land.his_fee select * from again"
    )
    row = connection.execute("select count(*) from again").fetchone()
    assert row is not None
    return int(row[0])
