"""Hospitals of the city, their departments and how busy those are."""

from dataclasses import dataclass
from functools import cached_property

from qinglian.city.practices import Practice, practices

CITY_NAME = "清川市"
CITY_AREA = "500100"
DISTRICTS = {
    "500101": "中心区",
    "500102": "江北区",
    "500103": "南山区",
    "500104": "临江区",
    "500105": "云岭区",
}
#: Hospitals of a group, by their number.
_GROUPS = {1: "QCYJT01", 3: "QCYJT01", 2: "QCYJT02", 4: "QCYJT02"}
VENDORS = ("yunqi_his", "kangtai_his")
#: Technical departments: code, name, code of the medical subject.
ANAESTHESIA = ("9005", "麻醉科", "26")
LABORATORY = ("9003", "医学检验科", "30")
IMAGING = ("9004", "医学影像科", "32")
TECHNICAL_DEPARTMENTS = (LABORATORY, IMAGING, ANAESTHESIA)


@dataclass(frozen=True)
class Department:
    """One department: clinic doctors, their prescriptions a month, and stays a month."""

    index: int
    code: str
    practice: Practice
    doctors: int
    monthly_visits: int
    monthly_stays: int

    @property
    def ward_code(self) -> str:
        return self.code + "W"


@dataclass(frozen=True)
class Hospital:
    """One hospital of the city and the product that its HIS is."""

    number: int
    org_code: str
    name: str
    level: str
    org_type: str
    district: str
    vendor: str
    beds: int
    scale: float
    plan: tuple[tuple[str, int, int, int], ...]

    @property
    def group_code(self) -> str | None:
        """The medical group that the hospital belongs to, if any."""
        return _GROUPS.get(self.number)

    @property
    def source_id(self) -> str:
        return f"his_{self.number:02d}"

    @property
    def level_rank(self) -> int:
        """0 tertiary, 1 secondary, 2 primary: the column of a price limit."""
        return {"02": 0, "05": 1}.get(self.level, 2)

    @property
    def patient_count(self) -> int:
        """Patients on file: enough that no inpatient returns by chance within three months."""
        return int(max(self.scale, 0.2) * (2500 + 60 * sum(p[3] for p in self.plan)))

    @cached_property
    def departments(self) -> tuple[Department, ...]:
        """Departments in the order of the plan, volumes scaled."""
        return tuple(
            Department(
                index=position,
                code=f"{position + 1:02d}{'0' if self.vendor == 'yunqi_his' else '1'}1",
                practice=practices()[key],
                doctors=max(doctors, round(doctors * self.scale)),
                monthly_visits=max(1, round(visits * min(1.0, self.scale))),
                monthly_stays=round(stays * self.scale),
            )
            for position, (key, doctors, visits, stays) in enumerate(self.plan)
        )

    def department_of(self, practice: str) -> Department:
        """The department of a practice that the hospital has."""
        return next(d for d in self.departments if d.practice.key == practice)

    def positions_of(self, practice: str) -> list[int]:
        """Position of the department of a practice, none where the hospital has none."""
        return [d.index for d in self.departments if d.practice.key == practice]


# practice, clinic doctors, visits of one doctor a month, stays of the department a month
_TERTIARY = (
    ("respiratory", 4, 118, 28),
    ("cardiology", 4, 118, 26),
    ("gastroenterology", 4, 118, 24),
    ("emergency", 2, 118, 0),
    ("orthopaedics", 1, 45, 22),
    ("nephrology", 1, 40, 14),
    ("oncology", 2, 118, 16),
    ("special_need", 1, 25, 0),
)
_SECONDARY = (
    ("respiratory", 3, 118, 22),
    ("cardiology", 3, 118, 20),
    ("gastroenterology", 2, 118, 14),
    ("emergency", 1, 118, 0),
    ("orthopaedics", 1, 45, 12),
)
_ONCOLOGY = (("oncology", 9, 118, 100), ("general", 1, 30, 0))
_MATERNITY = (("obgyn", 9, 118, 55), ("paediatrics", 9, 118, 30))
_TCM = (("tcm", 9, 118, 50), ("orthopaedics", 1, 45, 10))
_TOWNSHIP = (("general", 4, 118, 14),)

# name, level, type, district, vendor, beds, plan
_PROFILES = (
    ("第一人民医院", "02", "general", "500101", 0, 1200, _TERTIARY),
    ("中心医院", "02", "general", "500102", 1, 1000, _TERTIARY),
    ("第三人民医院", "05", "general", "500101", 0, 500, _SECONDARY),
    ("红十字医院", "05", "general", "500103", 1, 420, _SECONDARY),
    ("肿瘤医院", "02", "oncology", "500101", 0, 600, _ONCOLOGY),
    ("妇幼保健院", "05", "maternity", "500102", 1, 300, _MATERNITY),
    ("中医院", "05", "tcm", "500103", 0, 350, _TCM),
    ("临江区人民医院", "05", "general", "500104", 1, 380, _SECONDARY),
    ("云岭区人民医院", "05", "general", "500105", 0, 360, _SECONDARY),
    ("石桥镇中心卫生院", "08", "primary", "500104", 1, 60, _TOWNSHIP),
    ("双河镇中心卫生院", "08", "primary", "500105", 0, 60, _TOWNSHIP),
    ("青石镇中心卫生院", "08", "primary", "500103", 1, 50, _TOWNSHIP),
)


def hospitals(count: int, scale: float) -> list[Hospital]:
    """The first `count` hospitals; beyond the twelve the profiles repeat under other names."""
    found = []
    for position in range(count):
        name, level, org_type, district, vendor, beds, plan = _PROFILES[position % len(_PROFILES)]
        turn = position // len(_PROFILES)
        found.append(
            Hospital(
                number=position + 1,
                org_code=f"H{district}{position + 1:05d}",
                name=CITY_NAME + name + (f"({turn + 1}院区)" if turn else ""),
                level=level,
                org_type=org_type,
                district=district,
                vendor=VENDORS[vendor],
                beds=beds,
                scale=scale,
                plan=plan,
            )
        )
    return found
