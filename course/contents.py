"""The order of the book, as `_toc.yml` gives it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from course.paths import ROOT

INDEX = "genindex"


class Part(NamedTuple):
    """A part of the book: its caption, and the names of its pages."""

    caption: str
    pages: list[str]


def parts(root: Path = ROOT) -> list[Part]:
    """Return the parts of the book in their order, the cover first and the index last.

    Examples
    --------
    >>> parts()[1].pages[0]
    'chapters/01-foundations'
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    found = [Part(part["caption"], [name for entry in part["chapters"] for name in _pages(entry)])
             for part in toc["parts"]]
    found[-1].pages.append(INDEX)
    return [Part("", [toc["root"]]), *found]


def _pages(entry: dict) -> Iterator[str]:
    yield entry["file"]
    for section in entry.get("sections", []):
        yield from _pages(section)
