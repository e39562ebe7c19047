"""A copy of the project that has only what some indicators need, for tests that build it often."""

import re
import shutil
from pathlib import Path

import yaml

from qinglian.settings import repository_root

#: Some references go over a list of names.
_NAME = re.compile(r"'(\w+)'")
#: Macros that name nearly all of core, for the balance of rows, which no lead waits for.
_BALANCE = {"core_of_landing", "row_fates"}
#: Models whose outcome the tests read.
_ENDS = ("lead", "lead_evidence")


def checkout_with(root: Path, *indicators: str) -> Path:
    """Copy project and contracts below `root`, with the models of `indicators` and of the leads.

    Unit tests and data tests stay behind. Returns `root`.
    """
    source = repository_root()
    shutil.copytree(source / "expectations", root / "expectations")
    project = root / "dbt_project"
    kept = shutil.ignore_patterns("tests", "target", "logs")
    shutil.copytree(source / "dbt_project", project, ignore=kept)
    models = {path.stem: path for path in (project / "models").rglob("*.sql")}
    macros = [path for path in (project / "macros").rglob("*.sql") if path.stem not in _BALANCE]
    of_macros = [name for path in macros for name in _NAME.findall(path.read_text("utf-8"))]
    needed = _needed(models, [*indicators, *_ENDS, *of_macros])
    for name, path in models.items():
        if name not in needed:
            path.unlink()
    for path in (project / "models").rglob("*.yml"):
        _keep_models(path, needed)
    # Folders that are empty now have settings all the same.
    settings = project / "dbt_project.yml"
    settings.write_text(settings.read_text("utf-8").replace("error: all", "error: []"), "utf-8")
    return root


def _needed(models: dict[str, Path], ends: list[str]) -> set[str]:
    """The models that `ends` name, and what those name."""
    needed: set[str] = set()
    open_ends = list(ends)
    while open_ends:
        name = open_ends.pop()
        if name in models and name not in needed:
            needed.add(name)
            open_ends += _NAME.findall(models[name].read_text("utf-8"))
    return needed


def _keep_models(path: Path, needed: set[str]) -> None:
    """Leave of a file of properties what belongs to the models that are kept."""
    content = yaml.safe_load(path.read_text("utf-8"))
    content.pop("unit_tests", None)
    if "models" in content:
        content["models"] = [m for m in content["models"] if m["name"] in needed]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
