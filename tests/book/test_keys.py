"""The keys that the page for students lists, the focus that shows where one is, and rest for who asks for it."""

import pytest

from tests.book.reader import Reader, show_in

pytestmark = pytest.mark.browser

CHAPTER = "chapters/04-norms.html"
WIDE = ".bd-article [data-scrolls]"

UNSEEN = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element);
  const seen = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none" || style.boxShadow !== "none";
  return seen ? "" : element.outerHTML.slice(0, 120);
}"""
LONGEST_TRANSITION = """() => Math.max(...[...document.querySelectorAll("*")].flatMap((element) =>
  ["transitionDuration", "animationDuration"].flatMap((name) =>
    getComputedStyle(element)[name].split(",").map(parseFloat))))"""


def test_control_k_opens_the_search_and_escape_closes_it(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        tab.keyboard.press("Control+k")
        tab.locator("dialog#pst-search-dialog[open] input").wait_for(state="visible")
        tab.keyboard.press("Escape")
        tab.locator("dialog#pst-search-dialog").wait_for(state="hidden")
        tab.keyboard.press("Control+k")
        tab.keyboard.type("Hadamard")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/search.html?q=Hadamard*")
        assert reader.complaints == []


def test_the_arrow_keys_turn_pages(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        tab.keyboard.press("ArrowRight")
        tab.wait_for_url("**/05-conditioning.html")
        tab.keyboard.press("ArrowLeft")
        tab.wait_for_url("**/04-norms.html")


def test_the_arrow_keys_scroll_what_is_wide_and_do_not_turn_the_page_there(browser, address):
    with Reader(browser, address, 360) as reader:
        tab = reader.open(CHAPTER)
        wide = tab.locator(WIDE).filter(visible=True).first
        wide.focus()
        for _ in range(3):
            tab.keyboard.press("ArrowRight")
        tab.wait_for_function("() => document.activeElement.scrollLeft > 0")
        tab.wait_for_timeout(300)
        assert tab.url.endswith("04-norms.html")


def test_no_letter_or_sign_alone_does_anything(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        tab.evaluate("""() => {
          window.held = [];
          addEventListener("keydown", (event) => { if (event.defaultPrevented) held.push(event.key); });
        }""")
        for key in "/?abcdefghijklmnopqrstuvwxyz1234567890":
            tab.keyboard.press(key)
        assert tab.evaluate("held") == []
        assert tab.url.endswith("04-norms.html")


def test_the_first_tab_offers_to_skip_the_navigation(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        tab.keyboard.press("Tab")
        link = tab.locator("#pst-skip-link a")
        assert link.evaluate("element => element === document.activeElement")
        assert link.bounding_box()["y"] >= 0
        tab.keyboard.press("Enter")
        assert tab.url.endswith("#main-content")


def test_space_on_a_formula_opens_its_menu(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(CHAPTER)
        tab.locator(".bd-article mjx-container[tabindex='0']").first.focus()
        tab.keyboard.press("Space")
        tab.locator(".CtxtMenu_Menu").first.wait_for(state="visible")


@pytest.mark.parametrize(("page", "width", "mode"), [
    ("index.html", 1280, "dark"), ("index.html", 360, "light"), ("chapters/labkit/svd.html", 1280, "light"),
    (CHAPTER, 360, "dark"),
])
def test_the_focus_is_seen_wherever_it_goes(browser, address, page, width, mode):
    with Reader(browser, address, width) as reader:
        tab = reader.open(page)
        tab.emulate_media(color_scheme=mode, reduced_motion="reduce")
        stops, unseen = 0, []
        for _ in range(20):  # in a chapter, each takes a second or two
            tab.keyboard.press("Tab")
            found = tab.evaluate(UNSEEN)
            stops += found is not None
            unseen += [found] if found else []
        assert stops > 10
        assert unseen == []


@pytest.mark.parametrize("page", ["index.html", "chapters/04-norms.html"])
def test_nothing_moves_for_who_asks_for_rest(browser, address, page):
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        assert tab.evaluate(LONGEST_TRANSITION) >= 0.1  # or what follows would show nothing
        tab.emulate_media(reduced_motion="reduce")
        assert tab.evaluate(LONGEST_TRANSITION) < 0.001
        assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        tab.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')", timeout=5000)
        # A transition of no length is one all the same: with thousands of formulas it takes half a minute.
        tab.evaluate("() => { window.begun = 0; addEventListener('transitionrun', () => begun++, true); }")
        show_in(tab, "dark")
        tab.evaluate("() => new Promise(requestAnimationFrame)")
        assert tab.evaluate("begun") == 0
