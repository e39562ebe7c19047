"""Who is behind the codes of the small fictional city: names that stand nowhere else."""

from typing import Any

#: Codes of the doctors whom leads concern, the same at every hospital.
CODES = ("D0411", "D0412", "D0413", "D0414", "D0415")
_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方")
_GIVEN = (
    *("清越", "望舒", "云岫", "静姝", "未晞", "采薇"),
    *("子衿", "如琢", "令仪", "思无", "攸宁", "既明"),
)


def name_of(org_code: str, code: str, hospitals: list[Any]) -> str:
    """The name behind a code of one hospital."""
    place = next(n for n, hospital in enumerate(hospitals) if hospital.org_code == org_code)
    return _SURNAMES[CODES.index(code)] + _GIVEN[place]


def staff(leads: list[dict[str, Any]], hospitals: list[Any]) -> list[dict[str, Any]]:
    """A row for each active lead about a doctor."""
    shown = (
        *("lead_id", "org_code", "org_name", "org_level_zh", "district_name", "dept_name"),
        *("indicator_id", "indicator_name_zh", "family", "family_zh", "light", "light_zh"),
        *("period_month", "subject_label", "subject_label_en", "risk_gross"),
    )
    rows = []
    for lead in leads:
        if lead["is_active"] and lead["subject_type"] == "doctor":
            code = lead["subject_label"].split()[-1]
            named = {
                "staff_code": code,
                "staff_label": f"{lead['dept_name']} 工号 {code}",
                "staff_label_en": f"{lead['dept_name']} staff no. {code}",
                "staff_name": name_of(lead["org_code"], code, hospitals),
            }
            rows.append({column: lead[column] for column in shown} | named)
    return rows
