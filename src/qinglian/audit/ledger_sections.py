"""Sections on what came in: the ledger of the month, control totals, quarantine, changes."""

from decimal import Decimal

from qinglian.audit.content import Column, Section, Table, Value, summed
from qinglian.audit.reading import BATCHES, Reading

_SOURCE = Column("来源", "source")
_TABLE = Column("数据表", "table")


def ledger(reading: Reading) -> Section:
    """Batches of the month, and that their rows add up."""
    return Section(
        "批次台账",
        "Ledger of the month",
        "本节列出业务日期在本月的各次运行所产生的全部批次。"
        "每一批都应当满足：抽取 = 未变 + 入库 + 隔离 + 重复。"
        "“源端已删除”是本次没有再出现的已知行，只作标记，不在等式之内。",
        (_by_table(reading), _batches(reading)),
    )


def _by_table(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("批次", "batches", "count"),
        Column("窗口起", "window from"),
        Column("窗口止", "window to"),
        Column("抽取", "extracted", "count"),
        Column("未变", "unchanged", "count"),
        Column("入库", "loaded", "count"),
        Column("隔离", "quarantined", "count"),
        Column("重复", "duplicates", "count"),
        Column("源端已删除", "vanished", "count"),
        Column("未入库批次", "not loaded", "count"),
        Column("等式", "equation"),
    )
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES}
            select source_id, table_name, count(*),
                cast(min(window_start) as date), cast(max(window_end) as date),
                cast(sum(extracted) as bigint), cast(sum(unchanged) as bigint),
                cast(sum(coalesce(loaded, 0)) as bigint),
                cast(sum(coalesce(quarantined, 0)) as bigint),
                cast(sum(duplicates) as bigint), cast(sum(vanished) as bigint),
                count(*) filter (where state <> 'loaded'),
                case when bool_and(
                    state <> 'loaded' or extracted = unchanged + loaded + quarantined + duplicates
                ) then '成立' else '不成立' end
            from batches group by source_id, table_name order by source_id, table_name
            """
        )
    )
    return Table(
        "各来源各表",
        "By source and table",
        "每行是一个来源一张表在本月各批次的合计；未入库批次不参加等式。"
        "合计行为以上各行之和，即本月全部批次。",
        columns,
        rows,
        summed(columns, rows),
    )


def _batches(reading: Reading) -> Table:
    columns = (
        Column("批次号", "batch", "code"),
        _SOURCE,
        _TABLE,
        Column("业务日期", "as of"),
        Column("状态", "state"),
        Column("抽取", "extracted", "count"),
        Column("未变", "unchanged", "count"),
        Column("入库", "loaded", "count"),
        Column("隔离", "quarantined", "count"),
        Column("重复", "duplicates", "count"),
        Column("控制总额", "control total", "money"),
        Column("文件 SHA-256", "file SHA-256", "code"),
    )
    states = {"loaded": "已入库", "landed": "已落地", "rejected": "已拒收"}
    rows = tuple(
        (str(batch), source, reading.table_zh(table), as_of, states[state], *rest)
        for batch, source, table, as_of, state, *rest in reading.rows(
            f"""
            with {BATCHES}
            select batch_id, source_id, table_name, as_of, state, extracted, unchanged, loaded,
                quarantined, duplicates, control_total, file_sha256
            from batches order by batch_id
            """
        )
    )
    return Table(
        "逐批清单",
        "Batch by batch",
        "控制总额为落地文件全部行的金额合计（元），由数据契约指定金额字段；没有金额的表为空。"
        "没有变化的批次没有文件。合计行为以上各行之和，各表金额含义不同，其金额合计只用于核对本清单。",
        columns,
        rows,
        summed(columns, rows),
    )


def control_totals(reading: Reading) -> Section:
    """Money from the source to the lead."""
    tables = [_landing_to_warehouse(reading), _warehouse_to_lead(reading)]
    if reading.has_mart("landed_row_fate"):
        tables.insert(1, _landed_to_core(reading))
    if reading.has_column("batch", "source_rows"):
        tables.insert(0, _source_to_landing(reading))
    return Section(
        "控制总额",
        "Control totals",
        "行数与金额从来源到线索逐段核对。每一段的差额都应当为零；不为零的，须在签字前查明原因。",
        tuple(tables),
    )


def _source_to_landing(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("窗口", "windows", "count"),
        Column("其中来源已计数", "counted", "count"),
        Column("来源行数", "source rows", "count"),
        Column("抽取行数", "extracted rows", "count"),
        Column("行数差", "difference", "count"),
        Column("来源合计", "source total", "money"),
        Column("抽取合计", "extracted total", "money"),
        Column("合计差", "difference", "money"),
    )
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES},
            windows as (
                select source_id, table_name, max(source_rows) as source_rows,
                    max(source_control_total) as source_total,
                    sum(extracted) as extracted, sum(extracted_total) as extracted_total
                from batches
                group by source_id, table_name, run_id, window_start, window_end
            )
            select source_id, table_name, count(*), count(source_rows),
                coalesce(cast(sum(source_rows) as bigint), 0),
                coalesce(cast(sum(extracted) filter (where source_rows is not null) as bigint), 0),
                coalesce(cast(
                    sum(extracted - source_rows) filter (where source_rows is not null) as bigint
                ), 0),
                cast(sum(source_total) as numeric(24, 2)),
                cast(
                    sum(extracted_total) filter (where source_total is not null) as numeric(24, 2)
                ),
                cast(sum(extracted_total - source_total) as numeric(24, 2))
            from windows group by source_id, table_name order by source_id, table_name
            """
        )
    )
    return Table(
        "从来源到抽取",
        "Source to extract",
        "来源在抽取时对整个窗口自行计数；抽取行数与抽取合计只取来源已计数的窗口。两个差额都应当为零。"
        "来源没有计数的窗口列在“窗口”中而不在“来源已计数”中。合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
    )


def _landing_to_warehouse(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("落地文件", "landed files", "money"),
        Column("其中重复", "duplicates", "money"),
        Column("其中源端已删除", "vanished", "money"),
        Column("其中隔离", "quarantined", "money"),
        Column("应入库", "due", "money"),
        Column("库内实有", "in warehouse", "money"),
        Column("差额", "difference", "money"),
    )
    batches = reading.rows(
        f"""
        with {BATCHES},
        parts as (
            select batch_id, sum(duplicate_amount) as duplicate_amount,
                sum(vanished_amount) as vanished_amount,
                sum(quarantined_amount) as quarantined_amount
            from ops.batch_month group by batch_id
        )
        select source_id, table_name, batch_id, control_total,
            coalesce(duplicate_amount, 0), coalesce(vanished_amount, 0),
            coalesce(quarantined_amount, 0)
        from batches left join parts using (batch_id)
        where state = 'loaded' and control_total is not null
        order by source_id, table_name, batch_id
        """
    )
    found = {table: reading.landed_amount(table) for table in sorted({b[1] for b in batches})}
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for source, table, batch_id, *amounts in batches:
        line = sums.setdefault((source, table), [Decimal(0)] * 5)
        in_land = found[table].get(batch_id) or Decimal(0)
        sums[source, table] = [a + b for a, b in zip(line, (*amounts, in_land), strict=True)]
    rows = tuple(
        _reconciled(source, reading.table_zh(table), *amounts)
        for (source, table), amounts in sums.items()
    )
    return Table(
        "从落地到入库",
        "Landing to warehouse",
        "本月已入库批次的金额（元），金额字段由数据契约指定。"
        "应入库 = 落地文件 − 重复 − 源端已删除 − 隔离；库内实有为入库表中这些批次各行之和；"
        "差额 = 应入库 − 库内实有。合计行为以上各行之和，各表金额含义不同，合计只用于核对差额。",
        columns,
        rows,
        summed(columns, rows),
    )


def _reconciled(
    source: str,
    table: str,
    landed: Decimal,
    duplicates: Decimal,
    vanished: Decimal,
    quarantined: Decimal,
    found: Decimal,
) -> tuple[Value, ...]:
    due = landed - duplicates - vanished - quarantined
    return (source, table, landed, duplicates, vanished, quarantined, due, found, due - found)


def _landed_to_core(reading: Reading) -> Table:
    """Rows of every landed table, those that nothing landed of included."""
    columns = (
        _TABLE,
        Column("落地行", "landed rows", "count"),
        Column("旧版", "superseded", "count"),
        Column("源端已删除", "vanished", "count"),
        Column("因故不入", "left out", "count"),
        Column("应入核心层", "due in core", "count"),
        Column("核心层实有", "in core", "count"),
        Column("差额", "difference", "count"),
        Column("主键", "keys"),
        Column("不入的原因", "why left out"),
    )
    found = {table: rest for table, *rest in reading.rows(_ROW_FATES)}
    nothing = (0, 0, 0, 0, 0, 0, 0, "", "没有落地的行" if found else "尚未核对")
    rows = tuple(
        (reading.table_zh(table), *found.get(table, nothing))
        for table in sorted({*reading.contracts, *found}, key=lambda t: (_agrees(found.get(t)), t))
    )
    return Table(
        "从落地到核心层（逐行）",
        "Landing to core, row by row",
        "全部落地表，最近一次每周核对时的全部月份。"
        "落地行 = 旧版 + 源端已删除 + 因故不入 + 应入核心层；"
        "差额 = 应入核心层 − 核心层实有，应当为零。"
        "主键“一致”是指两边不仅行数相等，而且是同样的行。"
        "一行成为核心层的几行时计一行。有差异的表列在最前。"
        "合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
        is_printed_whole=True,
    )


def _agrees(counted: list[Value] | None) -> bool:
    """Whether as many rows of a table are in core as must be, and the same."""
    return counted is None or (counted[6] == 0 and counted[7] != "不一致")


_ROW_FATES = """
with fates as (
    select table_name, fate, coalesce(reason_zh, fate_zh) as fate_zh,
        cast(sum(row_count) as bigint) as row_count, sum(key_number) as key_number,
        fate not in ('landed', 'superseded', 'vanished', 'due_in_core', 'in_core') as is_left_out
    from marts.landed_row_fate
    where cardinality(%(organisations)s::text[]) = 0 or org_code = any(%(organisations)s)
    group by table_name, fate, coalesce(reason_zh, fate_zh)
),
counts as (
    select table_name,
        coalesce(cast(sum(row_count) filter (where fate = 'landed') as bigint), 0) as landed,
        coalesce(cast(sum(row_count) filter (where fate = 'superseded') as bigint), 0) as older,
        coalesce(cast(sum(row_count) filter (where fate = 'vanished') as bigint), 0) as vanished,
        coalesce(cast(sum(row_count) filter (where is_left_out) as bigint), 0) as left_out,
        coalesce(cast(sum(row_count) filter (where fate = 'due_in_core') as bigint), 0) as due,
        coalesce(cast(sum(row_count) filter (where fate = 'in_core') as bigint), 0) as in_core,
        coalesce(sum(key_number) filter (where fate = 'due_in_core'), 0)
        = coalesce(sum(key_number) filter (where fate = 'in_core'), 0) as keys_agree,
        bool_or(fate in ('due_in_core', 'in_core')) as is_held,
        string_agg(
            case when fate = 'not_in_core' then fate_zh else fate_zh || ' ' || row_count end,
            '；' order by row_count desc, fate
        ) filter (where is_left_out) as reasons
    from fates group by table_name
)
select table_name, landed, older, vanished, left_out, due, in_core, due - in_core,
    case when not is_held then '' when keys_agree then '一致' else '不一致' end,
    coalesce(reasons, '')
from counts
"""


def _warehouse_to_lead(reading: Reading) -> Table:
    columns = (
        _TABLE,
        Column("范围", "span"),
        Column("现存行", "present rows", "count"),
        Column("现存金额", "present", "money"),
        Column("净额行", "net rows", "count"),
        Column("净额", "net", "money"),
        Column("单列（净额为负、已取消或因故不入）", "set aside", "money"),
        Column("差额", "difference", "money"),
        Column("线索证据行", "evidence rows", "count"),
        Column("线索涉及金额", "lead amount", "money"),
    )
    rows = tuple(
        (reading.table_zh(table), *rest)
        for table, *rest in reading.rows(
            """
            with totals as (
                select * from marts.control_total_month
                where cardinality(%(organisations)s::text[]) = 0
                or org_code = any(%(organisations)s)
            ),
            spans as (
                select table_name, 1 as place, '本月' as span, stage, row_count, amount from totals
                where period_month = %(month)s
                union all
                select table_name, 2, '全部月份', stage, row_count, amount from totals
            )
            select table_name, span,
                cast(coalesce(sum(row_count) filter (where stage = 'present'), 0) as bigint),
                coalesce(sum(amount) filter (where stage = 'present'), 0),
                cast(coalesce(sum(row_count) filter (where stage = 'core'), 0) as bigint),
                coalesce(sum(amount) filter (where stage = 'core'), 0),
                coalesce(sum(amount) filter (where stage = 'set_aside'), 0),
                coalesce(sum(amount) filter (where stage = 'present'), 0)
                - coalesce(sum(amount) filter (where stage in ('core', 'set_aside')), 0),
                cast(coalesce(sum(row_count) filter (where stage = 'lead'), 0) as bigint),
                coalesce(sum(amount) filter (where stage = 'lead'), 0)
            from spans group by table_name, place, span order by table_name, place
            """
        )
    )
    return Table(
        "从入库到线索",
        "Warehouse to lead",
        "现存：每行的最新版本，按其业务月份，医保无效行除外；净额：扣除退费后的事实表，按原行月份；"
        "差额 = 现存金额 − 净额 − 单列。全部月份的差额应当为零；"
        "本月的差额是跨月退费，在原行月份扣减。"
        "线索涉及金额为有效线索在该表的证据行之和，同一行可为几条线索作证。"
        "金额单位为元，各行之间不相加。",
        columns,
        rows,
    )


def quarantine(reading: Reading) -> Section:
    """Rows that were kept out, why, how long already, and what was decided."""
    tables = [_quarantine_by_rule(reading), _quarantine_by_state(reading)]
    if reading.has_table("quarantine_decision"):
        tables.append(_decisions(reading))
    return Section(
        "隔离区",
        "Quarantine",
        "违反行级规则的行不入库，整行留在隔离区。本节只列计数，不含任何行的内容。",
        tuple(tables),
    )


def _quarantine_by_rule(reading: Reading) -> Table:
    columns = (_SOURCE, _TABLE, Column("规则", "rule"), Column("行数", "rows", "count"))
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES},
            broken as (
                select q.source_id, q.table_name, q.batch_id, unnest(q.rule_ids) as rule_id
                from ops.quarantine q join batches using (batch_id)
            )
            select broken.source_id, broken.table_name, max(result.rule_name_zh), count(*)
            from broken join ops.quality_result result using (batch_id, rule_id)
            group by broken.source_id, broken.table_name, broken.rule_id
            order by broken.source_id, broken.table_name, broken.rule_id
            """
        )
    )
    return Table(
        "按规则",
        "By rule",
        "本月批次中被隔离的行，按违反的规则计数。一行违反几条规则就计几次，故各行之和可大于隔离行数，"
        "不作合计。",
        columns,
        rows,
    )


def _quarantine_by_state(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("状态", "status"),
        Column("行数", "rows", "count"),
        Column("最早隔离日", "oldest"),
        Column("已隔离天数", "age in days"),
    )
    states = {"open": "待处理", "released": "已放行", "discarded": "已作废"}
    rows = tuple(
        (source, reading.table_zh(table), states.get(state, state), *rest)
        for source, table, state, *rest in reading.rows(
            """
            with head as (
                select cast(max(written_at) as date) as state_date from ops.ledger_entry
            )
            select source_id, table_name, status, count(*), cast(min(quarantined_at) as date),
                cast(greatest(max(head.state_date) - cast(min(quarantined_at) as date), 0) as text)
            from ops.quarantine cross join head
            where cardinality(%(sources)s::text[]) = 0 or source_id = any(%(sources)s)
            group by source_id, table_name, status order by source_id, table_name, status
            """
        )
    )
    return Table(
        "按状态与时间",
        "By status and age",
        "隔离区现有的全部行，不限月份。天数从最早一行隔离之日算到台账最后一条记录之日。"
        "合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
    )


def _decisions(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("处理", "decision"),
        Column("次数", "decisions", "count"),
        Column("经办人数", "people", "count"),
    )
    actions = {"fix": "更正", "release": "放行", "refuse": "放行未通过", "discard": "作废"}
    rows = tuple(
        (source, reading.table_zh(table), actions.get(action, action), *rest)
        for source, table, action, *rest in reading.rows(
            """
            select q.source_id, q.table_name, d.action, count(*), count(distinct d.decided_by)
            from ops.quarantine_decision d
            join ops.quarantine q using (batch_id, row_number)
            where date_trunc('month', d.decided_at) = %(month)s
            and (cardinality(%(sources)s::text[]) = 0 or q.source_id = any(%(sources)s))
            group by q.source_id, q.table_name, d.action
            order by q.source_id, q.table_name, d.action
            """
        )
    )
    return Table(
        "本月的处理",
        "Decisions of the month",
        "本月对隔离行所作的处理次数；一行可先更正后放行。经办人与理由见 ops.quarantine_decision。"
        "经办人数不可相加，故不作合计。",
        columns,
        rows,
    )


def changes(reading: Reading) -> Section:
    """Rows of earlier months that arrived in this one."""
    tables = [_arrivals(reading)]
    if reading.has_table("backdated_change"):
        tables.append(_backdated(reading))
    return Section(
        "历史数据的改动",
        "Changes to earlier months",
        "本月运行所带来的、业务月份早于本月的行：可能是跨月退费、补录或事后改动。"
        "首次抽取带来的是历史数据，单独标明。",
        tuple(tables),
    )


def _arrivals(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("业务月份", "business month"),
        Column("首次抽取", "first load"),
        Column("行数", "rows", "count"),
        Column("源端已删除", "vanished", "count"),
        Column("金额", "amount", "money"),
    )
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES},
            first_runs as (
                select source_id, table_name, min(run_id) as run_id
                from ops.batch group by source_id, table_name
            )
            select source_id, table_name, to_char(m.business_month, 'YYYY-MM'),
                case when batches.run_id = first_runs.run_id then '是' else '否' end as is_first,
                cast(sum(m.rows) as bigint), cast(sum(m.vanished) as bigint), sum(m.amount)
            from batches
            join ops.batch_month m using (batch_id)
            join first_runs using (source_id, table_name)
            where m.business_month < %(month)s
            group by source_id, table_name, m.business_month, is_first
            order by source_id, table_name, m.business_month, is_first
            """
        )
    )
    return Table(
        "本月到达的往月数据",
        "Rows of earlier months that arrived this month",
        "行数不含重复行与源端已删除行，含被隔离的行；金额（元）为其控制总额。合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
    )


def _backdated(reading: Reading) -> Table:
    columns = (
        _SOURCE,
        _TABLE,
        Column("补录", "inserted", "count"),
        Column("改动", "changed", "count"),
        Column("删除", "deleted", "count"),
        Column("金额变动", "change of amount", "money"),
        Column("最早业务日期", "earliest business date"),
        Column("最晚多少天", "days late at most", "number"),
    )
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES}
            select c.source_id, c.table_name, count(*) filter (where kind = 'inserted'),
                count(*) filter (where kind = 'changed'),
                count(*) filter (where kind = 'deleted'),
                sum(coalesce(c.amount_after, 0) - coalesce(c.amount_before, 0))
                    filter (where c.amount_after is not null or c.amount_before is not null),
                cast(min(business_time) as date), max(days_late)
            from ops.backdated_change c join batches using (batch_id)
            group by c.source_id, c.table_name order by c.source_id, c.table_name
            """
        )
    )
    return Table(
        "深度重读发现的倒改",
        "Back-dated changes found by the deep reload",
        "本月的深度重读逐行比对散列值，发现的业务日期早于日常回看期的补录、改动与删除；金额变动（元）为其控制总额的增减。"
        "合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
    )
