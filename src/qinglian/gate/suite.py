"""GX suites, built in memory from a contract's checks each time; nothing of GX's is kept."""

from collections.abc import Iterable
from typing import Any

from qinglian.contracts import Contract
from qinglian.gate.checks import Check, checks_of


def build_suite(contract: Contract) -> Any:
    """The GX ExpectationSuite of a contract: one expectation a check.

    `meta` carries `rule_id`, `name_zh`, `dimension`, `severity`, `level`. Checks with a condition
    of their own expect column `rule__<id>` to hold; where it is null the row counts as missing.
    """
    return suite_of(contract.table, checks_of(contract))


def suite_of(name: str, checks: Iterable[Check]) -> Any:
    """A suite of these checks."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(name=name, expectations=[expectation_of(check) for check in checks])


def expectation_of(check: Check) -> Any:
    """The GX expectation that gives the verdict on one check."""
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    import qinglian.gate.rule_expectation  # noqa: F401 - GX knows it from then on

    if check.expectation is None:
        kind = "expect_rule_to_hold"
        kwargs: dict[str, Any] = {"flag": check.flag, "once": check.level == "batch"}
    else:
        kind, kwargs = check.expectation, dict(check.kwargs)
    return ExpectationConfiguration(
        type=kind,
        kwargs=kwargs,
        description=f"{check.name_zh}：{check.description}",
        severity=(
            FailureSeverity.CRITICAL if check.severity == "error" else FailureSeverity.WARNING
        ),
        meta={
            "rule_id": check.rule_id,
            "name_zh": check.name_zh,
            "dimension": check.dimension,
            "severity": check.severity,
            "level": check.level,
        },
    ).to_domain_obj()
