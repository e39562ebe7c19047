"""How long tables come to paper, which is no part of what they say."""

from dataclasses import replace
from datetime import date

from qinglian.audit.content import Column, Content, Scope, Section, Table
from qinglian.audit.document import PRINTED_ROWS, _drawn

ROWS = tuple((f"table_{number}", number) for number in range(PRINTED_ROWS + 24))
LONG = Table("各表", "Tables", "", (Column("表", "table"), Column("行", "rows", "count")), ROWS)
SCOPE = Scope(date(2025, 12, 1), ("his_01",), True, 7, "0" * 64, date(2025, 12, 31))


def _content(table: Table) -> Content:
    return Content(SCOPE, (Section("控制总额", "Control totals", "", (table,)),))


def test_a_table_is_cut_on_paper_unless_it_is_printed_whole() -> None:
    for table, hidden in ((LONG, 24), (replace(LONG, is_printed_whole=True), 0)):
        (section,) = _drawn(_content(table))["sections"]
        (drawn,) = section["tables"]
        assert (len(drawn["rows"]), drawn["hidden"]) == (len(ROWS) - hidden, hidden)


def test_the_hash_is_that_of_the_content_alone() -> None:
    whole = replace(LONG, is_printed_whole=True)
    assert _content(whole).canonical() == _content(LONG).canonical()
    assert "printed" not in _content(whole).canonical()
