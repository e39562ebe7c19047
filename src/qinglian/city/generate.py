"""Generates the city into source databases, hospital by hospital and month by month."""

import resource
import time
from collections.abc import Iterator

import numpy as np
from rich.progress import Progress

from qinglian.city import bureau, kangtai, platform, register, yunqi
from qinglian.city.bid_schemes import with_planned_tenders
from qinglian.city.billing import bills_of, price_tables
from qinglian.city.calendar import Month, history
from qinglian.city.care import care_of
from qinglian.city.clinic import clinic_month
from qinglian.city.coding import coding_of
from qinglian.city.direct_purchases import direct_purchases
from qinglian.city.dirty import Dirt
from qinglian.city.discharge_drugs import plant_taken_home
from qinglian.city.doctors import Staff, staff_of
from qinglian.city.duties import plant_duties
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.insurance import claims_of
from qinglian.city.interests import role_tables
from qinglian.city.invoice_schemes import plant_invoices, plant_payments
from qinglian.city.invoices import invoices_of, payments_of
from qinglian.city.load import SourceDatabase, recreate_database
from qinglian.city.organisations import Hospital
from qinglian.city.organisations import hospitals as city_hospitals
from qinglian.city.people import Patients
from qinglian.city.planted import planted_schemes
from qinglian.city.prescribing_schemes import plant_prescribing
from qinglian.city.purchase_contracts import framework_tables
from qinglian.city.purchase_times import plant_times
from qinglian.city.purchases import purchases_of
from qinglian.city.rep_visits import plant_uplifts
from qinglian.city.repeated_scans import plant_scans
from qinglian.city.report import CityReport
from qinglian.city.rule_samples import write_rule_samples
from qinglian.city.schemes import NamedWhileWriting, Schemes
from qinglian.city.short_stays import shorten_stays
from qinglian.city.sources import (
    INSURANCE,
    PROCUREMENT,
    REFERENCE,
    SUPERVISION,
    write_sources,
)
from qinglian.city.statements import Statements, statement_table
from qinglian.city.stock import Stock
from qinglian.city.stock_tables import stock_tables
from qinglian.city.tenders import tenders_of
from qinglian.city.truth import name_subjects, write_truth
from qinglian.city.vbp_quotas import hold_back
from qinglian.city.ward import ward_month
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

DEFAULT_SEED = 20250101


def generate_city(
    settings: Settings,
    server: Server,
    hospitals: int = 12,
    months: int = 12,
    scale: float = 1.0,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    clean: bool = False,
) -> CityReport:
    """Recreate the source databases, the rule library, their declarations and the truth file.

    `months` end with December 2025; `scale` multiplies doctors (above 1) or visits (below 1) and
    stays. The same seed gives the same rows, whatever the other arguments; only stock and daily
    totals of the insurer also hold what earlier months left over. In a `clean` city nothing is
    irregular on purpose (rows are spoilt as ever): each of its leads is a false one. A scheme of
    purchases that needs several months is planted where the history holds all of them. Raises
    ValueError where a hospital would need more residents than there are identity numbers.
    """
    started = time.monotonic()
    period = history(months)
    city = city_hospitals(hospitals, scale)
    schemes = Schemes(
        [
            scheme
            for scheme in planted_schemes(hospitals, clean)
            if scheme.fits(period[0]) or not isinstance(scheme.action, NamedWhileWriting)
        ]
    )
    dirt = Dirt(seed)
    names = [PROCUREMENT, INSURANCE, SUPERVISION, *(hospital.source_id for hospital in city)]
    for name in names:
        recreate_database(server, name)
    report = CityReport(databases=names)
    task = progress.add_task("清川市", total=len(city) * len(period)) if progress else None
    with (
        SourceDatabase(server, PROCUREMENT) as procurement,
        SourceDatabase(server, INSURANCE) as insurance,
        SourceDatabase(server, SUPERVISION) as supervision,
    ):
        procurement.write(platform.reference_tables())
        insurance.write(bureau.reference_tables())
        for hospital in city:
            with SourceDatabase(server, hospital.source_id) as his:
                patients, staff = people_of(hospital, seed, schemes)
                procurement.write(platform.hospital_tables(hospital, schemes))
                procurement.write(framework_tables(hospital, staff, schemes, period))
                procurement.write(role_tables(hospital, staff, schemes))
                stock, statements = Stock(schemes), Statements()
                his.write(his_reference(hospital, staff, patients, period[0], dirt))
                registered = [
                    register.hospital_rows(hospital, staff, seed),
                    register.declared_rows(hospital, staff, schemes),
                ]
                for data in months_of(hospital, staff, patients, period, seed, schemes):
                    his.write(dirt.spoil_his(data, his_month(data)))
                    procurement.write(plant_duties(data, platform.month_tables(data), schemes))
                    procurement.write(stock_tables(data, *stock.month(data)))
                    insurance.write(dirt.spoil_bureau(data, bureau.month_tables(data, schemes)))
                    registered.append(register.month_rows(data, seed, schemes))
                    registered.append(register.scheme_rows(data, schemes))
                    insurance.write(statement_table(data, statements.month(data)))
                    if progress and task is not None:
                        progress.update(task, advance=1, description=hospital.name)
                supervision.write(register.tables(hospital, registered))
                his.finish(_cursors(hospital).items())
                report.rows |= {f"{his.name}.{table}": rows for table, rows in his.rows.items()}
        procurement.finish(platform.CURSOR_COLUMNS.items())
        insurance.finish(bureau.CURSOR_COLUMNS.items())
        supervision.finish(register.CURSOR_COLUMNS.items())
        for database in (procurement, insurance, supervision):
            report.rows |= {f"{database.name}.{t}": rows for t, rows in database.rows.items()}
    report.sources_dir = settings.city_dir / "sources"
    report.truth_path = settings.city_dir / "truth.json"
    report.rule_library = settings.city_dir / "rule_library"
    samples = write_rule_samples(report.rule_library)
    report.rows |= {f"{REFERENCE}.{table}": rows for table, rows in samples.items()}
    write_sources(report.sources_dir, city, period[0], report.rule_library)
    report.schemes = write_truth(report.truth_path, seed, period, schemes, dirt.counts, clean)
    report.dirty_rows = dirt.total
    report.seconds = time.monotonic() - started
    report.peak_memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return report


def people_of(hospital: Hospital, seed: int, schemes: Schemes) -> tuple[Patients, Staff]:
    """Patients and staff of a hospital; the schemes learn their subjects' codes."""
    patients = Patients.of(hospital)
    staff = staff_of(hospital, patients, seed)
    name_subjects(hospital, staff, schemes)
    return patients, staff


def months_of(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    period: list[Month],
    seed: int,
    schemes: Schemes,
) -> Iterator[MonthData]:
    """What a hospital did, one month after the other."""
    for month in period:
        clinic = clinic_month(hospital, staff, patients, month, seed, schemes)
        plant_prescribing(hospital, staff, patients, clinic, month, seed, schemes)
        plant_uplifts(hospital, staff, clinic, month, schemes)
        stays = ward_month(hospital, staff, patients, month, seed, schemes)
        shorten_stays(hospital, stays, month, seed, schemes)
        plant_scans(hospital, patients, clinic, month, schemes)
        plant_taken_home(hospital, patients, clinic, stays, month, schemes)
        bills = bills_of(hospital, staff, patients, clinic, stays, month, seed, schemes)
        claims = claims_of(hospital, patients, clinic, stays, bills, month)
        data = MonthData(
            hospital=hospital,
            staff=staff,
            patients=patients,
            month=month,
            seed=seed,
            clinic=clinic,
            stays=stays,
            bills=bills,
            claims=claims,
            purchases=purchases_of(hospital, month, seed, schemes),
            tenders=with_planned_tenders(
                hospital, tenders_of(hospital, month, seed), month, seed, schemes
            ),
        )
        data.care = care_of(data, seed, schemes)
        data.coding = coding_of(data, schemes)
        plant_times(data, schemes)
        hold_back(hospital, data.purchases, month, schemes)
        data.direct = direct_purchases(data, schemes)
        data.invoices = plant_invoices(data, schemes, invoices_of(data))
        paid = payments_of(data, data.invoices)
        data.payments = plant_payments(data, schemes, data.invoices, paid)
        yield data


def his_reference(
    hospital: Hospital, staff: Staff, patients: Patients, first: Month, dirt: Dirt
) -> Tables:
    """Master data of a hospital in its own system's tables."""
    prices = np.asarray(price_tables(hospital)[1])
    if hospital.vendor == "yunqi_his":
        tables = yunqi.reference_tables(hospital, staff, patients, first, prices)
    else:
        tables = kangtai.reference_tables(hospital, staff, patients, prices)
    return dirt.spoil_patients(hospital.number, tables)


def his_month(data: MonthData) -> Tables:
    """One month in the tables of the hospital's own system."""
    if data.hospital.vendor == "yunqi_his":
        return yunqi.month_tables(data)
    return kangtai.month_tables(data)


def _cursors(hospital: Hospital) -> dict[str, str]:
    return yunqi.CURSOR_COLUMNS if hospital.vendor == "yunqi_his" else kangtai.CURSOR_COLUMNS
