"""Source declarations of the city, as the extract reads them."""

from pathlib import Path

import yaml

from qinglian.city.calendar import Month
from qinglian.city.organisations import CITY_NAME, Hospital

_READER = "postgresql://city_reader:{secret:CITY_READER_PASSWORD}@{demo_server}/"
PROCUREMENT, INSURANCE = "procurement", "insurance"
SUPERVISION, REFERENCE = "supervision", "reference"


def write_sources(
    folder: Path, hospitals: list[Hospital], first: Month, rule_library: Path
) -> None:
    """One YAML a source; files of an earlier, larger city are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for hospital in hospitals:
        content = _source(hospital.source_id, "his", hospital.vendor, hospital.name, first)
        content["org_code"] = hospital.org_code
        _write(folder, content)
    _write(
        folder,
        _source(PROCUREMENT, "procurement", "sunshine_platform", f"{CITY_NAME}阳光采购平台", first),
    )
    _write(folder, _source(INSURANCE, "insurance", "yb_bureau", f"{CITY_NAME}医疗保障局", first))
    _write(
        folder,
        _source(
            SUPERVISION, "supervision", "supervision_register", f"{CITY_NAME}清廉监督台账", first
        ),
    )
    rules = _source(REFERENCE, "reference", "rule_library", f"{CITY_NAME}规则库（样例）", first)
    rules["connection"] = {"kind": "files", "path": str(rule_library)}
    _write(folder, rules)


def _source(source_id: str, system: str, vendor: str, name: str, first: Month) -> dict[str, object]:
    return {
        "source_id": source_id,
        "system": system,
        "vendor": vendor,
        "name": name,
        "connection": {"kind": "postgresql", "url": _READER + source_id},
        "history_start": first.first.isoformat(),
        "tables_in_parallel": 2,
    }


def _write(folder: Path, content: dict[str, object]) -> None:
    path = folder / f"{content['source_id']}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
