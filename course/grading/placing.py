"""The folder `submitted/`: a submission gets there whole or not at all, and what it replaces is kept.

A submission that differs from one that is there already replaces it, unless it is older. The one that does not
count is kept in `grading/replaced/`.
"""

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import click

from course.grading import gradebook
from course.grading.inbox import Found


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
        ``"new"``, ``"unchanged"``, ``"replaced"``, or ``"older"`` than what is there, which stays.
    """

    student: str
    files: dict[str, Found] = field(default_factory=dict)
    older: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    what: str = ""

    def row(self) -> dict[str, Any]:
        """Return plain data for the report."""
        return {"student": self.student, "what": self.what, "files": sorted(self.files), "notes": self.notes}

    def work(self) -> dict[str, bytes]:
        """Return the content of the files that the student wrote."""
        return {name: found.content for name, found in self.files.items() if name != "timestamp.txt"}


def place(own: Collected, assignment: str, root: Path) -> None:
    """Write what a student handed in, unless that or something newer is there; keep what does not count.

    Raises
    ------
    OSError
        If it cannot be written; then what was there is still there, and nothing else.
    """
    folder = root / "submitted" / own.student / assignment
    kept = gradebook.reports(root) / "replaced" / assignment / own.student
    present = work_in(folder) if folder.exists() else None
    fresh = folder.with_name(f".{assignment}.new")
    try:
        for found in own.older:
            _write(Collected(own.student, {PurePosixPath(found.path).name: found}), fresh)
            _keep(fresh, kept)
            shutil.rmtree(fresh)
        _write(own, fresh)
        own.what = _compare(own, fresh, present, folder)
        if own.what == "older":
            target = _keep(fresh, kept).relative_to(root)
            own.notes.append(f"older than what is there; not taken; it is in {target.as_posix()}")
        elif own.what == "replaced":
            target = _keep(folder, kept).relative_to(root)
            own.notes.append(f"the earlier submission is in {target.as_posix()}")
        if own.what in ("new", "replaced"):
            _exchange(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        _remove_if_empty(folder.parent)


def _write(own: Collected, folder: Path) -> None:
    """Write all files, and when they were handed in."""
    for name, found in own.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(found.content)
    if "timestamp.txt" not in own.files:
        latest = max(found.when for found in own.files.values())
        (folder / "timestamp.txt").write_text(f"{latest:%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")


def _compare(own: Collected, fresh: Path, present: dict[str, bytes] | None, folder: Path) -> str:
    if present is None:
        return "new"
    if present == own.work():
        return "unchanged"
    now, before = gradebook.read_timestamp(fresh), gradebook.read_timestamp(folder)
    # An archive that knows no times says 1980.
    return "older" if now and before and now.year > 1980 and now < before else "replaced"


def work_in(folder: Path) -> dict[str, bytes]:
    """Return path and content of the files in a submission, without the time."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path != folder / "timestamp.txt"}


def _keep(folder: Path, kept: Path) -> Path:
    """Copy a submission, unless it was kept before; return where it is."""
    when = gradebook.read_timestamp(folder) or datetime.now(UTC)
    target = first = kept / f"{when:%Y-%m-%dT%H%M%S}"
    number = 1
    while target.exists() and work_in(target) != work_in(folder):
        number += 1
        target = first.with_name(f"{first.name}-{number}")
    if not target.exists():
        half = target.with_name(f".{target.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        try:
            shutil.copytree(folder, half, symlinks=True)
            half.rename(target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return target


def _exchange(fresh: Path, folder: Path) -> None:
    """Put one folder in the place of another, which comes back if that fails."""
    old = folder.with_name(f".{folder.name}.old")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def tidy(root: Path) -> None:
    """Put right what a collection that was interrupted has left.

    Raises
    ------
    OSError
        If a submission that was moved aside cannot be moved back.
    """
    for old in (root / "submitted").glob("*/.*.old"):
        folder = old.with_name(old.name[1:].removesuffix(".old"))
        if folder.exists():  # the new one is there, and the old one was copied before
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)
    for half in [*(root / "submitted").glob("*/.*.new"), *(root / "grading" / "replaced").glob("*/*/.*.new")]:
        shutil.rmtree(half, ignore_errors=True)
        _remove_if_empty(half.parent)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # rmdir refuses unless it is empty
        folder.rmdir()


def require_writable(root: Path) -> None:
    """Raise ClickException unless submissions and reports can be written."""
    for folder in (root / "submitted", root / "grading"):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be written ({error.strerror})") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise click.ClickException(f"{folder} cannot be written (no permission)")
