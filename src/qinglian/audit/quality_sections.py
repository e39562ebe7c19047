"""Sections on how good the data are: failed rules, identities, the scorecard."""

from qinglian.audit.content import Column, Section, Table, Value, summed
from qinglian.audit.reading import BATCHES, Reading

#: Why something could not be judged, in words; a code may carry a table after a colon.
REASONS = {
    "initial_load": "首次抽取，不判断迟到",
    "not_read_again": "尚未深度重读，不判断倒改",
    "missing_columns": "来源缺少字段",
    "missing_doctor_code": "未写明医师",
    "missing_encounter": "找不到住院记录",
    "missing_national_code": "没有国家编码",
    "missing_table": "没有数据表",
    "missing_values": "所需字段为空",
    "no_previous_month": "没有上月数据",
    "no_rows": "没有相关的行",
    "not_given": "来源未给出对照值",
    "not_loaded": "批次未入库",
    "not_yet_stated": "医保尚未出对账单",
    "waived": "该来源不适用",
    "within_upload_grace": "在上传宽限期内",
}
_SEVERITIES = {"error": "错误", "warning": "提示"}
_LEVELS = {"row": "逐行", "batch": "整批"}
_ASPECTS = {
    "rows": "行",
    "amount": "金额（元）",
    "days": "天",
    "duplicates": "行（重复）",
    "late_arrival": "行（迟到）",
    "backdated": "行（倒改）",
    "carry_over": "月结（结转）",
    "notice": "采购公告",
    "acceptance": "到货验收",
}
_DIMENSIONS = (
    "completeness",
    "validity",
    "uniqueness",
    "consistency",
    "timeliness",
    "reconciliation",
)


def reason_zh(reading: Reading, reason: str | None) -> str | None:
    """A reason in words; the table that it names by its Chinese name."""
    if reason is None:
        return None
    code, _, detail = reason.partition(":")
    words = REASONS.get(code, code)
    detail = detail.strip()
    return f"{words}：{reading.table_zh(detail)}" if detail else words


def rules(reading: Reading) -> Section:
    """Contract rules that failed in the month's batches, and those that could not be judged."""
    return Section(
        "未通过的规则",
        "Failed rules",
        "数据契约的规则在入库前逐批检查。逐行规则为“错误”的，不符合的行被隔离；整批规则为“错误”的，"
        "整批停止；“提示”只作报告。",
        (_failed_rules(reading), _unjudged_rules(reading)),
    )


def _failed_rules(reading: Reading) -> Table:
    columns = (
        Column("来源", "source"),
        Column("数据表", "table"),
        Column("规则", "rule"),
        Column("级别", "severity"),
        Column("范围", "level"),
        Column("已检查", "evaluated", "count"),
        Column("未通过", "failed", "count"),
        Column("无法检查", "not evaluated", "count"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (source, reading.table_zh(table), name, _SEVERITIES[severity], _LEVELS[level], *counts)
        for source, table, name, severity, level, *counts in reading.rows(
            f"""
            with {BATCHES}
            select q.source_id, q.table_name, max(q.rule_name_zh), q.severity, q.level,
                cast(sum(q.evaluated) as bigint), cast(sum(q.failed) as bigint),
                cast(sum(q.not_evaluated) as bigint)
            from ops.quality_result q join batches using (batch_id)
            group by q.source_id, q.table_name, q.rule_id, q.severity, q.level
            having sum(q.failed) > 0
            order by q.source_id, q.table_name, q.rule_id
            """
        )
    )
    return Table(
        "未通过的契约规则",
        "Contract rules that failed",
        "本月各批次的检查结果之和：逐行规则按行计，整批规则按批计，单位不同，不作合计。",
        columns,
        rows,
    )


def _unjudged_rules(reading: Reading) -> Table:
    columns = (
        Column("来源", "source"),
        Column("原因", "reason"),
        Column("规则项数", "rules", "count"),
        Column("批次结论数", "verdicts", "count"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (source, reason_zh(reading, reason), *counts)
        for source, reason, *counts in reading.rows(
            f"""
            with {BATCHES}
            select q.source_id, split_part(q.not_evaluated_reason, ':', 1) as reason,
                count(distinct (q.table_name, q.rule_id)), count(*)
            from ops.quality_result q join batches using (batch_id)
            where q.success is null
            group by q.source_id, reason order by q.source_id, reason
            """
        )
    )
    return Table(
        "没有结论的规则",
        "Rules without a verdict",
        "未能检查不等于通过。每行是一个来源因同一原因没有结论的规则项数与批次结论数；合计行为以上各行之和。",
        columns,
        rows,
        summed(columns, rows),
    )


def identities(reading: Reading) -> Section:
    """The identities for the month, what they mean, and where they do not hold."""
    return Section(
        "数据质量恒等式",
        "Identities on data quality",
        "恒等式是账目之间应当成立的关系。结论按机构、数据表、月份作出："
        "成立的比例不低于要求为“成立”，没有可评价的数为“无法评价”。",
        (_identity_summary(reading), _identity_failures(reading), _identity_meanings(reading)),
    )


_IN_SCOPE = """
period_month = %(month)s
and (cardinality(%(organisations)s::text[]) = 0 or org_code = any(%(organisations)s))
"""


def _identity_summary(reading: Reading) -> Table:
    columns = (
        Column("编号", "no."),
        Column("恒等式", "identity"),
        Column("计数", "counted in"),
        Column("成立数", "numerator", "number"),
        Column("可评价数", "denominator", "number"),
        Column("无法评价数", "not evaluable", "number"),
        Column("比例", "share", "share"),
        Column("结论成立", "hold", "count"),
        Column("结论不成立", "fail", "count"),
        Column("无法评价", "no verdict", "count"),
        Column("无法评价的原因", "reason"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (identity, name, _ASPECTS[aspect], *values, reason_zh(reading, reason))
        for identity, name, aspect, *values, reason in reading.rows(
            f"""
            select identity_id, max(name_zh), aspect, sum(numerator), sum(denominator),
                sum(not_evaluable),
                case when sum(denominator) > 0
                    then cast(sum(numerator) / sum(denominator) as numeric(9, 6)) end,
                count(*) filter (where holds), count(*) filter (where not holds),
                count(*) filter (where holds is null), min(reason)
            from marts.quality_identity_month where {_IN_SCOPE}
            group by identity_id, aspect
            order by cast(substr(identity_id, 3) as integer), aspect
            """
        )
    )
    return Table(
        "本月各恒等式",
        "Identities in the month",
        "成立数、可评价数、无法评价数为各机构各表之和，单位见“计数”；结论三列为机构与数据表的组合数。"
        "各行单位不同，不作合计。",
        columns,
        rows,
    )


def _identity_failures(reading: Reading) -> Table:
    columns = (
        Column("编号", "no."),
        Column("恒等式", "identity"),
        Column("机构", "organisation"),
        Column("数据表", "table"),
        Column("计数", "counted in"),
        Column("不成立数", "failing", "number"),
        Column("可评价数", "denominator", "number"),
        Column("比例", "share", "share"),
        Column("要求", "required", "share"),
        Column("一例的行号", "key of one row", "code"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (identity, name, org, reading.table_zh(table), _ASPECTS[aspect], *values)
        for identity, name, org, table, aspect, *values in reading.rows(
            f"""
            select identity_id, name_zh, coalesce(org_name, org_code), table_name, aspect,
                denominator - numerator, denominator, score, min_share, example_key
            from marts.quality_identity_month where {_IN_SCOPE} and not holds
            order by cast(substr(identity_id, 3) as integer), org_code, table_name, aspect
            """
        )
    )
    return Table(
        "不成立的恒等式",
        "Identities that do not hold",
        "每行是一个机构一张表；行号是来源系统的流水号，不含个人信息。",
        columns,
        rows,
    )


def _identity_meanings(reading: Reading) -> Table:
    columns = (
        Column("编号", "no."),
        Column("恒等式", "identity"),
        Column("说明", "what it means"),
        Column("容许误差及理由", "tolerance and reason"),
        Column("要求", "required", "share"),
    )
    rows = tuple(
        reading.rows(
            "select identity_id, name_zh, meaning_zh, tolerance_zh, min_share"
            " from marts.quality_identity order by number"
        )
    )
    return Table(
        "恒等式的含义", "What the identities mean", "要求是应当成立的最低比例。", columns, rows
    )


def scorecard(reading: Reading) -> Section:
    """Six dimensions of quality by organisation and system."""
    labels = ("完整性", "规范性", "唯一性", "一致性", "及时性", "可核对性")
    columns = (
        Column("机构", "organisation"),
        Column("系统", "system"),
        *(Column(zh, en, "share") for zh, en in zip(labels, _DIMENSIONS, strict=True)),
        Column("未通过", "failed", "number"),
        Column("可做检查", "checks made", "number"),
        Column("无法检查", "not evaluable", "number"),
    )
    shares = ", ".join(
        f"cast(sum(numerator) filter (where dimension = '{dimension}')"
        f" / nullif(sum(denominator) filter (where dimension = '{dimension}'), 0)"
        " as numeric(9, 6))"
        for dimension in _DIMENSIONS
    )
    rows = tuple(
        reading.rows(
            f"""
            select coalesce(org_name, org_code), system_zh, {shares},
                sum(denominator - numerator), sum(denominator), sum(not_evaluable)
            from marts.quality_scorecard where {_IN_SCOPE}
            group by org_code, coalesce(org_name, org_code), system_zh
            order by org_code, system_zh
            """
        )
    )
    table = Table(
        "本月评分",
        "Scores of the month",
        "比例 = 通过的检查次数 ÷ 可做的检查次数；一次检查是一行、一批或一天对一条规则或恒等式。"
        "空白为无法评价。后三列为六个维度之和。各表明细见数据集 marts.quality_scorecard。",
        columns,
        rows,
    )
    return Section(
        "数据质量评分",
        "Quality scorecard",
        "按机构与系统汇总六个维度：完整、规范、唯一、一致、及时、可核对。",
        (table,),
    )
