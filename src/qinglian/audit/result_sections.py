"""Sections on what was made of the data: coverage, leads, parameters, hashes."""

from collections.abc import Mapping
from pathlib import Path

from qinglian.audit.content import Column, Section, Table, Value, summed
from qinglian.audit.reading import BATCHES, Reading
from qinglian.landing.verify import VerifyReport, verify

_ORGANISATIONS = "(cardinality(%(organisations)s::text[]) = 0 or org_code = any(%(organisations)s))"


def results(reading: Reading) -> Section:
    """What the indicators covered and found."""
    return Section(
        "指标覆盖与线索",
        "Indicator coverage and leads",
        "线索是需要核查的信号，不是结论。没有覆盖的机构和月份不能视为没有问题。",
        (_coverage(reading), _leads(reading)),
    )


def _coverage(reading: Reading) -> Table:
    columns = (
        Column("指标", "indicator"),
        Column("名称", "name"),
        Column("规则版本", "rule version"),
        Column("机构数", "organisations", "count"),
        Column("已评对象", "evaluated", "count"),
        Column("命中", "fired", "count"),
        Column("未命中", "clear", "count"),
        Column("豁免", "guarded", "count"),
        Column("无法计算", "not computable", "count"),
        Column("平均覆盖率", "mean coverage", "share"),
        Column("主要原因", "reason"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        reading.rows(
            f"""
            select c.indicator_id, i.name_zh, i.rule_version, count(*),
                cast(sum(c.evaluated) as bigint), cast(sum(c.fired) as bigint),
                cast(sum(c.clear) as bigint), cast(sum(c.guarded) as bigint),
                cast(sum(c.not_computable) as bigint),
                cast(avg(c.coverage_ratio) as numeric(9, 6)),
                min(c.reason_zh) filter (where c.reason like 'missing%%')
            from marts.indicator_coverage c join marts.indicator i using (indicator_id)
            where %(month)s between c.first_month and c.last_month and {_ORGANISATIONS}
            group by c.indicator_id, i.name_zh, i.rule_version order by c.indicator_id
            """
        )
    )
    return Table(
        "本月指标覆盖",
        "Coverage in the month",
        "已评对象 = 命中 + 未命中 + 豁免 + 无法计算。平均覆盖率为各机构覆盖率的平均。"
        "合计行为各指标之和；同一对象被几个指标评价就计几次。",
        columns,
        rows,
        summed(columns, rows),
    )


def _leads(reading: Reading) -> Table:
    columns = (
        Column("指标", "indicator"),
        Column("名称", "name"),
        Column("红灯", "red", "count"),
        Column("黄灯", "yellow", "count"),
        Column("涉及金额", "amount", "money"),
        Column("其中基金", "of it fund", "money"),
        Column("证据行", "evidence rows", "count"),
    )
    rows = tuple(
        reading.rows(
            f"""
            with chosen as (
                select * from marts.lead
                where is_active and {_ORGANISATIONS}
                and period_start < %(month)s + interval '1 month' and period_end >= %(month)s
            ),
            pieces as (
                select lead_id, count(*) as rows from marts.lead_evidence group by lead_id
            )
            select i.indicator_id, i.name_zh, count(*) filter (where light = 'red'),
                count(*) filter (where light = 'yellow'), sum(risk_gross), sum(risk_fund),
                cast(sum(coalesce(pieces.rows, 0)) as bigint)
            from chosen join marts.indicator i using (indicator_id) left join pieces using (lead_id)
            group by i.indicator_id, i.name_zh order by i.indicator_id
            """
        )
    )
    return Table(
        "期间包含本月的有效线索",
        "Active leads whose period includes the month",
        "金额（元）为各线索涉及金额之和。同一笔费用可为几个指标的线索作证，故合计行只是各行之和，"
        "不是不重复的金额。",
        columns,
        rows,
        summed(columns, rows),
    )


def parameters(reading: Reading) -> Section:
    """Thresholds, contract versions and mapping SQL in force."""
    return Section(
        "生效的参数",
        "Parameters in force",
        "指标阈值、恒等式容差、数据契约版本与抽取语句的散列值。参数变化会改变结论，须随本包一并存档。",
        (_thresholds(reading), _contracts(reading)),
    )


def _thresholds(reading: Reading) -> Table:
    columns = (
        Column("指标或恒等式", "indicator"),
        Column("参数", "parameter"),
        Column("适用范围", "scope"),
        Column("值", "value", "number"),
        Column("单位", "unit"),
        Column("法规依据", "set by law"),
        Column("来源", "source"),
        Column("核对人", "verified by"),
    )
    rows = tuple(
        reading.rows(
            """
            select indicator_id, param, scope, value, unit,
                case when legal_force then '是' else '否' end, source, verified_by
            from ref.threshold
            where valid_from < cast(%(month)s as date) + interval '1 month'
            and coalesce(valid_to, date '9999-12-31') >= %(month)s
            order by indicator_id, param, scope, valid_from
            """
        )
    )
    return Table(
        "阈值与容差",
        "Thresholds and tolerances",
        "在本月有效的全部参数；适用范围 * 为全部机构。",
        columns,
        rows,
    )


def _contracts(reading: Reading) -> Table:
    columns = (
        Column("来源", "source"),
        Column("数据表", "table"),
        Column("契约版本", "contract"),
        Column("抽取语句 SHA-256", "mapping SQL SHA-256", "code"),
    )
    rows = tuple(
        (source, reading.table_zh(table), *rest)
        for source, table, *rest in reading.rows(
            f"""
            with {BATCHES}
            select distinct source_id, table_name, contract_version, mapping_sha256
            from batches order by source_id, table_name, contract_version, mapping_sha256
            """
        )
    )
    return Table(
        "契约与抽取语句",
        "Contracts and mapping SQL",
        "本月各批次所依据的契约版本与抽取语句；语句包含窗口起止，窗口不同则散列值不同。",
        columns,
        rows,
    )


def hashes(reading: Reading, landing_dir: Path, drop_folders: Mapping[str, Path]) -> Section:
    """The proof: the chain verified anew, its head, and the faults that were found."""
    report = verify(reading.connection, landing_dir, drop_folders=drop_folders)
    head = reading.rows(
        "select entry_no, entry_hash, cast(written_at as date) from ops.ledger_entry"
        " order by entry_no desc limit 1"
    )
    columns = (Column("项目", "item"), Column("值", "value", "code"))
    rows: list[tuple[Value, ...]] = [
        ("台账记录数", f"{report.entries:,}"),
        ("批次数", f"{report.batches:,}"),
        ("落地文件数", f"{report.files:,}"),
        ("投递文件数", f"{report.deliveries:,}"),
        ("抽取行数（全部批次之和）", f"{report.rows_extracted:,}"),
        ("入库行数（全部批次之和）", f"{report.rows_loaded:,}"),
        ("发现的问题", f"{len(report.faults):,}"),
    ]
    for number, entry_hash, written_on in head:
        rows.append((f"台账末条（第 {number} 条，{written_on}）的 SHA-256", entry_hash))
    verdict = Table(
        "全链核验",
        "Verification of the whole chain",
        "生成本包时重新核验了整个台账：散列链、每个落地文件与投递文件的散列值、每批的行数等式、入库表与隔离区的行数。",
        columns,
        tuple(rows),
    )
    return Section(
        "散列值与核验",
        "Hashes and verification",
        "台账的每条记录包含前一条的散列值，任何改动都会在核验时被发现。各落地文件的散列值见“逐批清单”。",
        (verdict, _faults(report)),
    )


def _faults(report: VerifyReport) -> Table:
    return Table(
        "核验发现的问题",
        "Faults found",
        "核验程序的原文；没有行即没有发现问题。",
        (Column("问题", "fault"),),
        tuple((fault,) for fault in report.faults),
    )
