"""The book as a PDF: a part of it is printed as `make pdf` prints the whole."""

import html
import io
import re
import unicodedata

import click
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from course import browser as browsers
from course import pdf
from course.contents import INDEX, parts
from tests.book.pages import read_page

pytestmark = pytest.mark.browser

CHAPTER = "chapters/03-automatic-differentiation"
PRINTED = ("index", CHAPTER, "chapters/for-students", "chapters/notation-and-glossary", "chapters/bibliography",
           INDEX)


def chosen(names):
    found = [pdf.Part(part.caption, [page for page in part.pages if page in names]) for part in parts()]
    return [part for part in found if part.pages]


@pytest.fixture(scope="module")
def printed(site, browser):
    """Return a part of the book, printed."""
    return PdfReader(io.BytesIO(pdf.print_book(browser, site, chosen(PRINTED))))


@pytest.fixture(scope="module")
def texts(printed):
    """Return the text of each sheet, without ligatures and with one blank between words."""
    return [" ".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in printed.pages]


def text_of(page_html):
    """Return the words of an element of a page."""
    plain = re.sub(r'<a class="headerlink".*?</a>|<[^>]+>', "", page_html, flags=re.DOTALL)
    return " ".join(html.unescape(plain).split())


def bookmarks(reader, items=None):
    for item in reader.outline if items is None else items:
        if isinstance(item, list):
            yield from bookmarks(reader, item)
        else:
            yield item.title, reader.get_destination_page_number(item)


def link_targets(reader):
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if link["/Subtype"] == "/Link":
                yield link["/Dest"].removeprefix("/") if "/Dest" in link else link["/A"]["/URI"]


def test_the_title_page_the_contents_and_all_pages_are_there(printed, texts):
    assert len(texts) > 40
    assert "Numerical Linear Algebra for Machine Learning" in texts[0]
    assert texts[1].startswith("Contents")
    assert printed.metadata.title == "Numerical Linear Algebra for Machine Learning"
    assert {tuple(map(round, page.mediabox[2:])) for page in printed.pages} <= {(595, 842), (594, 842), (595, 841)}


def test_every_chapter_is_named_on_the_cover(site, texts):
    chapters = [page for part in parts() for page in part.pages if re.match(r"chapters/\d", page)]
    assert len(chapters) >= 9
    whole = " ".join(texts)
    for page in chapters:
        title = text_of(re.search(r"<h1>(.*?)</h1>", (site / f"{page}.html").read_text("utf-8"))[1])
        assert title.partition(". ")[2] in whole


def test_every_link_leads_to_a_place_in_the_book_or_to_another_host(printed):
    places = {name.removeprefix("/") for name in printed.named_destinations}
    inside = [target for target in link_targets(printed) if "://" not in target]
    outside = {target for target in link_targets(printed) if "://" in target}
    assert len(inside) > 150
    assert set(inside) <= places
    assert {name for name in places if name.startswith(pdf.place(CHAPTER))}
    assert outside
    assert [target for target in outside if not target.startswith("https://")] == []


def test_the_contents_give_the_pages_on_which_things_are(printed, texts):
    listed = " ".join(texts[1:3])
    for title, page in bookmarks(printed):
        assert title in texts[page] or page < 3, (title, page)
    chapter = [(title, page) for title, page in bookmarks(printed) if re.match(r"3\.\d+\. ", title)]
    assert len(chapter) > 8
    for title, page in chapter:
        assert f"{title} {page + 1}" in listed


def test_bookmarks_are_the_headings(printed, site):
    titles = [title for title, _ in bookmarks(printed)]
    source = (site / f"{CHAPTER}.html").read_text("utf-8")
    article = source[source.index("<article"):source.index("</article>")]
    headings = [text_of(match[2]) for match in re.finditer(r"<h([1-6])\b.*?>(.*?)</h\1>", article, re.DOTALL)]
    first = titles.index(headings[0])
    assert titles[first:first + len(headings)] == headings


def test_equations_keep_their_numbers(printed, texts, site):
    source = (site / f"{CHAPTER}.html").read_text("utf-8")
    numbers = re.findall(r'class="eqno">(?:<a class="checked".*?</a>)?(\(3\.\d+\))', source)
    assert len(numbers) > 10
    whole = " ".join(texts)
    assert [number for number in numbers if number not in whole] == []


def test_answers_are_open_and_buttons_are_gone(texts, site):
    source = (site / f"{CHAPTER}.html").read_text("utf-8")
    answers = re.findall(r'<div class="solution dropdown.*?<p>([^<]{20,})', source, re.DOTALL)
    assert answers
    whole = " ".join(texts)
    assert [text_of(answer) for answer in answers if text_of(answer) not in whole] == []
    for word in ("Show code cell", "Hide code cell", "Print to PDF", "Back to top", "Click to show"):
        assert word not in whole


def test_the_same_pages_give_the_same_file(site, browser):
    assert pdf.print_book(browser, site, chosen(["index"])) == pdf.print_book(browser, site, chosen(["index"]))


def test_a_link_that_leads_nowhere_is_an_error(site, browser, monkeypatch):
    article = pdf._article
    monkeypatch.setattr(pdf, "_article", lambda *page: article(*page) + '<a href="#nowhere">there</a>')
    with pytest.raises(click.ClickException, match="nothing is at #index--nowhere"):
        pdf.print_book(browser, site, chosen(["index"]))


def test_an_image_that_is_missing_is_an_error(site, browser, monkeypatch):
    article = pdf._article
    monkeypatch.setattr(pdf, "_article", lambda *page: article(*page) + '<img src="_images/none.png" alt="">')
    with pytest.raises(click.ClickException, match=r"_images/none\.png was not found"):
        pdf.print_book(browser, site, chosen(["index"]))


@pytest.mark.parametrize(("build", "message"), [
    (None, "there is no finished site to print; run: python -m course build"),
    ("complete", "no Chromium was found; install one, or name its program in the environment variable CHROMIUM"),
])
def test_the_command_says_what_is_missing(monkeypatch, tmp_path, build, message):
    monkeypatch.setattr(pdf, "ROOT", tmp_path)
    monkeypatch.setattr(browsers, "find_program", lambda: None)
    if build:
        (tmp_path / "_build").mkdir()
        (tmp_path / "_build" / build).touch()
    result = CliRunner().invoke(pdf.command, ["--output", str(tmp_path / "book.pdf")])
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "book.pdf").exists()


@pytest.mark.parametrize(("base_url", "expected"), [
    ("", '<a>the notebook</a>'),
    ("https://example.org/c", '<a href="https://example.org/c/_sources/chapters/03.ipynb">the notebook</a>'),
])
def test_links_to_files_outside_the_book_need_the_address_of_the_site(base_url, expected):
    link = '<a href="../_sources/chapters/03.ipynb">the notebook</a>'
    assert pdf.joined(link, CHAPTER, set(PRINTED), base_url) == expected


@pytest.mark.parametrize(("before", "after"), [
    ('<p id="a" title="&lt;b&gt; &amp; c">x &lt; y &#8212; z</p>',
     '<p id="index--a" title="&lt;b&gt; &amp; c">x &lt; y &#8212; z</p>'),
    ('<details class="hide"><summary>s</summary></details>',
     '<details class="hide" open=""><summary>s</summary></details>'),
    ('<img src="_images/a.png" srcset="_images/b.png 2x" loading="lazy"/>', '<img src="_images/a.png"/>'),
    ('a<script>let b = "<p>";</script>c', "ac"),
    ('<a href="chapters/for-students.html">s</a>', '<a href="#chapters-for-students">s</a>'),
    ('<a href="https://example.org/?a=1&amp;b=2">e</a>', '<a href="https://example.org/?a=1&amp;b=2">e</a>'),
    ('<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>', '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>'),
])
def test_articles_are_copied_with_addresses_of_the_book(before, after):
    assert pdf.joined(before, "index", set(PRINTED)) == after


def test_the_whole_book_can_be_joined(site):
    text = pdf.document(site, parts())
    names = [page for part in parts() for page in part.pages]
    for page in names:
        assert f'id="{pdf.place(page)}"' in text
    identifiers = set(re.findall(r'\bid="([^"]+)"', text))
    linked = set(re.findall(r'<a\b[^>]*\bhref="#([^"]+)"', text))
    assert linked <= identifiers
    assert len(linked) > sum(len(read_page(site / f"{page}.html").headings) for page in names)
