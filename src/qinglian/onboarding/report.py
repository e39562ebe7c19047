"""The Chinese report on a source for the office that runs it; it holds counts and no values."""

from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from qinglian.onboarding.check import SourceCheck, TableCheck
from qinglian.onboarding.joins import JoinProfile
from qinglian.onboarding.support import Verdict

_TEMPLATE = "source_check.md.j2"
#: Below this share of values that name a row, a link to a table that is read whole is broken.
WEAK_JOIN_SHARE = 0.95
VERDICTS = {
    Verdict.SUPPORTED: "支持",
    Verdict.OTHER_SOURCE: "须其他来源配合",
    Verdict.DOUBTFUL: "待核实",
    Verdict.LIMITED: "受限",
    Verdict.UNSUPPORTED: "不支持",
    Verdict.UNRELATED: "与本来源无关",
}


def render_report(check: SourceCheck) -> str:
    """The report as Markdown."""
    environment = Environment(  # noqa: S701 (Markdown that is read as text)
        loader=PackageLoader("qinglian"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"share": _share, "cell": _cell, "window": _window_note}
    whole = {table.contract.table for table in check.tables if table.whole}
    return environment.get_template(_TEMPLATE).render(
        check=check,
        tasks=list(_tasks(check, whole)),
        verdicts=VERDICTS,
        counts={v: sum(s.verdict is v for s in check.indicators) for v in Verdict},
        names={table.contract.table: table.contract.name_zh for table in check.tables},
        whole=whole,
    )


def _tasks(check: SourceCheck, whole: set[str]) -> Iterator[str]:
    """What the office has to do, the tables that cannot be read first."""
    for table in check.tables:
        yield from _reading_tasks(table)
    for table in check.tables:
        yield from _content_tasks(table)
    for profile in check.joins:
        if _is_weak(profile, whole):
            join = profile.join
            yield (
                f"`{join.child}.{join.column}` 共 {profile.filled} 行，其中"
                f" {profile.filled - profile.resolved} 行在 `{join.parent}` 中找不到对应记录："
                "请核对目录是否完整、编码是否一致。"
            )


def _reading_tasks(table: TableCheck) -> Iterator[str]:
    title = f"{table.contract.name_zh} `{table.contract.table}`"
    if table.problem is not None:
        yield f"{title} 无法读取。{table.problem.remedy_zh}。"
    if table.sample.missing:
        yield f"{title} 缺少字段 {_codes(table.sample.missing)}：请修改映射 SQL。"
    if table.sample.unexpected:
        yield (
            f"{title} 多出契约外字段 {_codes(table.sample.unexpected)}：照常读取，只记名称与类型；"
            "请写入契约、在 vendor.yaml 的 extra_columns 中允许，或从映射 SQL 中去掉。"
        )
    if table.readable and table.sample.rows == 0:
        yield f"{title} 在检查窗口内没有数据：请确认该时段有业务，或换一个时段再检查。"


def _content_tasks(table: TableCheck) -> Iterator[str]:
    title = f"{table.contract.name_zh} `{table.contract.table}`"
    for column in table.sample.columns:
        if column.misfits:
            yield (
                f"{title} 的 {column.label_zh} `{column.name}` 有 {column.misfits} 行不是"
                f" {column.contract_type}：请更正来源数据，这些行将被隔离。"
            )
    for rule in table.sample.rules:
        is_type_rule = rule.rule_id == f"{table.contract.table}_type"
        if rule.failed and rule.severity == "error" and not is_type_rule:
            yield (
                f"{title} 有 {rule.failed} 行违反「{rule.name_zh}」（`{rule.rule_id}`）："
                f"{rule.description}"
            )


def _is_weak(profile: JoinProfile, whole: set[str]) -> bool:
    if profile.join.parent not in whole or not profile.filled:
        return False
    return profile.resolved / profile.filled < WEAK_JOIN_SHARE


def _codes(names: tuple[str, ...]) -> str:
    return "、".join(f"`{name}`" for name in names)


def _share(part: int, whole: int) -> str:
    """A share in per cent that is 100 only where nothing is missing."""
    if whole == 0:
        return "—"
    return f"{min(100 * part / whole, 99.9):.1f}%" if part < whole else "100%"


def _cell(text: object) -> str:
    """Text that keeps to its cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def _window_note(table: TableCheck) -> str:
    return "整表" if table.whole else "窗口"
