"""Pairs of records and the probability that they are one company's, by splink on DuckDB."""

import json
import logging
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from qinglian.suppliers.model import Level, Model
from qinglian.suppliers.name_comparison import NameComparison, NameLevel, compare_names
from qinglian.suppliers.names import parse_name
from qinglian.suppliers.records import SupplierRecord

#: The fields beside the name in which records agree or do not.
KEYS = ("uscc", "legal_rep", "phone", "account", "address")
_NAME_LEVELS = {
    "same": NameLevel.FORM,
    "spelling": NameLevel.SPELLING,
    "partial": NameLevel.PARTIAL,
    "related": NameLevel.RELATED,
}


@dataclass(frozen=True)
class Match:
    """Two profiles, the probability, and per field what was found and its weight in bits."""

    first: str
    second: str
    probability: float
    name: NameComparison
    evidence: Mapping[str, Any]

    @property
    def agreed(self) -> frozenset[str]:
        """The keys that agree."""
        return frozenset(k for k in KEYS if self.evidence[k]["result"] == "same")

    @property
    def may_merge(self) -> bool:
        """Whether what agrees can make two records one company's.

        Affiliates share owners, phones and addresses: without one code or one name, agreeing keys
        show that companies belong together and not that they are one.
        """
        if "uscc" in self.agreed or self.name.is_same:
            return True
        return self.name.level == NameLevel.PARTIAL and bool(self.agreed)


def find_matches(profiles: Mapping[str, SupplierRecord], model: Model) -> list[Match]:
    """Pairs of profiles that share a key or part of a name, the most probable first."""
    if len(profiles) < 2:  # noqa: PLR2004 - a pair
        return []
    # Half a second to import; only a resolution waits for it.
    import duckdb
    from splink import DuckDBAPI, Linker

    with duckdb.connect() as connection:
        connection.create_function("name_level", _name_level, ["VARCHAR", "VARCHAR"], "INTEGER")
        database = DuckDBAPI(connection)
        linker = Linker(database.register(_table(profiles)), _settings(model), logging.WARNING)
        for key in KEYS:
            if frequencies := _frequencies(profiles, key, model):
                linker.table_management.register_term_frequency_lookup(
                    database.register(pa.Table.from_pylist(frequencies)), key
                )
        rows = linker.inference.predict().as_record_list()
    found = [_match(row, profiles) for row in rows]
    return sorted(found, key=lambda m: (-m.probability, m.first, m.second))


def _name_level(first: str, second: str) -> int:
    return int(compare_names(first, second).level)


def _table(profiles: Mapping[str, SupplierRecord]) -> pa.Table:
    """One row a profile; `stem` and `tail` are what brings names together for comparison."""
    return pa.table(
        {
            "unique_id": list(profiles),
            "name": [r.name for r in profiles.values()],
            "stem": [_stem(r.name)[:4] or None for r in profiles.values()],
            "tail": [_stem(r.name)[-2:] or None for r in profiles.values()],
            **{
                key: pa.array([getattr(r, key) for r in profiles.values()], pa.string())
                for key in KEYS
            },
        }
    )


def _frequencies(
    profiles: Mapping[str, SupplierRecord], key: str, model: Model
) -> list[dict[str, Any]]:
    """How often each value of a key is given: a rare one among no fewer suppliers than the model
    says, one that more give than affiliates do among those that there are.
    """
    given = Counter(value for r in profiles.values() if (value := getattr(r, key)) is not None)
    whole = given.total()
    among = max(whole, model.population)
    return [
        {key: value, f"tf_{key}": count / (among if count <= model.most_suppliers else whole)}
        for value, count in given.items()
    ]


def _stem(name: str) -> str:
    return parse_name(name).compact


def _settings(model: Model) -> Any:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=model.prior,
        comparisons=[_comparison(f, levels) for f, levels in model.comparisons.items()],
        blocking_rules_to_generate_predictions=[
            block_on(column) for column in ("stem", "tail", *KEYS)
        ],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=False,
    )


def _comparison(field: str, levels: Mapping[str, Level]) -> dict[str, Any]:
    empty = {
        "sql_condition": f"{field}_l is null or {field}_r is null",
        "label_for_charts": "missing",
        "is_null_level": True,
    }
    return {
        "output_column_name": field,
        "comparison_levels": [empty, *(_level(field, n, lv) for n, lv in levels.items())],
    }


def _level(field: str, name: str, level: Level) -> dict[str, Any]:
    if name == "else":
        condition = "ELSE"
    elif field == "name":
        condition = f"name_level(name_l, name_r) >= {int(_NAME_LEVELS[name])}"
    else:
        condition = f"{field}_l = {field}_r"
    by_frequency = {"tf_adjustment_column": field} if level.by_frequency else {}
    return {
        "sql_condition": condition,
        "label_for_charts": name,
        "m_probability": level.m,
        "u_probability": level.u,
        **by_frequency,
    }


def _match(row: Mapping[str, Any], profiles: Mapping[str, SupplierRecord]) -> Match:
    first, second = sorted((row["unique_id_l"], row["unique_id_r"]))
    compared = compare_names(profiles[first].name, profiles[second].name)
    evidence: dict[str, Any] = {
        "name": {
            "result": compared.level.name.lower(),
            "reason": compared.reason,
            "bits": _bits(row, "name"),
        }
    }
    for key in KEYS:
        values = (getattr(profiles[first], key), getattr(profiles[second], key))
        agreement = "missing" if None in values else "same" if values[0] == values[1] else "other"
        evidence[key] = {"result": agreement, "bits": _bits(row, key)}
    return Match(first, second, float(row["match_probability"]), compared, evidence)


def _bits(row: Mapping[str, Any], field: str) -> float:
    """Weight of a field, its frequency included, as a power of two."""
    weights = (row.get(f"mw_{field}"), row.get(f"mw_tf_adj_{field}"))
    return round(math.fsum(w for w in weights if w is not None), 2)


def evidence_json(match: Match) -> str:
    """The evidence as it is kept."""
    return json.dumps(match.evidence, ensure_ascii=False)
