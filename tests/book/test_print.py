"""A page printed from the browser: the text alone, whole, and open, in light colours."""

import io

import pytest
from pypdf import PdfReader

from tests.book.paper import CUT_OFF, PAPER, STILL_FOLDED, STILL_THERE, TOO_WIDE, faults_on_paper, on_paper
from tests.book.reader import Reader

pytestmark = pytest.mark.browser

CHAPTER = "chapters/03-automatic-differentiation.html"

DARK = {"mode": "dark", "theme": "dark"}


def test_after_printing_the_page_is_as_before(browser, address):
    with Reader(browser, address, PAPER, DARK) as reader:
        tab = reader.open(CHAPTER)
        on_paper(tab)
        assert tab.locator(".bd-article details[open]").count() > 0
        assert faults_on_paper(tab) == {}
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
        on_paper(tab)
        assert tab.locator("mjx-container.fitted").count() == 1
        assert tab.evaluate(TOO_WIDE) == []


def test_these_checks_can_fail(browser, address):
    with Reader(browser, address, PAPER) as reader:
        tab = reader.open(CHAPTER)
        on_paper(tab)
        tab.evaluate("""() => document.querySelector(".bd-article").insertAdjacentHTML("beforeend",
            '<div style="white-space: nowrap; overflow: hidden; width: 300px">' + "m".repeat(200) + "</div>" +
            '<p style="width: 900px">wide</p><button>press</button>' +
            '<div class="toggle"><p style="opacity: 0">folded</p></div>')""")
        assert set(faults_on_paper(tab)) == {"wider than the paper", "cut off", "still folded", "for pressing"}
        assert ["<p" in element for element in tab.evaluate(TOO_WIDE)] == [True]
        assert ["mmm" in element for element in tab.evaluate(CUT_OFF)] == [True]
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
