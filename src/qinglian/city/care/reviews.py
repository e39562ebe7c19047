"""Reviews of prescriptions and of ward medication: samples, interventions, special reviews."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.clinic import VALID, row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.schemes import FewReviews, ReviewedAbnormal, Scheme, Schemes
from qinglian.city.ward import END

SAMPLE, SPECIAL, PRE_AUDIT = range(3)
REASONABLE, IRREGULAR, UNSUITABLE, ABNORMAL = range(4)
#: Codes of the review rules by result; the first of two that a review finds is the graver.
_PROBLEMS = {
    IRREGULAR: ("1-4", "1-6", "1-12"),
    UNSUITABLE: ("2-1", "2-3", "2-5", "2-8"),
    ABNORMAL: ("3-1", "3-3"),
}
_RESULT_SHARES = np.cumsum([0.955, 0.025, 0.018, 0.002])
_SECOND_PROBLEM = "1-8"
#: A month's sample: one in a thousand prescriptions and at least a hundred; of stays so many that
#: thirty leave in each month.
_SAMPLE_ROWS = 100
_SAMPLE_SHARE = 1000
_SPECIAL_ROWS = 60
_PRE_AUDIT_SHARE = 0.002
_REPLIES = (None, "已整改", "同意点评意见", "病情需要，已在病历说明")


@dataclass
class Reviews:
    """One row a review; `subject` is the row of a prescription or, where special, of a stay."""

    review_id: Ints
    kind: Ints
    subject: Ints
    day: Ints
    result: Ints
    problem: Ints
    second: Bools
    pharmacist: Ints
    reply: Ints


def reviews_of(data: MonthData, seed: int, schemes: Schemes) -> Reviews:
    """Prescriptions are sampled some days after they were written, stays after discharge.

    Interventions before dispensing are noted only where the pharmacist objected.
    """
    rng = stream(seed, Purpose.REVIEWS, data.hospital.number, data.month.serial)
    rx, stays = data.clinic.prescriptions, data.stays
    last_day = END // DAY
    valid = np.flatnonzero(rx.status == VALID)
    few = _few_reviews(data, schemes)
    wanted = few.prescriptions if few else max(_SAMPLE_ROWS, len(valid) // _SAMPLE_SHARE)
    sampled = np.sort(rng.permutation(valid)[:wanted])
    sample_day = rx.time[sampled] // DAY + rng.integers(3, 10, len(sampled))
    gone = np.flatnonzero(stays.dscg_time > 0)
    special = np.sort(rng.permutation(gone)[: few.stays if few else _SPECIAL_ROWS])
    special_day = stays.dscg_time[special] // DAY + rng.integers(3, 10, len(special))
    stopped = np.sort(valid[rng.random(len(valid)) < _PRE_AUDIT_SHARE])
    kind = np.repeat([SAMPLE, SPECIAL, PRE_AUDIT], [len(sampled), len(special), len(stopped)])
    day = np.r_[sample_day, special_day, rx.time[stopped] // DAY]
    result = np.searchsorted(_RESULT_SHARES, rng.random(len(kind)))
    result[kind == PRE_AUDIT] = np.where(rng.random(len(stopped)) < 0.3, IRREGULAR, UNSUITABLE)
    draw = rng.random(len(kind))
    found = Reviews(
        review_id=row_ids(data.hospital, data.month, len(kind)),
        kind=kind,
        subject=np.r_[sampled, special, stopped],
        day=day,
        result=result,
        problem=_problem_places(result, draw),
        second=(draw * 1000 % 1 < 0.2) & (result > IRREGULAR),
        pharmacist=rng.integers(0, 2, len(kind)),
        reply=np.where(result == REASONABLE, 0, rng.integers(1, len(_REPLIES), len(kind))),
    )
    for scheme, action in schemes.of(ReviewedAbnormal, data.hospital.number, data.month):
        _find_abnormal(data, found, scheme, action)
    # What would be reviewed after the end of the history has not been yet.
    known = np.flatnonzero(day <= last_day)
    return Reviews(*(getattr(found, name)[known] for name in Reviews.__dataclass_fields__))


def _few_reviews(data: MonthData, schemes: Schemes) -> FewReviews | None:
    """The size of the month's samples where a scheme sets it."""
    for scheme, action in schemes.of(FewReviews, data.hospital.number, data.month):
        scheme.record(data.month, "his_rx_review", ())
        return action
    return None


def _find_abnormal(
    data: MonthData, reviews: Reviews, scheme: Scheme, action: ReviewedAbnormal
) -> None:
    """Prescriptions of one doctor that the month's sample finds abnormal."""
    dept = data.hospital.department_of(action.practice)
    number = data.staff.number(dept.index, action.doctor)
    rx = data.clinic.prescriptions
    sampled = np.flatnonzero(reviews.kind == SAMPLE)
    doctor = data.clinic.visits.doctor[rx.visit[reviews.subject[sampled]]]
    chosen = sampled[doctor == number][: action.per_month]
    reviews.result[chosen] = ABNORMAL
    reviews.problem[chosen] = problem_codes().index("3-1")
    reviews.reply[chosen] = _REPLIES.index("同意点评意见") if action.replied else 0
    scheme.record(data.month, "his_rx_review", reviews.review_id[chosen])


def problem_codes() -> list[str | None]:
    """Codes that a review can find first; none comes first."""
    return [None, *(code for codes in _PROBLEMS.values() for code in codes)]


def _problem_places(result: Ints, draw: np.ndarray) -> Ints:
    """Place in `problem_codes` of the gravest problem."""
    place = np.zeros(len(result), dtype=np.int64)
    start = 1
    for kind, codes in _PROBLEMS.items():
        mine = result == kind
        place[mine] = start + (draw[mine] * len(codes)).astype(np.int64)
        start += len(codes)
    return place


def yunqi_tables(data: MonthData) -> Tables:
    """phar_comment."""
    r, c = data.care.reviews, _columns(data)
    return {
        "phar_comment": pa.table(
            {
                "id": c["review_id"],
                "op_id": c["rx_id"],
                "visit_id": c["adm_id"],
                "comment_date": c["day"],
                "type_code": a.words(["1", "2", "3"], r.kind),
                "result_code": a.words(["0", "1", "2", "3"], r.result),
                "problem_codes": _problems(data, ","),
                "comment_code": c["reviewer"],
                "doctor_reply": c["reply"],
                "updt_time": a.moments(np.minimum(r.day * DAY + 17 * 3600, END)),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """yf_cfdp."""
    r, c = data.care.reviews, _columns(data)
    return {
        "yf_cfdp": pa.table(
            {
                "dpxh": c["review_id"],
                "cfsb": c["rx_id"],
                "zyh": c["adm_id"],
                "dprq": c["day"],
                "dplb": a.words(["CY", "ZX", "QZ"], r.kind),
                "dpjg": a.words(["合理", "不规范", "不适宜", "超常"], r.result),
                "wtdm": _problems(data, ";"),
                "dpys": c["reviewer"],
                "yshf": c["reply"],
            }
        )
    }


def _problems(data: MonthData, divider: str) -> pa.Array:
    """Problem codes as the product writes them: the gravest first."""
    r = data.care.reviews
    first = a.words(problem_codes(), r.problem)
    second = a.words(["", divider + _SECOND_PROBLEM], r.second.astype(np.int64))
    return pc.binary_join_element_wise(first, second, "")


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    r = data.care.reviews
    special = r.kind == SPECIAL
    rx_id = data.clinic.prescriptions.rx_id[np.where(special, 0, r.subject)]
    adm_id = np.r_[data.stays.adm_id, 0][np.where(special, r.subject, 0)]
    pharmacists = [data.staff.codes[i] for i in data.staff.pharmacists]
    return {
        "review_id": a.integers(r.review_id),
        "rx_id": a.integers(rx_id, special),
        "adm_id": a.integers(adm_id, ~special),
        "day": a.days(r.day),
        "reviewer": a.words(pharmacists, r.pharmacist),
        "reply": a.words(_REPLIES, r.reply),
    }
