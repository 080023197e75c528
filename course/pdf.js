// What the joined document does in the browser while course/pdf.py prints it.
window.book = {
  // Sets window.bookIsSet when formulas, fonts and images are there, or window.bookFailed.
  settle() {
    const pictures = [...document.images].map((image) => image.decode());
    Promise.all([window.MathJax.startup.promise, document.fonts.ready, ...pictures]).then(
      () => { window.bookIsSet = true; },
      (error) => { window.bookFailed = String(error); },
    );
  },

  // In the PDF a formula is one thing that is read aloud as its TeX. With a name for every sign of every formula the
  // book would have more parts than Chromium can tag.
  nameFormulas() {
    for (const { math, typesetRoot } of window.MathJax.startup.document.math) {
      typesetRoot.querySelector("mjx-assistive-mml")?.remove();
      typesetRoot.setAttribute("role", "img");
      typesetRoot.setAttribute("aria-label", math.trim());
    }
  },

  // A section may begin at the foot of a sheet whose heading has gone to the next: links must lead to the heading.
  markHeadings() {
    document.querySelectorAll("section[id] > :is(h1, h2, h3, h4, h5, h6)").forEach((heading) => {
      const section = heading.parentElement;
      const before = [...section.children].slice(0, [...section.children].indexOf(heading));
      heading.prepend(...before.filter((place) => place.matches("span[id]")));
      heading.id = section.id;
      section.removeAttribute("id");
    });
  },

  linksToNowhere() {
    return [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href"))
      .filter((address) => !document.getElementById(decodeURIComponent(address.slice(1))));
  },

  headings() {
    const printed = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((h) => h.checkVisibility());
    return printed.map((heading) => {
      const copy = heading.cloneNode(true);
      copy.querySelectorAll(".headerlink, mjx-math").forEach((part) => part.remove());
      return copy.textContent.trim().replace(/\s+/g, " ");
    });
  },

  showPageNumbers(numbers) {
    document.querySelectorAll("[data-page-of]").forEach((place) => {
      place.textContent = numbers[place.dataset.pageOf];
    });
  },
};
