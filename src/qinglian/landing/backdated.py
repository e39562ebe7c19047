"""Back-dated changes: what a deep reload finds that no ordinary run would have read again.

A row of last quarter that appears, changes or vanishes today is a sign of risk by itself, whatever
it says, and therefore a finding of its own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import Connection

from qinglian.contracts import Contract
from qinglian.landing.known import key_sql
from qinglian.warehouse.transaction import Transaction

OPS_BACKDATED_DDL = """
create table if not exists ops.backdated_change (
    batch_id bigint not null references ops.batch,
    source_id text not null,
    org_code varchar(12) not null,
    table_name text not null,
    month_start date not null,
    row_key_hash char(64) not null,
    kind text not null check (kind in ('inserted', 'changed', 'deleted')),
    business_time timestamp not null,
    days_late integer not null,
    before_hash char(64),
    after_hash char(64),
    primary key (batch_id, row_key_hash)
);
alter table ops.backdated_change
    add column if not exists amount_before numeric,
    add column if not exists amount_after numeric;
comment on column ops.backdated_change.amount_before is
    '改动前该行的控制金额；补录的行、没有控制金额的表为空。amount_after 为改动后，删除的行为空';
comment on table ops.backdated_change is
    '倒改记录：深度重读发现的、业务日期早于日常回看范围的新增、改变或删除；改变而不留更新时间的也在内';
"""


def record(tx: Transaction, batch_id: int, contract: Contract) -> None:
    """Enter the back-dated changes among the rows that a deep batch has just loaded.

    A change counts when its business time, and where the row is still there its cursor time too,
    lies before what an ordinary run would have read (`ops.batch.ordinary_from`): a row of last
    year with an update time of today is late, but not hidden.
    """
    table = f"land.{contract.table}"
    same_key = " and ".join(f"earlier.{name} = loaded.{name}" for name in contract.key)
    tx.execute(
        f"""
        insert into ops.backdated_change (
            batch_id, source_id, org_code, table_name, month_start, row_key_hash, kind,
            business_time, days_late, before_hash, after_hash, amount_before, amount_after
        )
        with loaded as (
            select
                t.*, {key_sql(contract)} as row_key,
                cast({_business_time(contract)} as timestamp) as business_time,
                cast({_cursor_time(contract)} as timestamp) as cursor_time
            from {table} as t where t._batch_id = {batch_id}
        ),
        with_before as (
            select
                loaded.*, earlier._row_hash as before_hash, earlier.amount as amount_before,
                coalesce(earlier.src_is_deleted, true) as was_absent
            from loaded
            left join lateral (
                select
                    earlier._row_hash, earlier.src_is_deleted,
                    {_amount(contract, "earlier")} as amount
                from {table} as earlier
                where {same_key} and earlier._batch_id < loaded._batch_id
                order by earlier._batch_id desc limit 1
            ) as earlier on true
        )
        select
            batch.batch_id, batch.source_id, org_code, batch.table_name,
            cast(date_trunc('month', business_time) as date),
            encode(sha256(convert_to(row_key, 'UTF8')), 'hex'),
            case
                when src_is_deleted then 'deleted' when was_absent then 'inserted' else 'changed'
            end,
            business_time,
            cast(batch.extracted_at as date) - cast(business_time as date),
            case when not was_absent then before_hash end,
            case when not src_is_deleted then with_before._row_hash end,
            case when not was_absent then amount_before end,
            case when not src_is_deleted then {_amount(contract, "with_before")} end
        from with_before
        inner join ops.batch as batch on batch.batch_id = {batch_id}
        where business_time < batch.ordinary_from
            and (src_is_deleted or coalesce(cursor_time < batch.ordinary_from, true))
        """
    )


@dataclass(frozen=True)
class BackdatedMonth:
    """Back-dated changes of a source's table in one business month, over all deep reloads.

    `amount` is what they did to the control total, in yuan; None where the table has none.
    """

    source_id: str
    table: str
    month: date
    inserted: int
    changed: int
    deleted: int
    amount: Decimal | None
    found_on: date

    @property
    def rows(self) -> int:
        return self.inserted + self.changed + self.deleted


def backdated_months(connection: Connection) -> list[BackdatedMonth]:
    """All back-dated changes by source, table and month, the latest found first."""
    rows = connection.execute(
        """
        select c.source_id, c.table_name, c.month_start,
            count(*) filter (where c.kind = 'inserted'),
            count(*) filter (where c.kind = 'changed'),
            count(*) filter (where c.kind = 'deleted'),
            sum(coalesce(c.amount_after, 0) - coalesce(c.amount_before, 0))
                filter (where c.amount_after is not null or c.amount_before is not null),
            max(cast(b.extracted_at as date)) as found_on
        from ops.backdated_change as c
        inner join ops.batch as b using (batch_id)
        group by c.source_id, c.table_name, c.month_start
        order by found_on desc, c.source_id, c.table_name, c.month_start
        """
    ).fetchall()
    return [BackdatedMonth(*row) for row in rows]


def _amount(contract: Contract, row: str) -> str:
    """A row's control amount."""
    column = contract.control_total
    return f"{row}.{column}" if column else "cast(null as numeric)"


def _business_time(contract: Contract) -> str:
    """A row's own business time, else the time that its cursor runs over."""
    column = contract.cursor.business_column
    return f"t.{column}" if column else _cursor_time(contract)


def _cursor_time(contract: Contract) -> str:
    """A row's time of the cursor, which may be its parent's."""
    cursor = contract.cursor
    if cursor.column is None:
        return "null"
    if cursor.parent is None:
        return f"t.{cursor.column}"
    return (
        f"(select max(parent.{cursor.column}) from land.{cursor.parent} as parent"
        " where parent._src_system = t._src_system and parent.org_code = t.org_code"
        f" and parent.{cursor.parent_key} = t.{cursor.parent_key})"
    )
