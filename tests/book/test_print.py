"""A page printed from the browser: the text alone, whole, and open, in light colours."""

import io

import pytest
from pypdf import PdfReader

from tests.book.pages import PAGES
from tests.book.test_browser import Reader

pytestmark = pytest.mark.browser

PAPER = 658  # pixels of CSS between the margins of a sheet of A4
READ = [page for page in PAGES if page != "search.html"]
CHAPTER = "chapters/03-automatic-differentiation.html"

# What reaches beyond the paper, outermost element first; what is there for screen readers alone does not count.
TOO_WIDE = """() => {
  const article = document.querySelector(".bd-article");
  const end = article.getBoundingClientRect().right + 1;
  const wide = [...article.querySelectorAll("*")].filter((element) => {
    const { right, width } = element.getBoundingClientRect();
    return width > 1 && right > end && !element.closest("mjx-assistive-mml, .visually-hidden");
  });
  return wide.filter(element => !wide.includes(element.parentElement))
    .map(element => element.outerHTML.slice(0, 160));
}"""

CUT_OFF = """() => [...document.querySelectorAll(".bd-article *")].filter((element) => {
  const { display, overflowX, overflowY } = getComputedStyle(element);
  const clips = display !== "inline" && (overflowX !== "visible" || overflowY !== "visible");
  return clips && !element.closest("mjx-container, svg, .visually-hidden, mjx-assistive-mml") &&
    (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
}).map(element => element.outerHTML.slice(0, 160))"""

# All that is folded on the screen: sections of answers, derivations, the code of figures.
STILL_FOLDED = """() => [...document.querySelectorAll(".bd-article details > :not(summary), " +
    ".bd-article .toggle > :not(.admonition-title)")]
  .filter(part => part.textContent.trim() && !part.matches("script, style"))
  .filter(part => !part.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    part.getBoundingClientRect().height < 5)
  .map(part => part.outerHTML.slice(0, 160))"""

NOT_FOR_PAPER = ("nav", "button", "input", "header", ".bd-sidebar-primary", ".bd-sidebar-secondary", ".headerlink",
                 ".prev-next-footer", ".skip-link", ".viewcode-link", ".moving")
STILL_THERE = """selectors => selectors.flatMap(selector => [...document.querySelectorAll(selector)])
  .filter(element => element.checkVisibility() && !element.closest("#jb-print-toc"))
  .map(element => element.outerHTML.slice(0, 160))"""

DARK = {"mode": "dark", "theme": "dark"}


def on_paper(reader, page):
    """Open a page and bring it into the state in which it is printed."""
    tab = reader.open(page)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    return tab


@pytest.mark.parametrize("page", READ)
def test_nothing_is_wider_than_the_paper_or_folded_or_for_pressing(browser, address, page):
    with Reader(browser, address, PAPER, DARK) as reader:
        tab = on_paper(reader, page)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PAPER
        assert tab.evaluate(TOO_WIDE) == []
        assert tab.evaluate(CUT_OFF) == []
        assert tab.evaluate(STILL_FOLDED) == []
        assert tab.evaluate(STILL_THERE, list(NOT_FOR_PAPER)) == []
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.evaluate("document.documentElement.dataset.theme") == "light"


def test_after_printing_the_page_is_as_before(browser, address):
    with Reader(browser, address, PAPER, DARK) as reader:
        tab = on_paper(reader, CHAPTER)
        assert tab.locator(".bd-article details[open]").count() > 0
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
        assert tab.locator(".bd-article details[open], .bd-article .fitted").count() == 0


def test_a_formula_that_is_too_wide_becomes_smaller(browser, address):
    with Reader(browser, address, 1280) as reader:
        tab = reader.open("index.html")
        tab.evaluate("""() => {
          const place = document.createElement("div");
          place.className = "math";
          place.textContent = "\\\\[" + "a+".repeat(60) + "b\\\\]";
          document.querySelector(".bd-article").append(place);
          MathJax.typesetPromise([place]).then(() => { window.placeIsSet = true; });
        }""")
        tab.wait_for_function("window.placeIsSet")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        tab.set_viewport_size({"width": PAPER, "height": 900})
        tab.emulate_media(media="print")
        assert tab.locator("mjx-container.fitted").count() == 1
        assert tab.evaluate(TOO_WIDE) == []


def test_these_checks_can_fail(browser, address):
    with Reader(browser, address, PAPER) as reader:
        tab = on_paper(reader, CHAPTER)
        tab.evaluate("""() => document.querySelector(".bd-article").insertAdjacentHTML("beforeend",
            '<div style="white-space: nowrap; overflow: hidden; width: 300px">' + "x".repeat(200) + "</div>" +
            '<p style="width: 900px">wide</p><button>press</button>' +
            '<div class="toggle"><p style="opacity: 0">folded</p></div>')""")
        assert ["<p" in element for element in tab.evaluate(TOO_WIDE)] == [True]
        assert ["xxx" in element for element in tab.evaluate(CUT_OFF)] == [True]
        assert ["folded" in element for element in tab.evaluate(STILL_FOLDED)] == [True]
        assert ["press" in element for element in tab.evaluate(STILL_THERE, ["button"])] == [True]


def test_the_browser_prints_a_chapter_with_its_answers(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        answers = tab.locator(".solution.dropdown p").all_text_contents()
        printed = PdfReader(io.BytesIO(tab.pdf(format="A4")))
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    assert len(printed.pages) > 10
    assert len(answers) > 5
    assert text.count("Solution to") >= 5
    assert "from labkit.autodiff import" in text  # folded on the screen
    for word in ("Show code cell", "previous", "Back to top", "Click to"):
        assert word not in text
