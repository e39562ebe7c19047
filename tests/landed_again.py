"""The landed rows told in another way that means the same: order, batches, undone lines."""

import psycopg
from psycopg import sql

#: Fee lines that are charged once more and taken back.
UNDONE = 200


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
    return _undo_lines(connection)


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
    columns = sql.SQL(", ").join(
        sql.Identifier(name)
        for (name,) in connection.execute(
            "select column_name from information_schema.columns where table_schema = 'ops'"
            " and table_name = 'batch' and column_name <> 'batch_id'"
        ).fetchall()
    )
    batches = connection.execute(
        "select batch_id from ops.batch where table_name = 'his_fee' and loaded > 1"
    ).fetchall()
    for (batch,) in batches:
        row = connection.execute(
            sql.SQL(
                "insert into ops.batch ({columns}) select {columns} from ops.batch"
                " where batch_id = %s returning batch_id"
            ).format(columns=columns),
            (batch,),
        ).fetchone()
        assert row is not None
        connection.execute(
            "update land.his_fee set _batch_id = %s where _batch_id = %s and random() < 0.5"
            " and (org_code, fee_id) not in (select org_code, fee_id from land.his_fee"
            " group by org_code, fee_id having count(*) > 1)",
            (row[0], batch),
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
