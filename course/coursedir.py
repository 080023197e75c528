"""nbgrader's interface, opened on this course: the settings of `nbgrader_config.py` and a folder to work in."""

import os
import shutil
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import click
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course.paths import ROOT

if TYPE_CHECKING:
    from nbgrader.apps.api import NbGraderAPI

CONFIG = "nbgrader_config.py"


def config_of(root: Path) -> Config:
    """Return nbgrader's settings for the course in `root`, from the `nbgrader_config.py` there."""
    config = Config(PyFileConfigLoader(CONFIG, path=str(root)).load_config())
    config.CourseDirectory.root = str(root.resolve())
    return config


def own_numbers(root: Path) -> bool:
    """Return whether each student of the course in `root` has numbers of their own (see `nbgrader_config.py`)."""
    wanted = config_of(root).get("Variants", {}).get("own_numbers", False)
    if not isinstance(wanted, bool):
        raise click.ClickException(f"c.Variants.own_numbers in {CONFIG} should be True or False, without "
                                   f"quotation marks; it is {wanted!r}")
    return wanted


def open_course(root: Path = ROOT, **directories: Path) -> "NbGraderAPI":
    """Return nbgrader's interface for the course in `root`.

    Parameters
    ----------
    root : Path
        The folder that holds `nbgrader_config.py`, `solutions/`, and the gradebook.
    **directories : Path
        Other places for nbgrader's folders, by their names there, for instance `release_directory`.
    """
    from nbgrader.apps.api import NbGraderAPI  # takes seconds to import

    find_alembic()
    config = config_of(root)
    for name, place in directories.items():
        config.CourseDirectory[name] = str(place.resolve())
    return NbGraderAPI(config=config, log_level="ERROR")


def find_alembic() -> None:
    """Let nbgrader find the program `alembic`, which it starts by its name to make a gradebook.

    It lies beside the Python that runs us, which need not be on the path.
    """
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
    return sorted({notebook.parent.name for notebook in (root / "solutions").glob("*/*.ipynb")}, key=in_order)


def require_assignment(root: Path, assignment: str) -> None:
    """Raise ClickException, which names those that there are, unless there is such an assignment."""
    known = assignments(root)
    if assignment not in known:
        raise click.ClickException(f"there is no assignment {assignment!r}; "
                                   f"there are: {', '.join(known) or 'none'}")


def in_order(assignment: str) -> tuple[int, str]:
    """Return what to sort assignments by: the number of the chapter; a name without one comes last.

    Examples
    --------
    >>> sorted(["10-capstone", "9-regression", "extra"], key=in_order)
    ['9-regression', '10-capstone', 'extra']
    """
    number = assignment.partition("-")[0]
    return (int(number) if number.isdigit() else 10**6, assignment)
