"""Schemes of drugs that a patient takes home from the ward, and may get once more at a clinic."""

import numpy as np

from qinglian.city.added_charges import Added
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import LONG_REASONS, VALID, Clinic
from qinglian.city.draws import Ints
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.lines import DRUG, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients
from qinglian.city.return_visits import PlantedVisits
from qinglian.city.schemes import Scheme, Schemes, TakenHome
from qinglian.city.ward import Stays, planned_stays

_BEFORE_LEAVING = 2 * 3600
_WEEK = 7
#: Position of a diagnosis in the practice that is no chronic one.
_ACUTE = 1
_ORDINARY = (0, 1, 2)


def plant_taken_home(
    hospital: Hospital,
    patients: Patients,
    clinic: Clinic,
    stays: Stays,
    month: Month,
    schemes: Schemes,
) -> None:
    """Choose a stay for each scheme, and the visit at which its patient gets the drug again."""
    for scheme, action in schemes.of(TakenHome, hospital.number, month):
        for row in _stays_for(hospital, stays, month, schemes, action).tolist():
            sheet = _sheet_after(clinic, stays, row, action) if action.after else -1
            if action.after and sheet < 0:
                continue
            scheme.subject_id = str(patients.ids()[stays.patient[row]])
            stays.taken_home.append((scheme, action, row))
            scheme.record(month, "his_admission", ())
            if sheet >= 0:
                _prescribe_again(clinic, stays, month, row, sheet, scheme, action)
            break


def taken_home_charges(stays: Stays) -> list[Added]:
    """What the schemes' patients take home, a pack or more of each drug on the last day.

    Of several drugs of a class the dearest is the one meant, the others are too much.
    """
    found = []
    for scheme, action, row in stays.taken_home:
        chosen = drug_index(*action.drugs)
        dearest = max(chosen, key=lambda drug: drugs()[drug].price)
        rows = np.full(len(chosen), row)
        lines = new_lines(
            True,
            rows,
            stays.dscg_time[rows] - _BEFORE_LEAVING,
            DRUG,
            np.array(chosen),
            np.full(len(chosen), action.packs * 100),
            stays.department[rows],
            stays.doctor[rows],
        )
        lines.taken_home[:] = True
        second = np.array([scheme.case == "true" and drug != dearest for drug in chosen])
        found.append(Added(scheme, {(True, row)}, lines, second * lines.qty))
    return found


def _stays_for(
    hospital: Hospital, stays: Stays, month: Month, schemes: Schemes, action: TakenHome
) -> Ints:
    """Insured closed stays of the practice that leave time in the month for the visit after."""
    own = hospital.positions_of(action.practice)
    fits = np.isin(stays.department, own) & stays.insured & (stays.dscg_time > 0)
    fits &= ~stays.interim & (stays.referred_from == 0) & (stays.workup == 0)
    fits &= (stays.dscg_time // DAY + action.after + 1) * DAY <= second_number(month.next.first)
    fits[: len(planned_stays(hospital, month, schemes))] = False
    fits[[row for _, _, row in stays.taken_home]] = False
    return np.flatnonzero(fits)


def _sheet_after(clinic: Clinic, stays: Stays, row: int, action: TakenHome) -> int:
    """The only sheet of an ordinary visit on the day wanted, without a drug of the class; or -1."""
    visits, rx, items = clinic.visits, clinic.prescriptions, clinic.items
    day = stays.dscg_time[row] // DAY + action.after
    here = (visits.department == stays.department[row]) & (visits.register_time // DAY == day)
    here &= ~visits.cancelled & ~visits.programme & ~visits.waived
    here[clinic.planted_visits()] = False
    catalogue = drugs()
    atc = catalogue[drug_index(action.drugs[0])[0]].atc
    of_class = np.array([drug.atc == atc for drug in catalogue])
    sheets = np.bincount(rx.visit, minlength=len(here))
    fits = here[rx.visit] & (sheets[rx.visit] == 1) & (rx.status == VALID)
    fits &= np.isin(rx.kind, _ORDINARY)
    fits[items.rx[of_class[items.drug]]] = False
    found = np.flatnonzero(fits)
    return int(found[0]) if len(found) else -1


def _prescribe_again(
    clinic: Clinic,
    stays: Stays,
    month: Month,
    row: int,
    sheet: int,
    scheme: Scheme,
    action: TakenHome,
) -> None:
    """The visit becomes the patient's, its first drug a week of the one taken home."""
    visits, rx, items = clinic.visits, clinic.prescriptions, clinic.items
    visit = rx.visit[[sheet]]
    visits.patient[visit] = stays.patient[row]
    visits.diagnosis[visit] = _ACUTE
    visits.second_diagnosis[visit] = -1
    visits.chronic[visit] = False
    visits.insured[visit] = True
    clinic.frequent.append(PlantedVisits(scheme, visit))
    rx.days[sheet] = _WEEK
    rx.long_term[sheet] = False
    rx.reason[sheet] = LONG_REASONS.index("外出探亲，提前取药" if action.travel else None)
    line = np.flatnonzero(items.rx == sheet)[:1]
    drug = drugs()[drug_index(action.drugs[0])[0]]
    items.drug[line] = drug_index(action.drugs[0])[0]
    items.qty[line] = 100
    items.in_min_unit[line] = False
    items.unit_price[line] = drug.price
    on_hand = action.packs * drug.pack_ratio / drug.freq_per_day - action.after
    too_many = min(_WEEK, max(0.0, on_hand - _WEEK)) / _WEEK if scheme.case == "true" else 0.0
    scheme.record(month, "his_rx_item", items.item_id[line], int(drug.price // 100 * too_many))
