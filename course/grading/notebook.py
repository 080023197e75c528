"""Notebooks as strangers hand them in: read whatever can be read, and say precisely why where nothing can."""

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LARGEST = 50 * 2**20
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class UnreadableError(ValueError):
    """A file is not a notebook; the message says in what way."""


@dataclass
class Cell:
    """A cell without its outputs."""

    kind: str
    source: str
    id: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)

    @property
    def grading(self) -> dict[str, Any]:
        """What nbgrader has written into the metadata; empty if nothing."""
        found = self.metadata.get("nbgrader")
        return found if isinstance(found, dict) else {}

    @property
    def as_released(self) -> bool:
        """Whether it is as some release of the assignment had it, by the checksum that was written then."""
        from nbformat import from_dict
        from nbgrader.utils import compute_checksum

        try:
            found = compute_checksum(from_dict({"source": self.source, "cell_type": self.kind,
                                                "metadata": {"nbgrader": self.grading}}))
        except (KeyError, TypeError, ValueError):
            return False
        return found == self.grading.get("checksum")

    @property
    def grade_id(self) -> str:
        """Nbgrader's name of the cell; empty if it has none."""
        found = self.grading.get("grade_id")
        return found if isinstance(found, str) else ""


def read_cells(data: bytes) -> tuple[list[Cell], list[str]]:
    """Return the cells of a notebook, and what had to be mended.

    Formats 2, 3 and 4 are read, with or without a byte-order mark. Outputs are left out.

    Raises
    ------
    UnreadableError
        If the data are not a notebook.

    Examples
    --------
    >>> read_cells(b'{"cells": [')
    Traceback (most recent call last):
        ...
    course.grading.notebook.UnreadableError: is not JSON from line 1 on: it was cut off or edited by hand
    """
    notes: list[str] = []
    content = _parse(_decode(data, notes))
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise UnreadableError("is JSON, but not a notebook")
    version = content["nbformat"]
    if version not in (2, 3, 4):
        raise UnreadableError(f"is a notebook of format {version}, which is unknown")
    if version < 4:
        notes.append(f"The notebook is of the old format {version}; it was converted.")
        sheets = content.get("worksheets")
        raw = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells", [])] \
            if isinstance(sheets, list) else None
    else:
        raw = content.get("cells")
    if not isinstance(raw, list):
        raise UnreadableError("is JSON, but not a notebook: it has no cells")
    cells = [cell for cell in map(_cell, raw) if cell is not None]
    if len(cells) < len(raw):
        notes.append(f"{len(raw) - len(cells)} of the {len(raw)} cells were damaged and are left out.")
    return cells, notes


def _decode(data: bytes, notes: list[str]) -> str:
    if not data.strip():
        raise UnreadableError("is empty")
    if len(data) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 2**20} MB")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide or data.startswith(codecs.BOM_UTF8):
        notes.append("The file began with a byte-order mark.")
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not text in UTF-8") from None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not JSON from line {error.lineno} on: it was cut off or edited "
                              "by hand") from None
    except RecursionError:
        raise UnreadableError("is not a notebook: it is nested too deeply") from None


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    kind = raw.get("cell_type")
    source = _text(raw.get("source", raw.get("input", raw.get("text", ""))))
    if kind == "heading":
        kind, source = "markdown", "#" * int(raw.get("level", 1)) + " " + (source or "")
    if kind not in ("code", "markdown", "raw") or source is None:
        return None
    own = raw.get("id")
    metadata, attachments = raw.get("metadata"), raw.get("attachments")
    return Cell(kind, source, own if isinstance(own, str) and _ID.fullmatch(own) else "",
                metadata if isinstance(metadata, dict) else {},
                attachments if isinstance(attachments, dict) else {})


def _text(source: Any) -> str | None:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # Half of a surrogate pair can stand in JSON, but in no file that is written as UTF-8.
    return source.encode("utf-8", "replace").decode("utf-8")


def unique_ids(wanted: Iterable[str]) -> list[str]:
    """Return ids for cells, those that are wanted where they are free.

    Examples
    --------
    >>> unique_ids(["a", "", "a"])
    ['a', 'cell-1', 'a-2']
    """
    ids: list[str] = []
    for number, own in enumerate(wanted):
        name = own or f"cell-{number}"
        ids.append(name if name not in ids else f"{name[:50]}-{number}")
    return ids


def same_text(one: str, other: str) -> bool:
    r"""Return whether two sources differ in nothing but white space at the ends of lines.

    Examples
    --------
    >>> same_text("a = 1  \nb", "a = 1\nb\n"), same_text("a", "b")
    (True, False)
    """
    return [line.rstrip() for line in one.strip().splitlines()] == \
        [line.rstrip() for line in other.strip().splitlines()]
