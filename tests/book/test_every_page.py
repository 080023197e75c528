"""Every page in a real browser: typeset, quiet, private, accessible, printable, on a phone, light and dark."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.book.pages import PAGES
from tests.book.paper import back_on_screen, faults_on_paper, on_paper
from tests.book.reader import MODES, Reader, show_in

pytestmark = pytest.mark.browser

# What is left of TeX in the text that a reader sees: not in code, nor in what MathJax keeps for screen readers.
RAW_TEX = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const raw = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("pre, code, script, style, mjx-container")) continue;
    if (/\$[^$]+\$|\$\$|\\\(|\\\[|\\begin\{/.test(node.data)) raw.push(node.data.trim().slice(0, 80));
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
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
VIOLATIONS = """([excluded, runOnly]) => axe.run({exclude: excluded.map(selector => [selector])}, {
    resultTypes: ["violations"], runOnly})
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
  dispatchEvent(new Event("resize"));
  return new Promise((done) => setTimeout(done, 200));  // the page looks again at what scrolls
}"""


def violations(tab, excluded=(), rules=WCAG):
    """Return what axe finds wrong with a page as it is shown."""
    return tab.evaluate(VIOLATIONS, [list(excluded), rules])


class EveryPage:
    """What holds for every page, at one width: each class is a scope of its own, for a worker of its own.

    A page is opened once for all, because to typeset it takes most of the time.
    """

    width: int
    mode: str  # in which all is judged; only colours differ in the other
    other_mode: str
    prints = False

    @pytest.mark.parametrize("page", PAGES)
    def test_page_is_set_quiet_private_printable_and_accessible(self, browser, address, page):
        with Reader(browser, address, self.width) as reader:
            tab = reader.open(page)
            assert tab.locator("mjx-merror, [data-mjx-error]").count() == 0
            assert tab.evaluate(UNSET) == []
            assert tab.evaluate(RAW_TEX) == []
            for mode in MODES:
                show_in(tab, mode)
                assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, mode
                assert tab.evaluate(HIDDEN_WITHOUT_A_KEY) == [], mode
            if self.prints and page != "search.html":
                on_paper(tab)
                assert faults_on_paper(tab) == {}
                back_on_screen(tab, self.width)
            assert reader.foreign() == []
            assert reader.complaints == []
            tab.evaluate(AXE)
            tab.evaluate(BOXES_FOR_FORMULAS)
            tab.add_style_tag(content="* { transition: none !important; }")  # no colours between two modes
            # The colours of code are the same everywhere: they are judged in one chapter.
            excluded = [] if page.startswith("chapters/03") else [".highlight", "dt.sig"]
            show_in(tab, self.other_mode)
            assert violations(tab, excluded, COLOURS) == []
            show_in(tab, self.mode)
            assert violations(tab, excluded) == []


class TestWide(EveryPage):
    """On a screen."""

    width, mode, other_mode = 1280, "light", "dark"
    prints = True


class TestNarrow(EveryPage):
    """On a phone."""

    width, mode, other_mode = 360, "dark", "light"


def test_the_check_of_accessibility_can_fail(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open("chapters/bibliography.html")
        tab.evaluate("""() => document.querySelector("main").insertAdjacentHTML("beforeend",
            '<img src="../_static/logo.svg"><p style="color: #bbb; background: #fff">pale</p>')""")
        tab.evaluate(AXE)
        assert {"image-alt", "color-contrast"} <= {rule for rule, *_ in violations(tab)}
