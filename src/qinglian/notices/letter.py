"""The words of a mail: what is new to one recipient, as plain text and as HTML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from qinglian.brief.read import Facts
from qinglian.notices.links import lead_link
from qinglian.notices.mail import Attachment, Mail
from qinglian.notices.news import Batch, FailedRun, Lead, News
from qinglian.notices.recipients import Recipient
from qinglian.notices.statement import NO_NAMES, STATEMENT

_FOOTER = f"本邮件由清廉自动发出，只含收件人范围内的内容，请勿转发；{NO_NAMES}。"
#: Leads that a mail lists; how many more there are is said.
LISTED = 100
_SHOWN_RULES = 5

RUN_KINDS_ZH = {
    "ingest": "数据接入",
    "backfill": "补抽",
    "deep_reload": "深度重读",
    "release": "隔离放行",
    "suppliers": "供应商识别",
    "detect": "疑点检测",
    "detect_weekly": "每周检测",
    "check_marts": "集市检查",
    "publish": "看板发布",
    "data_docs": "质量报告",
    "rank_providers": "机构评分",
}


@dataclass(frozen=True)
class _Line:
    """A lead as a line of a mail."""

    number: str
    light_zh: str
    indicator: str
    org_name: str
    subject: str
    period: str
    amount: str
    link: str | None


def news_letter(
    recipient: Recipient,
    news: News,
    detected_on: date,
    address: str | None,
    tables_zh: Mapping[str, str],
) -> Mail:
    """The mail on what is new; `address` is where people open Superset."""
    subject = f"清廉：{'，'.join(_counted(news))}"
    gates = gate_lines(news, tables_zh, with_messages=recipient.city)
    values = {
        "name": recipient.name,
        "subject": subject,
        "news": news,
        "detected_on": detected_on,
        "leads": [_line(lead, address) for lead in news.leads[:LISTED]],
        "gates": gates,
        "statement": STATEMENT,
        "footer": _FOOTER,
    }
    key = json.dumps([recipient.id, news.told()])
    return Mail(key, subject, _render("notice.txt.j2", values), _render("notice.html.j2", values))


def brief_letter(recipient: Recipient, facts: Facts, brief: Attachment) -> Mail:
    """The mail that a weekly brief goes with."""
    place = " ".join(filter(None, (facts.place.org_name, facts.place.dept_name)))
    subject = f"清廉：周简报 {place}（{facts.week.first} 至 {facts.week.last}）"
    active = [lead for lead in facts.leads if lead.is_active]
    red = sum(lead.light == "red" for lead in active)
    values = {
        "name": recipient.name,
        "subject": subject,
        "place": place,
        "week": facts.week,
        "red": red,
        "yellow": len(active) - red,
        "statement": STATEMENT,
        "footer": _FOOTER,
    }
    return Mail(
        json.dumps([recipient.id, facts.place.org_code, facts.place.dept_code, str(facts.week)]),
        subject,
        _render("brief_mail.txt.j2", values),
        _render("brief_mail.html.j2", values),
        (brief,),
    )


def gate_lines(news: News, tables_zh: Mapping[str, str], *, with_messages: bool) -> list[str]:
    """Batches by source and table, then failed steps.

    What a failing step said names machines and files: `with_messages` is for the city's alone.
    """
    tables: dict[tuple[str, str], list[Batch]] = {}
    for batch in news.batches:
        tables.setdefault((batch.source_id, batch.table_name), []).append(batch)
    lines = [
        f"{source} {tables_zh.get(table, table)}：{_batches_said(batches)}"
        for (source, table), batches in tables.items()
    ]
    return lines + [_run_said(run, with_message=with_messages) for run in news.runs]


def _batches_said(batches: list[Batch]) -> str:
    held = sum(batch.quarantined for batch in batches)
    rejected = [batch for batch in batches if batch.rejected_reason]
    rules = sorted(
        {rule for batch in batches for rule in (batch.rules_zh or "").split("、")} - {""}
    )
    said = []
    if rejected:
        said.append(f"{len(rejected)} 批整批拒收、未入库（{rejected[-1].rejected_reason}）")
    if held:
        said.append(f"{held:,} 行进入隔离区")
    if rules:
        more = f"等 {len(rules)} 条" if len(rules) > _SHOWN_RULES else ""
        said.append(f"未通过的规则：{'、'.join(rules[:_SHOWN_RULES])}{more}")
    days = sorted({batch.as_of for batch in batches})
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    return f"{'；'.join(said)}（业务日期 {span}）"


def _run_said(run: FailedRun, *, with_message: bool) -> str:
    kind = RUN_KINDS_ZH.get(run.kind, run.kind)
    source = f" {run.source_id}" if run.source_id else ""
    said = f"{kind}{source} 失败（业务日期 {run.as_of}，运行 {run.run_id}）"
    return f"{said}：{run.message}" if with_message and run.message else said


def _counted(news: News) -> list[str]:
    said = []
    if news.leads:
        said.append(f"新增红灯线索 {len(news.leads)} 条")
    tables = {(batch.source_id, batch.table_name) for batch in news.batches}
    if gates := len(tables) + len(news.runs):
        said.append(f"质量门与步骤未通过 {gates} 项")
    return said


def _line(lead: Lead, address: str | None) -> _Line:
    return _Line(
        lead.number,
        lead.light_zh,
        f"{lead.indicator_id} {lead.indicator_name_zh}",
        lead.org_name,
        lead.subject_label,
        f"{lead.period_start} 至 {lead.period_end}",
        f"{lead.risk_gross:,.2f}",
        lead_link(address, lead.lead_id),
    )


def _render(template: str, values: Mapping[str, object]) -> str:
    """HTML is escaped; plain text needs none."""
    environment = Environment(
        loader=PackageLoader("qinglian"),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=template.endswith(".html.j2"),
    )
    return environment.get_template(template).render(values)
