"""Districts of the synthetic city are shown by name."""

import csv

from qinglian.city.organisations import hospitals
from qinglian.settings import repository_root


def test_every_district_of_the_city_has_a_name() -> None:
    path = repository_root() / "dbt_project" / "seeds" / "code_label.csv"
    with path.open(encoding="utf-8") as file:
        named = {row["code"] for row in csv.DictReader(file) if row["code_set"] == "district"}
    assert {hospital.district for hospital in hospitals(12, 1.0)} == named
