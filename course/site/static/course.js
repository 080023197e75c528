// Whatever is wider than its box becomes a region that the keyboard can reach and scroll.
(() => {
  "use strict";
  const SCROLLERS = [
    ["div.math mjx-container", "Equation"],
    [".wide-formula", "Formula"],
    [".pst-scrollable-table-container, .table-scroll", "Table"],
    ["pre", "Code"],
    ["dt.sig", "Signature"],
    ["div.cell_output .output", "Output"],
  ];

  function noteEnd(element) {
    const atEnd = element.scrollLeft + element.clientWidth >= element.scrollWidth - 2;
    element.toggleAttribute("data-at-end", atEnd);
  }

  const OURS = ["tabindex", "role", "aria-label"];

  function unmark(element) {
    if (element.dataset.scrolls === "ours") OURS.forEach((attribute) => element.removeAttribute(attribute));
    element.removeAttribute("data-scrolls");
    element.removeAttribute("data-at-end");
  }

  function mark(element, name) {
    const overflows = element.scrollWidth > element.clientWidth + 1;
    if (overflows && !("scrolls" in element.dataset)) {
      // MathJax makes its formulas focusable and readable by itself. The theme has taken what did not scroll before
      // the formulas were set out of the order of tabs.
      element.dataset.scrolls = element.tabIndex >= 0 ? "already" : "ours";
      if (element.dataset.scrolls === "ours") {
        element.setAttribute("tabindex", "0");
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", `${name}, scrolls sideways`);
      }
      element.addEventListener("scroll", () => noteEnd(element), { passive: true });
    } else if (!overflows) {
      unmark(element);
    }
    if ("scrolls" in element.dataset) noteEnd(element);
  }

  // A formula inside a line cannot be broken by MathJax 3; one that is wider than the column gets its own scroller.
  function wrapWideFormulas() {
    document.querySelectorAll(".bd-article span.math").forEach((formula) => {
      const block = formula.closest("p, li, dd, td, div, figcaption");
      const width = formula.firstElementChild?.getBoundingClientRect().width ?? 0;
      if (!formula.classList.toggle("wide-formula", Boolean(block) && width > block.clientWidth + 1)) unmark(formula);
    });
  }

  function markAll() {
    wrapWideFormulas();
    for (const [selector, name] of SCROLLERS) {
      document.querySelectorAll(`.bd-article :is(${selector})`).forEach((element) => mark(element, name));
    }
  }

  // Equations reach their width only when MathJax has set them (while it works it stretches them to measure), and
  // every width changes with the window.
  window.addEventListener("load", async () => {
    if (!window.MathJax?.startup) document.documentElement.classList.add("plain-formulas");
    await window.MathJax?.startup?.promise;
    const article = document.querySelector(".bd-article");
    if (article) new ResizeObserver(markAll).observe(article);
  });

  // On paper there is no further down.
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("img[loading=lazy]").forEach((image) => { image.loading = "eager"; });
  });

  // The arrow keys turn pages. Where they scroll, they do that alone.
  document.body.addEventListener("keydown", (event) => {
    if (event.target.closest?.("[data-scrolls]") && event.key.startsWith("Arrow")) event.stopPropagation();
  });
})();
