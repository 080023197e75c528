"""Assignments as zip archives, packed while the site is built, and the link that hands one out.

An archive holds the folder of one assignment as students receive it, the package `labkit` beside it, so that
`import labkit` works without installing it, and the list of packages to install. Equal content gives equal bytes.
"""

import json
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from course.coursedir import in_order
from course.paths import ROOT

FOLDER = "assignments"
# myst-nb is what chapters, downloaded as notebooks, glue numbers into their sentences with.
STUDENT_PACKAGES = ("numpy", "matplotlib", "jupyterlab", "ipykernel", "myst-nb")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip archive can hold; times would change its bytes

_GUIDE = """\
{name}
{underline}

This folder is all you need. With Python 3.11 or later:

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/python -m jupyterlab

On Windows write py in place of python3, and .venv\\Scripts\\python in place of .venv/bin/python. Open
{notebook}, work from the top down, run every cell, and hand in the notebook under the name it has.

The folder labkit holds the course's own package: read it, but do not change it, for your work is marked with the
original.
"""


def student_requirements(lock: str) -> str:
    r"""Return the lines of a lock file that a student needs, without hashes: the versions that were tested.

    Examples
    --------
    >>> student_requirements('''numpy==2.4.6 ; python_version < '3.12' \\
    ...     --hash=sha256:00
    ... scipy==1.17.1 \\
    ...     --hash=sha256:00''')
    "numpy==2.4.6 ; python_version < '3.12'\n"
    """
    wanted = re.compile(rf"({'|'.join(STUDENT_PACKAGES)})==")
    return "".join(line.rstrip("\\ ") + "\n" for line in lock.splitlines() if wanted.match(line))


def archive_members(assignment: str, root: Path = ROOT) -> dict[str, bytes]:
    """Return the files of an assignment's archive: path inside the archive → content.

    Raises
    ------
    FileNotFoundError
        If `exercises/` has no notebook for this assignment.
    """
    folder = root / "exercises" / assignment
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise FileNotFoundError(f"there is no notebook in exercises/{assignment}; run: python -m course exercises")
    members = {p.relative_to(folder).as_posix(): p.read_bytes() for p in _files(folder)}
    package = root / "labkit"
    members |= {f"labkit/{p.relative_to(package).as_posix()}": p.read_bytes() for p in _files(package)}
    members["requirements.txt"] = student_requirements((root / "requirements.txt").read_text("utf-8")).encode()
    members["README.txt"] = _GUIDE.format(name=assignment, underline="=" * len(assignment),
                                          notebook=notebooks[0].name).encode()
    return {f"{assignment}/{name}": content for name, content in sorted(members.items())}


def _files(folder: Path) -> list[Path]:
    caches = {"__pycache__", ".ipynb_checkpoints"}
    return [path for path in folder.rglob("*") if path.is_file() and caches.isdisjoint(path.parts)]


def write_archive(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip archive whose bytes depend on `members` alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, also when packed on Windows
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


class AssignmentRole(SphinxRole):
    """A link to an assignment's archive: {assignment}`download it <2-gradients>`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link, relative to the page it stands on."""
        match = re.fullmatch(r"(?P<title>.+?)\s*<(?P<name>[^>]+)>", self.text, re.DOTALL)
        title, name = (match["title"], match["name"]) if match else (self.text, self.text)
        if not (ROOT / "exercises" / name).is_dir():
            inliner: Inliner = self.inliner
            message = inliner.reporter.error(f"there is no assignment {name!r} in exercises/", line=self.lineno)
            return [inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        depth = len(PurePosixPath(self.env.docname).parts) - 1
        link = nodes.reference(self.rawtext, title, refuri=f"{'../' * depth}{FOLDER}/{name}.zip",
                               classes=["assignment-download"])
        return [link], []


class AssignmentTable(SphinxDirective):
    """The directive `assignment-table`: all assignments, with their titles and what each needs and gives."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        lines = [":::{list-table} The assignments of this edition", ":header-rows: 1", "",
                 "* - Assignment", "  - Points", "  - Download"]
        for folder in sorted((ROOT / "exercises").glob("*/"), key=lambda folder: in_order(folder.name)):
            title, points = _title_and_points(next(iter(sorted(folder.glob("*.ipynb")))))
            lines += [f"* - {title}", f"  - {points}", f"  - {{assignment}}`{folder.name}.zip <{folder.name}>`"]
            self.env.note_dependency(str(folder))
        container = nodes.container()
        self.state.nested_parse(StringList([*lines, ":::"]), self.content_offset, container)
        return container.children


def _title_and_points(notebook: Path) -> tuple[str, str]:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    heading = "".join(cells[0]["source"]).splitlines()[0]
    points = sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells)
    return heading.removeprefix("# Assignment ").replace(" · ", ", ", 1), f"{points:g}"


def _pack_all(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    archives = Path(app.outdir) / FOLDER
    assignments = sorted((Path(app.srcdir) / "exercises").glob("*/"))
    for folder in assignments:
        write_archive(archives / f"{folder.name}.zip", archive_members(folder.name, Path(app.srcdir)))
    for archive in set(archives.glob("*.zip")) - {archives / f"{folder.name}.zip" for folder in assignments}:
        archive.unlink()  # of an earlier build, when an assignment had another name


def register(app: Sphinx) -> None:
    """Add the role `assignment` and pack the archives when the pages are written."""
    app.add_role("assignment", AssignmentRole())
    app.add_directive("assignment-table", AssignmentTable)
    app.connect("build-finished", _pack_all)


__all__: list[Any] = ["AssignmentRole", "AssignmentTable", "archive_members", "register", "student_requirements",
                      "write_archive"]
