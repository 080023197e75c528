"""`python -m course pdf`: the whole book as one PDF, printed by Chromium from the pages of the site.

The articles of all pages are joined in the order of the contents. In the joined document every `id` carries the
name of its page, so that a link from one chapter to another is a link inside the document, which Chromium keeps as
a link inside the PDF. The contents and the index show page numbers, which only the printed book can tell: it is
printed, its numbers are read and filled in, and it is printed again.
"""

import html
import io
import json
import mimetypes
import posixpath
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import click
import yaml

from course.browser import chromium
from course.contents import INDEX, Part
from course.contents import parts as parts_of_the_book
from course.paths import ROOT, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route
    from pypdf.generic import DictionaryObject, IndirectObject

STYLE = Path(__file__).with_suffix(".css")
SCRIPT = Path(__file__).with_suffix(".js")
PAPER_SCRIPT = Path(__file__).parent / "site" / "static" / "print.js"
_ADDRESS = "http://book.invalid/"  # no host has this name, so nothing can come from anywhere but the built folder
_TEXT_WIDTH = 658  # pixels of CSS: what pdf.css leaves of a sheet of A4
_PATIENCE = 300_000  # milliseconds
_ATTEMPTS = 4

_ARTICLE = re.compile(r'<article class="bd-article">(.*)</article>', re.DOTALL)
_HEADING = re.compile(r'<h([12])\b[^>]*>(.*?)</h\1>', re.DOTALL)
_HEADER_LINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_STYLESHEET = re.compile(r'<link\b[^>]*\brel="stylesheet"[^>]*\bhref="([^"]+)"|'
                         r'<link\b[^>]*\bhref="([^"]+)"[^>]*\brel="stylesheet"')
_MATHJAX = re.compile(r"<script>window\.MathJax = .*?</script>", re.DOTALL)
_MATHJAX_FILE = re.compile(r'<script\b[^>]*\bsrc="([^"]*/mathjax/[^"]+)"')
_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}[^)]*\)")


def place(page: str, anchor: str = "") -> str:
    """Return the `id` in the joined document of a place on a page.

    Examples
    --------
    >>> place("chapters/04-norms", "sec-norms-p"), place("index")
    ('chapters-04-norms--sec-norms-p', 'index')
    """
    name = page.replace("/", "-")
    return f"{name}--{anchor}" if anchor else name


class _Joiner(HTMLParser):
    """Copies the HTML of a page, with its addresses changed to those that hold in the joined document."""

    def __init__(self, page: str, pages: set[str], base_url: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page, self.pages, self.base_url = page, pages, base_url
        self.pieces: list[str] = []
        self.in_script = False

    def _resolve(self, address: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.page), unquote(address)))

    def _link(self, address: str) -> str | None:
        """Return where a link leads in the book, or else on the site; None if the site has no address."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return address
        target = self._resolve(parts.path) if parts.path else f"{self.page}.html"
        name = target.removesuffix(".html")
        if name in self.pages:
            return f"#{place(name, unquote(parts.fragment))}"
        return urljoin(f"{self.base_url.rstrip('/')}/", target) if self.base_url else None

    def _changed(self, tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return place(self.page, value)
        if name in ("for", "aria-labelledby", "aria-describedby"):
            return " ".join(place(self.page, word) for word in value.split())
        if name == "href" and tag == "a":
            return self._link(value)
        if name == "src" and not urlsplit(value).scheme:
            return self._resolve(value)
        # What is loaded when it comes into view would never be loaded, and `src` is enough for paper.
        return None if name in ("loading", "srcset", "sizes") else value

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Copy a start tag; what is folded on the page is open on paper."""
        self.in_script = tag == "script"
        if self.in_script:
            return
        before = {name: value or "" for name, value in attributes}
        after = {name: self._changed(tag, name, value) for name, value in before.items()}
        if tag == "details":
            after["open"] = ""
        written = [f' {name}="{html.escape(value)}"' for name, value in after.items() if value is not None]
        # As it was where nothing changes: the parser writes the names of SVG's attributes in small letters.
        self.pieces.append(self.get_starttag_text() if after == before else f"<{tag}{''.join(written)}>")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Copy an empty tag, and close it: an SVG has many."""
        self.handle_starttag(tag, attributes)
        self.pieces[-1] = self.pieces[-1].removesuffix(">").removesuffix("/") + "/>"

    def handle_endtag(self, tag: str) -> None:
        """Copy an end tag."""
        if not self.in_script:
            self.pieces.append(f"</{tag}>")
        self.in_script = False

    def handle_data(self, data: str) -> None:
        """Copy text."""
        if not self.in_script:
            self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        """Copy a character that has a name."""
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Copy a character that has a number."""
        self.pieces.append(f"&#{name};")


def joined(article: str, page: str, pages: set[str], base_url: str = "") -> str:
    """Return the HTML of a page's article as it stands in the joined document.

    Parameters
    ----------
    article : str
        The HTML.
    page : str
        The page's name, such as ``chapters/04-norms``.
    pages : set of str
        The names of all pages of the joined document.
    base_url : str
        Where the site is published, for links to what is not in the document; without it these are no links.

    Examples
    --------
    >>> link = '<a id="a" href="02-b.html#eq-1">(2.1)</a> <a href="../x.zip">x</a>'
    >>> joined(link, "chapters/01-a", {"chapters/01-a", "chapters/02-b"})
    '<a id="chapters-01-a--a" href="#chapters-02-b--eq-1">(2.1)</a> <a>x</a>'
    """
    joiner = _Joiner(page, pages, base_url)
    joiner.feed(article)
    joiner.close()
    return "".join(joiner.pieces)


def _article(site: Path, page: str) -> str:
    found = _ARTICLE.search((site / f"{page}.html").read_text("utf-8"))
    if found is None:
        raise click.ClickException(f"{page}.html has no article; build the site again: python -m course build")
    return found[1]


def _plain(title: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", title)).strip()


def _number_of(identifier: str) -> str:
    # The zeros keep the place of the number while the book is printed for the first time.
    return f'<span class="page-number" data-page-of="{identifier}">000</span>'


def _entries(page: str, article: str) -> Iterator[str]:
    """Yield the lines of the contents for one page: its title and its sections."""
    for heading in _HEADING.finditer(article):
        section = re.findall(r'<section\b[^>]*\bid="([^"]+)"', article[:heading.start()])
        identifier = section[-1] if heading[1] == "2" and section else place(page)
        title = re.sub(r"</?a\b[^>]*>", "", _HEADER_LINK.sub("", heading[2]))
        yield (f'<li class="level-{heading[1]}"><a href="#{identifier}"><span class="name">{title}</span>'
               f'<span class="leader"></span>{_number_of(identifier)}</a></li>')
        if page == INDEX:
            return  # its sections are the letters


def _table_of_contents(parts: list[Part], articles: dict[str, str]) -> Iterator[str]:
    yield '<nav class="book-contents"><h1 id="book-contents">Contents</h1>'
    for part in parts:
        if part.caption:
            yield f'<p class="part">{html.escape(part.caption)}</p>'
        yield "<ol>"
        for page in part.pages:
            yield from _entries(page, articles[page])
        yield "</ol>"
    yield "</nav>"


def _title_page(settings: dict, version: str, base_url: str) -> str:
    address = f'<p><a href="{html.escape(base_url)}">{html.escape(base_url)}</a></p>' if base_url else ""
    return (f'<header class="book-title"><img src="_static/logo.svg" alt="">'
            f'<p class="title">{html.escape(settings["title"])}</p>'
            f'<p class="subtitle">a course that checks itself</p>'
            f'<div class="edition"><p>Edition {html.escape(version)}</p>{address}'
            f"<p>Text and figures: CC BY 4.0. Code: BSD 3-Clause.</p></div></header>")


def _running_heads(articles: dict[str, str]) -> str:
    """Return the styles that put a page's title at the head of its sheets."""
    rules = []
    for page, article in articles.items():
        heading = _HEADING.search(article)
        title = json.dumps(_plain(_HEADER_LINK.sub("", heading[2])) if heading else "", ensure_ascii=False)
        name = f"sheet-{place(page)}"
        rules.append(f".{name} {{ page: {name}; }} @page {name} {{ @top-left {{ content: {title}; }} }}")
    return "\n".join(rules)


def _head(site: Path, page: str) -> Iterator[str]:
    """Yield the styles and MathJax of one page of the site, which the book shares with all."""
    text = (site / f"{page}.html").read_text("utf-8")
    for first, second in _STYLESHEET.findall(text):
        address = posixpath.normpath(posixpath.join(posixpath.dirname(page), first or second))
        yield f'<link rel="stylesheet" href="{address}">'
    yield from _MATHJAX.findall(text)
    for address in _MATHJAX_FILE.findall(text):
        address = posixpath.normpath(posixpath.join(posixpath.dirname(page), address))
        yield f'<script defer src="{address}"></script>'


def _with_page_numbers(index: str) -> str:
    """Return the index with a page number after each of its links."""
    link = re.compile(r'<a href="#([\w.-]+--[^"]+)">.*?</a>', re.DOTALL)
    return link.sub(lambda match: f"{match[0]} {_number_of(match[1])}", index)


def document(site: Path, parts: list[Part], root: Path = ROOT) -> str:
    """Return the joined document: title page, contents, and the articles of the parts' pages."""
    from labkit import __version__

    settings = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    base_url = settings["html"].get("baseurl") or ""
    names = [page for part in parts for page in part.pages]
    articles = {page: joined(_article(site, page), page, set(names), base_url) for page in names}
    if INDEX in articles:
        articles[INDEX] = _with_page_numbers(articles[INDEX])
    with_formulas = next(page for page in names if "/mathjax/" in (site / f"{page}.html").read_text("utf-8"))
    body = "\n".join(f'<article class="bd-article sheet-{place(page)}" id="{place(page)}">{article}</article>'
                     for page, article in articles.items())
    return "\n".join([
        '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">',
        f"<title>{html.escape(settings['title'])}</title>", *_head(site, with_formulas),
        *(f"<script>{path.read_text('utf-8')}</script>" for path in (PAPER_SCRIPT, SCRIPT)),
        f"<style>{STYLE.read_text('utf-8')}\n{_running_heads(articles)}</style></head><body>",
        _title_page(settings, __version__, base_url),
        '<div class="bd-main"><div class="bd-content"><div class="bd-article-container">',
        *_table_of_contents(parts, articles), body, "</div></div></div></body></html>",
    ])


def _serve(site: Path, text: str) -> "Callable[[Route], None]":
    """Return what answers the document's requests: from the built folder, and from nowhere else."""
    def answer(route: "Route") -> None:
        name = unquote(urlsplit(route.request.url).path).lstrip("/")
        file = site / name
        if name == "book.html":
            route.fulfill(body=text, content_type="text/html; charset=utf-8")
        elif route.request.url.startswith(_ADDRESS) and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(name)[0] or "")
        else:
            route.fulfill(status=404)

    return answer


def _open(tab: "Page", site: Path, text: str) -> None:
    """Load the document and wait until formulas, fonts and images are there."""
    missing: list[str] = []
    tab.on("response", lambda response: missing.append(response.url) if response.status >= 400 else None)
    tab.route("**/*", _serve(site, text))
    tab.emulate_media(media="print", color_scheme="light")
    tab.goto(f"{_ADDRESS}book.html", timeout=_PATIENCE)
    tab.evaluate("book.settle()")
    tab.wait_for_function("window.bookIsSet || window.bookFailed", timeout=_PATIENCE)
    failure = tab.evaluate("window.bookFailed")
    faults = [failure] * bool(failure) + [f"{address} was not found" for address in missing]
    tab.evaluate("book.nameFormulas()")
    tab.evaluate("book.markHeadings()")
    faults += [f"nothing is at {address}, where a link leads" for address in tab.evaluate("book.linksToNowhere()")]
    if faults:
        raise click.ClickException("the book could not be set: " + "; ".join(faults))


def page_numbers(printed: bytes) -> dict[str, int]:
    """Return the page of each place that a link in a PDF leads to, counted from 1."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(printed))
    return {name.removeprefix("/"): reader.get_destination_page_number(goal) + 1
            for name, goal in reader.named_destinations.items()}


def _outline_items(item: "IndirectObject | None") -> "Iterator[DictionaryObject]":
    """Yield the bookmarks of a PDF in their order."""
    while item is not None:
        bookmark = item.get_object()
        yield bookmark
        yield from _outline_items(bookmark.raw_get("/First") if "/First" in bookmark else None)
        item = bookmark.raw_get("/Next") if "/Next" in bookmark else None


def with_bookmarks(printed: bytes, titles: list[str]) -> bytes:
    """Return the PDF with these titles of its bookmarks.

    Chromium puts a heading's text into its bookmark once for each time that it paints the heading, which may be
    twice, and loses a space where a line ends.

    Raises
    ------
    click.ClickException
        If there are not as many bookmarks as titles.
    """
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(io.BytesIO(printed), incremental=True)
    bookmarks = list(_outline_items(writer.root_object["/Outlines"].get_object().raw_get("/First")))
    if len(bookmarks) != len(titles):
        raise click.ClickException(f"the book has {len(titles)} headings, but {len(bookmarks)} bookmarks")
    for bookmark, title in zip(bookmarks, titles, strict=True):
        bookmark[NameObject("/Title")] = TextStringObject(title)
    completed = io.BytesIO()
    writer.write(completed)
    return completed.getvalue()


def _print(tab: "Page") -> bytes:
    """Print until the page numbers that are shown are those of the printed pages."""
    shown_numbers: dict[str, int] = {}
    for _ in range(_ATTEMPTS):
        printed = tab.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
        numbers = page_numbers(printed)
        if numbers == shown_numbers:
            return printed
        shown_numbers = numbers
        tab.evaluate("numbers => book.showPageNumbers(numbers)", numbers)
    raise click.ClickException("the pages of the book change whenever their numbers are filled in")


def print_book(browser: "Browser", site: Path, parts: list[Part] | None = None, root: Path = ROOT) -> bytes:
    """Print a built site.

    Parameters
    ----------
    browser : Browser
        A running Chromium.
    site : Path
        The folder with the pages.
    parts : list of Part, optional
        What to print; by default the whole book.
    root : Path
        The checkout.

    Returns
    -------
    bytes
        The PDF. The same pages and the same Chromium give the same bytes.

    Raises
    ------
    click.ClickException
        If a file that the pages need is missing, or a link between the pages leads nowhere.
    """
    text = document(site, parts_of_the_book(root) if parts is None else parts, root)
    with browser.new_context(viewport={"width": _TEXT_WIDTH, "height": 1000}) as context:
        tab = context.new_page()
        _open(tab, site, text)
        titles = tab.evaluate("book.headings()")
        printed = _print(tab)
    # A date would make every printing differ; zeros of the same length keep all positions in the file.
    return with_bookmarks(_DATES.sub(lambda date: re.sub(rb"\d", b"0", date[0]), printed), titles)


@click.command("pdf")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=ROOT / "_build" / "book.pdf",
              show_default="_build/book.pdf", help="The file to write.")
def command(output: Path) -> None:
    """Print the whole book, as it was built last, into one PDF with Chromium."""
    build = ROOT / "_build"
    if not (build / "complete").exists():
        raise click.ClickException("there is no finished site to print; run: python -m course build")
    output.parent.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        output.write_bytes(print_book(browser, build / "html"))
    click.echo(f"The book is ready: {shown(output)}")
