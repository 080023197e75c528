"""A tab of the browser in which a page is read."""

import json

# Evaluating a promise would wait for ever if it is never kept; waiting for a mark on the window has a limit.
WATCH = """() => {
  Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]).then(() => { window.pageIsSet = true; });
}"""

MODES = ("light", "dark")


def show_in(tab, mode):
    """Let the reader's system ask for light or for dark pages."""
    tab.emulate_media(color_scheme=mode)
    tab.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)


class Reader:
    """A tab that writes down what goes wrong while a page is read."""

    def __init__(self, browser, address, width=1280, storage=None):
        self.address = address
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        for key, value in (storage or {}).items():
            self.context.add_init_script(f"localStorage.setItem({json.dumps(key)}, {json.dumps(value)})")
        self.tab = self.context.new_page()
        self.complaints = []
        self.requests = []
        self.tab.on("console", lambda message: self._complain(message.type in ("error", "warning"), message.text))
        self.tab.on("pageerror", lambda error: self._complain(True, str(error)))
        self.tab.on("requestfailed", lambda request: self._complain(True, f"failed: {request.url}"))
        self.tab.on("response", lambda response: self._complain(response.status >= 400,
                                                                f"{response.status} {response.url}"))
        self.tab.on("request", lambda request: self.requests.append(request.url))

    def _complain(self, wrong, text):
        if wrong:
            self.complaints.append(text)

    def foreign(self):
        return [url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))]

    def open(self, page):
        self.tab.goto(self.address + page, wait_until="load")
        self.tab.evaluate(WATCH)
        self.tab.wait_for_function("window.pageIsSet", timeout=60_000)
        return self.tab

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()
