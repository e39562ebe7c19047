"""Residents of the city: every attribute is a function of the person's number.

Nothing has to be remembered, so that hospitals can be written one after the other and still
share residents. No two numbers have the same identity number (see `identity_numbers`).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qinglian.city.calendar import day_number
from qinglian.city.codes import id_numbers
from qinglian.city.draws import Bools, Ints
from qinglian.city.organisations import Hospital

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌鹏宇欣怡梓涵子轩浩然思"
_BLOCK = 400_000
_SHARED_RESIDENTS = 3_000
#: Residents on every file who come only where schemes send them.
_SET_ASIDE = range(504, 666)
#: Occasional patients come to the clinic once in so many months at most.
OCCASIONAL_MONTHS = 4
#: Residents whom several hospitals know are each admitted to one of the first so many.
_WARD_HOSPITALS = 12
#: Last digit of a person's number -> child (0, 1), adult woman (2, 3), adult or elder (4 to 9).
_CHILD_DIGITS, _WOMAN_DIGITS, _ADULT_DIGITS = 2, 4, 7
_CHILD_SPAN = (day_number(date(2012, 1, 1)), 4_600)
_WOMAN_SPAN = (day_number(date(1980, 1, 1)), 8_900)
_ADULT_SPAN = (day_number(date(1965, 1, 1)), 13_500)
_ELDER_SPAN = (day_number(date(1936, 1, 1)), 10_500)


def mix(numbers: Ints, salt: int) -> Ints:
    """Well-spread non-negative 31-bit numbers, a pure function of `numbers` and `salt`."""
    x = numbers.astype(np.uint64) + np.uint64(salt * 0x9E3779B9 + 1)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(33)).astype(np.int64)


def group_of(person: Ints) -> Ints:
    """0 child, 1 adult woman, 2 adult, 3 elder."""
    digit = person % 10
    return np.select(
        [digit < _CHILD_DIGITS, digit < _WOMAN_DIGITS, digit < _ADULT_DIGITS], [0, 1, 2], 3
    )


def birth_days(person: Ints) -> Ints:
    """Birth date as days since 1970; differs for persons whose numbers agree modulo 1000."""
    group = group_of(person)
    spans = (_CHILD_SPAN, _WOMAN_SPAN, _ADULT_SPAN, _ELDER_SPAN)
    start = np.choose(group, [s for s, _ in spans])
    length = np.choose(group, [n for _, n in spans])
    days: Ints = start + person // 1000 * 37 % length
    return days


def is_male(person: Ints) -> Bools:
    """Sex; the group of adult women has none."""
    male: Bools = (mix(person, 1) % 2 == 0) & (group_of(person) != 1)
    return male


def identity_numbers(person: Ints) -> np.ndarray:
    """Clear 18-character identity numbers with their check character.

    The sequence takes the person's number modulo 500, the area the district: together with the
    birth date they are unique below 400 000 persons a block and 12 blocks.
    """
    birth = birth_days(person).astype("datetime64[D]")
    text = np.datetime_as_string(birth)
    yyyymmdd = np.char.replace(text, "-", "").astype(np.int64)
    sequence = person % 500 * 2 + is_male(person)
    area = 500101 + person // 500 % 2 + person // (_BLOCK * 12) * 2
    return id_numbers(area, yyyymmdd, sequence)


def first_outsider(hospital: int) -> int:
    """Number of an adult who is on no patient file; five more adults follow."""
    return (hospital + 1) * _BLOCK - 996


def phones(person: Ints) -> Ints:
    """Mobile numbers."""
    return 13_800_000_000 + mix(person, 2) % 180_000_000


def names(person: Ints) -> list[str]:
    """Invented names of two or three characters."""
    surname = mix(person, 3) % len(_SURNAMES)
    first = mix(person, 4) % len(_GIVEN)
    second = mix(person, 5) % (len(_GIVEN) + 12)
    return [
        _SURNAMES[s] + _GIVEN[a] + (_GIVEN[b] if b < len(_GIVEN) else "")
        for s, a, b in zip(surname.tolist(), first.tolist(), second.tolist(), strict=True)
    ]


def insurance_type(person: Ints) -> Ints:
    """310 employees, 390 residents, 0 without insurance."""
    draw = mix(person, 6) % 100
    adult = group_of(person) >= 1
    return np.select([draw < 12, adult & (draw < 58)], [0, 310], 390)


def _is_shared(local: Ints) -> Bools:
    """One in seven of the first patients on each file is a resident on the other files too."""
    shared: Bools = (local % 7 == 0) & (local < _SHARED_RESIDENTS)
    return shared


def _is_occasional(local: Ints) -> Bools:
    """Of those known to one hospital alone one adult in five, one child or woman in twenty."""
    every = np.where(local % 10 < _WOMAN_DIGITS, 20, 5)
    occasional: Bools = (local // 10 % every == 4) & ~_is_shared(local)
    return occasional


def _is_set_aside(local: Ints) -> Bools:
    aside: Bools = _is_shared(local) & (local >= _SET_ASIDE.start) & (local < _SET_ASIDE.stop)
    return aside


@dataclass(frozen=True)
class Patients:
    """The patients on file of one hospital; `person` is each one's number in the city.

    The last `reserved` patients are never drawn at random: planted stays are theirs.
    """

    hospital: int
    person: Ints
    reserved: int

    @classmethod
    def of(cls, hospital: Hospital) -> "Patients":
        count = hospital.patient_count
        if count > _BLOCK - _SHARED_RESIDENTS:
            raise ValueError(
                f"{hospital.source_id}: {count} patients exceed the {_BLOCK} identity numbers "
                "of a hospital; use a smaller --scale and more hospitals"
            )
        local = np.arange(count, dtype=np.int64)
        own = hospital.number * _BLOCK + local
        # A resident whom other hospitals know as well keeps the last digit.
        return cls(hospital.number, np.where(_is_shared(local), local, own), 600)

    def planted(self) -> Ints:
        """Insured adults, known here alone, who are never drawn at random."""
        tail = np.arange(len(self.person) - self.reserved, len(self.person))
        adult = tail % 10 >= _WOMAN_DIGITS
        fits = (insurance_type(self.person[tail]) > 0) & adult & ~_is_shared(tail)
        return tail[fits]

    def admitted_here(self, rows: Ints) -> Ints:
        """Those of `rows` who are admitted to this hospital: nobody lies in two at one time."""
        home = rows // 7 % _WARD_HOSPITALS + 1
        here: Ints = rows[~_is_shared(rows) | (home == self.hospital)]
        return here

    def drawable(self, population: str) -> Ints:
        """Patients whom a department of `population` sees, as positions in the file."""
        group = group_of(self.person[: len(self.person) - self.reserved])
        wanted = {"child": group == 0, "woman": group == 1}.get(population, group >= 2)
        return np.flatnonzero(wanted & ~_is_set_aside(np.arange(len(wanted))))

    def regular(self, population: str, serial: int) -> Ints:
        """Those of `drawable` who may come to the clinic in any month (`serial` is the month's).

        Residents whom all hospitals know go to one of them a month.
        """
        rows = self.drawable(population)
        goes_to = (rows // 7 + serial) % _WARD_HOSPITALS + 1
        here = ~_is_shared(rows) | (goes_to == self.hospital)
        regular: Ints = rows[~_is_occasional(rows) & here]
        return regular

    def occasional(self, population: str, serial: int) -> Ints:
        """Those of `drawable`, all insured, whose one visit in four months may be in this month."""
        rows = self.drawable(population)
        turn = rows % OCCASIONAL_MONTHS == serial % OCCASIONAL_MONTHS
        insured = insurance_type(self.person[rows]) > 0
        occasional: Ints = rows[_is_occasional(rows) & turn & insured]
        return occasional

    def set_aside(self) -> Ints:
        """Insured adults on the files of all hospitals, in the same order, never drawn."""
        rows = np.array([n for n in _SET_ASIDE if n % 7 == 0 and n % 10 >= _WOMAN_DIGITS])
        return rows[insurance_type(self.person[rows]) > 0]

    def ids(self) -> Ints:
        """Patient identifiers in the hospital's system."""
        return self.hospital * 10_000_000 + np.arange(len(self.person))
