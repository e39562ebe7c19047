"""What sources say of suppliers: one record a supplier and organisation, or a catalogue's maker."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import date
from decimal import Decimal

from psycopg import Connection

from qinglian.suppliers.credit_code import is_credit_code


@dataclass(frozen=True)
class SupplierRecord:
    """One record; persons, phones and accounts are keyed hashes.

    `record_id` is `org_code:supplier_code`, for makers of a catalogue `maker:` and a digest of name
    and code. `uscc` is None unless its check character is right. `owners` holds shareholders with
    their share in per cent.
    """

    record_id: str
    org_code: str | None
    supplier_code: str | None
    role: str
    name: str
    uscc: str | None = None
    legal_rep: str | None = None
    phone: str | None = None
    account: str | None = None
    address: str | None = None
    owners: tuple[tuple[str, Decimal], ...] = field(default=())

    @property
    def profile(self) -> str:
        """The same for records that say the same, which are compared as one."""
        said = (self.name, self.uscc, self.legal_rep, self.phone, self.account, self.address)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:24]


_SUPPLIERS = """
with supplier as (
    select distinct on (org_code, supplier_code) *
    from land.pr_supplier
    order by org_code, supplier_code, _batch_id desc
),

person as (
    select distinct on (org_code, supplier_code, person_key, role) *
    from land.pr_supplier_person
    order by org_code, supplier_code, person_key, role, _batch_id desc
),

owner as (
    select org_code, supplier_code, array_agg(person_key order by person_key) as keys,
        array_agg(share_pct order by person_key) as shares
    from person
    where role = 'shareholder' and share_pct is not null and not coalesce(src_is_deleted, false)
        and (valid_from is null or valid_from <= %(as_of)s)
        and (valid_to is null or valid_to >= %(as_of)s)
    group by org_code, supplier_code
)

select supplier.org_code, supplier.supplier_code, supplier_kind, supplier_name, uscc,
    legal_rep_key, phone_key, bank_account_key, reg_address_norm, owner.keys, owner.shares
from supplier
left join owner using (org_code, supplier_code)
where not coalesce(supplier.src_is_deleted, false)
order by supplier.org_code, supplier.supplier_code
"""

_MAKERS = """
select distinct manufacturer_name, manufacturer_uscc from land.his_drug
where trim(manufacturer_name) <> ''
union
select distinct manufacturer_name, manufacturer_uscc from land.his_material
where trim(manufacturer_name) <> ''
order by 1, 2
"""


def read_records(connection: Connection, as_of: date) -> list[SupplierRecord]:
    """All records of the landing zone, their latest versions, in a fixed order.

    Shareholders are those of `as_of`.
    """
    suppliers = [_supplier(*row) for row in connection.execute(_SUPPLIERS, {"as_of": as_of})]
    makers = [
        SupplierRecord(maker_id(name, uscc), None, None, "manufacturer", name.strip(), _valid(uscc))
        for name, uscc in connection.execute(_MAKERS)
    ]
    return suppliers + sorted(set(makers), key=lambda record: record.record_id)


def _supplier(
    org: str,
    code: str,
    kind: str,
    name: str,
    uscc: str | None,
    legal_rep: str | None,
    phone: str | None,
    account: str | None,
    address: str | None,
    keys: list[str] | None,
    shares: list[Decimal] | None,
) -> SupplierRecord:
    """A row of `_SUPPLIERS`, in the order of its columns."""
    return SupplierRecord(
        record_id=f"{org}:{code}",
        org_code=org,
        supplier_code=code,
        role=kind,
        name=name.strip(),
        uscc=_valid(uscc),
        legal_rep=legal_rep,
        phone=phone,
        account=account,
        address=_text(address),
        owners=tuple(zip(keys or (), shares or (), strict=True)),
    )


def maker_id(name: str, uscc: str | None) -> str:
    """Record id of a maker that a catalogue names."""
    said = f"{name.strip()}|{(uscc or '').strip()}"
    return f"maker:{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def digest(records: Iterable[SupplierRecord]) -> str:
    """Changes with any of what the records say."""
    whole = hashlib.sha256()
    for record in records:
        whole.update(repr(astuple(record)).encode())
    return whole.hexdigest()


def _valid(uscc: str | None) -> str | None:
    code = (uscc or "").strip().upper()
    return code if is_credit_code(code) else None


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
