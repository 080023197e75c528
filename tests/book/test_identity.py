"""One palette for figures, logo, cover and pages."""

import re

import pytest

from course.site import STATIC
from labkit.plots import PALETTE

COLOURS = {colour.lower() for colour in PALETTE.values()}
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_colours_of_the_pages_are_those_of_the_figures():
    style = (STATIC / "course.css").read_text("utf-8")
    values = re.findall(r"--course-(blue|orange): (#[0-9a-f]{6});", style)
    light, dark = dict(values[:2]), dict(values[2:])
    assert light == {"blue": PALETTE["blue"].lower(), "orange": PALETTE["orange"].lower()}
    assert dark == {"blue": PALETTE["sky"].lower(), "orange": PALETTE["yellow"].lower()}


def test_the_logo_and_the_moving_figures_have_no_colours_of_their_own():
    logo = {colour.lower() for colour in HEX.findall((STATIC / "logo.svg").read_text("utf-8"))}
    assert logo
    assert logo <= COLOURS
    assert HEX.findall((STATIC / "moving.js").read_text("utf-8")) == []


@pytest.mark.parametrize(("colour", "ground", "least"), [
    ("blue", "#ffffff", 3), ("orange", "#ffffff", 3), ("sky", "#14181e", 3), ("yellow", "#14181e", 4.5),
])
def test_lines_stand_out_from_the_ground(colour, ground, least):
    assert contrast(PALETTE[colour], ground) >= least


def test_the_contrast_is_that_of_the_definition():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
