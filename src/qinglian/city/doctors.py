"""Staff of a hospital: clinic doctors with their habits, pharmacists and cashiers."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.draws import Floats, Ints, Purpose, stream
from qinglian.city.organisations import ANAESTHESIA, IMAGING, LABORATORY, Hospital
from qinglian.city.people import Patients, first_outsider, identity_numbers, names

TITLES = ("resident", "attending", "associate", "chief")
#: Half-width of the doctors' own effect on cost (log scale) and on key-monitored drugs. Effects
#: are spread evenly, not drawn: nobody is an outlier of a small peer group by chance.
COST_SPREAD = 0.20
KEY_SPREAD = 0.30
_OTHER_STAFF = 6
_TECHNICAL = (ANAESTHESIA, LABORATORY, IMAGING)


@dataclass(frozen=True)
class Technicians:
    """An anaesthetist, a laboratory and an imaging doctor; none is on the hospital's patient file.

    `departments` are codes of technical departments.
    """

    codes: list[str]
    names: list[str]
    id_numbers: list[str]
    departments: list[str]

    @property
    def anaesthetist(self) -> str:
        return self.codes[_TECHNICAL.index(ANAESTHESIA)]

    @property
    def laboratory(self) -> str:
        return self.codes[_TECHNICAL.index(LABORATORY)]

    @property
    def imaging(self) -> str:
        return self.codes[_TECHNICAL.index(IMAGING)]


@dataclass(frozen=True)
class Staff:
    """Clinic doctors first, then two pharmacists, two cashiers and two nurses."""

    codes: list[str]
    names: list[str]
    national_codes: list[str | None]
    id_numbers: list[str]
    person: Ints
    department: Ints
    title: Ints
    ordinal: Ints
    cost_effect: Floats
    key_effect: Floats
    doctors: int
    technicians: Technicians

    @property
    def pharmacists(self) -> tuple[int, int]:
        return self.doctors, self.doctors + 1

    @property
    def cashiers(self) -> tuple[int, int]:
        return self.doctors + 2, self.doctors + 3

    @property
    def nurses(self) -> tuple[int, int]:
        return self.doctors + 4, self.doctors + 5

    def number(self, department: int, ordinal: int) -> int:
        """Position of a department's doctor by ordinal."""
        return int(np.flatnonzero((self.department == department) & (self.ordinal == ordinal))[0])


def staff_of(hospital: Hospital, patients: Patients, seed: int) -> Staff:
    """The staff of a hospital; staff members are also patients on its file."""
    rng = stream(seed, Purpose.DOCTORS, hospital.number)
    department: list[int] = []
    ordinal: list[int] = []
    cost: list[float] = []
    key: list[float] = []
    hospital_effect = rng.uniform(-0.02, 0.02)
    for dept in hospital.departments:
        places = (np.arange(dept.doctors) + 0.5) / dept.doctors * 2 - 1
        department += [dept.index] * dept.doctors
        ordinal += range(dept.doctors)
        own_cost = hospital_effect + COST_SPREAD * rng.permutation(places)
        cost += list(own_cost)
        # The share of key-monitored drugs has the cost in its denominator: without the factor two
        # small effects in the same direction would add up.
        key += list((1 + KEY_SPREAD * rng.permutation(places)) * np.exp(own_cost))
    doctors = len(department)
    total = doctors + _OTHER_STAFF
    adults = patients.drawable("any")[:total]
    person = patients.person[adults]
    first = 101 if hospital.vendor == "yunqi_his" else 1001
    prefix = "YQ" if hospital.vendor == "yunqi_his" else ""
    return Staff(
        codes=[f"{prefix}{first + i}" for i in range(total)],
        names=names(person),
        national_codes=[
            f"D{hospital.district}{hospital.number:02d}{i + 1:04d}" if i < doctors else None
            for i in range(total)
        ],
        id_numbers=identity_numbers(person).tolist(),
        person=person,
        department=np.array(department + [0] * _OTHER_STAFF, dtype=np.int64),
        title=np.array([3 - o % 4 if o < 3 else 1 for o in ordinal] + [1] * _OTHER_STAFF),
        ordinal=np.array([*ordinal, *[-1] * _OTHER_STAFF], dtype=np.int64),
        cost_effect=np.array(cost),
        key_effect=np.array(key),
        doctors=doctors,
        technicians=_technicians(hospital, f"{prefix}{{}}", first + total),
    )


def _technicians(hospital: Hospital, code: str, first: int) -> Technicians:
    person = first_outsider(hospital.number) + np.arange(len(_TECHNICAL))
    return Technicians(
        codes=[code.format(first + i) for i in range(len(_TECHNICAL))],
        names=names(person),
        id_numbers=identity_numbers(person).tolist(),
        departments=[code for code, _, _ in _TECHNICAL],
    )
