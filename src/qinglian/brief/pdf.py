"""A page printed to PDF by a headless Chromium that reaches no network."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from qinglian.brief.searchable import searchable
from qinglian.settings import Settings

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 120


class PrintError(RuntimeError):
    """The page was not printed; the message says why and what to do."""


def chromium_of(settings: Settings) -> str:
    """The program that prints. Raises PrintError where there is none."""
    if settings.chromium:
        if not os.access(settings.chromium, os.X_OK):
            raise PrintError(f"QINGLIAN_CHROMIUM: {settings.chromium} is no program")
        return str(settings.chromium)
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise PrintError(
            f"no Chromium was found on PATH (looked for {', '.join(PROGRAMS)}): install one, e.g."
            " Debian's package chromium, or set QINGLIAN_CHROMIUM; `--html` writes the page itself"
        )
    return found


def print_page(settings: Settings, html: str) -> bytes:
    """The page as a PDF. Raises PrintError."""
    program = chromium_of(settings)
    with tempfile.TemporaryDirectory(prefix="qinglian-brief-") as folder:
        page, pdf = Path(folder) / "brief.html", Path(folder) / "brief.pdf"
        page.write_text(html, "utf-8")
        command = [
            program,
            "--headless=new",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--no-first-run",
            # Nothing is fetched, whatever the page says.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        done = _run(command, folder)
        if not pdf.is_file() and "sandbox" in done.stderr.lower():
            # Root has no sandbox, nor has a container without user namespaces. The page is ours,
            # has no script and may load nothing.
            done = _run([program, "--no-sandbox", *command[1:]], folder)
        if not pdf.is_file():
            said = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise PrintError(f"{program} printed nothing (exit {done.returncode}): {said}")
        return searchable(pdf.read_bytes())


def _run(command: list[str], home: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOME": home, "XDG_CONFIG_HOME": home}
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrintError(f"{command[0]}: {error}") from None
