"""The pack as a PDF, set by Typst: page numbers, repeated headings, embedded fonts."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst

from qinglian.audit.content import Column, Content, Table, Value

_TEMPLATE = Path(__file__).parent / "audit_pack.typ"
#: The first that is installed sets the page; all of them have Chinese and Latin letters.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Zen Hei")
#: Longer tables are cut on paper unless they say otherwise; the workbook has every row.
PRINTED_ROWS = 60
#: In a table of several columns a hash is shown by its beginning.
_SHORT_HASH = 12
_SHA256_DIGITS = 64
_MANY_COLUMNS = 5
_STRETCHED = 16
_STATEMENT = (
    "本包的全部数字取自上述台账状态下的数据仓库，由审计只读账号生成；内容不含个人信息。"
    "同一月份、同一台账状态重新生成，内容散列相同。"
    "本包的 Excel 与数据文件及其 SHA-256 见随附的 manifest.json。"
)
_SIGNING = (
    "签字人确认：已核对本包的内容散列与 manifest.json 所列一致，"
    "已阅读控制总额的差额、未通过的规则、不成立的恒等式和核验结果。"
)


class MissingFontError(RuntimeError):
    """No font with Chinese letters is installed."""


def write_document(content: Content, path: Path) -> None:
    """Write the PDF; the same content gives the same bytes.

    Raises:
        MissingFontError: the machine has none of `FONTS`.
    """
    made = datetime.combine(content.scope.state_date, datetime.min.time(), UTC)
    pdf = typst.compile(
        str(_TEMPLATE),
        sys_inputs={"pack": json.dumps(_drawn(content), ensure_ascii=False)},
        timestamp=made,
        pdf_standards=["a-2b"],
    )
    path.write_bytes(pdf)


def installed_font() -> str:
    """The first of `FONTS` that Typst finds. Raises MissingFontError."""
    families = set(typst.Fonts().families())
    found = [font for font in FONTS if font in families]
    if not found:
        raise MissingFontError(
            f"no font with Chinese letters was found (looked for {', '.join(FONTS)});"
            " install one, e.g. Debian's package fonts-noto-cjk"
        )
    return found[0]


def _drawn(content: Content) -> dict[str, Any]:
    scope = content.scope
    sources = "全部来源" if scope.all_sources else "、".join(scope.sources)
    return {
        "title": f"清廉 数据审计包 {scope.month:%Y-%m}",
        "fonts": [installed_font()],
        "scope_line": f"{sources} · 台账第 {scope.ledger_entry} 条",
        "content_hash": content.sha256(),
        "facts": [
            ("月份 Month", f"{scope.month:%Y 年 %m 月}"),
            (
                "来源 Sources",
                f"{sources}：{'、'.join(scope.sources)}" if scope.all_sources else sources,
            ),
            ("台账末条 Ledger head", f"第 {scope.ledger_entry} 条，{scope.state_date}"),
            ("末条 SHA-256", scope.ledger_hash),
            ("内容散列 Content SHA-256", content.sha256()),
        ],
        "statement": _STATEMENT,
        "signing": _SIGNING,
        "sections": [
            {
                "number": str(number),
                "title_zh": section.title_zh,
                "title_en": section.title_en,
                "intro_zh": section.intro_zh,
                "tables": [
                    _table(f"{number}.{part}", table)
                    for part, table in enumerate(section.tables, start=1)
                ],
            }
            for number, section in enumerate(content.sections, start=1)
        ],
    }


def _table(number: str, table: Table) -> dict[str, Any]:
    short = len(table.columns) >= _MANY_COLUMNS
    shown = table.rows if table.is_printed_whole else table.rows[:PRINTED_ROWS]
    return {
        "number": number,
        "title_zh": table.title_zh,
        "title_en": table.title_en,
        "note_zh": table.note_zh,
        "sheet": f"{number} {table.title_zh}",
        "columns": [
            {
                "title_zh": column.title_zh,
                "title_en": column.title_en,
                "number": column.kind in ("count", "number", "money", "share"),
                "code": column.kind == "code",
                "stretch": _stretches(column, [row[place] for row in shown], short),
            }
            for place, column in enumerate(table.columns)
        ],
        "rows": [_texts(table, row, short) for row in shown],
        "total": _texts(table, table.total, short) if table.total and table.rows else None,
        "hidden": len(table.rows) - len(shown),
    }


def _stretches(column: Column, values: list[Value], short: bool) -> bool:
    """Whether the column shares what width is left: texts that may need more than a line."""
    if column.kind == "code":
        return not short
    return column.kind == "text" and any(len(str(v or "")) > _STRETCHED for v in values)


def _texts(table: Table, row: tuple[Value, ...], short: bool) -> list[str]:
    return [_text(c, v, short) for c, v in zip(table.columns, row, strict=True)]


def _text(column: Column, value: Value, short: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Decimal):
        return _number(column.kind, value)
    text = value.isoformat() if isinstance(value, date) else value
    if column.kind == "code" and short and len(text) == _SHA256_DIGITS:
        return f"{text[:_SHORT_HASH]}…"
    return text


def _number(kind: str, value: int | Decimal) -> str:
    match kind:
        case "count":
            return f"{value:,}"
        case "money":
            return f"{value:,.2f}"
        case "share":
            return f"{Decimal(value) * 100:.2f}%"
        case _:
            return f"{Decimal(value).normalize():,f}"
