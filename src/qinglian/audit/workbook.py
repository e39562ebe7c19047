"""The pack as an Excel workbook: one sheet a table, whole, and a sheet with the contents."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from qinglian.audit.content import Column, Content, Table, Value

_FORMATS = {
    "text": {},
    "count": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.##"},
    "money": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.00%"},
    "code": {"font_name": "Consolas"},
}
_WIDTHS = {"text": 18, "count": 12, "number": 14, "money": 18, "share": 10, "code": 24}
_WIDEST = 60
_HEADER_ROW = 3


def write_workbook(content: Content, path: Path) -> None:
    """Write the workbook; the same content gives the same bytes."""
    options = {
        "default_format_properties": {"font_name": "Microsoft YaHei", "font_size": 10},
        # A text from a source that begins with = stays a text.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        made = datetime.combine(content.scope.state_date, datetime.min.time())
        book.set_properties({"title": f"审计包 {content.scope.month:%Y-%m}", "created": made})
        formats = _formats(book)
        overview = book.add_worksheet("目录")
        lines = []
        for number, section in enumerate(content.sections, start=1):
            for part, table in enumerate(section.tables, start=1):
                name = _sheet_name(f"{number}.{part} {table.title_zh}")
                _write_table(book, name, table, formats)
                lines.append((section.title_zh, name, table))
        _write_overview(overview, content, lines, formats)


def _formats(book: Workbook) -> dict[str, Format]:
    cells = {"valign": "top", "border": 1, "border_color": "#D9D9D9"}
    formats = {kind: book.add_format(cells | how) for kind, how in _FORMATS.items()}
    totals = {
        f"{kind} total": book.add_format(cells | how | {"bold": True, "top": 2})
        for kind, how in _FORMATS.items()
    }
    return (
        formats
        | totals
        | {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "note": book.add_format({"font_color": "#595959"}),
            "header": book.add_format(
                cells | {"bold": True, "text_wrap": True, "bg_color": "#E8EEF4"}
            ),
        }
    )


def _write_overview(
    sheet: Any,
    content: Content,
    lines: list[tuple[str, str, Table]],
    formats: dict[str, Format],
) -> None:
    scope = content.scope
    sheet.write(0, 0, f"清廉 · 数据审计包 {scope.month:%Y-%m}", formats["title"])
    facts = [
        ("来源 Sources", "全部" if scope.all_sources else "、".join(scope.sources)),
        ("台账末条 Ledger head", f"第 {scope.ledger_entry} 条 {scope.ledger_hash}"),
        ("内容散列 Content SHA-256", content.sha256()),
    ]
    for row, (name, value) in enumerate(facts, start=2):
        sheet.write(row, 0, name)
        sheet.write(row, 1, value, formats["code"])
    first = len(facts) + 3
    for column, title in enumerate(("章节", "工作表", "English", "行数", "说明")):
        sheet.write(first, column, title, formats["header"])
    for row, (section, name, table) in enumerate(lines, start=first + 1):
        sheet.write(row, 0, section, formats["text"])
        sheet.write_url(row, 1, f"internal:'{name}'!A1", formats["text"], name)
        sheet.write(row, 2, table.title_en, formats["text"])
        sheet.write(row, 3, len(table.rows), formats["count"])
        sheet.write(row, 4, table.note_zh, formats["text"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 34)
    sheet.set_column(4, 4, 100)


def _write_table(book: Workbook, name: str, table: Table, formats: dict[str, Format]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write(0, 0, f"{table.title_zh} {table.title_en}", formats["title"])
    sheet.write(1, 0, table.note_zh, formats["note"])
    for number, column in enumerate(table.columns):
        sheet.write(_HEADER_ROW, number, f"{column.title_zh}\n{column.title_en}", formats["header"])
        sheet.set_column(number, number, _width(column, [row[number] for row in table.rows]))
    for row, values in enumerate(table.rows, start=_HEADER_ROW + 1):
        for number, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            _write(sheet, row, number, value, formats[column.kind])
    last = _HEADER_ROW + len(table.rows)
    if table.rows:
        sheet.autofilter(_HEADER_ROW, 0, last, len(table.columns) - 1)
    if table.total is not None:
        for number, (column, value) in enumerate(zip(table.columns, table.total, strict=True)):
            _write(sheet, last + 1, number, value, formats[f"{column.kind} total"])
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.set_footer("&L清廉 数据审计包&C&A&R第 &P 页 共 &N 页")


def _write(sheet: Any, row: int, column: int, value: Value, cell_format: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, cell_format)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", cell_format)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, float(value), cell_format)
    elif isinstance(value, date | datetime):
        sheet.write_string(row, column, value.isoformat(), cell_format)
    else:
        sheet.write_string(row, column, value, cell_format)


def _width(column: Column, values: list[Value]) -> int:
    if column.kind not in ("text", "code"):
        return _WIDTHS[column.kind]
    # A Chinese character is as wide as two Latin ones.
    longest = max((sum(1 + (ord(c) > 0x2E7F) for c in str(v or "")) for v in values), default=0)  # noqa: PLR2004
    return min(max(longest + 2, _WIDTHS["count"]), _WIDEST)


def _sheet_name(text: str) -> str:
    """A name that Excel accepts: at most 31 characters, none of its separators."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31]
