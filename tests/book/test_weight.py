"""What a page costs: sizes and requests are counted in the built files; what moves is seen in a browser.

The limits leave a little room above what was measured; `tests/benchmarks/bench_site.py` shows the same beside a
book without any setting of ours. Nothing here depends on how fast the machine is.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sphinx.errors import ExtensionError

from course.site import assets, images, widths
from tests.book.pages import PAGES, all_pages, read_page
from tests.book.reader import Reader
from tests.book.weight import on_the_wire, weigh

KILOBYTE = 1000
TEXT_LIMIT, FIGURES_LIMIT, FRAME_LIMIT = 60 * KILOBYTE, 340 * KILOBYTE, 125 * KILOBYTE
WHOLE_LIMIT, REQUESTS_LIMIT = 1000 * KILOBYTE, 32
SHIFT_LIMIT = 0.1


def files_of(page: Path) -> dict[str, Path]:
    """Return what a page itself asks for: address → file."""
    return {load: (page.parent / unquote(urlsplit(urldefrag(load).url).path)).resolve()
            for load in read_page(page).loads if not urlsplit(load).scheme}


def wire(paths) -> int:
    return sum(on_the_wire(path.read_bytes()) for path in set(paths))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_one_style_sheet_and_few_bytes(site, name):
    files = files_of(site / name)
    styles = [path.name for path in files.values() if path.suffix == ".css"]
    scripts = sorted(path.name for path in files.values() if path.suffix == ".js")
    figures = [path for path in files.values() if path.parent.name == "_images"]
    optional = {"tex-chtml.js", assets.MOVING}
    searching = {"searchtools.js", "language_data.js", "searchindex.js"} if name == "search.html" else set()
    assert styles == [assets.STYLE]
    assert set(scripts) - optional == {assets.SCRIPT} | searching
    assert len(scripts) == len(set(scripts))
    assert wire([site / name]) <= TEXT_LIMIT
    assert wire(figures) <= FIGURES_LIMIT
    assert all(path.suffix == ".webp" for path in figures)


def test_the_frame_that_all_pages_share_is_light(site):
    static = site / "_static"
    assert wire(static / name for name in (assets.STYLE, assets.SCRIPT, assets.ICON_FONT)) <= FRAME_LIMIT


def test_the_moving_figures_script_is_where_they_are(site):
    for path in all_pages(site):
        page = read_page(path)
        loads = any(assets.MOVING in load for load in page.loads)
        assert loads == bool(page.ids & set(assets.FIGURES)), path.name
    assert set(assets.FIGURES) <= {anchor for path in all_pages(site) for anchor in read_page(path).ids}


def test_every_image_has_its_size_and_all_but_the_first_figure_wait(site):
    for path in all_pages(site):
        pictures = read_page(path).images
        assert [image for image in pictures if not (image.get("width") and image.get("height"))] == [], path.name
        figures = [image for image in pictures if "_images/" in image["src"]]
        assert [image.get("loading") for image in figures[:1]] == [None] * bool(figures)
        assert {image.get("loading") for image in figures[1:]} <= {"lazy"}
        for image in figures:
            with Image.open(files_of(path)[image["src"]]) as shown:
                assert float(image["height"]) / float(image["width"]) == pytest.approx(
                    shown.height / shown.width, rel=0.01)
                assert shown.width >= float(image["width"])


def test_a_compressed_figure_keeps_every_pixel(tmp_path):
    rng = np.random.default_rng(0)
    pixels = np.full((60, 90, 4), 255, dtype=np.uint8)
    pixels[10:40, 20:70] = rng.integers(0, 256, (30, 50, 4))
    pixels[10:40, 20:70, 3] = 255
    pixels[45:50, :, 3] = 0
    Image.fromarray(pixels, "RGBA").save(tmp_path / "figure.png", dpi=(160, 160))
    body = '<img alt="A field" src="../_images/figure.png"><img alt="Again" src="../_images/figure.png" />'
    mended = images.with_figures(body, {"figure.png": tmp_path / "figure.png"}, tmp_path / "site")
    with Image.open(tmp_path / "site" / "figure.webp") as shown:
        expected = pixels[..., :3].copy()
        expected[45:50] = 255
        assert np.array_equal(np.asarray(shown.convert("RGB")), expected)
    assert mended.count('src="../_images/figure.webp" width="54" height="36" decoding="async"') == 2
    assert mended.count('loading="lazy"') == 1


def test_an_image_that_is_no_figure_stays_as_it_is(tmp_path):
    logo = '<img src="../_static/logo.svg" alt="">'
    assert images.with_figures(logo, {}, tmp_path) == logo


def test_every_icon_on_the_pages_and_in_the_style_has_its_glyph(site):
    style = (site / "_static" / assets.STYLE).read_text("utf-8")
    with TTFont(site / "_static" / assets.ICON_FONT) as font:
        glyphs = set(font.getBestCmap())
    marks_of_companies = {0xF09B, 0xF296}  # the theme would set them beside links that the book does not have
    assert assets.code_points(style) - glyphs <= marks_of_companies
    rules = set(re.findall(r"\.fa-([\w-]+):before", style))
    shapes = {"lg", "solid", "regular", "brands"}
    used = {icon for path in all_pages(site)
            for classes in re.findall(r'class="([^"]*\bfa-[^"]*)"', path.read_text("utf-8"))
            for icon in re.findall(r"\bfa-([\w-]+)", classes)} - shapes
    assert used
    assert used <= rules


def test_a_part_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(ExtensionError, match=r"basic\.css is missing"):
        assets.bundle(tmp_path)


def test_what_the_style_names_is_there_and_nothing_unused_is_carried_along(site):
    static = site / "_static"
    named = {found for found in re.findall(r'url\(["\']?([^)"\']+)', (static / assets.STYLE).read_text("utf-8"))
             if not found.startswith(("data:", "#"))}
    assert assets.ICON_FONT in named
    assert [name for name in named if not (static / name).is_file()] == []
    assert [path.name for path in static.rglob("*.map")] == []
    assert not any((static / name).exists() for name in (*assets.STYLES, *assets.SCRIPTS, "vendor", "locales"))
    unsupported = re.compile(r'class="[^"]*(?:sd-tab-set|thebe)')  # these need what assets.UNUSED leaves out
    assert [path.name for path in all_pages(site) if unsupported.search(path.read_text("utf-8"))] == []


def test_every_formula_has_room(site):
    page = (site / "chapters" / "04-norms.html").read_text("utf-8")
    assert len(re.findall(r'<span style="--width: [\d.]+em" class="math', page)) > 100
    boxes = re.findall(r'<div class="math notranslate nohighlight"[^>]*>', page)
    assert boxes
    assert all("--height" in box for box in boxes)


@given(st.lists(st.sampled_from([
    "{", "}", "^", "_", "'", "&", "a", "+", "(", "[", "]", r"\,", r"\\", r"\frac", r"\sqrt", r"\left", r"\right",
    r"\text", r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin", r"\end", r"\unknown", "é", " "]), max_size=12))
def test_any_text_has_a_width(parts):
    assert 0 <= widths.width("".join(parts)) < 100


@pytest.mark.browser
@pytest.mark.parametrize("page", ["chapters/04-norms.html", "chapters/table-of-derivatives.html",
                                  "chapters/notation-and-glossary.html"])
def test_the_room_for_a_formula_is_as_wide_as_the_formula(browser, address, page):
    with Reader(browser, address) as reader:
        rooms = reader.open(page).evaluate("""() => [...MathJax.startup.document.math]
          .filter((item) => !item.display)
          .map((item) => {
            const place = item.typesetRoot.parentElement;
            const width = item.typesetRoot.getBoundingClientRect().width;
            return [item.math, parseFloat(place.style.getPropertyValue("--width")),
                    width / parseFloat(getComputedStyle(place).fontSize)];
        }).filter(([, , width]) => width)""")
    off = sorted((abs(room - width), tex) for tex, room, width in rooms)
    assert len(off) > 100
    assert off[len(off) // 2][0] < 0.05, off[len(off) // 2 :: 20]
    assert off[int(0.95 * len(off))][0] < 0.6, off[int(0.95 * len(off)) :]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("page", ["index.html", "chapters/02-matrix-calculus.html",
                                  "chapters/notation-and-glossary.html"])
def test_little_moves_while_a_page_loads(browser, address, page, width):
    weight = weigh(browser, address + page, width)
    assert weight.shift <= SHIFT_LIMIT, sorted(weight.shifted, reverse=True)[:3]
    assert weight.requests <= REQUESTS_LIMIT
    assert weight.bytes <= WHOLE_LIMIT
    assert weight.typeset_ms is not None


@pytest.mark.browser
def test_the_scale_sees_what_moves_and_what_is_loaded(browser, address, tmp_path):
    late = """<p id="text">Text</p><script>setTimeout(() => {
      document.body.insertAdjacentHTML("afterbegin", '<div style="height: 400px">late</div>');
      document.body.append(document.createElement("img"));
    }, 60)</script>""" + "<p>More text.</p>" * 20
    (tmp_path / "late.html").write_text(f"<!DOCTYPE html><body>{late}</body>")
    weight = weigh(browser, (tmp_path / "late.html").as_uri(), 360)
    assert weight.shift > SHIFT_LIMIT
    assert weight.requests == 1
