"""A page in the state in which a browser prints it, and what can be wrong with it there."""

PAPER = 658  # pixels of CSS between the margins of a sheet of A4
# What reaches beyond the paper, outermost element first; what is there for screen readers alone does not count.
TOO_WIDE = """() => {
  const article = document.querySelector(".bd-article");
  const end = article.getBoundingClientRect().right + 1;
  const wide = [...article.querySelectorAll("*")].filter((element) => {
    const { right, width } = element.getBoundingClientRect();
    return width > 1 && right > end && !element.closest("mjx-assistive-mml, .visually-hidden");
  });
  return wide.filter(element => !wide.includes(element.parentElement))
    .map(element => element.outerHTML.slice(0, 160));
}"""

CUT_OFF = """() => [...document.querySelectorAll(".bd-article *")].filter((element) => {
  const { display, overflowX, overflowY } = getComputedStyle(element);
  const clips = display !== "inline" && (overflowX !== "visible" || overflowY !== "visible");
  return clips && !element.closest("mjx-container, svg, .visually-hidden, mjx-assistive-mml") &&
    (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
}).map(element => element.outerHTML.slice(0, 160))"""

# All that is folded on the screen: sections of answers, derivations, the code of figures.
STILL_FOLDED = """() => [...document.querySelectorAll(".bd-article details > :not(summary), " +
    ".bd-article .toggle > :not(.admonition-title)")]
  .filter(part => part.textContent.trim() && !part.matches("script, style"))
  .filter(part => !part.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    part.getBoundingClientRect().height < 5)
  .map(part => part.outerHTML.slice(0, 160))"""

# What Chromium cannot say to a printer it paints, as a picture with a mask, for each box and each piece of a box.
PAINTED = """() => [...document.querySelectorAll(".bd-article, .bd-article *")]
  .filter(element => [null, "::before", "::after"].some((part) => {
    const { boxShadow, textShadow, filter, maskImage } = getComputedStyle(element, part);
    return [boxShadow, textShadow, filter, maskImage].some(value => value !== "none");
  }) && element.checkVisibility())
  .map(element => element.outerHTML.slice(0, 160))"""

NOT_FOR_PAPER = ("nav", "button", "input", "header", ".bd-sidebar-primary", ".bd-sidebar-secondary", ".headerlink",
                 ".prev-next-footer", ".skip-link", ".viewcode-link", ".moving")
STILL_THERE = """selectors => selectors.flatMap(selector => [...document.querySelectorAll(selector)])
  .filter(element => element.checkVisibility() && !element.closest("#jb-print-toc"))
  .map(element => element.outerHTML.slice(0, 160))"""


def on_paper(tab):
    """Bring a page into the state in which it is printed."""
    tab.set_viewport_size({"width": PAPER, "height": 900})
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")


def back_on_screen(tab, width):
    """Bring the page back, after it was printed."""
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": width, "height": 900})


def faults_on_paper(tab):
    """Return what is wrong with a page on paper, by kind."""
    faults = {
        "wider than the paper": tab.evaluate(TOO_WIDE),
        "cut off": tab.evaluate(CUT_OFF),
        "still folded": tab.evaluate(STILL_FOLDED),
        "a shadow, painted": tab.evaluate(PAINTED),
        "for pressing": tab.evaluate(STILL_THERE, list(NOT_FOR_PAPER)),
        "in another colour than paper": [
            colour for colour in [tab.evaluate("getComputedStyle(document.body).backgroundColor")]
            if colour != "rgb(255, 255, 255)"],
    }
    return {kind: found for kind, found in faults.items() if found}
