"""`course collect`: put what students handed in where it is marked, from a folder or a learning system's zip file.

Each student gets a folder `submitted/<student>/<assignment>/`. Nothing is guessed: what might be another
student's is left out, with the reason. `inbox` reads what there is, `roster` knows who is meant, and `placing`
writes it without losing what was there.
"""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import click

from course.grading import gradebook
from course.grading.inbox import Found, read_source
from course.grading.placing import Collected, place, require_writable, tidy, work_in
from course.grading.roster import Roster, UnclearError, read_roster, reason_against

_SHOWN = 10  # of what was left out, where nothing is left

# What browsers and learning systems add to the name of a file that is there already.
_NUMBER = r"(?:[-_ ](\d+)| ?\((\d+)\))"

# How learning systems name what they export; the first that fits a path is taken. A roster may know a student by
# the whole label (`student`), by the `name` in it or by the `number`. Moodle's number is one of the assignment's
# participants, which means nothing elsewhere; that of Canvas is the student's.
LAYOUTS = {
    "Moodle, folders": r"(?P<student>(?P<name>[^/]+)_\d+)_assignsubmission_\w+?_?/(?P<file>.+)",
    "Moodle, one folder": r"(?P<student>(?P<name>[^/]+)_\d+)_assignsubmission_file_(?P<file>[^/]+)",
    "Canvas": r"(?P<student>[^/_]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<file>[^/]+)",
    "nbgrader": r"(?P<student>[^/]+)/{assignment}/(?P<file>.+)",
    "a folder each": r"(?P<student>[^/]+)/(?P<file>.+)",
    "a notebook each": r"(?P<student>[^/]+?)(?:[_-]+(?P<file>{notebooks}){number}?)?(?P<suffix>\.ipynb)",
}


# --- whose it is -----------------------------------------------------------------------------------------------

def sort_by_student(files: Iterable[Found], assignment: str, notebooks: Iterable[str], roster: Roster,
                    skipped: list[str], pattern: str | None = None) -> dict[str, Collected]:
    """Return what each student handed in.

    Parameters
    ----------
    files : iterable of Found
        All that there is.
    assignment, notebooks : str, iterable of str
        The assignment, and the names of its notebooks without suffix.
    roster : Roster
        Whom the learning system's names mean. Who is not on it goes by the label in the path.
    skipped : list of str
        Gets the paths that belong to nobody, or to somebody who is not clear, with the reason.
    pattern : str, optional
        A regular expression with the groups ``student`` and ``file``, for a layout that is not known.

    Raises
    ------
    click.BadParameter
        If the pattern is not such an expression.
    """
    notebooks = list(notebooks)
    layouts = _layouts(assignment, notebooks, pattern)
    files = list(files)
    versions: dict[str, dict[str, list[Found]]] = {}
    for file, path in zip(files, _without_common_folder([file.path for file in files], assignment), strict=True):
        try:
            match = _match(path, layouts)
            student = _student(match, roster, {assignment, *notebooks})
            name = _file_name(match, notebooks, assignment)
            if name == "timestamp.txt" and f"/{re.escape(assignment)}/" not in match.re.pattern:
                raise UnclearError("when work was handed in is told by the archive, not by the student")
        except UnclearError as error:
            skipped.append(f"{path}: {error}")
            continue
        file = replace(file, late=bool(match.groupdict().get("late")))
        versions.setdefault(student, {}).setdefault(name, []).append(file)
    return {student: _choose(student, found, notebooks) for student, found in versions.items()}


def _layouts(assignment: str, notebooks: list[str], pattern: str | None) -> list[re.Pattern]:
    if pattern is None:
        names = {"{assignment}": re.escape(assignment), "{notebooks}": "|".join(map(re.escape, notebooks)),
                 "{number}": _NUMBER}
        return [re.compile(re.sub(r"\{[a-z]+\}", lambda found: names[found[0]], layout))
                for layout in LAYOUTS.values()]
    needed = "it needs the groups (?P<student>…) and (?P<file>…)"
    try:
        layout = re.compile(pattern)
    except re.error as error:
        raise click.BadParameter(f"{pattern!r} is not a regular expression ({error}); {needed}",
                                 param_hint="--pattern") from error
    if not {"student", "file"} <= set(layout.groupindex):
        raise click.BadParameter(f"{pattern!r} does not say whose a file is; {needed}", param_hint="--pattern")
    return [layout]


def _without_common_folder(paths: list[str], assignment: str) -> list[str]:
    """Leave out a folder that holds all others, unless it is a student's."""
    first = {path.split("/")[0] for path in paths}
    if len(first) != 1 or not all(path.count("/") >= 2 for path in paths):
        return paths
    second = {path.split("/")[1] for path in paths}
    students = len(second) > 1 and assignment not in second
    return [path.split("/", 1)[1] for path in paths] if students or first == {assignment} else paths


def _match(path: str, layouts: list[re.Pattern]) -> re.Match:
    for layout in layouts:
        if match := layout.fullmatch(path):
            return match
    raise UnclearError("it is not clear whose it is")


def _student(match: re.Match, roster: Roster, own_names: set[str]) -> str:
    """Return the student's id, or the label in the path if the roster does not know it."""
    groups = match.groupdict()
    label = (groups["student"] or "").strip()
    student = roster.find([label, groups.get("name"), groups.get("number")])
    if student is not None:
        return student
    if reason := reason_against(label):
        raise UnclearError(f"it is not clear whose it is: the name {label!r} {reason}")
    if {label, re.sub(f"{_NUMBER}$", "", label)} & own_names:
        what = "folder" if "/" in match.string else "notebook"
        raise UnclearError(f"a {what} with the assignment's own name is nobody's; "
                           "put it into a folder named after the student")
    return label


def _file_name(match: re.Match, notebooks: list[str], assignment: str) -> str:
    """Return the name that a file gets: without what browsers and learning systems add, and a notebook on top."""
    name = match.groupdict().get("file") or (notebooks[0] if len(notebooks) == 1 else match["student"])
    name = re.sub(r"(?i)^[^/]+\.zip/", "", name.removeprefix(f"{assignment}/"))
    path = PurePosixPath((name + (match.groupdict().get("suffix") or "")).lstrip("/"))
    if ".." in path.parts:
        raise UnclearError("its path leads out of the student's folder")
    base = re.sub(f"{_NUMBER}$", "", path.stem)
    return f"{base}.ipynb" if base in notebooks and path.suffix == ".ipynb" else path.as_posix()


# --- which version counts --------------------------------------------------------------------------------------

def _choose(student: str, versions: dict[str, list[Found]], notebooks: list[str]) -> Collected:
    """Take the last version of each file."""
    own = Collected(student)
    for name, found in versions.items():
        *earlier, last = sorted(found, key=lambda file: (file.when, _attempt(file.path, name), file.path))
        earlier = [file for file in earlier if file.content != last.content]
        own.files[name] = last
        own.older += earlier
        if earlier:
            times = "twice" if len(earlier) == 1 else f"{len(earlier) + 1} times"
            chosen = f"they have the same time; {last.path!r} was taken" if earlier[-1].when == last.when \
                else f"{last.path!r} is the latest"
            own.notes.append(f"{name} was handed in {times}; {chosen}")
    if any(file.late for file in own.files.values()):
        own.notes.append("marked late by Canvas")
    if note := _several_notebooks(sorted(own.files), notebooks):
        own.notes.append(note)
    return own


def _attempt(path: str, name: str) -> int:
    """Return the number that a browser or learning system has added to a name; 0 if none.

    Examples
    --------
    >>> [_attempt(path, "svd.ipynb") for path in ("ada/svd.ipynb", "ada_svd (10).ipynb", "ada-2.ipynb")]
    [0, 10, 0]
    """
    found = re.search(re.escape(PurePosixPath(name).stem) + f"{_NUMBER}$", PurePosixPath(path).stem)
    return int(found[1] or found[2]) if found else 0


def _several_notebooks(names: list[str], expected: list[str]) -> str:
    found = [name for name in names if name.endswith(".ipynb")]
    if len(found) < 2 or all(name.removesuffix(".ipynb") in expected for name in found):
        return ""
    count = "two" if len(found) == 2 else str(len(found))
    return f"{count} notebooks: {', '.join(found[:-1])} and {found[-1]}"


# --- all of it -------------------------------------------------------------------------------------------------

def collect(root: Path, assignment: str, source: Path, notebooks: Iterable[str], *, roster: Path | None = None,
            pattern: str | None = None) -> dict[str, Any]:
    """Collect the submissions of an assignment; return the report, which is written to `grading/`, too."""
    known = read_roster(roster) if roster else Roster()
    skipped: list[str] = []
    students = sort_by_student(read_source(source, skipped), assignment, notebooks, known, skipped, pattern)
    _require_some(students, f"nothing in {source} is a submission", skipped)
    require_writable(root)
    with gradebook.only_writer(root):
        _tidy(root)
        students = _place_all(students, assignment, root, skipped)
        _require_some(students, f"nothing in {source} could be written", skipped)
        _note_same_work(students, assignment, root, set(known.details))
        if known.details:
            with gradebook.GradebookWriter(root) as writer:
                for student, details in known.details.items():
                    writer.add_student(student, **details)
        unknown = sorted(set(students) - set(known.details)) if known.details else []
        report = {"assignment": assignment, "skipped": skipped, "not_on_the_roster": unknown,
                  "submissions": [students[name].row() for name in sorted(students)]}
        gradebook.write_json(gradebook.reports(root) / f"{assignment}-collected.json", report)
    return report


def _require_some(students: dict[str, Collected], problem: str, skipped: list[str]) -> None:
    if not students:
        more = [f"… and {len(skipped) - _SHOWN} more"] if len(skipped) > _SHOWN else []
        lines = [f"left out: {line}" for line in skipped[:_SHOWN]]
        raise click.ClickException("\n".join([problem, *lines, *more]))


def _tidy(root: Path) -> None:
    try:
        tidy(root)
    except OSError as error:
        raise click.ClickException(f"{error.filename}, which an interrupted collection has left, cannot be moved "
                                   f"back ({error.strerror})") from error


def _place_all(students: dict[str, Collected], assignment: str, root: Path,
               skipped: list[str]) -> dict[str, Collected]:
    """Place what can be written; return that."""
    placed = {}
    for student, own in students.items():
        try:
            place(own, assignment, root)
        except OSError as error:
            skipped.append(f"{student}: cannot be written ({error.strerror or error})")
        else:
            placed[student] = own
    return placed


def _note_same_work(students: dict[str, Collected], assignment: str, root: Path, on_roster: set[str]) -> None:
    """Note where a student's work is there under another name, as after the roster was corrected."""
    others: dict[frozenset, list[str]] = {}
    for folder in sorted((root / "submitted").glob(f"*/{assignment}")):
        if folder.parent.name not in on_roster | set(students):
            with contextlib.suppress(OSError):  # what cannot be read cannot be compared
                others.setdefault(_fingerprint(work_in(folder)), []).append(folder.parent.name)
    for own in students.values():
        own.notes += [f"submitted/{name} holds the same work; delete that folder if it is the same person"
                      for name in others.get(_fingerprint(own.work()), [])]


def _fingerprint(work: dict[str, bytes]) -> frozenset:
    return frozenset((name, sha256(content).digest()) for name, content in work.items())
