"""What search engines and messengers are told: titles, descriptions, previews, the map of the site."""

import struct
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import jinja2
import pytest
import yaml
from docutils import nodes

from course.contents import parts
from course.paths import ROOT
from course.site import metadata, missing, social
from tests.book.pages import PAGES, all_pages, read_page

TITLE = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["title"]
BASE = "https://example.org/teaching/course"
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


class Head(HTMLParser):
    """The `meta` elements of a page: name or property → contents."""

    def __init__(self, text):
        super().__init__()
        self.found = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        name = values.get("name") or values.get("property")
        if tag == "meta" and name:
            self.found.setdefault(name, []).append(values["content"])


@pytest.fixture(scope="module")
def heads(site):
    return {path.relative_to(site).as_posix(): Head(path.read_text("utf-8")).found for path in all_pages(site)}


def test_every_page_has_one_description_that_a_person_can_read(heads):
    for page, head in heads.items():
        [text] = head["description"]
        assert 50 <= len(text) <= 160, (page, len(text), text)
        assert not set(text) & set("$\\{}<>"), (page, text)
        assert text[0].isupper(), (page, text)
        assert text[-1] in ".…", (page, text)
    written = [heads[page]["description"][0] for page in PAGES]
    assert len(set(written)) == len(written)


def test_descriptions_are_written_for_pages_that_exist():
    described = yaml.safe_load((ROOT / metadata.DESCRIPTIONS).read_text("utf-8"))
    assert [page for page in described if f"{page}.html" not in PAGES] == []


def test_the_preview_says_the_same_and_shows_an_image_of_the_site(heads, site):
    for page, head in heads.items():
        title = read_page(site / page).title
        assert head["og:description"] == head["description"], page
        assert head["og:title"][0] in title, page
        assert title.strip().endswith(TITLE), page
        assert head["og:site_name"] == [TITLE], page
        assert head["twitter:card"] == ["summary_large_image"], page
        assert ((site / page).parent / head["og:image"][0]).resolve() == (site / social.FILE).resolve(), page
        assert "og:url" not in head, page
        assert not [value for name, values in head.items() for value in values if urlsplit(value).netloc], page


def test_the_image_has_the_size_that_the_pages_give(heads, site):
    content = (site / social.FILE).read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">2I", content[16:24]) == (1200, 630)
    assert heads["index.html"]["og:image:width"] == ["1200"]
    assert heads["index.html"]["og:image:height"] == ["630"]
    assert len(content) < 150_000


def test_the_image_is_drawn_the_same_each_time(site, tmp_path):
    social.draw(tmp_path / "social.png", TITLE)
    assert (tmp_path / "social.png").read_bytes() == (site / social.FILE).read_bytes()


def test_the_map_names_every_page_that_one_might_look_for(site):
    addresses = [element.text for element in ElementTree.parse(site / metadata.SITEMAP).iter(LOC)]
    pages = {path.relative_to(site).as_posix() for path in all_pages(site)} - {"search.html", "404.html"}
    assert sorted(pages) == addresses


def test_with_an_address_of_the_site_everything_is_complete():
    tree = ElementTree.fromstring(metadata.sitemap(["index", "chapters/04-norms", "404"], BASE))
    assert [element.text for element in tree.iter(LOC)] == [f"{BASE}/chapters/04-norms.html", f"{BASE}/index.html"]
    config = SimpleNamespace(html_baseurl=BASE, root_doc="index", html_title="The course")
    head = Head("".join(metadata.tags("chapters/04-norms", "4. Norms", 'A "norm" & more', config))).found
    assert head["og:url"] == [f"{BASE}/chapters/04-norms.html"]
    assert head["og:image"] == [f"{BASE}/{social.FILE}"]
    assert head["description"] == ['A "norm" & more']


def test_a_page_without_a_description_shows_how_it_begins():
    document = nodes.document(None, None)
    document += nodes.paragraph("", "")
    document += nodes.paragraph("", "The gradient of ", nodes.math("", r"\nabla f"),
                                nodes.Text(" is a matrix. " * 20))
    text = metadata.description("chapters/new", {}, document)
    assert text.startswith("The gradient of is a matrix.")
    assert text.endswith(" …")
    assert 100 < len(text) <= metadata.LONGEST
    assert metadata.description("chapters/new", {"chapters/new": "As written."}, document) == "As written."


def test_the_page_for_missing_pages_leads_to_search_cover_and_chapters(site):
    text = (site / "404.html").read_text("utf-8")
    links = read_page(site / "404.html").links
    assert {"index.html", *(page for page in PAGES if page.startswith("chapters/"))} <= set(links)
    assert 'action="search.html"' in text
    assert read_page(site / "404.html").loads == []


def test_with_an_address_of_the_site_the_page_for_missing_pages_needs_no_script():
    titles = {page: nodes.title("", page) for part in parts() for page in part.pages}
    app = SimpleNamespace(env=SimpleNamespace(titles=titles), config=SimpleNamespace(html_baseurl=BASE))
    [(name, context, template)] = missing._page(app)
    loader = jinja2.Environment(loader=jinja2.FileSystemLoader(missing.TEMPLATES), autoescape=False)
    text = loader.get_template(template).render(context, language="en", docstitle="The course", metatags="")
    assert name == "404"
    assert "<script" not in text
    assert f'action="{BASE}/search.html"' in text
    assert f'href="{BASE}/chapters/04-norms.html"' in text
    assert 'href="chapters' not in text
