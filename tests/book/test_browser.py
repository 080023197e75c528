"""What readers do on the pages, in a real browser: search, switch, unfold, download."""

import json
import zipfile

import pytest

from course.paths import ROOT
from tests.book.pages import PAGES, all_pages
from tests.book.reader import Reader

pytestmark = pytest.mark.browser

CHAPTERS = [page for page in PAGES if page.startswith("chapters/0")]


def test_pages_with_source_code_are_quiet_and_private(browser, address, site):
    sources = [path.relative_to(site).as_posix() for path in all_pages(site) if "_modules" in path.parts]
    assert sources
    for page in sources:
        with Reader(browser, address, 360) as reader:
            tab = reader.open(page)
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page
            assert reader.foreign() + reader.complaints == [], page


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


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_can_be_heard_downloaded_and_unfolded(browser, address, page, tmp_path):
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        fonts = tab.evaluate("[...document.fonts].filter(f => f.family.startsWith('MJX')).map(f => f.status)")
        assert "loaded" in fonts
        assert "error" not in fonts
        assert tab.locator(".bd-article mjx-container").count() == \
            tab.locator(".bd-article mjx-container mjx-assistive-mml math").count() > 0

        tab.locator(".dropdown-download-buttons > button").click()
        with tab.expect_download() as download:
            tab.locator(".btn-download-source-button:visible").first.click()
        download.value.save_as(tmp_path / "notebook.ipynb")
        assert (tmp_path / "notebook.ipynb").read_bytes() == (ROOT / page).with_suffix(".ipynb").read_bytes()

        solutions = tab.locator(".solution.dropdown")
        assert solutions.count() > 0
        body = solutions.first.locator("section").first
        assert not body.is_visible()
        solutions.first.locator("button.toggle-button").first.click()
        body.wait_for(state="visible")
