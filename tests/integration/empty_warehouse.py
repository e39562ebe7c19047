"""An empty warehouse for each test, without making its hundred tables anew each time."""

import hashlib
from collections.abc import Iterable

from psycopg import Connection, sql

from qinglian.contracts import Contract
from qinglian.contracts.landing import landing_ddl
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server

#: Everything that a test could leave but rows: relations of all schemas with columns, rights,
#: constraints and triggers, and functions. What is made anew has another number.
_SHAPE = """
with schemas as (
    select oid, nspname, nspacl from pg_namespace
    where nspname not like 'pg\\_%' and nspname <> 'information_schema'
),
relations as (
    select c.* from pg_class as c inner join schemas as s on c.relnamespace = s.oid
),
parts as (
    select concat_ws(' ', 'schema', oid, nspname, nspacl) as part from schemas
    union all
    select concat_ws(' ', 'relation', oid, relname, relkind, reltablespace, relowner, relacl)
    from relations
    union all
    select concat_ws(
        ' ', 'column', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attisdropped,
        attacl
    )
    from pg_attribute where attrelid in (select oid from relations) and attnum > 0
    union all
    select concat_ws(' ', 'default', oid, pg_get_expr(adbin, adrelid)) from pg_attrdef
    where adrelid in (select oid from relations)
    union all
    select concat_ws(' ', 'constraint', oid, convalidated) from pg_constraint
    where conrelid in (select oid from relations)
    union all
    select concat_ws(' ', 'trigger', oid, tgenabled) from pg_trigger
    where tgrelid in (select oid from relations)
    union all
    select concat_ws(' ', 'function', oid, md5(prosrc), proacl) from pg_proc
    where pronamespace in (select oid from schemas)
)
select md5(string_agg(part, ';' order by part)) from parts
"""

#: Server and contracts -> the shape of its warehouse when it was made.
_MADE: dict[tuple[int, str], str] = {}


def empty_warehouse(server: Server, contracts: Iterable[Contract]) -> None:
    """Make `land` and `ops` as `prepare_warehouse` does in a new database.

    Where nothing but rows has come since they were made, the rows go; else all is made anew.
    """
    known = tuple(contracts)
    ddl = "".join(map(landing_ddl, known))
    made = (server.port, hashlib.sha256(ddl.encode()).hexdigest())
    with server.connect("superuser", autocommit=True) as connection:
        if _MADE.get(made) == _shape(connection):
            _remove_rows(connection)
            return
        connection.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, known)
    with server.connect("superuser", autocommit=True) as connection:
        assert not _filled(connection), "a new warehouse has rows"
        _MADE[made] = _shape(connection)


def empty_schema(server: Server, schema: str) -> None:
    """Drop the tables and views of a schema, which keeps its rights and its number."""
    with server.connect("superuser") as connection:
        found = connection.execute(
            "select case relkind when 'v' then 'view' when 'm' then 'materialized view'"
            " else 'table' end, relname from pg_class"
            " where relnamespace = %s::regnamespace and relkind in ('r', 'p', 'v', 'm')",
            (schema,),
        ).fetchall()
        for kind, name in found:
            drop = sql.SQL("drop {} if exists {} cascade")
            connection.execute(drop.format(sql.SQL(kind), sql.Identifier(schema, name)))


def _shape(connection: Connection) -> str | None:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def _filled(connection: Connection) -> list[sql.Identifier]:
    rows = connection.execute(
        "select relnamespace::regnamespace::text, relname from pg_class where relkind = 'r'"
        " and relnamespace in ('land'::regnamespace, 'ops'::regnamespace)"
        " and pg_relation_size(oid) > 0"
    ).fetchall()
    return [sql.Identifier(*row) for row in rows]


def _remove_rows(connection: Connection) -> None:
    """Empty the tables, and let numbers begin anew, those that were drawn for no row too."""
    if filled := _filled(connection):
        tables = sql.SQL(", ").join(filled)
        connection.execute(sql.SQL("truncate {} cascade").format(tables))
    used = connection.execute(
        "select schemaname, sequencename from pg_sequences"
        " where schemaname = 'ops' and last_value is not null"
    ).fetchall()
    for name in used:
        connection.execute(sql.SQL("alter sequence {} restart").format(sql.Identifier(*name)))
