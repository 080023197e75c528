"""Every numbered equation and theorem has a claim; every claim holds; every mutant of a claim is refuted."""

import importlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import find, settings
from hypothesis.errors import NoSuchExample

from course import ledger
from tests.claims.claim import CLAIMS, SETTINGS, AtMost, Equal, error_of

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
for path in sorted(HERE.glob("chapter_*.py")):
    importlib.import_module(f"tests.claims.{path.stem}")

LABEL = re.compile(r"^ *\$\$ \((eq-[\w-]+)\)$|^ *:label: ((?:eq|thm)-[\w-]+)$", re.MULTILINE)
LEDGER = {entry["function"]: entry for entry in ledger.read()}
REFRESH = "the ledger is not up to date; run: python -m course ledger"


def labels_in_the_book():
    """Return the labels of numbered equations and theorems in all chapters."""
    labels = []
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                labels += ["".join(pair) for pair in LABEL.findall("".join(cell["source"]))]
    return labels


def parameters(pairs):
    return [
        pytest.param(*values, id=name, marks=[pytest.mark.claim(label) for label in claim.labels])
        for name, claim, values in pairs
    ]


@pytest.mark.parametrize("claim", parameters((c.statement.__name__, c, (c,)) for c in CLAIMS))
def test_claim_holds_and_the_ledger_says_so(claim):
    cases, error = claim.examine()
    listed = LEDGER.get(claim.statement.__name__)
    assert listed is not None, REFRESH
    assert {name: listed[name] for name in claim.entry()} == claim.entry(), REFRESH
    # Rounding differs a little between machines.
    assert cases >= 0.9 * listed["cases"], REFRESH
    assert (error is None) == (listed["error"] is None), REFRESH
    assert error is None or error <= max(10 * listed["error"], 1e-14), REFRESH


@pytest.mark.parametrize(
    "claim, mutant",
    parameters((f"{c.statement.__name__}-{m.__name__}", c, (c, m)) for c in CLAIMS for m in c.mutants),
)
def test_mutant_is_refuted(claim, mutant):
    try:
        find(
            claim.cases, lambda case: error_of(mutant, case) > 1, settings=settings(SETTINGS, max_examples=300)
        )
    except NoSuchExample:
        pytest.fail(f"the mutant {mutant.__name__} of {claim.labels} survived: the claim checks nothing there")


def test_every_claim_has_a_mutant():
    assert [c.labels for c in CLAIMS if not c.mutants] == []


def test_every_equation_and_theorem_has_a_claim():
    claimed = {label for c in CLAIMS for label in c.labels}
    book = labels_in_the_book()
    assert book, "no labels were found in the chapters: the pattern in this test no longer fits their syntax"
    assert set(book) - claimed == set(), "labelled in the book, but no claim checks it"
    assert claimed - set(book) == set(), "claimed, but no such label in the book"
    assert [label for label, count in Counter(book).items() if count > 1] == [], "labelled twice"


def test_the_ledger_lists_each_claim_once_and_nothing_else():
    names = Counter(c.statement.__name__ for c in CLAIMS)
    assert [name for name, count in names.items() if count > 1] == [], "two claims have the same name"
    assert set(LEDGER) == set(names), REFRESH


def test_the_comparisons_can_fail():
    assert Equal([1.0], [1.0 + 1e-5]).error() > 1
    assert Equal([1.0], [1.0 + 1e-8]).error() < 1
    assert Equal([[1.0]], [1.0]).error() > 1
    assert Equal([float("nan")], [float("nan")]).error() > 1
    assert Equal([0.0], [0.0]).error() == 0
    assert AtMost(1.0 + 1e-6, 1.0).error() > 1
    assert AtMost(float("nan"), 1.0).error() > 1
