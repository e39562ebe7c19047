"""What Superset's frame says by the reader's language: name and logo, names of days and months.

Superset asks for the theme once an account and language, and keeps it.
"""

import base64
from pathlib import Path
from typing import Any

from flask_babel import get_locale

NAME = "清廉线索平台"
NAME_EN = "Qinglian"
_LOGO = (Path(__file__).parent / "logo.svg").read_text("utf-8")
_ENGLISH_TIMES = {
    "periods": ["AM", "PM"],
    "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    "months": [
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ],
    "shortMonths": [
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ],
}


def logo(name: str) -> str:
    """The logo with this name, as an address."""
    drawn = _LOGO.replace(NAME, name)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"


def theme(shipped: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    """Superset's theme with these tokens and the name in the reader's language."""
    name = NAME_EN if _is_english() else NAME
    named = {"brandAppName": name, "brandLogoAlt": name, "brandLogoUrl": logo(name)}
    if _is_english():
        named["brandLogoHref"] = "/superset/welcome/"  # which leads to the first English page
    return shipped | {"token": shipped["token"] | tokens | named}


def in_language(told: dict[str, Any]) -> dict[str, Any]:
    """What a page is told otherwise where it is read in English."""
    if not _is_english():
        return {}
    menu = told["menu_data"]
    brand = menu["brand"] | {"alt": NAME_EN, "icon": logo(NAME_EN)}
    return {
        "menu_data": menu | {"brand": brand},
        "d3_time_format": told["d3_time_format"] | _ENGLISH_TIMES,
        "d3_format": told["d3_format"] | {"currency": ["CNY ", ""]},
    }


def _is_english() -> bool:
    """Outside a request there is no reader, and the language is Chinese."""
    return str(get_locale()) == "en"
