"""`course collect`: put what students handed in where it is marked, from a folder or a learning system's zip file.

Each student gets a folder `submitted/<student>/<assignment>/`. Nothing is lost: a submission that differs from
one that is there already replaces it, and the older one is kept in `grading/replaced/`.
"""

import csv
import io
import re
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import click

from course.grading import gradebook
from course.grading.notebook import LARGEST
from course.grading.sheet import SKIPPED

_MOST = 4 * 2**30  # bytes in one archive, unpacked
_MOST_FILES = 100_000

# How learning systems name what they export; the first that fits a path is taken.
LAYOUTS = {
    "Moodle, folders": r"(?P<student>[^/]+_\d+)_assignsubmission_\w+?_?/(?P<file>.+)",
    "Moodle, one folder": r"(?P<student>[^/]+_\d+)_assignsubmission_file_(?P<file>[^/]+)",
    "Canvas": r"(?P<student>[^/_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>[^/]+)",
    "nbgrader": r"(?P<student>[^/]+)/{assignment}/(?P<file>.+)",
    "a folder each": r"(?P<student>[^/]+)/(?P<file>.+)",
    "a notebook each": r"(?P<student>[^/]+?)(?:[_-]+(?P<file>{notebooks}))?(?P<suffix>\.ipynb)",
}


@dataclass
class Found:
    """A file in an archive or a folder, and when it was last changed."""

    path: str
    content: bytes
    when: datetime


@dataclass
class Collected:
    """What one student handed in.

    Attributes
    ----------
    files : dict from str to Found
        By the name that the file gets.
    older : list of Found
        What was handed in before, under the same name.
    what : str
        ``"new"``, ``"unchanged"`` or ``"replaced"``.
    """

    student: str
    files: dict[str, Found] = field(default_factory=dict)
    older: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    what: str = ""

    def row(self) -> dict[str, Any]:
        """Return plain data for the report."""
        return {"student": self.student, "what": self.what, "files": sorted(self.files), "notes": self.notes}


# --- reading ---------------------------------------------------------------------------------------------------

def read_source(source: Path, skipped: list[str]) -> Iterator[Found]:
    """Yield the files in a folder or a zip file, those in zip files inside it too.

    Links, and paths that lead out of the archive, are never followed; they are named in `skipped`.

    Raises
    ------
    click.ClickException
        If the source is neither a folder nor a zip file, or too large to be one of submissions.
    """
    if source.is_dir():
        found = _in_folder(source, skipped)
    elif zipfile.is_zipfile(source):
        found = _in_zip(zipfile.ZipFile(source), "", skipped)
    else:
        raise click.ClickException(f"{source} is neither a folder nor a zip file")
    for file in found:
        if file.path.lower().endswith(".zip") and zipfile.is_zipfile(io.BytesIO(file.content)):
            yield from _in_zip(zipfile.ZipFile(io.BytesIO(file.content)), f"{file.path}/", skipped)
        else:
            yield file


def _in_folder(folder: Path, skipped: list[str]) -> Iterator[Found]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            skipped.append(f"{name}: a link")
        elif path.is_file() and not _ignored(name):
            if path.stat().st_size > LARGEST:
                skipped.append(f"{name}: larger than {LARGEST // 2**20} MB")
                continue
            when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Found(_normal(name), path.read_bytes(), when)


def _in_zip(archive: zipfile.ZipFile, prefix: str, skipped: list[str]) -> Iterator[Found]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _ignored(entry.filename)]
    if sum(entry.file_size for entry in entries) > _MOST or len(entries) > _MOST_FILES:
        raise click.ClickException(f"{prefix or archive.filename} is too large to be an archive of submissions")
    for entry in entries:
        name = _normal(entry.filename.replace("\\", "/"))
        reason = _refused(entry, name)
        if reason:
            skipped.append(f"{prefix}{name}: {reason}")
            continue
        try:
            content = archive.read(entry)
        except (RuntimeError, zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
            skipped.append(f"{prefix}{name}: cannot be unpacked ({error})")
            continue
        yield Found(prefix + name, content, _zip_time(entry))


def _refused(entry: zipfile.ZipInfo, name: str) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link"
    if name.startswith("/") or ":" in PurePosixPath(name).parts[0] or ".." in PurePosixPath(name).parts:
        return "its path leads out of the archive"
    if entry.file_size > LARGEST:
        return f"larger than {LARGEST // 2**20} MB"
    return ""


def _zip_time(entry: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*entry.date_time).astimezone(UTC)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)


def _ignored(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part in SKIPPED or part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)


def _normal(name: str) -> str:
    # macOS writes "é" as two characters, others as one; without this they are two students.
    return unicodedata.normalize("NFC", name)


# --- whose it is -----------------------------------------------------------------------------------------------

def sort_by_student(files: Iterable[Found], assignment: str, notebooks: Iterable[str], roster: dict[str, str],
                    skipped: list[str], pattern: str | None = None) -> dict[str, Collected]:
    """Return what each student handed in.

    Parameters
    ----------
    files : iterable of Found
        All that there is.
    assignment, notebooks : str, iterable of str
        The assignment, and the names of its notebooks without suffix.
    roster : dict from str to str
        A student's id, by the name under which the learning system knows the student.
    skipped : list of str
        Gets the paths that belong to nobody.
    pattern : str, optional
        A regular expression with the groups ``student`` and ``file``, for a layout that is not known.
    """
    files = list(files)
    paths = _without_common_folder([file.path for file in files])
    names = "|".join(re.escape(name) for name in notebooks)
    layouts = [pattern] if pattern else [layout.replace("{assignment}", re.escape(assignment))
                                         .replace("{notebooks}", names) for layout in LAYOUTS.values()]
    students: dict[str, Collected] = {}
    for file, path in zip(files, paths, strict=True):
        match = next((m for m in (re.fullmatch(layout, path) for layout in layouts) if m), None)
        if match is None:
            skipped.append(f"{path}: it is not clear whose it is")
            continue
        student = _student(match, roster)
        own = students.setdefault(student, Collected(student))
        _add(own, file, _file_name(match, list(notebooks), assignment))
    return students


def _without_common_folder(paths: list[str]) -> list[str]:
    """Leave out a folder that holds all others, unless it is a student's."""
    first = {path.split("/")[0] for path in paths}
    deep = all(path.count("/") >= 2 for path in paths)
    if len(first) == 1 and deep and len({tuple(path.split("/")[:2]) for path in paths}) > 1:
        return [path.split("/", 1)[1] for path in paths]
    return paths


def _student(match: re.Match, roster: dict[str, str]) -> str:
    label = match["student"].strip()
    number = match.groupdict().get("number") or label.rpartition("_")[2]
    for key in (label, number, label.rpartition("_")[0]):
        if key.casefold() in roster:
            return roster[key.casefold()]
    return label


def _file_name(match: re.Match, notebooks: list[str], assignment: str) -> str:
    """Return the name that a file gets: without what browsers and learning systems add, and a notebook on top."""
    name = match.groupdict().get("file") or (notebooks[0] if len(notebooks) == 1 else match["student"])
    name = re.sub(r"^[^/]+\.zip/", "", name.removeprefix(f"{assignment}/"))
    name += match.groupdict().get("suffix") or ""
    path = PurePosixPath(name)
    base = re.sub(r"(?:[-_ ]\d+| ?\(\d+\))$", "", path.stem)
    return f"{base}.ipynb" if base in notebooks and path.suffix == ".ipynb" else name


def _add(own: Collected, file: Found, name: str) -> None:
    present = own.files.get(name)
    if present is not None and present.content != file.content:
        earlier, file = sorted([present, file], key=lambda found: (found.when, found.path))
        own.older.append(earlier)
        own.notes.append(f"{name} was handed in twice; {file.path!r} is the later one")
    own.files[name] = file


# --- putting it in place ---------------------------------------------------------------------------------------

def place(own: Collected, assignment: str, root: Path) -> None:
    """Write what a student handed in, unless it is there already; keep what it replaces."""
    folder = root / "submitted" / own.student / assignment
    present = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
               if path.is_file() and path.name != "timestamp.txt"} if folder.exists() else None
    wanted = {name: found.content for name, found in own.files.items() if name != "timestamp.txt"}
    own.what = "new" if present is None else "unchanged" if present == wanted else "replaced"
    kept = gradebook.reports(root) / "replaced" / assignment / own.student
    for found in own.older:
        _write(kept / f"{found.when:%Y-%m-%dT%H%M%S}" / PurePosixPath(found.path).name, found.content)
    if own.what == "unchanged":
        return
    if own.what == "replaced":
        target = kept / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
        own.notes.append(f"the earlier submission is in {target.relative_to(root).as_posix()}")
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, found in own.files.items():
        _write(fresh / name, found.content)
    if "timestamp.txt" not in own.files:
        latest = max(found.when for found in own.files.values())
        _write(fresh / "timestamp.txt", f"{latest:%Y-%m-%d %H:%M:%S} UTC\n".encode())
    fresh.rename(folder)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_roster(path: Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return a table from what a learning system calls a student to the student's id, and the rows of the file.

    The file is CSV with the column `student_id`; `first_name`, `last_name` and `email` are entered into the
    gradebook, and all other columns, such as `lms_id` or `full_name`, are names to be recognised by.

    Raises
    ------
    click.ClickException
        If there is no column `student_id`, or two students share a name.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in csv.DictReader(file)]
    if not rows or "student_id" not in rows[0]:
        raise click.ClickException(f"{path} needs a first line that names its columns, one of them student_id")
    table: dict[str, str] = {}
    for row in rows:
        full = f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
        others = {value for key, value in row.items() if key not in ("first_name", "last_name")}
        for name in (others | {full}) - {""}:
            if table.setdefault(_normal(name).casefold(), row["student_id"]) != row["student_id"]:
                raise click.ClickException(f"{path}: two students are called {name!r}")
    return table, rows


def collect(root: Path, assignment: str, source: Path, notebooks: Iterable[str], *, roster: Path | None = None,
            pattern: str | None = None) -> dict[str, Any]:
    """Collect the submissions of an assignment; return the report, which is written to `grading/`, too."""
    table, rows = read_roster(roster) if roster else ({}, [])
    skipped: list[str] = []
    students = sort_by_student(read_source(source, skipped), assignment, list(notebooks), table, skipped, pattern)
    if not students:
        raise click.ClickException(f"nothing in {source} is a submission")
    for own in students.values():
        place(own, assignment, root)
    if rows:
        with gradebook.only_writer(root), gradebook.GradebookWriter(root) as writer:
            for row in rows:
                details = {key: row[key] for key in ("first_name", "last_name", "email") if row.get(key)}
                writer.add_student(row["student_id"], **details)
    unknown = sorted(set(students) - set(table.values())) if rows else []
    report = {"assignment": assignment, "skipped": skipped, "not_on_the_roster": unknown,
              "submissions": [students[name].row() for name in sorted(students)]}
    gradebook.write_json(gradebook.reports(root) / f"{assignment}-collected.json", report)
    return report
