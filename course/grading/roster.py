"""The class list: which students there are, and by which names a learning system knows them."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

_DETAILS = ("first_name", "last_name", "email")


class UnclearError(Exception):
    """It is not clear whose a file is; the text says why."""


@dataclass(frozen=True)
class Roster:
    """The students of a course.

    Attributes
    ----------
    details : dict from str to dict
        For each id what the gradebook should know: `first_name`, `last_name` and `email`, where they are given.
    names : dict from str to set of str
        The ids of all students whom a name can mean; see `key`.
    """

    details: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)

    def find(self, names: Iterable[str | None]) -> str | None:
        """Return the id of the one student who goes by all of these names; names that nobody has do not count.

        Returns
        -------
        str or None
            None if nobody has any of the names.

        Raises
        ------
        UnclearError
            If several students, or no single one, go by these names.

        Examples
        --------
        >>> roster = Roster(names={"li": {"1", "2"}, "anna": {"1"}, "bo": {"3"}})
        >>> roster.find(["Li", "Anna", "71"])
        '1'
        >>> roster.find(["Li", "Bo"])
        Traceback (most recent call last):
        ...
        course.grading.roster.UnclearError: it is not clear whose: 'Li' is 1 or 2, but 'Bo' is 3
        """
        known = {name: self.names[key(name)] for name in names if name and key(name) in self.names}
        meant = set.intersection(*known.values()) if known else set()
        if known and not meant:
            ids = [f"{name!r} is {' or '.join(sorted(found))}" for name, found in known.items()]
            raise UnclearError(f"it is not clear whose: {', but '.join(ids)}")
        if len(meant) > 1:
            name = min(known, key=lambda name: len(known[name]))
            count = "two" if len(meant) == 2 else str(len(meant))
            raise UnclearError(f"it is not clear whose: {count} students on the roster are called {name!r}")
        return meant.pop() if meant else None


def key(name: str) -> str:
    """Return what names are compared by: without capitals, and with accents written in one way."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def reason_against(name: str) -> str:
    r"""Return why a name cannot be that of a folder in `submitted/`; nothing if it can.

    Examples
    --------
    >>> [reason_against(name) for name in ("Zoë Größe_9", "", ".git", "m/102")]
    ['', 'is empty', 'begins with a dot', 'holds a slash, a backslash or a control character']
    """
    if not name:
        return "is empty"
    if name.startswith("."):
        return "begins with a dot"
    if any(letter in "/\\" or unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        return "holds a slash, a backslash or a control character"
    return ""


def read_roster(path: Path) -> Roster:
    """Read a CSV file with the column `student_id`; commas, semicolons or tabs may separate the columns.

    The columns `first_name`, `last_name` and `email` are entered into the gradebook. A student is recognised by
    the id, the full name, and what stands in any further column, such as `lms_id` or `full_name`.

    Raises
    ------
    click.ClickException
        If it is not such a file, or an id is missing, occurs twice, or cannot be the name of a folder.
    """
    roster, lines = Roster(), {}
    for line, row in _rows(path):
        student = row["student_id"]
        reason = reason_against(student)
        if key(student) in lines:
            reason = f"occurs twice; it is in line {lines[key(student)]} too"
        if reason:
            raise click.ClickException(f"{path}, line {line}: the student_id {student!r} {reason}")
        lines[key(student)] = line
        roster.details[student] = {name: row[name] for name in _DETAILS if row.get(name)}
        for name in _names(row):
            roster.names.setdefault(key(name), set()).add(student)
    if not lines:
        raise click.ClickException(f"{path} names no student")
    return roster


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows that are not empty, each with the number of its (last) line."""
    text = _text(path)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        if "student_id" not in reader.fieldnames:
            raise click.ClickException(f"{path} needs a column student_id; its first line has: "
                                       f"{', '.join(reader.fieldnames) or 'nothing'}")
        for row in reader:
            values = {name: unicodedata.normalize("NFC", (value or "").strip())
                      for name, value in row.items() if name}
            if any(values.values()):
                yield reader.line_num, values
    except csv.Error as error:
        raise click.ClickException(f"{path}, line {reader.line_num}: it is not CSV ({error})") from error


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # in UTF-16 every second byte of plain English is zero
        raise click.ClickException(f"{path} is not UTF-8; save it as 'CSV UTF-8'")
    return text


def _names(row: dict[str, str]) -> set[str]:
    """Return all that a student is called: "Ada Lovelace", and "lovelaceada", as Canvas puts it, among them."""
    first, last = row.get("first_name", ""), row.get("last_name", "")
    others = {value for name, value in row.items() if name not in ("first_name", "last_name")}
    canvas = re.sub(r"[\W_]", "", last + first) if first and last else ""
    return {*others, f"{first} {last}".strip(), canvas} - {""}
