"""The built files, without a browser: links, texts for images, and nothing from another host."""

import re
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from course.paths import ROOT
from course.site import mathjax
from tests.book.pages import PAGES, all_pages, read_page

CDN = re.compile(rb"https?://[\w.-]*(?:cdn|unpkg|jsdelivr|googleapis|gstatic|cloudflare|mybinder)[\w./-]*")


def broken_links(path, site):
    for link in read_page(path).links:
        if urlsplit(link).scheme or link == "#":
            continue
        address, anchor = urldefrag(link)
        target = (path.parent / unquote(address)).resolve() if address else path
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file() or not target.is_relative_to(site.resolve()):
            yield f"{link}: there is no such file"
        elif anchor and target.suffix == ".html" and unquote(anchor) not in read_page(target).ids:
            yield f"{link}: the page has no such place"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_contents_is_built(site, name):
    assert (site / name).is_file()


def test_every_link_leads_somewhere(site):
    broken = {path.relative_to(site).as_posix(): list(broken_links(path, site)) for path in all_pages(site)}
    assert {page: links for page, links in broken.items() if links} == {}


def test_every_page_is_reached_from_the_cover(site):
    seen, waiting = set(), [site / "index.html"]
    while waiting:
        path = waiting.pop().resolve()
        if path in seen or path.suffix != ".html" or not path.is_file():
            continue
        seen.add(path)
        waiting += [path.parent / unquote(urldefrag(link).url) for link in read_page(path).links
                    if not urlsplit(link).scheme and urldefrag(link).url]
    not_read = {(site / name).resolve() for name in ("search.html", "404.html", "_modules/index.html")}
    assert {path.resolve() for path in all_pages(site)} - seen - not_read == set()


def test_every_image_says_what_one_should_see(site):
    # Sphinx writes an image's own address where no text was given; the logo stands beside the title that says it.
    silent = [
        (path.relative_to(site).as_posix(), image.get("src"), image.get("alt"))
        for path in all_pages(site)
        for image in read_page(path).images
        if "logo__image" not in image.get("class", "") and len(image.get("alt", "").split()) < 3
    ]
    assert silent == []


def test_no_page_loads_anything_from_another_host(site):
    foreign = [(path.relative_to(site).as_posix(), load) for path in all_pages(site)
               for load in read_page(path).loads
               if urlsplit(load).netloc or urlsplit(load).scheme not in ("", "data")]
    assert foreign == []


def test_no_page_script_or_style_names_a_content_delivery_network(site):
    # MathJax names one that it would use without a path of its own; the browser's test sees that it does not.
    named = {
        path.relative_to(site).as_posix(): sorted(set(CDN.findall(path.read_bytes())))
        for path in site.rglob("*")
        if path.suffix in {".html", ".js", ".css"} and "mathjax" not in path.parts
        and CDN.search(path.read_bytes())
    }
    assert named == {}


def test_titles_are_distinct_and_the_language_is_given(site):
    pages = [read_page(path) for path in all_pages(site)]
    assert {page.language for page in pages} == {"en"}
    titles = Counter(page.title.strip() for page in pages)
    assert "" not in titles
    assert [title for title, count in titles.items() if count > 1] == []


def test_headings_descend_one_step_at_a_time(site):
    for name in PAGES:
        levels = [level for level in read_page(site / name).headings if level]
        assert levels, name
        steps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        assert steps == [], name


def test_equations_are_numbered_by_chapter(site):
    text = (site / "chapters" / "02-matrix-calculus.html").read_text("utf-8")
    numbers = re.findall(r'<span class="eqno">(?:<a class="checked".*?</a>)?\((\d+)\.(\d+)\)', text)
    assert numbers[:3] == [("2", "1"), ("2", "2"), ("2", "3")]
    assert [int(second) for _, second in numbers] == list(range(1, len(numbers) + 1))


def test_mathjax_comes_with_the_site_and_is_found_from_nested_pages(site):
    loads = read_page(site / "chapters" / "02-matrix-calculus.html").loads
    scripts = [load.partition("?")[0] for load in loads if mathjax.ENTRY in load]
    assert scripts == [f"../_static/{mathjax.ENTRY}"]
    fonts = Path("output") / "chtml" / "fonts" / "woff-v2"
    wheel = {path.name: path.read_bytes() for path in (mathjax.source() / fonts).glob("*.woff")}
    assert wheel
    assert {path.name: path.read_bytes() for path in (site / "_static" / "mathjax" / fonts).iterdir()} == wheel


def test_the_notebook_behind_a_chapter_is_part_of_the_site(site):
    source = ROOT / "chapters" / "02-matrix-calculus.ipynb"
    assert (site / "_sources" / "chapters" / source.name).read_bytes() == source.read_bytes()


def test_an_assignment_is_handed_out_with_all_it_needs(site):
    folders = sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir())
    assert sorted(path.stem for path in (site / "assignments").glob("*.zip")) == folders
    for name in folders:
        with zipfile.ZipFile(site / "assignments" / f"{name}.zip") as archive:
            members = set(archive.namelist())
            assert archive.testzip() is None
        released = {f"{name}/{path.relative_to(ROOT / 'exercises' / name).as_posix()}"
                    for path in (ROOT / "exercises" / name).rglob("*")
                    if path.is_file() and ".ipynb_checkpoints" not in path.parts}
        assert released <= members
        assert {f"{name}/requirements.txt", f"{name}/README.txt", f"{name}/labkit/__init__.py"} <= members


def test_each_numbered_equation_and_theorem_has_its_mark(site):
    numbered = re.compile(r'href="#equation-(eq-[\w-]+)"|<div class="proof \w+ admonition" id="(thm-[\w-]+)"')
    marked = re.compile(r'class="checked" href="ledger\.html#claim-([\w-]+)"[^>]*><span[^>]*>✓</span>'
                        r'<span class="visually-hidden">checked numerically</span>')
    for path in sorted((site / "chapters").glob("[0-9]*.html")):
        text = path.read_text("utf-8")
        labels = ["".join(pair) for pair in numbered.findall(text)]
        assert labels
        assert sorted(set(labels)) == sorted(marked.findall(text)), path.name
        assert {f"claim-{label}" for label in labels} <= read_page(site / "chapters" / "ledger.html").ids
