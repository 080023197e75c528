"""The page for an address that does not exist leads back, from whatever folder the address names."""

import pytest

from tests.book.reader import Reader
from tests.book.test_every_page import AXE, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lost", ["nowhere.html", "chapters/nowhere.html", "chapters/a/b/c/nowhere"])
def test_from_any_depth_its_links_lead_into_the_site(browser, address, site, lost):
    with Reader(browser, address) as reader:
        answer = reader.tab.goto(address + lost)
        assert answer.status == 404
        reader.tab.wait_for_function("document.documentElement.dataset.site")
        links = reader.tab.eval_on_selector_all("a", "links => links.map(link => link.href)")
        assert len(links) > 15
        for link in links:
            assert link.startswith(address)
            assert (site / link.removeprefix(address)).is_file()
        reader.tab.get_by_label("Search the book").fill("Hadamard")
        reader.tab.get_by_role("button", name="Search").click()
        reader.tab.wait_for_url(f"{address}search.html?q=Hadamard")
        assert reader.foreign() == []


@pytest.mark.parametrize(("width", "mode"), [(1280, "light"), (360, "dark")])
def test_it_is_accessible_and_fits(browser, address, width, mode):
    with Reader(browser, address, width) as reader:
        reader.tab.emulate_media(color_scheme=mode)
        reader.tab.goto(address + "chapters/nowhere.html")
        reader.tab.evaluate(AXE)
        assert violations(reader.tab) == []
        assert reader.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
