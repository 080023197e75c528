"""What a page costs its reader: bytes, requests, the time until its formulas are set, and what moves meanwhile."""

import gzip
from typing import NamedTuple

FIRST_VIEW = 900  # the height of the window, in CSS pixels

# Layout shifts as the browser counts them, except that all are added up, so the sum bounds the usual score from
# above; and the moment at which MathJax is done. Both have to be watched from before the first byte.
WATCH = """() => {
  window.shift = 0;
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shift += entry.value;
      window.shifted.push([entry.value, ...entry.sources.map(({node}) => node?.outerHTML?.slice(0, 90))]);
    }
  }).observe({type: "layout-shift", buffered: true});
  const watch = setInterval(() => {
    const promise = window.MathJax?.startup?.promise;
    if (!promise) return;
    clearInterval(watch);
    promise.then(() => { window.mathIsSetAt = performance.now(); });
  }, 5);
}"""
SET = "() => window.mathIsSetAt || (document.readyState === 'complete' && !window.MathJax?.startup)"
# Lazy figures come when the reader does.
READ_ON = """async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await pause();
  }
  await Promise.all([...document.images].filter((image) => image.offsetParent)
    .map((image) => image.complete || image.decode().catch(() => {})));
  await pause();
}"""


class Weight(NamedTuple):
    """What was measured on one page."""

    first_bytes: int
    bytes: int
    requests: int
    typeset_ms: float | None
    shift: float
    shifted: list


def on_the_wire(body: bytes) -> int:
    """Return how many bytes a server sends that compresses what gets smaller by it."""
    return min(len(body), len(gzip.compress(body, 6, mtime=0)))


def weigh(browser, url: str, width: int = 1280, route=None) -> Weight:
    """Open a page with an empty cache, wait until its formulas are set, read to its end, and say what it took."""
    context = browser.new_context(viewport={"width": width, "height": FIRST_VIEW})
    context.add_init_script(f"({WATCH})()")
    if route is not None:
        context.route("**/*", route)
    tab = context.new_page()
    responses = []
    tab.on("response", lambda response: responses.append(response))
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(url, wait_until="load")
    tab.wait_for_function(SET, timeout=120_000)
    tab.wait_for_timeout(150)
    first = sum(on_the_wire(response.body()) for response in responses)
    tab.evaluate(READ_ON)
    total = sum(on_the_wire(response.body()) for response in responses)
    counted = [address for address in requests if not address.startswith(("data:", "blob:"))]
    measured = tab.evaluate("() => [window.mathIsSetAt ?? null, window.shift, window.shifted]")
    context.close()
    return Weight(first, total, len(counted), *measured)
