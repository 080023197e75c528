"""A chapter keeps its number: `chapters/02-….ipynb` is chapter 2 in every edition, whichever others are in it.

Sphinx counts the chapters of a table of contents from 1. Equations, figures and theorems take their first number
from the chapter, and (2.5) must stay (2.5) when a chapter is added before it.
"""

import re
from collections.abc import Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles as Collector

_CHAPTER = re.compile(r"chapters/(\d+)-")


def chapter_number(docname: str) -> int | None:
    """Return the number in the name of a chapter's file, or None for other pages.

    Examples
    --------
    >>> chapter_number("chapters/02-matrix-calculus"), chapter_number("chapters/bibliography")
    (2, None)
    """
    match = _CHAPTER.match(docname)
    return int(match[1]) if match else None


def _with_number(numbers: Sequence[int] | None, chapter: int) -> Sequence[int] | None:
    # Sphinx keeps lists in some places and tuples in others, and compares them.
    return type(numbers)((chapter, *numbers[1:])) if numbers else numbers


def renumber(env: BuildEnvironment) -> None:
    """Replace the first component of all section numbers of a chapter by the number in its file's name."""
    for docname, sections in env.toc_secnumbers.items():
        chapter = chapter_number(docname)
        if chapter is None:
            continue
        for anchor, numbers in sections.items():
            sections[anchor] = _with_number(numbers, chapter)
        title = env.titles[docname]
        title["secnumber"] = _with_number(title.get("secnumber"), chapter)
        for reference in env.tocs[docname].findall(nodes.reference):
            reference["secnumber"] = _with_number(reference.get("secnumber"), chapter)


def register(app: Sphinx) -> None:
    """Renumber between the count of sections and that of figures and equations, which builds on it.

    No event of Sphinx lies between the two, so the collector's method is wrapped.
    """
    count_sections = Collector.assign_section_numbers
    if getattr(count_sections, "keeps_chapter_numbers", False):
        return  # a second build in the same process

    def assign_section_numbers(self: Collector, env: BuildEnvironment) -> list[str]:
        before = {docname: dict(sections) for docname, sections in env.toc_secnumbers.items()}
        count_sections(self, env)
        renumber(env)
        return [docname for docname, sections in env.toc_secnumbers.items() if sections != before.get(docname)]

    assign_section_numbers.keeps_chapter_numbers = True
    Collector.assign_section_numbers = assign_section_numbers
