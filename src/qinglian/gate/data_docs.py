"""The data docs: GX's own pages over the saved validation results, served without the internet.

GX's pages load scripts and styles from public content delivery networks and speak English. The
templates in `templates/` replace its page frames, the files in `static/` what they load, and
`_ZH` the words that its renderers put in. GX does not escape what its templates print, so what
comes from a hospital is escaped here.
"""

import html
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qinglian.gate.gx import load_gx
from qinglian.gate.saved import CheckInfo, saved_results
from qinglian.gate.trend import Count, Trend
from qinglian.landing.backdated import BackdatedMonth

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_STATIC = _HERE / "static"

#: Texts of GX's renderers, whole strings only.
_ZH = {
    "Overview": "概览",
    "Expectation Suite:": "数据契约：",
    "Status:": "结论：",
    "Succeeded": "通过",
    "Failed": "未通过",
    "Statistics": "统计",
    "Evaluated Expectations": "检查的规则",
    "Successful Expectations": "通过的规则",
    "Unsuccessful Expectations": "未通过的规则",
    "Success Percent": "通过率",
    "Show more info...": "运行信息…",
    "Info": "运行信息",
    "Great Expectations Version": "Great Expectations 版本",
    "Run Name": "运行名称",
    "Run Info": "运行信息",
    "Run Time": "检查时间",
    "Table-Level Expectations": "整批规则",
    "Status": "结论",
    "Expectation": "规则",
    "Observed Value": "检查结果",
    "Sampled Unexpected Values": "问题行示例（个人信息已遮盖）",
    "Count": "行数",
    "\n\n$unexpected_count unexpected values found. "
    "$unexpected_percent of $element_count total rows.": (
        "\n\n$element_count 行中有 $unexpected_count 行不符合，占 $unexpected_percent。"
    ),
    "${suite_title} ${expectation_suite_name}\n ${data_asset} ${data_asset_name}\n "
    "${status_title} ${html_success_icon} ${success}": (
        "${suite_title} ${expectation_suite_name}\n ${status_title} ${html_success_icon} ${success}"
    ),
}
_DIMENSIONS = {
    "completeness": "完整性",
    "conformity": "合规性",
    "uniqueness": "唯一性",
    "consistency": "一致性",
    "timeliness": "及时性",
    "validity": "规范性",
    "reconciliation": "可核对性",
}
#: Name of the page of back-dated changes; the navigation bar links to it.
BACKDATED_PAGE = "backdated.html"
_SHOWN_AS = "expect_column_values_to_be_in_set"
_PERCENT = re.compile(r"^(\S+%) unexpected$")


def build_data_docs(
    results_dir: Path,
    site_dir: Path,
    trends: Mapping[tuple[str, str], Trend] | None = None,
    backdated: Sequence[BackdatedMonth] = (),
) -> Path:
    """Build the site at `site_dir` from the results that :func:`saved.save_result` wrote.

    `trends` of source id and table show how the last checks went, `backdated` fills a page of its
    own. Returns the index page. The pages are rebuilt whole: about 230 take a few seconds.
    """
    load_gx()
    site_dir.mkdir(parents=True, exist_ok=True)
    shutil.copytree(_STATIC, site_dir / "static", dirs_exist_ok=True)
    view = _view("DefaultJinjaPageView")
    rows, pages = [], set()
    for info, result in saved_results(results_dir):
        page = Path("validations") / info.source_id / f"{info.table_name}.html"
        target = site_dir / page
        target.parent.mkdir(parents=True, exist_ok=True)
        trend = (trends or {}).get((info.source_id, info.table_name))
        target.write_text(_render_result(view, info, result, trend), "utf-8")
        pages.add(target)
        rows.append(_index_row(info, result, page.as_posix()))
    for stale in set(site_dir.glob("validations/*/*.html")) - pages:
        stale.unlink()
    index = site_dir / "index.html"
    index.write_text(_render_index(rows), "utf-8")
    names = {row["table_name"]: row["table"] for row in rows}
    (site_dir / BACKDATED_PAGE).write_text(_render_backdated(backdated, names), "utf-8")
    return index


def _view(name: str) -> Any:
    """One of GX's views, looking for templates in our folder first."""
    from great_expectations.render import view
    from jinja2 import ChoiceLoader, FileSystemLoader

    instance = getattr(view, name)()
    instance.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), instance.env.loader])
    return instance


def _render_result(view: Any, info: CheckInfo, result: dict[str, Any], trend: Trend | None) -> str:
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    loaded = expectationSuiteValidationResultSchema.load(_escaped(result))
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(loaded)
    content = _translated(document.to_json_dict())
    content["sections"][0]["content_blocks"].append(_batch_table(info))
    if trend:
        content["sections"][0]["content_blocks"].append(_trend_table(trend))
    content["page_title"] = html.escape(f"{info.source_id} / {info.table_name_zh}")
    return _print(view, "page.j2", content, depth=2)


def _escaped(result: dict[str, Any]) -> dict[str, Any]:
    """The result with samples and descriptions safe to print, without GX's own innards."""
    results = []
    for verdict in sorted(result["results"], key=lambda v: bool(v["success"])):
        config = dict(verdict["expectation_config"])
        # GX makes a section of each column; a reader looks for kinds of faults, failed ones first.
        # The text of a rule is its description, so that the type shown makes no other difference.
        section = _DIMENSIONS[config["meta"]["dimension"]]
        config |= {"type": _SHOWN_AS, "kwargs": {"column": section, "value_set": [True]}}
        if config.get("description"):
            # A dollar sign would start a placeholder of GX's template.
            config["description"] = html.escape(config["description"]).replace("$", "$$")
        counts = {k: v for k, v in verdict["result"].items() if k != "unexpected_list"}
        for name in ("partial_unexpected_list", "observed_value"):
            counts[name] = _escape(counts.get(name))
        results.append({**verdict, "expectation_config": config, "result": counts})
    meta = {k: result["meta"][k] for k in ("great_expectations_version", "run_id")}
    return {**result, "results": results, "meta": meta}


def _escape(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, list):
        return [_escape(item) for item in value]
    return value


def _translated(value: Any) -> Any:
    """A rendered document with GX's words in Chinese."""
    if isinstance(value, dict):
        # The name of a suite links to a page of the suite, which is our contract instead.
        return {k: _translated(v) for k, v in value.items() if not _is_suite_link(k, v)}
    if isinstance(value, list):
        return [_translated(item) for item in value]
    if isinstance(value, str):
        percent = _PERCENT.match(value)
        if percent:
            return f"{percent[1]} 不符合"
        return _ZH.get(value, value)
    return value


def _is_suite_link(key: str, value: Any) -> bool:
    return key == "expectation_suite_name" and isinstance(value, dict) and value.get("tag") == "a"


def _batch_table(info: CheckInfo) -> dict[str, Any]:
    """The batch and how its rows add up, as one more table of the overview."""
    rows = [
        ["来源", info.source_id],
        ["数据表", f"{info.table_name_zh}（{info.table_name}）"],
        ["批次号", "—" if info.batch_id is None else str(info.batch_id)],
        ["检查时间", info.checked_at],
    ]
    if info.batch_id is not None:
        rows += [
            ["文件行数", f"{info.rows:,}"],
            ["通过", f"{info.passed:,}"],
            ["隔离", f"{info.quarantined:,}"],
            ["重复", f"{info.duplicates:,}"],
            ["源端已删除", f"{info.tombstones:,}"],
        ]
    return _small_table("批次", rows, width="col-6")


def _trend_table(trend: Trend) -> dict[str, Any]:
    """The last checks, oldest first: failed of evaluated, for each rule that failed in any."""
    days = [f"{checked_at:%m-%d %H:%M}" for checked_at in trend.checked_at]
    rows = [[name, *map(_count, counts)] for name, counts in trend.rules]
    if not rows:
        rows = [["全部规则", *("无未通过" for _ in days)]]
    title = f"趋势：最近 {len(days)} 次检查，未通过 / 已检查（— 为未能检查）"
    return _small_table(title, [["规则", *days], *rows], width="col-12")


def _count(count: Count) -> str:
    return "—" if count is None else f"{count[0]:,} / {count[1]:,}"


def _small_table(title: str, rows: list[list[str]], width: str) -> dict[str, Any]:
    """One of GX's table blocks, as wide as the Bootstrap class says."""
    return {
        "content_block_type": "table",
        "header": {
            "content_block_type": "string_template",
            "string_template": {
                "template": title,
                "tag": "h6",
                "styling": {"classes": ["m-0"]},
            },
        },
        "table": [[html.escape(cell) for cell in row] for row in rows],
        "styling": {
            "classes": [width, "table-responsive", "mt-1", "p-1"],
            "body": {"classes": ["table", "table-sm"], "styles": {"margin": "0.5rem 0 !important"}},
        },
    }


def _index_row(info: CheckInfo, result: dict[str, Any], page: str) -> dict[str, Any]:
    failed = [
        verdict["expectation_config"]["meta"]["name_zh"]
        for verdict in result["results"]
        if not verdict["success"]
    ]
    return {
        "state": "通过" if result["success"] else "未通过",
        "source": html.escape(info.source_id),
        "table_name": info.table_name,
        "table": html.escape(f"{info.table_name_zh}（{info.table_name}）"),
        "checked_at": info.checked_at,
        "rows": info.rows,
        "quarantined": info.quarantined,
        "rules": len(result["results"]),
        "failed": len(failed),
        "failed_rules": html.escape("，".join(failed)),
        "_table_row_link_path": page,
    }


_INDEX_COLUMNS = {
    "state": ("结论", "select"),
    "source": ("来源", "select"),
    "table": ("数据表", "input"),
    "checked_at": ("检查时间", None),
    "rows": ("文件行数", None),
    "quarantined": ("隔离行数", None),
    "rules": ("规则", None),
    "failed": ("未通过", None),
    "failed_rules": ("未通过的规则", "input"),
}


def _render_index(rows: list[dict[str, Any]]) -> str:
    """The index: GX's table block with our columns, failed checks first."""
    failed = sum(bool(row["failed"]) for row in rows)
    return _large_table(
        f"最近一次检查：{len(rows)} 张表，{failed} 张未通过",
        _INDEX_COLUMNS,
        sorted(rows, key=lambda row: (-row["failed"], row["source"], row["table"])),
        # Rows lead to the pages of their tables.
        {"rowStyle": "rowStyleLinks", "rowAttributes": "rowAttributesLinks"},
    )


_BACKDATED_COLUMNS = {
    "source": ("来源", "select"),
    "table": ("数据表", "input"),
    "month": ("业务月份", "select"),
    "rows": ("倒改行数", None),
    "inserted": ("补录", None),
    "changed": ("改动", None),
    "deleted": ("删除", None),
    "amount": ("金额变动（元）", None),
    "found_on": ("最近发现日期", None),
}


def _render_backdated(months: Sequence[BackdatedMonth], names: Mapping[str, str]) -> str:
    """The page of back-dated changes; `names` are the titles of tables."""
    rows = [
        {
            "source": html.escape(month.source_id),
            "table": names.get(month.table, html.escape(month.table)),
            "month": f"{month.month:%Y-%m}",
            "rows": month.rows,
            "inserted": month.inserted,
            "changed": month.changed,
            "deleted": month.deleted,
            "amount": "—" if month.amount is None else f"{month.amount:,.2f}",
            "found_on": month.found_on.isoformat(),
        }
        for month in months
    ]
    total = sum(month.rows for month in months)
    heading = (
        f"深度重读发现的倒改：{total} 行。倒改是业务日期早于日常回看范围的补录、改动或删除；"
        "金额变动为改动后减改动前，没有金额的表为“—”。"
    )
    page = _large_table(heading, _BACKDATED_COLUMNS, rows, {})
    return page if rows else page.replace("0 行。", "0 行，尚无深度重读或没有发现。", 1)


def _large_table(
    heading: str,
    titles: Mapping[str, tuple[str, str | None]],
    rows: Sequence[Mapping[str, Any]],
    options: Mapping[str, str],
) -> str:
    """A page with a heading and GX's searchable table; `titles` are title and filter by field."""
    columns = []
    for name, (title, control) in titles.items():
        column = {"field": name, "title": title, "sortable": "true"}
        columns.append(column | ({"filterControl": control} if control else {}))
    table = {
        "content_block_type": "bootstrap_table",
        "table_columns": columns,
        "table_data": list(rows),
        "table_options": {
            "search": "true",
            "filterControl": "true",
            "pagination": "true",
            "pageSize": 50,
            "iconSize": "sm",
            **options,
        },
        "styling": {"classes": ["col-12"], "body": {"classes": ["table-sm"]}},
    }
    block = {
        "content_block_type": "header",
        "header": heading,
        "styling": {"classes": ["col-12"], "header": {"classes": ["alert", "alert-secondary"]}},
    }
    content = {
        "renderer_type": "SiteIndexPageRenderer",
        "sections": [{"section_name": "索引", "content_blocks": [block, table]}],
    }
    page = _print(_view("DefaultJinjaIndexPageView"), "index_page.j2", content, depth=0)
    return page.replace("Clear Filters", "清除筛选")


def _print(view: Any, template: str, content: dict[str, Any], depth: int) -> str:
    """A page that lies `depth` folders below the index."""
    up = "../" * depth
    page: str = view.env.get_template(template).render(
        content,
        home_url=f"{up}index.html",
        backdated_url=f"{up}{BACKDATED_PAGE}",
        static_dir=f"{up}static/",
    )
    return page
