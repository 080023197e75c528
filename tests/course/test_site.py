"""The parts of the site's extension, without building a site."""

import json
import zipfile
from types import SimpleNamespace

import pytest
from docutils import nodes

from course.coursedir import assignments
from course.site import downloads, ledger, numbering, privacy
from tests.book.pages import PAGES

LOCK = """\
ipykernel==7.4.0 \\
    --hash=sha256:00
jupyterlab==4.6.6 \\
    --hash=sha256:00
jupyterlab-server==2.28.1 \\
    --hash=sha256:00
matplotlib==3.11.2 \\
    --hash=sha256:00
matplotlib-inline==0.2.2 \\
    --hash=sha256:00
myst-nb==1.4.0 \\
    --hash=sha256:00
myst-parser==3.0.1 \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:00
"""


def test_students_install_the_versions_that_were_tested_and_nothing_else():
    assert downloads.student_requirements(LOCK).splitlines() == [
        "ipykernel==7.4.0", "jupyterlab==4.6.6", "matplotlib==3.11.2", "myst-nb==1.4.0",
        "numpy==2.4.6 ; python_full_version < '3.12'", "numpy==2.5.5 ; python_full_version >= '3.12'",
    ]


@pytest.mark.parametrize("name", assignments())
def test_equal_content_gives_equal_archives(tmp_path, name):
    members = downloads.archive_members(name)
    one, two = tmp_path / "one.zip", tmp_path / "elsewhere" / "two.zip"
    downloads.write_archive(one, members)
    downloads.write_archive(two, dict(members))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {entry: archive.read(entry) for entry in archive.namelist()} == members
    assert not any("__pycache__" in entry or "checkpoints" in entry for entry in members)


def test_an_assignment_without_a_release_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no notebook in exercises/3-nothing"):
        downloads.archive_members("3-nothing", tmp_path)


@pytest.mark.parametrize(("asset", "kept"), [
    (SimpleNamespace(filename="_static/course.js", attributes={}), True),
    (SimpleNamespace(filename=None, attributes={"body": "window.MathJax = {}"}), True),
    ("_static/theme.css", True),
    (SimpleNamespace(filename="https://elsewhere.example/x.js", attributes={}), False),
    ("//elsewhere.example/x.css", False),
    (SimpleNamespace(filename="_static/sphinx-thebe.js", attributes={}), False),
    (SimpleNamespace(filename=None, attributes={"body": 'const THEBE_JS_URL = "https://…"'}), False),
])
def test_assets_from_elsewhere_are_dropped(asset, kept):
    context = {"script_files": [asset], "css_files": [asset]}
    privacy.drop_foreign_assets(None, "index", "page.html", context, None)
    expected = [asset] if kept else []
    assert context == {"script_files": expected, "css_files": expected}


def test_a_chapter_has_the_number_of_its_file():
    toc = nodes.bullet_list("", nodes.reference("", "", secnumber=[1]), nodes.reference("", "", secnumber=[1, 3]),
                            nodes.reference("", ""))
    env = SimpleNamespace(
        toc_secnumbers={"chapters/07-svd": {"": (1,), "#pca": (1, 3), "#aside": None}, "chapters/index": {}},
        titles={"chapters/07-svd": nodes.title("", "", secnumber=[1])},
        tocs={"chapters/07-svd": toc},
    )
    numbering.renumber(env)
    assert env.toc_secnumbers["chapters/07-svd"] == {"": (7,), "#pca": (7, 3), "#aside": None}
    assert env.titles["chapters/07-svd"]["secnumber"] == [7]
    assert [reference.get("secnumber") for reference in toc] == [[7], [7, 3], None]


def test_the_pages_are_those_of_the_contents():
    assert PAGES[0] == "index.html"
    assert "chapters/02-matrix-calculus.html" in PAGES
    assert len(set(PAGES)) == len(PAGES)


CHAPTER = {"cells": [
    {"cell_type": "markdown", "source": [
        "# Norms\n", "$$\n", "a = b\n", "$$ (eq-norms-first)\n", "\n", "$$\n", "not = numbered\n", "$$\n", "\n",
        ":::{prf:theorem} Title\n", ":label: thm-norms-one\n", "\n", "  $$\n", "  c\n", "  $$ (eq-norms-second)\n",
        ":::\n", ":::{prf:definition} Word\n", ":label: def-norms-word\n", ":::\n"]},
    {"cell_type": "code", "source": ["text = '''\n", "$$\n", "x\n", "$$ (eq-norms-code)\n", "'''"]},
]}  # fmt: skip


@pytest.fixture
def small_book(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "tests" / "claims").mkdir(parents=True)
    (tmp_path / "chapters" / "04-norms.ipynb").write_text(json.dumps(CHAPTER))
    entry = {"labels": ["eq-norms-first"], "statement": "first holds", "file": "chapter_04.py",
             "function": "first_holds", "mutants": ["with a sign"], "cases": 60, "error": 1e-12,
             "inputs": [{"name": "A", "shape": "n+o,n", "hypothesis": "", "kinds": ["gaussian", "zero"]}]}
    (tmp_path / "tests" / "claims" / "ledger.json").write_text(json.dumps([entry]))
    return tmp_path


def test_the_labels_of_a_chapter_are_found_in_their_order(small_book):
    found = ledger.labelled(small_book / "chapters" / "04-norms.ipynb")
    labels = ["eq-norms-first", "thm-norms-one", "eq-norms-second", "def-norms-word"]
    assert [item.label for item in found] == labels
    assert [item.text for item in found] == ["a = b", "Title", "c", "Word"]


def test_the_ledger_shows_what_was_measured(small_book):
    page = ledger.page(small_book)
    assert "## Chapter 4: Norms" in page
    assert "(claim-eq-norms-first)=" in page
    assert "60 cases, largest relative error below $10^{-12}$." in page
    assert "`A` (any matrix, n + o×n)" in page
    assert "Refuted when broken: with a sign." in page
    assert "any matrix\n: gaussian, zero\n" in page
    assert "{prf:ref}`def-norms-word`" in page.partition("Not checked")[2]


@pytest.mark.parametrize(("equations", "theorems", "complaint"), [
    (["eq-norms-first"], [], None),
    (["eq-norms-first", "eq-norms-second"], [], "eq-norms-second is numbered, and no claim"),
    (["eq-norms-first"], ["thm-norms-one", "def-norms-word"], "thm-norms-one is numbered, and no claim"),
    ([], [], "a claim in tests/claims checks eq-norms-first, which is not in the book"),
])
def test_a_statement_without_a_claim_is_a_warning_and_so_is_the_reverse(
        small_book, monkeypatch, equations, theorems, complaint):
    monkeypatch.setattr(ledger, "checked_labels", lambda: {"eq-norms-first"})
    warnings = []
    monkeypatch.setattr(ledger.logger, "warning", lambda text, *values, location: warnings.append(text % values))
    env = SimpleNamespace(
        get_domain=lambda name: SimpleNamespace(equations=dict.fromkeys(equations, ("chapters/04-norms", 1))),
        proof_list={label: {"docname": "chapters/04-norms"} for label in theorems})
    ledger._compare(None, env)
    assert [complaint in text for text in warnings] == [True] * (complaint is not None)
