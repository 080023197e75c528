"""The pages that students get: what they say of the points, that they stand alone, and that they can be read."""

import json
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_output

from course import browser as chromium
from course.__main__ import main
from course.grading import gradebook
from course.grading.feedback import HideTests
from course.grading.page import Points, headings, to_html
from course.grading.run import grade
from course.paths import ROOT
from tests.course.grading.assignment import NAME, NOTEBOOK, SECRET, Student, given, inserted

FILE = f"{NOTEBOOK}.html"
ESSAY = r"""With $a<b$ and $$\sum_{i=1}^{n} x_i \cancel{y} = \begin{pmatrix}1&2\\3&4\end{pmatrix},$$ so

\begin{align}
df &= \operatorname{tr}(G^{T}dX)\\
   &= \langle G, dX\rangle
\end{align}

<b>bold</b> <img src="https://example.org/b.png"> <meta http-equiv="refresh" content="0; url=https://example.org/m">
![a plot](https://example.org/a.png) ![lost](attachment:lost.png) [evil](javascript:alert(1)) `x<y` \$5
"""
LONG = "A message that is so long that no telephone shows it in one line. " * 8
STUDENTS = [
    Student("ada", {"essay": ESSAY}),
    Student("bob", leave=("essay",)),
    Student("cy", {"double": f"def double(x):\n    raise ValueError('{LONG}')", "essay": ESSAY},
            change=inserted("from IPython.display import HTML, Math, display\nprint('x' * 500)\n"
                            "display(HTML('<script src=\"https://example.org/s.js\"></script>'))\n"
                            "Math(r'\\frac{a}{b}')")),
    Student("dan", files=lambda nb: {f"{NOTEBOOK}.ipynb": "{"}),
]
TASK = given("later-text", "## Task 2 · Of $\\mathbb{R}^{n}$ (7 points, marked by hand)\n\n"
             "### BEGIN MARK SCHEME\n## A heading in disguise\n### END MARK SCHEME", "markdown")


class Page(HTMLParser):
    """What a page names, links to and would load."""

    LOADS = {"src", "srcset", "poster", "data", "background", "action", "formaction", "manifest"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.anchors, self.loads = set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag == "a" and attributes.get("href", "").startswith("#"):
            self.anchors.append(attributes["href"][1:])
        self.loads += [attributes[name] for name in self.LOADS & attributes.keys()]
        self.loads += [attributes["href"]] if tag in ("link", "base", "use", "image") else []


@pytest.fixture(scope="module")
def root(sandboxed, released, release, tmp_path_factory):
    """A course in which a class of four was marked; its notebook has a second task with a marking scheme."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(released, root)
    for student in STUDENTS:
        folder = root / "submitted" / student.name / NAME
        folder.mkdir(parents=True)
        for name, content in student.hand_in(release).items():
            (folder / name).write_bytes(content)
    grade(root, NAME, workers=2)
    for path in (root / "autograded").glob(f"*/{NAME}/*.ipynb"):
        _add_task(path)
    return root


def _add_task(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    place = next(n for n, cell in enumerate(notebook.cells)
                 if cell.metadata.get("nbgrader", {}).get("grade_id") in ("mean", "mean-check"))
    notebook.cells.insert(place, nbformat.from_dict(TASK))
    nbformat.write(notebook, path)


def feedback(root, *arguments):
    result = CliRunner().invoke(main, ["feedback", NAME, "--course", str(root), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def pages(root):
    """The pages, by student."""
    feedback(root)
    return {student.name: (root / "feedback" / student.name / NAME / FILE).read_text("utf-8")
            for student in STUDENTS}


def said(page):
    """Return the list at the top as text, a line for each task and each cell."""
    top = page[page.index("<header"):page.index("</header>")]
    lines = re.sub(r"<[^>]*>", " ", re.sub(r"</(?:div|li|h1|p)>", "\n", top)).splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


# --- points ----------------------------------------------------------------------------------------------------

def test_what_nobody_has_marked_is_not_called_zero(pages):
    assert said(pages["ada"])[:2] == ["Feedback for ada: Warm-up",
                                      "13 of 13 marked so far; 5 points are still to be marked by hand"]
    assert said(pages["ada"])[-1] == "written answer not marked yet (of 5)"
    assert "0 of 5" not in pages["ada"]
    assert said(pages["bob"])[1] == "13 of 18 points", "who wrote nothing has been marked"
    assert "written answer 0 of 5" in said(pages["bob"])
    assert said(pages["dan"])[1] == "0 of 18 points"


def test_the_list_names_tasks_and_adds_up_their_points(pages):
    assert said(pages["cy"])[2:] == [
        "Warm-up 2 of 11", "check 1 0 of 2", "further tests 1 0 of 3", "check 2 2 of 2", "further tests 2 0 of 4",
        r"Task 2 · Of \(\mathbb{R}^{n}\) 2 of 2 so far; 5 not marked yet", "check 2 of 2",
        "written answer not marked yet (of 5)"]
    assert "Test cell" not in pages["cy"]


@pytest.mark.parametrize("name", [student.name for student in STUDENTS])
def test_anchors_lead_somewhere(pages, name):
    page = Page(pages[name])
    assert len(page.anchors) > 10
    assert set(page.anchors) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_command_tells_how_much_is_left_to_mark_and_marks_by_hand_are_shown(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    assert "The work of 2 students still has cells to be marked by hand" in feedback(copy)
    assert "The work of 1 student still" in feedback(copy, "--student", "ada", "--student", "bob")
    assert "still" not in feedback(copy, "--student", "bob")
    with gradebook.GradebookWriter(copy) as writer:
        found = writer.book.find_grade("essay", NOTEBOOK, NAME, "ada")
        found.manual_score, found.needs_manual_grade = 3.5, False
        writer.book.find_comment("essay", NOTEBOOK, NAME, "ada").manual_comment = "Nearly: $a<b$ and $c$."
        writer.book.db.commit()
    assert "still" not in feedback(copy, "--student", "ada")
    page = (copy / "feedback" / "ada" / NAME / FILE).read_text("utf-8")
    assert said(page)[1] == "16.5 of 18 points"
    assert said(page).pop() == "comment on written answer"
    assert said(page)[-4:-1] == [r"Task 2 · Of \(\mathbb{R}^{n}\) 5.5 of 7", "check 2 of 2",
                               "written answer 3.5 of 5"]
    assert r"Nearly: \(a&lt;b\) and \(c\)." in page
    assert "comment-essay" in Page(page).anchors


def test_what_lateness_costs_is_told(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    with gradebook.GradebookWriter(copy) as writer:
        submission = writer.book.find_submission(NAME, "bob")
        submission.timestamp = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=9)
        submission.notebooks[0].late_submission_penalty = 4.5
        writer.book.db.commit()
    feedback(copy, "--student", "bob")
    page = (copy / "feedback" / "bob" / NAME / FILE).read_text("utf-8")
    assert said(page)[1:3] == ["13 of 18 points", "Handed in late: 4.5 taken off, which leaves 8.5."]


@pytest.mark.parametrize(("points", "shown", "state"), [
    (Points(0, 4), "0 of 4", "none"), (Points(0.1 + 0.2, 4), "0.3 of 4", "part"), (Points(4, 4), "4 of 4", "full"),
    (Points(5, 4), "5 of 4", "full"), (Points(unmarked=1), "not marked yet (of 1)", "open"),
    (Points(0, 0), "0 of 0", "full"),
])
def test_points_in_words(points, shown, state):
    assert (str(points), points.state) == (shown, state)


def test_one_point_is_singular():
    assert Points(unmarked=1).in_words == "1 point is still to be marked by hand"
    assert Points(1, 2, 1).in_words == "1 of 2 marked so far; 1 point is still to be marked by hand"


def test_headings_are_not_taken_from_code():
    assert headings("~~~\n# a\n~~~\ntext\n#no\n###### Six\n") == [(6, "Six")]


# --- what is not shown, and not loaded -------------------------------------------------------------------------

@pytest.mark.parametrize("name", [student.name for student in STUDENTS])
def test_neither_tests_nor_schemes_are_shown_not_even_in_the_list(pages, name):
    for hidden in (SECRET, "HIDDEN", "attempt", "MARK SCHEME", "in disguise"):
        assert hidden not in pages[name], hidden


@pytest.mark.parametrize(("value", "shown"), [("2.5", ["✗ G = A"]), (None, [])])
def test_of_a_hidden_derivation_the_page_tells_which_lines_were_right(value, shown):
    outputs = [new_output("stream", name="stdout", text="✗ G = A")]
    outputs += [new_output("execute_result", data={"text/plain": value})] if value else []
    cell = new_code_cell("### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS", outputs=outputs)
    cell, _ = HideTests().preprocess_cell(cell, {}, 0)
    assert [output.text for output in cell.outputs] == shown
    assert "secret" not in cell.source


@pytest.mark.parametrize("name", [student.name for student in STUDENTS])
def test_a_page_loads_nothing(pages, name):
    page = Page(pages[name])
    assert [load for load in page.loads if not load.startswith("data:image/")] == []
    assert not page.tags & {"link", "iframe", "object", "embed", "base", "form", "video", "audio"}
    without_links = re.sub(r'<a href="https?://[^"]*"', "", pages[name])
    shown = re.sub(r"&lt;.*?&gt;", "", without_links)
    assert re.findall(r"(?:@import|url\(|https?://)[^\s]*", shown.partition("<body")[0]) == []
    assert "default-src 'none'" in pages[name]


def test_markdown_has_no_effect_but_its_own():
    for source in ("<script>alert(1)</script>", "<div onclick='x'>\n\n", "text <img src=x onerror=y>",
                   "&lt;script>", "[x](javascript:alert(1))", "![x](javascript:alert(1))", "$<script>$",
                   "$$<img src=x>$$", "![\"><script>](data:image/png;base64,\"><script>)", "`<script>`"):
        html = to_html(source)
        assert not re.search(r"<(script|div|img(?! src=\"data:image/)|iframe)", html), html
        assert 'href="javascript' not in html


def test_a_formula_keeps_its_signs_whether_or_not_marking_has_replaced_them():
    assert to_html("$a<b$ and `c&lt;d`") == to_html("$a&lt;b$ and `c<d`")
    assert r"\(a&lt;b\)" in to_html("$a<b$")


def test_only_links_to_other_sites_are_links():
    assert 'href="https://example.org"' in to_html("[a](https://example.org)")
    for url in ("javascript:alert(1)", "data:text/html,x", "../secret.ipynb", "#heading", "file:///etc/passwd"):
        assert to_html(f"[a]({url})") == "<p>a</p>\n"


def test_a_picture_of_the_notebook_is_in_the_page():
    html = to_html("![A *plot*](attachment:a.png)", {"a.png": {"image/png": "iVBORw0KGgo="}})
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="A plot">' in html


# --- in a browser ----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def browser():
    if chromium.find_program() is None:
        message = f"{chromium.MISSING}; the pages were not opened"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with chromium.chromium() as running:
        yield running


def opened(browser, path, **options):
    """Open a page; return the tab, what it asked for and was not refused, and what it complained of."""
    tab = browser.new_context(**options).new_page()
    requests, complaints = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("requestfailed", lambda request: request.failure == "csp" and requests.remove(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(path.as_uri())
    tab.wait_for_function("window.MathJax?.startup?.promise")
    tab.evaluate("MathJax.startup.promise")
    return tab, requests, complaints


@pytest.mark.parametrize("name", ["ada", "cy"])
@pytest.mark.parametrize(("width", "mode"), [(1000, "light"), (360, "dark")])
def test_alone_and_offline_it_can_be_read(browser, pages, root, tmp_path, name, width, mode):
    path = tmp_path / "moved.html"
    shutil.copy(root / "feedback" / name / NAME / FILE, path)
    tab, requests, complaints = opened(browser, path, offline=True, color_scheme=mode,
                                       viewport={"width": width, "height": 800})
    assert requests == [path.as_uri()]
    assert complaints == []
    assert tab.locator("mjx-container svg").count() >= 5
    assert tab.locator("merror, mjx-merror, [data-mjx-error]").count() == 0
    assert not re.search(r"\\\(|\\\[|\\begin|\\operatorname", tab.inner_text("main"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    cut = "[...document.querySelectorAll('pre.message, .wraps pre')].filter(e => e.scrollWidth > e.clientWidth)"
    assert tab.evaluate(f"{cut}.length") == 0
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground))) < 200) == (mode == "dark")
    tab.click("nav a >> text=written answer")
    assert tab.evaluate("document.querySelector(':target').id") == "cell-essay"
    tab.context.close()


@pytest.mark.parametrize(("width", "mode"), [(1000, "light"), (360, "dark")])
def test_it_is_accessible(browser, pages, root, width, mode):
    tab, _, _ = opened(browser, root / "feedback" / "cy" / NAME / FILE, color_scheme=mode, bypass_csp=True,
                       viewport={"width": width, "height": 800})
    found = Axe().run(tab).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    tab.context.close()


def test_every_formula_of_every_assignment_is_set(browser, pages, tmp_path):
    texts = ["".join(cell["source"]) for path in sorted((ROOT / "exercises").glob("*/*.ipynb"))
             for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "markdown"]
    body = "\n".join(map(to_html, texts))
    path = tmp_path / "formulas.html"
    path.write_text(re.sub(r"<main>.*</main>", lambda _: f"<main>{body}</main>", pages["dan"], flags=re.DOTALL),
                    "utf-8")
    tab, requests, complaints = opened(browser, path)
    assert (requests, complaints) == ([path.as_uri()], [])
    assert tab.locator("mjx-container").count() > 500
    assert tab.evaluate("[...document.querySelectorAll('[data-mjx-error]')].map(e => e.textContent)") == []
    left = tab.evaluate("[...document.querySelectorAll('main')].map(e => e.innerText).join()")
    assert re.findall(r".{0,40}(?:\\\(|\\\[|\\begin|\$\$).{0,40}", left) == []
    tab.context.close()


def test_nothing_that_a_page_holds_can_run_or_load(browser, pages, root, tmp_path):
    """As if something had slipped through: the policy of the page stops it."""
    path = tmp_path / "slipped.html"
    path.write_text(pages["bob"].replace("<main>", "<main><script>document.title = 'ran'</script>"
                                         "<img src='https://example.org/a.png' onerror=\"document.title = 'ran'\">"
                                         "<a id=x href=\"javascript:document.title = 'ran'\">x</a>"), "utf-8")
    tab, requests, complaints = opened(browser, path)
    tab.click("#x")
    assert tab.title() == "Feedback for bob: Warm-up"
    assert requests == [path.as_uri()]
    assert any("Content Security Policy" in text for text in complaints)
    tab.context.close()


# --- released --------------------------------------------------------------------------------------------------

def test_release_says_what_is_new(released, tmp_path):
    """Files that are there already are not new; that the gradebook knows the assignment is."""
    copy = tmp_path / "course"
    shutil.copytree(released, copy, ignore=shutil.ignore_patterns("gradebook.db", "grading"))
    said = [CliRunner().invoke(main, ["release", NAME, "--course", str(copy)]).output.strip() for _ in range(2)]
    assert said == [f"{NAME}: released (entered into the gradebook)", f"{NAME}: released (nothing new)"]
    due = CliRunner().invoke(main, ["release", NAME, "--course", str(copy), "--due", "2031-01-31 23:59"]).output
    assert due.strip() == f"{NAME}: released (nothing new; due 2031-01-31 23:59)"
    shutil.rmtree(copy / "exercises")
    again = CliRunner().invoke(main, ["release", NAME, "--course", str(copy)]).output
    assert again.strip() == f"{NAME}: released (data.csv, {NOTEBOOK}.ipynb; due 2031-01-31 23:59)"
    day = CliRunner().invoke(main, ["release", NAME, "--course", str(copy), "--due", "2031-01-31"]).output
    assert "due 2031-01-31 23:59" in day, "a day ends at its end"
    gone = CliRunner().invoke(main, ["release", NAME, "--course", str(copy), "--no-due"]).output
    assert gone.strip() == f"{NAME}: released (nothing new)"
    source = copy / "solutions" / NAME / f"{NOTEBOOK}.ipynb"
    source.write_text(source.read_text("utf-8").replace('"points": 5', '"points": 4'), "utf-8")
    other = CliRunner().invoke(main, ["release", NAME, "--course", str(copy)]).output
    assert "other cells or points in the gradebook" in other
