"""GX's expectation for a rule that DuckDB has evaluated: its column of flags must hold everywhere.

`expect_column_values_to_be_in_set` says the same of one column and resolves seven metrics for it,
which takes GX longer than the rows do. Here all rules of a frame share one metric.

Importing this module imports GX, which takes seconds: import it where it is used.
"""

from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from great_expectations.core.id_dict import IDDict
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

_METRIC = "flags.counts"


class FlagCounts(MetricProvider):
    """Of each column of flags in a frame: rows, nulls and flags that are false."""

    metric_name = _METRIC
    domain_keys = ("batch_id",)

    @metric_value(engine=PandasExecutionEngine)
    def _of_frame(
        cls,  # noqa: N805 - GX makes a class method of it
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, tuple[int, int, int]]:
        frame, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        columns = {str(name): pa.chunked_array(pa.array(frame[name])) for name in frame}
        return {n: _counts(c) for n, c in columns.items() if pa.types.is_boolean(c.type)}


def _counts(flags: pa.ChunkedArray) -> tuple[int, int, int]:
    held = pc.sum(flags).as_py() or 0
    return len(flags), flags.null_count, len(flags) - flags.null_count - held


class ExpectRuleToHold(BatchExpectation):
    """Expect a column of flags to be true wherever it is not null.

    What is said `once` is said of the batch: its flag stands in one row, or in none.
    """

    flag: str
    once: bool = False

    args_keys: ClassVar[tuple[str, ...]] = ("flag", "once")

    def get_validation_dependencies(
        self,
        execution_engine: ExecutionEngine[Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """The one metric that all rules of the batch share."""
        given = (runtime_configuration or {}).get("result_format", "BASIC")
        counts = MetricConfiguration(_METRIC, metric_domain_kwargs=IDDict(batch_id=self.batch_id))
        return ValidationDependencies({_METRIC: counts}, parse_result_format(given))

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        rows, missing, failed = metrics[_METRIC][self.flag]
        evaluated = rows - missing
        if self.once:
            rows, missing = 1, 1 - evaluated
        return {
            "success": failed == 0,
            "result": {
                "element_count": rows,
                "missing_count": missing,
                "missing_percent": 100 * missing / rows if rows else None,
                "unexpected_count": failed,
                "unexpected_percent": 100 * failed / evaluated if evaluated else None,
                "unexpected_percent_total": 100 * failed / rows if rows else None,
                "unexpected_percent_nonmissing": 100 * failed / evaluated if evaluated else None,
                "partial_unexpected_list": [],
            },
        }
