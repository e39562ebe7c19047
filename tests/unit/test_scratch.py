"""Folders of temporary rows: those of a killed process are removed, those of a live one are not."""

import subprocess
import sys
from pathlib import Path

from qinglian.scratch import scratch_folder

_HOLD = """
import sys
from pathlib import Path
from qinglian.scratch import scratch_folder

with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "rows").write_text("a patient")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_leaves_is_removed_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        held = Path(holder.stdout.readline().strip())
        with scratch_folder(tmp_path):
            assert (held / "rows").exists(), "its process lives"
        holder.kill()
    with scratch_folder(tmp_path) as own:
        assert [path for path in tmp_path.iterdir() if path.is_dir()] == [own]
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_no_other_account_may_read_the_rows() -> None:
    with scratch_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.parent.stat().st_mode & 0o077 == 0
