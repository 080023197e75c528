"""nbgrader's interface, opened on this course: the settings of `nbgrader_config.py` and a folder to work in."""

import os
import shutil
import sysconfig
from pathlib import Path

import click
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course.paths import ROOT

CONFIG = "nbgrader_config.py"


def open_course(root: Path = ROOT, **directories: Path) -> NbGraderAPI:
    """Return nbgrader's interface for the course in `root`.

    Parameters
    ----------
    root : Path
        The folder that holds `nbgrader_config.py`, `solutions/`, and the gradebook.
    **directories : Path
        Other places for nbgrader's folders, by their names there, for instance `release_directory`.
    """
    _find_alembic()
    config = Config(PyFileConfigLoader(CONFIG, path=str(root)).load_config())
    config.CourseDirectory.root = str(root.resolve())
    for name, place in directories.items():
        config.CourseDirectory[name] = str(place.resolve())
    return NbGraderAPI(config=config, log_level="ERROR")


def _find_alembic() -> None:
    # nbgrader starts the program `alembic` by its name to make a gradebook. It lies beside the Python that runs
    # us, which need not be on the path.
    if shutil.which("alembic") is None:
        programs = sysconfig.get_path("scripts")
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


def require_success(result: dict, action: str) -> None:
    """Raise ClickException with nbgrader's reason unless `result`, as its interface returns it, is a success."""
    if not result["success"]:
        log = result.get("log") or result.get("error", "")
        reason, _, _stack = log.partition("[ERROR] There was an error processing")
        reason = reason or log
        raise click.ClickException(f"{action} failed:\n{reason}".rstrip())


def assignments(root: Path = ROOT) -> list[str]:
    """Return the names of the assignments: the folders in `solutions/` that hold a notebook."""
    return sorted({notebook.parent.name for notebook in (root / "solutions").glob("*/*.ipynb")})
