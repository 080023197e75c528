"""The figures that move: by keyboard, with right numbers; a still one where scripts are off, and on paper."""

import re

import numpy as np
import pytest

from tests.book.reader import Reader

pytestmark = pytest.mark.browser

MOVING = {
    "fig-norms-balls": "chapters/04-norms.html",
    "fig-svd-circle": "chapters/07-singular-value-decomposition.html",
    "fig-psd-bowl": "chapters/08-positive-semidefinite-matrices.html",
}


def words(tab, figure):
    return tab.locator(f"#{figure} .moving-words").inner_text()


def put(tab, figure, **values):
    for name, value in values.items():
        tab.locator(f"#{figure}-{name}").fill(str(value))


def number_after(text, name):
    return float(re.search(rf"{name} (−?[\d.]+\d)", text)[1].replace("−", "-"))


@pytest.mark.parametrize(("figure", "page"), MOVING.items())
def test_the_arrow_keys_move_the_figure_and_say_what_changed(browser, address, figure, page):
    with Reader(browser, address, width=360) as reader:
        tab = reader.open(page)
        slider = tab.locator(f"#{figure} input").first
        drawing = tab.locator(f"#{figure} svg")
        before, said, drawn = slider.get_attribute("aria-valuetext"), words(tab, figure), drawing.inner_html()
        slider.focus()
        for _ in range(6):
            tab.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") != before
        assert words(tab, figure) != said
        assert drawing.inner_html() != drawn
        assert drawing.get_attribute("aria-label") == words(tab, figure)
        label = tab.locator(f"#{figure} label").first
        assert label.get_attribute("for") == slider.get_attribute("id")
        assert not tab.locator(f"#{figure} img").is_visible()
        assert not reader.complaints


@pytest.mark.parametrize(("figure", "page"), MOVING.items())
def test_without_scripts_and_on_paper_the_still_figure_stands_there(browser, address, figure, page):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + page)
    assert tab.locator(f"#{figure} img").is_visible()
    assert tab.locator(".moving").count() == 0
    context.close()
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        tab.emulate_media(media="print")
        assert tab.locator(f"#{figure} img").is_visible()
        assert not tab.locator(f"#{figure} .moving").is_visible()


@pytest.mark.parametrize(("figure", "page"), MOVING.items())
def test_a_figure_moves_only_when_it_is_moved(browser, address, figure, page):
    with Reader(browser, address) as reader:
        tab = reader.open(page)
        for motion in ("no-preference", "reduce"):
            tab.emulate_media(reduced_motion=motion)
            drawing = tab.locator(f"#{figure} svg")
            drawn = drawing.inner_html()
            tab.wait_for_timeout(300)
            assert drawing.inner_html() == drawn
            assert drawing.evaluate("one => one.getAnimations({subtree: true}).length") == 0


def test_the_numbers_beside_the_ellipse_are_those_of_the_matrix(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(MOVING["fig-svd-circle"])
        for a, b, c, d in [(1, 2, -1, 1), (2, 0, 0, 0.5), (0, 1.5, -2, 0.3), (-1, 1, -1, 2), (0.5, 0, 0, -2)]:
            put(tab, "fig-svd-circle", a=a, b=b, c=c, d=d)
            said, s = words(tab, "fig-svd-circle"), np.linalg.svd([[a, b], [c, d]], compute_uv=False)
            assert number_after(said, "σ₁ =") == pytest.approx(s[0], abs=0.006)
            assert number_after(said, "σ₂ =") == pytest.approx(s[1], abs=0.006)
            assert number_after(said, "κ =") == pytest.approx(s[0] / s[1], abs=0.006)
            assert number_after(said, "Determinant") == pytest.approx(a * d - b * c, abs=0.006)
        put(tab, "fig-svd-circle", a=1, b=2, c=0.5, d=1)
        assert "κ = ∞" in words(tab, "fig-svd-circle")
        put(tab, "fig-svd-circle", a=0, b=0, c=0, d=0)
        assert "zero matrix" in words(tab, "fig-svd-circle")


def test_the_numbers_beside_the_ball_are_those_of_the_norm(browser, address):
    with Reader(browser, address) as reader:
        tab = reader.open(MOVING["fig-norms-balls"])
        for value, p in [(30, 0.5), (60, 1), (75, 2), (95, np.inf)]:
            put(tab, "fig-norms-balls", p=value)
            said = words(tab, "fig-norms-balls")
            midpoint = 0.5 if p == np.inf else (2 * 0.5**p) ** (1 / p)
            assert number_after(said, "p-norm") == pytest.approx(midpoint, abs=0.006)
            assert ("no norm" in said) == (p < 1)


@pytest.mark.parametrize(("t", "kind"), [(0, "bowl"), (0.9, "bowl"), (1, "valley"), (-1, "valley"),
                                         (1.1, "saddle"), (-2.5, "saddle")])
def test_the_form_is_named_after_its_eigenvalues(browser, address, t, kind):
    with Reader(browser, address) as reader:
        tab = reader.open(MOVING["fig-psd-bowl"])
        put(tab, "fig-psd-bowl", t=t)
        low, high = np.linalg.eigvalsh([[1, t], [t, 1]])
        said = words(tab, "fig-psd-bowl")
        assert number_after(said, "Eigenvalues") == pytest.approx(low, abs=0.06)
        assert number_after(said, "and") == pytest.approx(high, abs=0.06)
        assert kind in said
