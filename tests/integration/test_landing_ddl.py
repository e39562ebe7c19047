"""The landing DDL of all contracts on a real PostgreSQL."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from qinglian.contracts import Contract, common_columns, landing_ddl, load_contracts
from qinglian.settings import repository_root
from qinglian.warehouse.embedded import EmbeddedPostgres


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts(repository_root() / "expectations")


@pytest.fixture(scope="module")
def connection(
    tmp_path_factory: pytest.TempPathFactory, contracts: dict[str, Contract]
) -> Iterator[psycopg.Connection]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "data", secrets.token_hex(16))
    server.start()
    try:
        with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
            connection.execute("create schema land")
            for _ in range(2):  # a second start must find nothing to do
                for contract in contracts.values():
                    connection.execute(landing_ddl(contract).encode())
            yield connection
    finally:
        server.stop()


def test_tables_have_the_types_of_the_contracts(
    connection: psycopg.Connection, contracts: dict[str, Contract]
) -> None:
    found = connection.execute(
        """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid
        where c.relnamespace = 'land'::regnamespace and c.relkind = 'r' and a.attnum > 0
        """
    ).fetchall()
    long_names = {
        "timestamp without time zone": "timestamp",
        "character varying": "varchar",
        "character": "char",
    }
    shortened = set()
    for table, column, type_name, required in found:
        base, bracket, size = type_name.partition("(")
        shortened.add((table, column, long_names.get(base, base) + bracket + size, required))
    assert shortened == {
        (contract.table, column.name, column.physical_type, column.required)
        for contract in contracts.values()
        for column in (*common_columns(), *contract.columns)
    }


def test_every_table_and_column_has_a_chinese_comment(connection: psycopg.Connection) -> None:
    missing = connection.execute(
        """
        select c.relname, a.attname
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'land'::regnamespace and c.relkind = 'r'
            and (
                coalesce(col_description(c.oid, a.attnum), '') !~ '[一-龥]'
                or coalesce(obj_description(c.oid), '') !~ '[一-龥]'
            )
        """
    ).fetchall()
    assert missing == []


def test_versions_of_a_row_stand_side_by_side(connection: psycopg.Connection) -> None:
    insert = """
        insert into land.his_dept
            (org_code, dept_code, dept_name, is_active, _src_system, _batch_id, _extracted_at,
             _row_hash)
        values ('H50010300101', 'D1', '内科', true, 'his_01', %s, localtimestamp, repeat('a', 64))
    """
    connection.execute(insert, (1,))
    connection.execute(insert, (2,))
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(insert, (2,))
    deleted = connection.execute("select distinct src_is_deleted from land.his_dept").fetchall()
    assert deleted == [(False,)]
