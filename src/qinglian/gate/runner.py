"""GX checkpoints over frames: built once for a suite, run for each batch, nothing left behind."""

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from qinglian.gate.checks import Check
from qinglian.gate.gx import new_context
from qinglian.gate.suite import suite_of

#: Counts and verdicts only. Values of failing rows would be capped and could be personal.
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
#: The same for columns, and the rows that a rule's own query lists.
_WITH_ROWS = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
}


class CheckpointRunner:
    """The checkpoints of one GX context. Threads pass one at a time."""

    def __init__(self, context: Any) -> None:
        self._lock = threading.Lock()
        self._context = context
        self._source = context.data_sources.add_pandas("landing")
        # One for all frames: GX writes its whole configuration anew for each asset.
        asset = self._source.add_dataframe_asset("frame")
        self._frame = asset.add_batch_definition_whole_dataframe("whole")
        self._checkpoints: dict[str, tuple[tuple[Check, ...], Any]] = {}

    def run(self, name: str, checks: Sequence[Check], frame: pa.Table) -> dict[str, Any]:
        """The validation result, in JSON form, of these checks on a frame."""
        # Arrow-backed columns keep nulls apart from false and are not copied.
        import pandas as pd  # a second to import, and most batches of a quiet night need no gate

        data = frame.to_pandas(types_mapper=pd.ArrowDtype)
        with self._lock:
            checkpoint = self._checkpoint(name, tuple(checks))
            outcome = checkpoint.run(batch_parameters={"dataframe": data})
            (validation,) = outcome.run_results.values()
            self._forget()
        result: dict[str, Any] = validation.to_json_dict()
        return result

    def run_on_table(
        self, url: str, schema: str, table: str, checks: Sequence[Check]
    ) -> dict[str, Any]:
        """The validation result, in JSON form, of these checks on a PostgreSQL table.

        GX turns them into SQL. `url` is a libpq URL with a TCP host, which GX insists on.
        """
        with self._lock:
            # GX deprecates naming the schema of a table and has no other place for it.
            source = self._context.data_sources.add_or_update_postgres(
                name=schema, connection_string=f"{url}?options=-csearch_path%3D{schema}"
            )
            asset = source.add_table_asset(name=table, table_name=table)
            data = asset.add_batch_definition_whole_table("whole")
            name = f"{schema}.{table}"
            checkpoint = self._build(name, tuple(checks), data, _WITH_ROWS)
            try:
                outcome = checkpoint.run()
            finally:
                self._drop(name)
            (validation,) = outcome.run_results.values()
            self._forget()
        result: dict[str, Any] = validation.to_json_dict()
        return result

    def _checkpoint(self, name: str, checks: tuple[Check, ...]) -> Any:
        known = self._checkpoints.get(name)
        if known is not None and known[0] == checks:
            return known[1]
        if known is not None:  # the contract changed within this process
            self._drop(name)
        checkpoint = self._build(name, checks, self._frame)
        self._checkpoints[name] = (checks, checkpoint)
        return checkpoint

    def _drop(self, name: str) -> None:
        self._context.checkpoints.delete(name)
        self._context.validation_definitions.delete(name)
        self._context.suites.delete(name)

    def _build(
        self,
        name: str,
        checks: tuple[Check, ...],
        data: Any,
        result_format: dict[str, Any] = _COUNTS,
    ) -> Any:
        import great_expectations as gx

        context = self._context
        suite = context.suites.add(suite_of(name, checks))
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=name, data=data, suite=suite)
        )
        return context.checkpoints.add(
            gx.Checkpoint(
                name=name, validation_definitions=[definition], result_format=result_format
            )
        )

    def _forget(self) -> None:
        """GX would keep every result and each table's last frame for as long as we run."""
        store = self._context.validation_results_store
        for key in store.list_keys():
            store.remove_key(key)
        self._source.get_execution_engine().batch_manager.reset_batch_cache()


_creation = threading.Lock()


@cache
def _the_runner() -> CheckpointRunner:
    return CheckpointRunner(new_context())


def shared_runner() -> CheckpointRunner:
    """The runner of this process: a GX context is expensive, and GX knows only one at a time."""
    with _creation:
        return _the_runner()
