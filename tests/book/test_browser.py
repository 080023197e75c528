"""Every page in a real browser: typeset, quiet, private, and readable on a phone, in light and in dark mode."""

import json
import zipfile
from pathlib import Path

import axe_playwright_python
import pytest

from course.paths import ROOT
from tests.book.pages import PAGES, all_pages

pytestmark = pytest.mark.browser

CHAPTERS = [page for page in PAGES if page.startswith("chapters/0")]

# Evaluating a promise would wait for ever if it is never kept; waiting for a mark on the window has a limit.
WATCH = """() => {
  Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]).then(() => { window.pageIsSet = true; });
}"""

# What is left of TeX in the text that a reader sees: not in code, nor in what MathJax keeps for screen readers.
RAW_TEX = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const raw = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("pre, code, script, style, mjx-container")) continue;
    if (/\$\$|\\\(|\\\[|\\begin\{/.test(node.data)) raw.push(node.data.trim().slice(0, 80));
  }
  return raw;
}"""

UNSET = """() => [...document.querySelectorAll(".bd-article .math")]
  .filter((element) => !element.querySelector("mjx-container"))
  .map((element) => element.textContent.trim().slice(0, 80))"""

HIDDEN_WITHOUT_A_KEY = """() => [...document.querySelectorAll(".bd-article *")].filter((element) => {
  const style = getComputedStyle(element);
  const scrolls = ["auto", "scroll"].includes(style.overflowX) && element.clientWidth > 0;
  return scrolls && element.scrollWidth > element.clientWidth + 1 && element.tabIndex < 0;
}).map((element) => element.outerHTML.slice(0, 120))"""


AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
VIOLATIONS = """excluded => axe.run({exclude: excluded.map(selector => [selector])}, {
    resultTypes: ["violations"], runOnly: {type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}})
  .then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.slice(0, 3).map(({html, failureSummary}) => [id, html.slice(0, 120), failureSummary])))"""


# Formulas are left to MathJax, whose own tests cover what it says aloud. Their glyphs are most of the elements,
# and axe compares all elements with each other: boxes of the same size take their places.
BOXES_FOR_FORMULAS = """() => {
  const formulas = [...document.querySelectorAll("mjx-container")];
  const sizes = formulas.map((formula) => formula.getBoundingClientRect());
  formulas.forEach((formula, i) => {
    const box = document.createElement("span");
    box.style.cssText = `display: inline-block; width: ${sizes[i].width}px; height: ${sizes[i].height}px`;
    formula.replaceWith(box);
  });
}"""

MODES = ("light", "dark")


def show_in(tab, mode):
    """Let the reader's system ask for light or for dark pages."""
    tab.emulate_media(color_scheme=mode)
    tab.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)


class Reader:
    """A tab that writes down what goes wrong while a page is read."""

    def __init__(self, browser, address, width=1280, storage=None):
        self.address = address
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        for key, value in (storage or {}).items():
            self.context.add_init_script(f"localStorage.setItem({json.dumps(key)}, {json.dumps(value)})")
        self.tab = self.context.new_page()
        self.complaints = []
        self.requests = []
        self.tab.on("console", lambda message: self._complain(message.type in ("error", "warning"), message.text))
        self.tab.on("pageerror", lambda error: self._complain(True, str(error)))
        self.tab.on("requestfailed", lambda request: self._complain(True, f"failed: {request.url}"))
        self.tab.on("response", lambda response: self._complain(response.status >= 400,
                                                                f"{response.status} {response.url}"))
        self.tab.on("request", lambda request: self.requests.append(request.url))

    def _complain(self, wrong, text):
        if wrong:
            self.complaints.append(text)

    def foreign(self):
        return [url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))]

    def open(self, page):
        self.tab.goto(self.address + page, wait_until="load")
        self.tab.evaluate(WATCH)
        self.tab.wait_for_function("window.pageIsSet", timeout=60_000)
        return self.tab

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


class EveryPage:
    """What holds for every page, at one width: each class is a scope of its own, for a worker of its own."""

    width: int

    @pytest.mark.parametrize("page", PAGES)
    def test_page_is_set_quiet_private_and_accessible(self, browser, address, page):
        with Reader(browser, address, self.width) as reader:
            tab = reader.open(page)
            assert tab.locator("mjx-merror, [data-mjx-error]").count() == 0
            assert tab.evaluate(UNSET) == []
            assert tab.evaluate(RAW_TEX) == []
            for mode in MODES:
                show_in(tab, mode)
                assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, mode
                assert tab.evaluate(HIDDEN_WITHOUT_A_KEY) == [], mode
            assert reader.foreign() == []
            assert reader.complaints == []
            tab.evaluate(AXE)
            tab.evaluate(BOXES_FOR_FORMULAS)
            # The colours of code are the same everywhere: they are judged in one chapter.
            excluded = [] if page.startswith("chapters/03") else [".highlight", "dt.sig"]
            for mode in MODES:
                show_in(tab, mode)
                assert tab.evaluate(VIOLATIONS, excluded) == [], mode


class TestWide(EveryPage):
    """On a screen."""

    width = 1280


class TestNarrow(EveryPage):
    """On a phone."""

    width = 360


def test_pages_with_source_code_are_quiet_and_private(browser, address, site):
    sources = [path.relative_to(site).as_posix() for path in all_pages(site) if "_modules" in path.parts]
    assert sources
    for page in sources:
        with Reader(browser, address, 360) as reader:
            tab = reader.open(page)
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page
            assert reader.foreign() + reader.complaints == [], page


@pytest.mark.parametrize("page", CHAPTERS)
def test_equations_use_the_sites_own_fonts_and_can_be_heard(browser, address, page):
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        fonts = tab.evaluate("[...document.fonts].filter(f => f.family.startsWith('MJX')).map(f => f.status)")
        assert "loaded" in fonts
        assert "error" not in fonts
        assert tab.locator(".bd-article mjx-container").count() == \
            tab.locator(".bd-article mjx-container mjx-assistive-mml math").count() > 0


@pytest.mark.parametrize(("settings", "part"), [
    pytest.param({"renderer": "SVG"}, "output/svg.js", id="another renderer"),
    pytest.param({"explorer": True, "speech": True}, "sre/mathmaps/en.json", id="reading aloud"),
    pytest.param({"collapsible": True}, "a11y/complexity.js", id="collapsible formulas"),
])
def test_no_setting_of_mathjax_asks_another_host(browser, address, settings, part):
    with Reader(browser, address, storage={"MathJax-Menu-Settings": json.dumps(settings)}) as reader:
        tab = reader.open("chapters/notation-and-glossary.html")
        tab.wait_for_function("url => performance.getEntriesByName(url).length > 0",
                              arg=f"{address}_static/mathjax/{part}")
        tab.wait_for_load_state("networkidle")
        assert reader.foreign() == []
        assert reader.complaints == []


def test_search_finds_words_of_chapters_and_of_the_glossary(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open("search.html?q=Hadamard")
        tab.wait_for_selector("#search-results li a")
        found = tab.eval_on_selector_all("#search-results li a", "links => links.map(link => link.href)")
        assert any("02-matrix-calculus" in link for link in found)
        assert any("notation-and-glossary" in link for link in found)
        assert reader.foreign() + reader.complaints == []


def test_the_switch_changes_between_light_and_dark(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open("index.html")
        seen = set()
        for _ in range(3):
            seen.add((tab.evaluate("document.documentElement.dataset.theme"),
                      tab.evaluate("getComputedStyle(document.body).backgroundColor")))
            tab.locator("button.theme-switch-button:visible").first.click()
        assert len(seen) == 2
        assert reader.foreign() + reader.complaints == []


def test_the_sidebar_opens_on_a_phone_and_leads_on(browser, address):
    with Reader(browser, address, 360) as reader:
        tab = reader.open("index.html")
        tab.locator("button.primary-toggle:visible").first.click()
        tab.get_by_role("link", name="For students").filter(visible=True).first.click()
        tab.wait_for_url("**/for-students.html")
        assert reader.foreign() + reader.complaints == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_button_gives_the_notebook(browser, address, page, tmp_path):
    source = (ROOT / page).with_suffix(".ipynb")
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        tab.locator(".dropdown-download-buttons > button").click()
        with tab.expect_download() as download:
            tab.locator(".btn-download-source-button:visible").first.click()
        download.value.save_as(tmp_path / "notebook.ipynb")
    assert (tmp_path / "notebook.ipynb").read_bytes() == source.read_bytes()


def test_the_link_gives_the_assignment(browser, address, tmp_path):
    with Reader(browser, address) as reader:
        tab = reader.open("chapters/for-students.html")
        links = tab.locator("a.assignment-download")
        assert links.count() > 0
        for number in range(links.count()):
            with tab.expect_download() as download:
                links.nth(number).click()
            download.value.save_as(tmp_path / "assignment.zip")
            assert any(name.endswith(".ipynb") for name in zipfile.ZipFile(tmp_path / "assignment.zip").namelist())


def test_the_check_of_accessibility_can_fail(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open("chapters/bibliography.html")
        tab.evaluate("""() => document.querySelector("main").insertAdjacentHTML("beforeend",
            '<img src="../_static/logo.svg"><p style="color: #bbb; background: #fff">pale</p>')""")
        tab.evaluate(AXE)
        assert {"image-alt", "color-contrast"} <= {rule for rule, *_ in tab.evaluate(VIOLATIONS, [])}


@pytest.mark.parametrize("page", CHAPTERS)
def test_solutions_are_folded_and_open(browser, address, page):
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        solutions = tab.locator(".solution.dropdown")
        assert solutions.count() > 0
        body = solutions.first.locator("section").first
        assert not body.is_visible()
        solutions.first.locator("button.toggle-button").first.click()
        body.wait_for(state="visible")
