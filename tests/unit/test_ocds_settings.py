"""Cardinal's settings file, and the same as JSON."""

import json
from pathlib import Path

import pytest

from qinglian.ocds.settings import Settings, SettingsError, load_settings

INI = """\
; a comment
currency = CNY
no_price_comparison_procurement_methods = Random Selection|摇号
[defaults]
bid_status = valid
[codelists.bid_status]
qualified = valid
[exclusions]
procurement_method_details = 应急|
[R003]
procurement_methods = open|selective
    threshold = 20
[R003.procurement_method_details]
Emergency Tender = 10
# another comment
[R024]
[R025]
percentile = 80
threshold = "0.05"
[R048]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.ini"
    path.write_text(text, "utf-8")
    return path


def test_an_ini_file_is_read_as_cardinal_reads_it(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, INI))

    assert settings.currency == "CNY"
    assert settings.no_price_comparison_procurement_methods == {"Random Selection", "摇号"}
    assert settings.exclusions.procurement_method_details == {"应急"}
    assert settings.R003 is not None
    assert settings.R003.threshold == 20
    assert settings.R003.procurement_methods == {"open", "selective"}
    assert settings.R003.procurement_method_details == {"Emergency Tender": 10}
    assert settings.R024 is not None
    assert settings.R024.threshold is None
    assert settings.R025 is not None
    assert (settings.R025.percentile, settings.R025.threshold) == (80, 0.05)
    assert settings.R048 is not None
    assert settings.R048.minimum_contracting_processes == 20
    assert settings.R058 is None


def test_json_says_the_same(tmp_path: Path) -> None:
    content = {
        "currency": "CNY",
        "no_price_comparison_procurement_methods": "Random Selection|摇号",
        "defaults": {"bid_status": "valid"},
        "codelists": {"bid_status": {"qualified": "valid"}},
        "exclusions": {"procurement_method_details": ["应急"]},
        "R003": {
            "threshold": 20,
            "procurement_methods": "open|selective",
            "procurement_method_details": {"Emergency Tender": 10},
        },
        "R024": {},
        "R025": {"percentile": 80, "threshold": 0.05},
        "R048": {},
    }
    as_json = tmp_path / "settings.json"
    as_json.write_text(json.dumps(content), "utf-8")

    assert load_settings(as_json) == load_settings(write(tmp_path, INI))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[R024]\nthreshhold = 1", "R024.threshhold"),
        ("[R099]\n", "R099"),
        ("[R025]\npercentile = many", "R025.percentile"),
        ("[R038]\nminimum_submitted_bids = -1", "R038.minimum_submitted_bids"),
        ('{"R024": {}', "line 1 is no JSON"),
        ("[R024\nthreshold = 1", "no INI file"),
    ],
)
def test_what_is_no_setting_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=r"settings\.ini") as error:
        load_settings(write(tmp_path, text))

    assert told in str(error.value)


def test_the_settings_of_the_guide_are_settings(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "ocds.md").read_text("utf-8")
    example = guide.split("```ini\n")[1].split("```")[0]
    settings = load_settings(write(tmp_path, example))

    assert settings.R003 is not None
    assert settings.R003.procurement_method_details == {"竞争性谈判": 3}
    assert settings.R058 is not None
    assert settings.qinglian.competitive_procurement_method_details == {"公开招标", "竞价"}


def test_without_a_file_all_eleven_run() -> None:
    settings = Settings.all_indicators()

    assert settings.R018 is not None
    assert settings.R018.procurement_methods == {"open", "selective"}
    assert all(
        getattr(settings, name) is not None
        for name in Settings.model_fields
        if name.startswith("R0")
    )
