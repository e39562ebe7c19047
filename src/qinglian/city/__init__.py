"""The synthetic city: source systems of invented hospitals with planted irregularities."""

from qinglian.city.generate import generate_city
from qinglian.city.report import CityReport

__all__ = ["CityReport", "generate_city"]
