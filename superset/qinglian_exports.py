"""Exported tables as somebody reads them in a spreadsheet: without the HTML of the pages."""

import re
from typing import Any
from urllib.parse import urljoin

from flask import request
from superset.utils import csv, excel

#: What the datasets put into cells for the eye: a link, and a light in the colour of its dot.
_LINK = re.compile(r'<a href="([^"]*)">[^<]*</a>')
_DOT = re.compile(r'<span style="color:(#[0-9a-f]{6})">●</span>')
_LIGHTS = {"#c62f38": "红", "#eba91c": "黄", "#55a06c": "绿", "#b4b9c0": "灰"}


def write_plain_cells() -> None:
    """Give Superset's writers of CSV and Excel the address of a link and the name of a light."""
    csv.df_to_escaped_csv = _without_html(csv.df_to_escaped_csv)
    excel.df_to_excel = _without_html(excel.df_to_excel)


def _without_html(write: Any) -> Any:
    def written(table: Any, **options: Any) -> Any:
        return write(table.map(_plain), **options)

    return written


def _plain(cell: Any) -> Any:
    """A cell as it is exported: the whole address of a link, the name of a light."""
    if not isinstance(cell, str):
        return cell
    named = _DOT.sub(lambda dot: _LIGHTS.get(dot[1], "●"), cell)
    return _LINK.sub(lambda link: urljoin(request.host_url, link[1]), named)
