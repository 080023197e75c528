"""The built folder, opened without any server: the pages are set, and the search works."""

import pytest

from tests.book.reader import Reader

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("page", ["index.html", "chapters/08-positive-semidefinite-matrices.html",
                                  "chapters/labkit/psd.html"])
def test_a_page_can_be_read_from_a_file(browser, site, page):
    with Reader(browser, f"{site.as_uri()}/") as reader:
        tab = reader.open(page)
        assert tab.locator(".bd-article mjx-container").count() > 0
        assert tab.locator(".bd-article span.math:not(:has(mjx-container))").count() == 0
        fonts = tab.evaluate("[...document.fonts].map(font => [font.family, font.status])")
        assert [family for family, status in fonts if status == "error"] == []
        assert any(family.startswith("MJX") and status == "loaded" for family, status in fonts)
        assert reader.foreign() == []
        assert reader.complaints == []


def test_the_search_works_from_a_file(browser, site):
    with Reader(browser, f"{site.as_uri()}/") as reader:
        tab = reader.open("search.html?q=Cholesky")
        tab.wait_for_selector("#search-results li a")
        tab.locator("#search-results li a").first.click()
        tab.wait_for_load_state("load")
        assert tab.url.startswith(site.as_uri())
        assert reader.foreign() == []
