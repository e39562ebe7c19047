"""The handbook of all contracts as one Markdown page, Chinese first."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from qinglian.contracts.landing import common_columns
from qinglian.contracts.model import Contract, Cursor, CursorKind, Freshness

DOMAIN_LABELS = {
    "his": "医院信息系统 Hospital information system",
    "procurement": "采购 Procurement",
    "insurance": "医保 Insurance",
    "supervision": "监督台账 Supervision register",
    "reference": "参考数据 Reference data",
}
_CLASSIFICATIONS = {
    "internal": "内部",
    "quasi_identifier": "准标识",
    "sensitive": "敏感",
    "direct_identifier": "直接标识",
}
_PSEUDONYMS = {
    "id_number": "证件号",
    "phone": "电话",
    "bank_account": "银行账号",
    "name": "姓名",
}
_DIMENSIONS = {
    "completeness": "完整",
    "conformity": "规范",
    "uniqueness": "唯一",
    "consistency": "一致",
    "timeliness": "及时",
}
_TREATMENTS = {
    ("row", "error"): "隔离该行",
    ("row", "warning"): "提示",
    ("batch", "error"): "整批停止",
    ("batch", "warning"): "提示",
}


def handbook_markdown(contracts: Mapping[str, Contract]) -> str:
    """Text of `docs/contracts.md`."""
    environment = Environment(
        loader=PackageLoader("qinglian.contracts", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=select_autoescape(["html"]),
    )
    environment.filters |= {
        "cursor": cursor_text,
        "freshness": freshness_text,
        "cell": lambda text: str(text).replace("|", "\\|"),
    }
    domains = [
        (DOMAIN_LABELS[domain], list(members))
        for domain, members in groupby(contracts.values(), key=lambda item: item.domain)
    ]
    return environment.get_template("handbook.md.j2").render(
        domains=domains,
        common=common_columns(),
        classifications=_CLASSIFICATIONS,
        pseudonyms=_PSEUDONYMS,
        dimensions=_DIMENSIONS,
        treatments=_TREATMENTS,
    )


def cursor_text(cursor: Cursor) -> str:
    """How the table is read again, in one Chinese phrase."""
    column = f"`{cursor.column}`"
    if cursor.parent:
        column = f"`{cursor.parent}.{cursor.column}`（以 `{cursor.parent_key}` 相连）"
    match cursor.kind:
        case CursorKind.FULL_RELOAD:
            return "每次全量"
        case CursorKind.APPEND_ONLY:
            return f"只增，按 {column}"
        case CursorKind.UPDATED_AT:
            return f"按更新时间 {column}，重叠 {cursor.overlap_hours} 小时"
        case CursorKind.WINDOW_RELOAD:
            rule = f"按业务时间 {column} 重读，回看 {cursor.lookback_days} 天"
            if cursor.open_until is None:
                return rule
            return f"{rule}；`{cursor.open_until}` 为空的行未了，最长回看 {cursor.max_days} 天"


def freshness_text(freshness: Freshness) -> str:
    """How old the latest row may be, in one Chinese phrase."""
    days, rest = divmod(freshness.max_age, timedelta(days=1))
    age = f"{freshness.max_age // timedelta(hours=1)} 小时" if rest else f"{days} 天"
    return f"最新的 `{freshness.column}` 不早于 {age}前"
