"""What was handed in: the files of a folder, or of a zip file and the zip files in it, without what does harm."""

import io
import lzma
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import click

from course.grading.notebook import LARGEST
from course.grading.sheet import SKIPPED

_MOST = 4 * 2**30  # bytes in one archive, unpacked
_MOST_OF_ONE = 2**28  # the same for a zip file that a student hands in
_MOST_FILES = 100_000

# What `zipfile` raises where bytes are not what they should be; ValueError: a name that is not UTF-8.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, EOFError, OSError,
            ValueError)


@dataclass(frozen=True)
class Found:
    """A file in an archive or a folder, when it was last changed, and whether it is marked as late."""

    path: str
    content: bytes
    when: datetime
    late: bool = False


class _UnusableError(Exception):
    """A zip file cannot be read; the text says why."""


def read_source(source: Path, skipped: list[str]) -> Iterator[Found]:
    """Yield the files in a folder or a zip file, those in zip files inside it too.

    Links, and paths that lead out of the archive, are never followed; they are named in `skipped`, like whatever
    is damaged or too large.

    Raises
    ------
    click.ClickException
        If the source is neither a folder nor a zip file, or damaged, or too large to be one of submissions.
    """
    for file in _in_folder(source, skipped) if source.is_dir() else _in_archive(source, skipped):
        if not file.path.lower().endswith(".zip"):
            yield file
            continue
        try:
            yield from _in_zip(io.BytesIO(file.content), f"{file.path}/", _MOST_OF_ONE, skipped)
        except _UnusableError as error:
            skipped.append(f"{file.path}: {error}")


def _in_folder(folder: Path, skipped: list[str]) -> Iterator[Found]:
    for path in sorted(folder.rglob("*")):
        name, found = path.relative_to(folder).as_posix(), None
        if _ignored(name):
            continue
        try:
            reason = _unreadable(path, name)
            if path.is_file() and not reason:
                found = Found(_normal(name), path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC))
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
        if reason:
            skipped.append(f"{name.encode(errors='surrogateescape').decode(errors='backslashreplace')}: {reason}")
        elif found:
            yield found


def _unreadable(path: Path, name: str) -> str:
    if path.is_symlink():
        return "a link"
    if path.is_dir():
        return "" if os.access(path, os.R_OK | os.X_OK) else "cannot be read (no permission)"
    if any("\ud800" <= letter <= "\udfff" for letter in name):  # how Python writes bytes that are no text
        return "its name is not UTF-8"
    return f"larger than {LARGEST // 2**20} MB" if path.stat().st_size > LARGEST else ""


def _in_archive(source: Path, skipped: list[str]) -> Iterator[Found]:
    if source.suffix.lower() != ".zip" and not zipfile.is_zipfile(source):
        raise click.ClickException(f"{source} is neither a folder nor a zip file")
    try:
        with source.open("rb") as file:
            yield from _in_zip(file, "", _MOST, skipped)
    except _UnusableError as error:
        raise click.ClickException(f"{source} {error}") from error


def _in_zip(file: io.BufferedIOBase, prefix: str, most: int, skipped: list[str]) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise _UnusableError(f"is damaged ({_why(error)})") from error
    entries = [entry for entry in archive.infolist()
               if not entry.filename.endswith("/") and not _ignored(entry.filename)]
    sizes = [entry.file_size for entry in entries if entry.file_size <= LARGEST]  # a larger one is left out
    if sum(sizes) > most or len(entries) > _MOST_FILES:
        raise _UnusableError("is too large, unpacked, to be one of submissions")
    for entry in entries:
        name = _normal(entry.filename.replace("\\", "/"))
        reason = _refused(entry, name)
        if reason:
            skipped.append(f"{prefix}{name}: {reason}")
            continue
        try:
            content = archive.read(entry)
        except _DAMAGED as error:
            skipped.append(f"{prefix}{name}: cannot be unpacked ({_why(error)})")
            continue
        yield Found(prefix + name, content, _zip_time(entry))


def _why(error: Exception) -> str:
    return str(error) or "it ends too early"  # EOFError says nothing


def _refused(entry: zipfile.ZipInfo, name: str) -> str:
    parts = PurePosixPath(name).parts
    if not parts:
        return "it has no name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link"
    if name.startswith("/") or ":" in parts[0] or ".." in parts:
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
    return PurePosixPath(unicodedata.normalize("NFC", name)).as_posix()
