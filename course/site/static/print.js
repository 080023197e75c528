// Before a page is printed: light colours, all that is folded open, formulas and tables no wider than the paper.
(() => {
  "use strict";
  const PAPER = 642; // pixels of CSS: the text's width on A4 or Letter, the narrower of the two, less a little
  const TEXT = 14; // and of the letters, as in print.css: in the text
  const TABLE = 12; // and in tables
  const undo = [];

  const fontSize = (element) => parseFloat(getComputedStyle(element).fontSize);
  const left = (element) => element.getBoundingClientRect().left;
  const width = (element) => element?.getBoundingClientRect().width ?? 0;

  // What is left of the paper's width beside the indentation of an element, which shrinks with the letters.
  function room(element, scale) {
    return PAPER - (left(element) - left(element.closest(".bd-article"))) * scale;
  }

  function fitFormula(formula) {
    const text = fontSize(formula.parentElement);
    const scale = TEXT / text;
    const block = formula.closest("li, dd, blockquote, .admonition, .claim, .bd-article");
    const number = width(formula.parentElement.querySelector(":scope > .eqno")) * scale;
    const ratio = (room(block, scale) - number) / (width(formula.querySelector("mjx-math")) * scale);
    if (!(ratio < 1)) return;
    formula.style.setProperty("--print-size", `${(95 * ratio * fontSize(formula)) / text}%`);
    formula.classList.add("fitted");
    undo.push(() => formula.classList.remove("fitted"));
  }

  function fitTable(table) {
    const scale = TABLE / fontSize(table);
    const before = table.style.width;
    table.style.width = "min-content";
    const ratio = room(table, scale) / (width(table) * scale);
    table.style.width = before;
    if (!(ratio < 1)) return;
    table.style.setProperty("--print-zoom", 0.95 * ratio);
    table.classList.add("fitted");
    undo.push(() => table.classList.remove("fitted"));
  }

  window.addEventListener("beforeprint", () => {
    const { dataset } = document.documentElement;
    const { theme } = dataset;
    dataset.theme = "light";
    undo.push(() => { dataset.theme = theme; });
    document.querySelectorAll(".bd-article details:not([open])").forEach((details) => {
      details.open = true;
      undo.push(() => { details.open = false; });
    });
    document.querySelectorAll(".bd-article table").forEach(fitTable);
    const formulas = [...document.querySelectorAll(".bd-article mjx-container")];
    formulas.filter((formula) => !formula.closest("table")).forEach(fitFormula);
  });
  window.addEventListener("afterprint", () => undo.splice(0).forEach((step) => step()));
})();
