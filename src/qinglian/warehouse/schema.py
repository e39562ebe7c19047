"""Schemas of the warehouse, the operations tables, and what each role may do with them."""

from collections.abc import Iterable

from psycopg import Connection, sql

from qinglian.contracts import Contract, common_columns, landing_ddl, missing_columns_ddl
from qinglian.detection import OPS_DETECTION_DDL
from qinglian.drop.record import OPS_DELIVERY_DDL
from qinglian.extract.drift import OPS_DRIFT_DDL
from qinglian.gate.breakdown import OPS_BREAKDOWN_DDL
from qinglian.gate.results import OPS_QUALITY_DDL
from qinglian.landing.backdated import OPS_BACKDATED_DDL
from qinglian.landing.leads import OPS_LEAD_DDL
from qinglian.landing.verify import OPS_VERIFICATION_DDL
from qinglian.notices.record import OPS_NOTICE_DDL
from qinglian.quarantine.decisions import OPS_DECISION_DDL
from qinglian.suppliers.ddl import OPS_SUPPLIER_DDL
from qinglian.warehouse.server import WAREHOUSE, Server

SCHEMAS = (
    *("land", "ref", "ops", "staging", "core"),
    *("peers", "indicators", "quality", "marts", "names"),
)

#: dbt creates and replaces what is in these, so they belong to its role.
TRANSFORMER_SCHEMAS = (
    *("ref", "staging", "core"),
    *("peers", "indicators", "quality", "marts", "names"),
)

#: Who is let into what dbt makes; dbt itself grants each table. Names of staff are let out on a
#: connection of their own, so that no question asked of the marts can reach them.
_READERS = {
    "ref": ("loader", "reader", "auditor"),
    "marts": ("loader", "reader", "names", "auditor"),
    "names": ("names",),
}

#: Functions that run a query which is handed to them as text. Superset takes them for functions
#: like others, so that such a query would pass by the rules that choose an account's rows.
_RUN_TEXT = (
    *("query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema"),
    *("table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema"),
    *("schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema"),
    *("database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema"),
    *("cursor_to_xml", "cursor_to_xmlschema", "ts_stat", "ts_rewrite"),
)

OPS_DDL = """
create table if not exists ops.run (
    run_id bigint generated always as identity primary key,
    kind text not null,
    source_id text,
    as_of date not null,
    started_at timestamp not null default localtimestamp,
    finished_at timestamp,
    status text not null default 'running' check (status in ('running', 'success', 'failed')),
    message text
);
alter table ops.run add column if not exists from_date date;
comment on column ops.run.from_date is '补抽的起始业务日期；as_of 为其截止日期';
create table if not exists ops.batch (
    batch_id bigint generated always as identity primary key,
    run_id bigint not null references ops.run,
    source_id text not null,
    table_name text not null,
    part smallint not null,
    parts smallint not null,
    cursor_kind text not null,
    window_start timestamp,
    window_end timestamp,
    extracted_at timestamp not null,
    extracted bigint not null,
    unchanged bigint not null,
    duplicates bigint not null,
    vanished bigint not null,
    quarantined bigint,
    loaded bigint,
    control_total numeric(24, 2),
    business_date_min timestamp,
    business_date_max timestamp,
    distinct_keys bigint not null,
    latest_at timestamp,
    contract_version text not null,
    mapping_sha256 text not null,
    file_path text,
    file_sha256 text,
    file_bytes bigint,
    state text not null check (state in ('landed', 'loaded', 'rejected')),
    rejected_reason text,
    loaded_at timestamp,
    check (state <> 'loaded' or extracted = unchanged + loaded + quarantined + duplicates)
);
alter table ops.batch
    add column if not exists latest_at timestamp,
    add column if not exists source_measured text,
    add column if not exists source_rows bigint,
    add column if not exists source_control_total numeric(38, 10),
    add column if not exists source_date_min timestamp,
    add column if not exists source_date_max timestamp,
    add column if not exists source_keys bigint,
    add column if not exists source_exact boolean,
    add column if not exists control_column text,
    add column if not exists typed_total numeric,
    add column if not exists uncounted_rows bigint,
    add column if not exists extracted_total numeric,
    add column if not exists loaded_total numeric,
    add column if not exists extra_columns text,
    add column if not exists ordinary_from timestamp,
    add column if not exists source_files jsonb;
comment on column ops.batch.ordinary_from is '深度重读的批次：日常抽取本应从何时读起';
create index if not exists batch_source_table on ops.batch (source_id, table_name, batch_id);
comment on table ops.batch is '批次台账：抽取 = 未变 + 入库 + 隔离 + 重复';
comment on column ops.batch.latest_at is
    '契约时效列迄今抽取到的最晚时间（不晚于窗口结束），用于判断数据是否及时';
comment on column ops.batch.source_files is
    '文件来源：所读交付文件的名称、大小与 SHA-256，用于证明行出自哪份文件；数据库来源为空';
comment on column ops.batch.source_measured is
    '来源合计的取法：one_snapshot 与抽取同一快照，before_reading 抽取前统计且与到达一致，'
    'moving 抽取时来源有变；空为未统计';
comment on column ops.batch.source_exact is
    '来源金额为精确数值：合计须分毫不差；浮点数只能在舍入范围内相符';
comment on column ops.batch.source_rows is
    '来源自己对整个窗口的计数，记在窗口的第一部分；金额合计、最早最晚业务时间、主键数同此';
comment on column ops.batch.typed_total is
    '整个窗口抽取行按契约类型转换后的控制合计，记在窗口的第一部分 = 各部分 extracted_total 之和';
comment on column ops.batch.extracted_total is
    '本部分所含抽取行的控制合计：文件中的行（不含已删除标记），第一部分另加未变行';
comment on column ops.batch.uncounted_rows is
    '整个窗口中控制合计字段不是数字或转换失败的行数；为零时来源合计必须等于转换后合计';
comment on column ops.batch.extra_columns is
    '来源多给的、契约之外的字段及其类型；landed 的存入 _extra，其余不落地';
comment on column ops.batch.loaded_total is '入库行（不含已删除标记）的控制合计';
create table if not exists ops.ledger_entry (
    entry_no bigint primary key,
    batch_id bigint not null,
    event text not null,
    payload text not null,
    previous_hash text not null,
    entry_hash text not null unique,
    written_at timestamp not null default localtimestamp
);
alter table ops.ledger_entry drop constraint if exists ledger_entry_event_check;
alter table ops.ledger_entry add constraint ledger_entry_event_check
    check (event in ('landed', 'loaded', 'rejected', 'quarantine', 'delivered',
        'run', 'detection', 'columns', 'supplier', 'leads', 'notice'));
comment on table ops.ledger_entry is '哈希链：每条记录包含前一条的哈希，任何改动都会被发现';
"""


def prepare_warehouse(server: Server, contracts: Iterable[Contract]) -> None:
    """Create schemas and tables and grant each role what it needs. Idempotent."""
    known = tuple(contracts)
    with server.connect("superuser") as connection:
        _create_schemas(connection, server)
        _close_queries_in_text(connection)
    with server.connect("owner") as connection:
        ops = (
            *(OPS_DDL, OPS_QUALITY_DDL, OPS_BREAKDOWN_DDL, OPS_DECISION_DDL, OPS_DELIVERY_DDL),
            *(OPS_VERIFICATION_DDL, OPS_DRIFT_DDL, OPS_BACKDATED_DDL),
            *(OPS_DETECTION_DDL, OPS_SUPPLIER_DDL, OPS_LEAD_DDL, OPS_NOTICE_DDL),
        )
        for statement in (*ops, *map(landing_ddl, known)):
            connection.execute(statement)
        _add_missing_columns(connection, known)
        _grant(connection, server)
        _let_stewards_decide(connection, server, known)
        for contract in known:
            _show_to_auditor(connection, server, contract)


def _add_missing_columns(connection: Connection, contracts: Iterable[Contract]) -> None:
    """Give landing tables of older contracts the columns that came later, empty for old rows."""
    present: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select c.relname, a.attname from pg_attribute as a"
        " inner join pg_class as c on c.oid = a.attrelid"
        " where c.relnamespace = 'land'::regnamespace and a.attnum > 0 and not a.attisdropped"
    ):
        present.setdefault(table, set()).add(column)
    for contract in contracts:
        for statement in missing_columns_ddl(contract, present[contract.table]):
            connection.execute(statement.encode())


def _create_schemas(connection: Connection, server: Server) -> None:
    for schema in SCHEMAS:
        owner = server.user("transformer" if schema in TRANSFORMER_SCHEMAS else "owner")
        connection.execute(
            sql.SQL("create schema if not exists {} authorization {}").format(
                sql.Identifier(schema), sql.Identifier(owner)
            )
        )
        for reader in _READERS.get(schema, ()):
            _usage(connection, schema, server.user(reader))
    database = sql.Identifier(WAREHOUSE)
    for role in ("owner", "loader", "transformer", "steward", "reader", "names", "auditor"):
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(
                database, sql.Identifier(server.user(role))
            )
        )
    # dbt looks whether its schemas exist by creating them; temporary tables serve incremental runs.
    connection.execute(
        sql.SQL("grant create, temporary on database {} to {}").format(
            database, sql.Identifier(server.user("transformer"))
        )
    )
    connection.execute(
        sql.SQL("grant temporary on database {} to {}").format(
            database, sql.Identifier(server.user("loader"))
        )
    )


def _close_queries_in_text(connection: Connection) -> None:
    """Let nobody but the superuser call functions that run a query which is given as text."""
    for (function,) in connection.execute(
        "select oid::regprocedure::text from pg_proc"
        " where proname = any(%s) and pronamespace = 'pg_catalog'::regnamespace",
        (list(_RUN_TEXT),),
    ).fetchall():
        # The name comes from the catalogue, already quoted.
        connection.execute(f"revoke execute on function {function} from public".encode())


def _grant(connection: Connection, server: Server) -> None:
    """Least privilege: the loader adds and never deletes, dbt reads, the auditor reads."""
    for schema in ("land", "ops"):
        for role in ("loader", "transformer", "auditor"):
            _usage(connection, schema, server.user(role))
        _tables(connection, "select, insert", schema, server.user("loader"))
        _tables(connection, "select", schema, server.user("transformer"))
    connection.execute(
        sql.SQL("grant usage on all sequences in schema ops to {}").format(
            sql.Identifier(server.user("loader"))
        )
    )
    connection.execute(
        sql.SQL(
            "grant update on ops.run, ops.batch, ops.detection, ops.lead_register to {}"
        ).format(sql.Identifier(server.user("loader")))
    )
    _tables(connection, "select", "ops", server.user("auditor"))


def _let_stewards_decide(
    connection: Connection, server: Server, contracts: Iterable[Contract]
) -> None:
    """The steward decides on quarantined rows and sees of `land` which versions of a key exist.

    A release enters a batch in the ledger; loading it is the loader's, who in turn cannot decide.
    """
    steward = server.user("steward")
    for schema in ("land", "ops"):
        _usage(connection, schema, steward)
    _tables(connection, "select", "ops", steward)
    for privilege, relation in (
        (
            "insert",
            "ops.batch, ops.ledger_entry, ops.quarantine_decision, ops.supplier_decision",
        ),
        ("update (status)", "ops.quarantine"),
    ):
        connection.execute(
            sql.SQL("grant {} on {} to {}").format(
                sql.SQL(privilege), sql.SQL(relation), sql.Identifier(steward)
            )
        )
    connection.execute(
        sql.SQL("grant usage on all sequences in schema ops to {}").format(sql.Identifier(steward))
    )
    connection.execute(
        sql.SQL("revoke insert on ops.quarantine_decision, ops.supplier_decision from {}").format(
            sql.Identifier(server.user("loader"))
        )
    )
    for contract in contracts:
        columns = [*contract.key, "_batch_id", "src_is_deleted"]
        connection.execute(
            sql.SQL("grant select ({}) on land.{} to {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier(contract.table),
                sql.Identifier(steward),
            )
        )


def _show_to_auditor(connection: Connection, server: Server, contract: Contract) -> None:
    """The auditor reads what was landed, but not who the people are."""
    columns = [
        c.name
        for c in (*common_columns(), *contract.columns)
        if c.classification != "direct_identifier"
    ]
    connection.execute(
        sql.SQL("grant select ({}) on land.{} to {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Identifier(contract.table),
            sql.Identifier(server.user("auditor")),
        )
    )


def _usage(connection: Connection, schema: str, user: str) -> None:
    connection.execute(
        sql.SQL("grant usage on schema {} to {}").format(
            sql.Identifier(schema), sql.Identifier(user)
        )
    )


def _tables(connection: Connection, privileges: str, schema: str, user: str) -> None:
    connection.execute(
        sql.SQL("grant {} on all tables in schema {} to {}").format(
            sql.SQL(privileges), sql.Identifier(schema), sql.Identifier(user)
        )
    )
