"""Every numbered equation and theorem has a claim; every claim holds; every mutant of a claim is refuted."""

import importlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.errors import NoSuchExample

from tests.claims.claim import CLAIMS, AtMost, Equal, error_of

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
for path in sorted(HERE.glob("chapter_*.py")):
    importlib.import_module(f"tests.claims.{path.stem}")

LABEL = re.compile(r"^ *\$\$ \((eq-[\w-]+)\)$|^ *:label: ((?:eq|thm)-[\w-]+)$", re.MULTILINE)
NO_DATABASE = settings(
    database=None, deadline=None, max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck)
)


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
def test_claim_holds(claim):
    @settings(NO_DATABASE)
    @given(claim.cases)
    def check(case):
        assert error_of(claim.statement, case) <= 1, claim.labels

    check()


@pytest.mark.parametrize(
    "claim, mutant",
    parameters((f"{c.statement.__name__}-{m.__name__}", c, (c, m)) for c in CLAIMS for m in c.mutants),
)
def test_mutant_is_refuted(claim, mutant):
    try:
        find(
            claim.cases, lambda case: error_of(mutant, case) > 1, settings=settings(NO_DATABASE, max_examples=300)
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


def test_the_comparisons_can_fail():
    assert Equal([1.0], [1.0 + 1e-5]).error() > 1
    assert Equal([1.0], [1.0 + 1e-8]).error() < 1
    assert Equal([[1.0]], [1.0]).error() > 1
    assert Equal([float("nan")], [float("nan")]).error() > 1
    assert Equal([0.0], [0.0]).error() == 0
    assert AtMost(1.0 + 1e-6, 1.0).error() > 1
    assert AtMost(float("nan"), 1.0).error() > 1
