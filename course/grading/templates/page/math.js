// What is wider than the page scrolls inside itself, also for who has only a keyboard.
const letKeysScroll = () => document.querySelectorAll("pre, table, mjx-container").forEach((box) => {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
});

// MathJax stands packed in this page, so that the formulas are set without a network.
window.MathJax = {
  tex: { inlineMath: [["\\(", "\\)"]], displayMath: [["\\[", "\\]"]] },
  options: { enableMenu: false }, // the menu offers parts that are not in the page
  startup: { pageReady: () => MathJax.startup.defaultPageReady().then(letKeysScroll) },
};
document.addEventListener("DOMContentLoaded", async () => {
  const text = atob(document.getElementById("mathjax").textContent);
  const packed = new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))]);
  const program = document.createElement("script");
  program.text = await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).text();
  document.head.append(program);
});
