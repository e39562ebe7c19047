"""Arrow rows in a temporary file: written once, then read from the beginning, batch by batch."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


class RowFile:
    """A file of rows of one schema. It is there from the first rows on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pa.NativeFile | None = None
        self._writer: pa.RecordBatchStreamWriter | None = None

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Append rows; all must have the schema of the first."""
        if self._writer is None:
            self._file = pa.OSFile(str(self._path), "wb")
            self._writer = pa.ipc.new_stream(self._file, rows.schema, options=_OPTIONS)
        self._writer.write(rows)

    def finish(self) -> None:
        """End the writing; from here on the rows can be read."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.close()

    def read(self) -> Iterator[pa.Table]:
        """The rows in the order in which they were written."""
        if not self._path.exists():
            return
        with pa.OSFile(str(self._path), "rb") as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])

    def close(self) -> None:
        """Let go of the file, finished or not."""
        if self._file is not None:
            self._file.close()
            self._file = None
