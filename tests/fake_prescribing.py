"""Prescribing of doctors and hospitals for the small fictional city in the marts."""

import random
from datetime import date
from typing import Any

DOCTORS = 4
METRICS = [
    ("log_avg_amount", "均次处方金额（元）", 150.0),
    ("antibacterial_rate", "抗菌药物使用率", 0.15),
]
MEASURES = [
    ("amount_per_prescription", "均次处方金额（元）", 150.0),
    ("key_share", "门诊重点监控药品金额占比", 0.12),
    ("ward_key_share", "住院重点监控药品金额占比", 0.3),
    ("antibacterial_rate", "门诊抗菌药物处方比例", 0.1),
    ("antibacterial_density", "抗菌药物使用强度（DDD/100人天）", 20.0),
]
DRUGS = [("奥美拉唑", 1.0), ("银杏叶提取物", None)]


def marts(hospitals: list[Any], months: list[date]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each mart by its name, drawn with a seed of their own."""
    draw = random.Random(4)  # noqa: S311 (no secret is drawn)
    return {
        "prescribing_doctor_month": _doctors(draw, hospitals, months),
        "prescribing_hospital_month": _hospitals(draw, hospitals, months),
        "prescribing_drug_month": _drugs(draw, hospitals, months),
    }


def _of(hospital: Any, month: date) -> dict[str, Any]:
    return {
        "org_code": hospital.org_code,
        "org_name": hospital.name,
        "org_level_zh": hospital.level,
        "district_name": hospital.district,
        "period_month": month,
    }


def _doctors(draw: random.Random, hospitals: list[Any], months: list[date]) -> list[dict[str, Any]]:
    """Four doctors a hospital; the first is dear in December, the last has no peers."""
    rows = []
    for hospital in hospitals:
        for number in range(DOCTORS):
            for month in months:
                for metric, metric_zh, centre in METRICS:
                    dear = number == 0 and month.month == 12
                    alone = number == DOCTORS - 1
                    rows.append(
                        _of(hospital, month)
                        | {
                            "doctor_code": f"D{number}",
                            "subject_label": f"心血管内科 医师 D{number}",
                            "subject_label_en": f"心血管内科 doctor D{number}",
                            "dept_name": "心血管内科",
                            "metric": metric,
                            "metric_zh": metric_zh,
                            "n": draw.randint(40, 200),
                            "value": centre * (3 if dear else draw.uniform(0.8, 1.2)),
                            "expected": None if alone else centre,
                            "limit_lower": None if alone else centre * 0.6,
                            "limit_upper": None if alone else centre * 1.5,
                            "peer_group": None if alone else "三级·心血管内科",
                            "peer_n": None if alone else 9,
                        }
                    )
    return rows


def _hospitals(
    draw: random.Random, hospitals: list[Any], months: list[date]
) -> list[dict[str, Any]]:
    return [
        _of(hospital, month)
        | {
            "measure": measure,
            "measure_zh": measure_zh,
            "n": draw.randint(100, 900),
            "value": centre * draw.uniform(0.7, 1.4),
            "threshold": 40 if measure == "antibacterial_density" else None,
            "outcome_zh": None,
        }
        for hospital in hospitals
        for month in months
        for measure, measure_zh, centre in MEASURES
    ]


def _drugs(draw: random.Random, hospitals: list[Any], months: list[date]) -> list[dict[str, Any]]:
    rows = []
    for hospital in hospitals:
        for month in months:
            for drug, dose in DRUGS:
                amount = round(draw.uniform(1000, 9000), 2)
                uses = draw.randint(20, 90)
                rows.append(
                    _of(hospital, month)
                    | {
                        "setting": "outpatient",
                        "setting_zh": "门诊",
                        "generic_name": drug,
                        "use_count": uses,
                        "course_count": uses - 3,
                        "amount": amount,
                        "supported_amount": round(amount / 10, 2),
                        "ddds": None if dose is None else uses * dose,
                    }
                )
    return rows
