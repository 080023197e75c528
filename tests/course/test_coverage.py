"""Every topic of the sources has its place in the book, and every erratum its entry."""

import json
import re

import pytest

from course.paths import ROOT

ROWS = {"F": 10, "C": 10, "A": 6, "N": 8, "K": 8, "O": 5, "S": 7, "D": 7, "R": 7}
PAGE = (ROOT / "chapters" / "sources-and-coverage.md").read_text("utf-8")
TABLE = {match[1]: match[0] for match in re.finditer(r"^\| ([A-Z]\d+) \|.*$", PAGE, re.MULTILINE)}


def markdown_of(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


BOOK = "\n".join(map(markdown_of, sorted((ROOT / "chapters").glob("*.ipynb"))))
ERRATA = markdown_of(ROOT / "chapters" / "errata.ipynb")


@pytest.mark.parametrize("row", [f"{letter}{n}" for letter, last in ROWS.items() for n in range(1, last + 1)])
def test_every_row_is_explained_in_a_section_and_executed(row):
    assert row in TABLE, f"the coverage page has no row {row}"
    _, _, topic, explained, executed, _ = (cell.strip() for cell in TABLE[row].split("|"))
    places = re.findall(r"\{(?:ref|doc)\}`(?:[^`<]*<)?([\w-]+)>?`", explained)
    assert topic
    assert places, f"{row} names no section"
    for place in places:
        assert f"({place})=" in BOOK or (ROOT / "chapters" / f"{place}.ipynb").exists(), f"there is no {place}"
    assert executed


@pytest.mark.parametrize("number", range(1, 21))
def test_every_erratum_of_the_sources_has_its_entry(number):
    assert re.search(rf"^### E{number}\b", ERRATA, re.MULTILINE)
    assert f"`E{number} <erratum-e{number}" in PAGE


def test_every_erratum_has_a_counterexample_that_runs():
    cells = json.loads((ROOT / "chapters" / "errata.ipynb").read_text("utf-8"))["cells"]
    heading, executed = None, {}
    for cell in cells:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("### E"):
                heading = line
                executed[heading] = False
        if cell["cell_type"] == "code" and heading and cell["outputs"]:
            executed[heading] = True
    assert len(executed) >= 20
    assert [heading for heading, runs in executed.items() if not runs] == []


def test_the_equations_of_the_lecture_notes_are_all_mapped():
    ledger = (ROOT / "chapters" / "ledger.md").read_text("utf-8")
    mapped = dict(re.findall(r"^\| \((2\.\d+)\) \| .*?\{eq\}`(eq-[\w-]+)`", ledger, re.MULTILINE))
    assert list(mapped) == [f"2.{n}" for n in range(1, 36)]
    assert [label for label in mapped.values() if f"({label})" not in BOOK] == []
