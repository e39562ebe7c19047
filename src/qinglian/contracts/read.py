"""Reading contracts from `expectations/<domain>/<table>.odcs.yaml`."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)
from pydantic import ValidationError

from qinglian.contracts.model import (
    ORG_CODE,
    SRC_UPDATED_AT,
    Column,
    Contract,
    ContractError,
    Cursor,
    CursorKind,
    Freshness,
    Relationship,
    Rule,
)

DOMAINS = ("his", "procurement", "insurance", "supervision", "reference")
CLASSIFICATIONS = ("internal", "quasi_identifier", "sensitive", "direct_identifier")
PSEUDONYMS = ("id_number", "phone", "bank_account", "name")
DIMENSIONS = ("completeness", "conformity", "uniqueness", "consistency", "timeliness")
SEVERITIES = ("error", "warning")
_LOGICAL_TYPES = {
    "text": "string",
    "char": "string",
    "varchar": "string",
    "numeric": "number",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
_PHYSICAL_TYPE = re.compile(
    r"(text|smallint|integer|bigint|boolean|date|timestamp"
    r"|(?:var)?char\(\d+\)|numeric\(\d+,\d+\))"
)
_CURSOR_OPTIONS = {
    CursorKind.UPDATED_AT: {"column", "overlap_hours"},
    CursorKind.APPEND_ONLY: {"column"},
    CursorKind.WINDOW_RELOAD: {"column", "lookback_days"},
    CursorKind.FULL_RELOAD: set[str](),
}
_PARENT_OPTIONS = {"parent", "parent_key"}
_OPEN_OPTIONS = {"open_until", "max_days"}
_OPTIONAL = _PARENT_OPTIONS | {"business_column"}
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def load_contracts(folder: Path) -> dict[str, Contract]:
    """All contracts below `folder` by table name, ordered by domain and then by name.

    Files that did not change since they were last read in this process are not read again. Raises
    ContractError for the first file that cannot be used.
    """
    paths = sorted(folder.rglob("*.odcs.yaml"), key=lambda path: (_domain_order(path), path.name))
    if not paths:
        raise ContractError(folder, "holds no *.odcs.yaml", "point to the folder expectations/")
    states = [path.stat() for path in paths]
    return dict(
        _load(tuple((p, s.st_mtime_ns, s.st_size) for p, s in zip(paths, states, strict=True)))
    )


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int, int], ...]) -> Mapping[str, Contract]:
    """The contracts in these files, each with the time and size by which a change shows."""
    paths = [path for path, _, _ in files]
    contracts: dict[str, Contract] = {}
    rule_files: dict[str, Path] = {}
    for path in paths:
        contract = _read(path)
        if contract.table in contracts:
            raise ContractError(path, "a second contract of this table", "remove one of the files")
        contracts[contract.table] = contract
        for rule in contract.rules:
            if rule.id in rule_files:
                raise ContractError(
                    path,
                    f"rule id {rule.id} is already used in {rule_files[rule.id]}",
                    "give the rule an id of its own",
                )
            rule_files[rule.id] = path
    with duckdb.connect(config={"threads": 1}) as connection:
        for path in paths:
            _check_conditions(path, contracts[_table_of(path)], connection)
    for path in paths:
        _check_parent(path, contracts[_table_of(path)], contracts)
        _check_relationships(path, contracts[_table_of(path)], contracts)
    return contracts


def parse_cursor(value: object) -> Cursor:
    """A cursor from its mapping, as a contract or a vendor.yaml writes it.

    Raises ValueError that says what is wrong with the mapping.
    """
    written = value if isinstance(value, Mapping) else {"kind": value}
    try:
        kind = CursorKind(written.get("kind", ""))
    except ValueError:
        known = ", ".join(CursorKind)
        raise ValueError(f"cursor kind {written.get('kind')!r} is not one of {known}") from None
    options = {name: option for name, option in written.items() if name != "kind"}
    needed = _CURSOR_OPTIONS[kind]
    allowed = needed | (_OPTIONAL if kind is not CursorKind.FULL_RELOAD else set())
    if kind is CursorKind.WINDOW_RELOAD and "parent" not in options:
        allowed = allowed | _OPEN_OPTIONS
    if missing := needed - options.keys():
        raise ValueError(f"cursor {kind} lacks {', '.join(sorted(missing))}")
    if unknown := options.keys() - allowed:
        raise ValueError(f"cursor {kind} has no option {', '.join(sorted(unknown))}")
    if len(_PARENT_OPTIONS & options.keys()) == 1:
        raise ValueError("a cursor over a parent needs both parent and parent_key")
    if len(_OPEN_OPTIONS & options.keys()) == 1:
        raise ValueError("a cursor over open rows needs both open_until and max_days")
    for name in {"overlap_hours", "lookback_days", "max_days"} & options.keys():
        number = options[name]
        if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
            raise ValueError(f"cursor option {name} is {number!r}, not a positive whole number")
    if kind is CursorKind.WINDOW_RELOAD and "parent" not in options:
        options.setdefault("business_column", options["column"])
    return Cursor(kind=kind, **options)


def _table_of(path: Path) -> str:
    return path.name.removesuffix(".odcs.yaml")


def _domain_order(path: Path) -> int:
    return DOMAINS.index(path.parent.name) if path.parent.name in DOMAINS else len(DOMAINS)


def _read(path: Path) -> Contract:
    document = _parse(path)
    table = _table_of(path)
    schema = (document.schema_ or [])[0]
    _require(path, document.domain in DOMAINS, "the domain is unknown", f"write one of {DOMAINS}")
    _require(
        path,
        document.domain == path.parent.name,
        f"domain {document.domain} in folder {path.parent.name}",
        "move the file to the folder of its domain",
    )
    _require(
        path,
        {document.id, schema.name} == {table},
        f"file, id and schema do not all name {table}",
        "use the table's name in all",
    )
    _require(
        path,
        schema.physicalName == f"land.{table}",
        f"physicalName is {schema.physicalName}",
        f"write land.{table}",
    )
    description = document.description
    purpose = description.purpose if description else None
    usage = description.usage if description else None
    columns = tuple(_column(path, item) for item in schema.properties or [])
    _check_columns(path, columns)
    custom = _custom(document.customProperties)
    return Contract(
        table=table,
        domain=document.domain or "",
        name_zh=_text(path, schema.businessName, f"{table} businessName"),
        name_en=_text(path, schema.description, f"{table} description"),
        description_zh=_text(path, purpose, "description.purpose"),
        description_en=_text(path, usage, "description.usage"),
        version=_text(path, document.version, "version"),
        columns=columns,
        key=_key(path, schema),
        cursor=_cursor(path, custom, columns),
        rules=tuple(_rule(path, item, columns) for item in schema.quality or []),
        freshness=_freshness(path, document.slaProperties or [], table, columns),
        control_total=_control_total(path, custom, columns),
        relationships=tuple(_relationships(path, table, schema)),
    )


def _parse(path: Path) -> OpenDataContractStandard:
    try:
        # The C loader of the same safe subset: reading all contracts is part of every command.
        raw = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(path, f"not valid YAML ({error})", "correct the YAML") from error
    _require(path, isinstance(raw, dict), "not a mapping", "begin with apiVersion: v3.1.0")
    try:
        document = OpenDataContractStandard.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError(
            path, f"{place}: {first['msg']}", "follow the Open Data Contract Standard v3.1"
        ) from error
    # The model drops keys below the top level that it does not know: a misspelt one would be lost.
    kept = document.model_dump(by_alias=True, exclude_unset=True)
    for place in _dropped(raw, kept):
        raise ContractError(
            path, f"{place} is not a key of the standard", "correct the spelling or remove it"
        )
    _require(
        path,
        len(document.schema_ or []) == 1,
        "the schema must hold exactly one table",
        "write one file for each table",
    )
    return document


def _dropped(raw: object, kept: object, place: str = "") -> Iterator[str]:
    """Places of the keys that are in `raw` and not in `kept`."""
    if isinstance(raw, dict) and isinstance(kept, dict):
        for key, value in raw.items():
            here = f"{place}.{key}".lstrip(".")
            if key in kept:
                yield from _dropped(value, kept[key], here)
            else:
                yield here
    elif isinstance(raw, list) and isinstance(kept, list):
        for number, (left, right) in enumerate(zip(raw, kept, strict=True)):
            name = left.get("name", number) if isinstance(left, dict) else number
            yield from _dropped(left, right, f"{place}[{name}]")


def _column(path: Path, item: SchemaProperty) -> Column:
    name = _text(path, item.name, "a property's name")
    physical_type = _text(path, item.physicalType, f"{name} physicalType")
    _require(
        path,
        _PHYSICAL_TYPE.fullmatch(physical_type) is not None,
        f"column {name} has the unknown physicalType {physical_type}",
        "use text, char(n), varchar(n), numeric(p,s), smallint, integer, bigint, boolean, date or"
        " timestamp",
    )
    expected = _LOGICAL_TYPES[physical_type.partition("(")[0]]
    _require(
        path,
        item.logicalType == expected,
        f"column {name} of type {physical_type} has logicalType {item.logicalType}",
        f"write {expected}",
    )
    classification = item.classification or "internal"
    _one_of(path, classification, CLASSIFICATIONS, f"classification of column {name}")
    pseudonym = _custom(item.customProperties).get("pseudonym")
    if pseudonym is not None:
        _one_of(path, pseudonym, PSEUDONYMS, f"pseudonym of column {name}")
    return Column(
        name=name,
        label_zh=_text(path, item.businessName, f"{name} businessName"),
        description_en=_text(path, item.description, f"{name} description"),
        logical_type=expected,
        physical_type=physical_type,
        required=bool(item.required or item.primaryKey),
        is_key=bool(item.primaryKey),
        classification=classification,
        pseudonym=pseudonym,
    )


def _check_columns(path: Path, columns: tuple[Column, ...]) -> None:
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    _require(path, not twice, f"columns {twice} occur twice", "remove the repetition")
    common = sorted({ORG_CODE.name, SRC_UPDATED_AT.name}.intersection(names))
    _require(path, not common, f"{common} are common columns", "leave them out of the contract")


def _key(path: Path, schema: SchemaObject) -> tuple[str, ...]:
    """Key columns in order; org_code, which every table has, is the first and not written."""
    positions = {
        item.primaryKeyPosition: item.name or ""
        for item in schema.properties or []
        if item.primaryKey
    }
    count = sum(bool(item.primaryKey) for item in schema.properties or [])
    _require(
        path,
        set(positions) == set(range(2, count + 2)),
        "the primaryKeyPosition values do not run 2, 3, ... (org_code is 1)",
        "number the key columns from 2 without gaps",
    )
    return (ORG_CODE.name, *(positions[position] for position in range(2, count + 2)))


def _cursor(path: Path, custom: Mapping[str, Any], columns: tuple[Column, ...]) -> Cursor:
    try:
        cursor = parse_cursor(custom.get("cursor"))
    except ValueError as error:
        raise ContractError(
            path, str(error), "write customProperties cursor as in docs/contracts.md"
        ) from error
    for name in (
        *(cursor.own_column, cursor.parent_key, cursor.business_column),
        cursor.open_until,
    ):
        if name is not None:
            _known_column(path, name, columns, "the cursor")
    return cursor


def _check_parent(path: Path, contract: Contract, contracts: Mapping[str, Contract]) -> None:
    cursor = contract.cursor
    if cursor.parent is None:
        return
    parent = contracts.get(cursor.parent)
    names = {column.name for column in parent.landed_columns} if parent else set()
    _require(
        path,
        {cursor.column, cursor.parent_key} <= names,
        f"the cursor's parent {cursor.parent} with columns {cursor.column} and"
        f" {cursor.parent_key} does not exist",
        "name a table with a contract, its time column and the key that both share",
    )


def _relationships(path: Path, table: str, schema: SchemaObject) -> Iterator[Relationship]:
    """The relationships of the columns, in their order."""
    for item in schema.properties or []:
        for written in item.relationships or []:
            parent, _, parent_column = str(written.to or "").partition(".")
            options = _custom(written.customProperties)
            _require(
                path,
                bool(parent and parent_column)
                and written.from_ is None
                and written.type in (None, "foreignKey")
                and options.keys() <= {"only"},
                f"a relationship of column {item.name} cannot be read",
                "write `to: <table>.<column>` and, for some rows alone, customProperties `only`",
            )
            only = {"only": str(options["only"])} if options else {}
            yield Relationship(table, item.name or "", parent, parent_column, **only)


def _check_relationships(path: Path, contract: Contract, contracts: Mapping[str, Contract]) -> None:
    for link in contract.relationships:
        parent = contracts.get(link.parent)
        _require(
            path,
            parent is not None and link.parent_column in {c.name for c in parent.columns},
            f"column {link.column} is related to {link.parent}.{link.parent_column}, which does not"
            " exist",
            "name a table with a contract and one of its columns",
        )


def _rule(path: Path, item: DataQuality, columns: tuple[Column, ...]) -> Rule:
    rule_id = _text(path, item.id, "a rule's id")
    work = item.implementation
    if not isinstance(work, dict):
        raise ContractError(
            path, f"rule {rule_id} has no implementation", "write level and condition"
        )
    level, condition, expectation = (
        work.get(name) for name in ("level", "condition", "expectation")
    )
    _one_of(path, level, ("row", "batch"), f"level of rule {rule_id}")
    _one_of(path, item.severity, SEVERITIES, f"severity of rule {rule_id}")
    _one_of(path, item.dimension, DIMENSIONS, f"dimension of rule {rule_id}")
    _require(
        path,
        (condition is None) != (expectation is None) and (level == "row" or condition is None),
        f"rule {rule_id} must have a condition (of a row) or an expectation, not both",
        "keep one; a rule about the whole batch is an expectation",
    )
    kwargs = work.get("kwargs", {})
    for name in _named_columns(kwargs):
        _known_column(path, name, columns, f"rule {rule_id}")
    return Rule(
        id=rule_id,
        name_zh=_text(path, item.name, f"rule {rule_id} name"),
        description_zh=_text(path, item.description, f"rule {rule_id} description"),
        dimension=item.dimension or "",
        severity=item.severity or "",
        level=level or "",
        condition=condition,
        expectation=expectation,
        kwargs=MappingProxyType(dict(kwargs)),
    )


def _named_columns(kwargs: Mapping[str, Any]) -> Iterator[str]:
    for argument, value in kwargs.items():
        if argument in ("column", "column_A", "column_B"):
            yield value
        elif argument in ("column_list", "column_set"):
            yield from value


def _check_conditions(
    path: Path, contract: Contract, connection: duckdb.DuckDBPyConnection
) -> None:
    """Let DuckDB, which will run the conditions, find unknown columns and wrong types."""
    names = ", ".join(f'"{c.name}" {c.physical_type}' for c in contract.landed_columns)
    connection.execute(f"create or replace table batch ({names})")
    conditions = {f"rule {r.id}": r.condition for r in contract.rules if r.condition is not None}
    conditions |= {f"`only` of {link.column}": link.only for link in contract.relationships}
    for owner, condition in conditions.items():
        # The where clause rejects aggregates and windows, which do not judge one row.
        good = f"({condition})"
        statement = f"describe select {good} as good from batch where {good}"
        try:
            (row,) = connection.execute(statement).fetchall()
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise ContractError(path, f"{owner}: {reason}", "correct the condition") from error
        _require(
            path,
            row[1] == "BOOLEAN",
            f"{owner} gives {row[1]} and not true or false",
            "write the condition as a comparison",
        )


def _freshness(
    path: Path,
    items: list[ServiceLevelAgreementProperty],
    table: str,
    columns: tuple[Column, ...],
) -> Freshness | None:
    found = [item for item in items if item.property == "freshness"]
    if not found:
        return None
    item = found[0]
    of_table, _, column = (item.element or "").partition(".")
    _require(
        path,
        of_table == table and item.unit in _UNITS and isinstance(item.value, int),
        f"freshness {item.value} {item.unit} of {item.element} cannot be read",
        f"write value, unit h or d and element {table}.<column>",
    )
    _known_column(path, column, columns, "freshness")
    return Freshness(column=column, max_age=int(item.value or 0) * _UNITS[item.unit or ""])


def _control_total(
    path: Path, custom: Mapping[str, Any], columns: tuple[Column, ...]
) -> str | None:
    name = custom.get("control_total")
    if name is None:
        return None
    numbers = {column.name for column in columns if column.logical_type == "number"}
    _require(
        path,
        name in numbers,
        f"control_total {name} is not a number column of the table",
        "name the money column whose sum is carried along",
    )
    return str(name)


def _custom(items: list[CustomProperty] | None) -> dict[str, Any]:
    return {item.property or "": item.value for item in items or []}


def _known_column(path: Path, name: str, columns: tuple[Column, ...], user: str) -> None:
    names = {ORG_CODE.name, SRC_UPDATED_AT.name, *(column.name for column in columns)}
    _require(
        path,
        name in names,
        f"{user} names the unknown column {name}",
        "use a column of this contract",
    )


def _one_of(path: Path, value: object, known: tuple[str, ...], what: str) -> None:
    _require(path, value in known, f"{what} is {value!r}", f"write one of {', '.join(known)}")


def _text(path: Path, value: str | None, what: str) -> str:
    if value is None or not value.strip():
        raise ContractError(path, f"{what} is missing", "write it")
    return value.strip()


def _require(path: Path, holds: bool, problem: str, remedy: str) -> None:
    if not holds:
        raise ContractError(path, problem, remedy)
