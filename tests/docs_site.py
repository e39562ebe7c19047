"""A small site of data docs: one good source, one with faults and with markup in its data."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from landed_files import FEE, fee, write_fees

from qinglian.gate.checkpoint import check_batch, check_info
from qinglian.gate.data_docs import build_data_docs
from qinglian.gate.saved import save_result
from qinglian.landing.backdated import BackdatedMonth

ATTACK = "<script>document.title='taken'</script>"


def build_site(folder: Path, site: Path) -> None:
    """Build it at `site`; what it is made of lies in `folder`."""
    batches = {
        "his_good": [fee(1), fee(2)],
        "his_bad": [
            fee(1, fee_id=ATTACK, amount=Decimal(9)),
            fee(2, person_key="s" * 64, _cast_errors=json.dumps({"person_key": "s" * 70})),
            fee(3, _duplicate=True),
        ],
    }
    for source_id, rows in batches.items():
        result = check_batch(FEE, source_id, 1, write_fees(folder / "batch.parquet", rows))
        save_result(folder / "results", check_info(FEE, result), result.validation)
    backdated = [
        BackdatedMonth(
            "his_bad", "test_fee", date(2025, 1, 1), 1, 20, 3, Decimal("-1234.5"), date(2025, 8, 2)
        ),
        BackdatedMonth(ATTACK, "test_dept", date(2025, 2, 1), 4, 0, 0, None, date(2025, 8, 2)),
    ]
    build_data_docs(folder / "results", site, backdated=backdated)
