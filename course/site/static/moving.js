// Three figures that can be moved. Each takes the place of a still figure, which stays in the page for readers
// without scripts and on paper; its caption serves both. Sliders are the browser's own: keyboard, touch and screen
// reader work as everywhere else, and nothing moves by itself.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  function element(name, attributes = {}, parent = null, namespace = null) {
    const made = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    parent?.append(made);
    return made;
  }

  const shape = (name, attributes, parent) => element(name, attributes, parent, SVG);
  const path = (points, close = false) =>
    points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(4)} ${(-y).toFixed(4)}`).join("") + (close ? "Z" : "");
  const line = (points, kind, parent, close = false) => shape("path", { d: path(points, close), class: kind }, parent);
  const circle = (turn) => [Math.cos(turn), Math.sin(turn)];
  const turns = (count) => Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count);
  const said = (x, digits = 2) => (Object.is(Math.abs(x), 0) ? 0 : x).toFixed(digits).replace("-", "−");

  function arrow([x, y], kind, parent) {
    const length = Math.hypot(x, y);
    if (length < 1e-3) return;
    const head = Math.min(0.16, length / 2);
    const [u, v] = [x / length, y / length];
    line([[0, 0], [x, y]], kind, parent);
    const back = (s) => [x - head * (u + 0.5 * s * v), y - head * (v - 0.5 * s * u)];
    line([back(1), [x, y], back(-1)], kind, parent);
  }

  function word(text, [x, y], parent) {
    const at = Math.hypot(x, y) || 1;
    const made = shape("text", { x: x + (0.28 * x) / at, y: -(y + (0.24 * y) / at), "text-anchor": "middle",
      "dominant-baseline": "middle" }, parent);
    made.textContent = text;
  }

  function axes(reach, parent) {
    line([[-reach, 0], [reach, 0]], "axis", parent);
    line([[0, -reach], [0, reach]], "axis", parent);
  }

  // The unit ball of the p-norm.
  function ballPoint(turn, p) {
    const [c, s] = circle(turn);
    if (p === Infinity) {
      const largest = Math.max(Math.abs(c), Math.abs(s));
      return [c / largest, s / largest];
    }
    return [Math.sign(c) * Math.abs(c) ** (2 / p), Math.sign(s) * Math.abs(s) ** (2 / p)];
  }

  const ball = {
    reach: 1.35,
    sliders: [{ name: "p", label: "exponent p", min: 0, max: 100, step: 1, value: 75,
      // The slider is linear in 1/p, from 1/p = 3 on the left to p = ∞ on the right, and 1 and 2 are on its grid.
      read: (t) => (t >= 90 ? Infinity : 90 / (3 * (90 - t))),
      say: (p) => (p === Infinity ? "∞" : said(p)) }],
    draw({ p }, drawing) {
      axes(1.3, drawing);
      [1, 2, Infinity].forEach((q) => line(turns(240).map((turn) => ballPoint(turn, q)), "faint", drawing, true));
      line(turns(720).map((turn) => ballPoint(turn, p)), "first", drawing, true);
      line([[1, 0], [0, 1]], "dashed", drawing);
      shape("circle", { cx: 0.5, cy: -0.5, r: 0.035, class: "dot" }, drawing);
      const middle = p === Infinity ? 0.5 : 2 ** (1 / p - 1);
      const verdict = p < 1 ? "more than 1: the set is hollow, and this is no norm"
        : p === 1 ? "exactly 1: the edge of the diamond is straight" : "less than 1: the set is convex";
      return `The midpoint of (1, 0) and (0, 1), drawn as a dot, has p-norm ${said(middle)}, ${verdict}.`;
    },
  };

  // The unit circle and its image.
  function singularVectors([a, b, c, d]) {
    const turn = 0.5 * Math.atan2(2 * (a * b + c * d), a * a + c * c - b * b - d * d);
    const right = [circle(turn), circle(turn + Math.PI / 2)];
    const images = right.map(([x, y]) => [a * x + b * y, c * x + d * y]);
    return { right, images, values: images.map(([x, y]) => Math.hypot(x, y)) };
  }

  const entry = (name, place, value) => ({ name, label: `entry ${place}`, min: -2, max: 2, step: 0.1, value,
    read: Number, say: (x) => said(x, 1) });

  const ellipse = {
    reach: 3.3,
    sliders: [entry("a", "a₁₁", 1), entry("b", "a₁₂", 2), entry("c", "a₂₁", -1), entry("d", "a₂₂", 1)],
    draw({ a, b, c, d }, drawing) {
      const { right, images, values } = singularVectors([a, b, c, d]);
      axes(3.2, drawing);
      line(turns(180).map(circle), "second dashed", drawing, true);
      line(turns(180).map(circle).map(([x, y]) => [a * x + b * y, c * x + d * y]), "first", drawing, true);
      right.forEach((v, i) => { arrow(v, "second", drawing); word(`v${"₁₂"[i]}`, v, drawing); });
      images.forEach((u, i) => { arrow(u, "first", drawing); if (values[i] > 0.3) word(`σ${"₁₂"[i]}u${"₁₂"[i]}`, u, drawing); });
      const flat = values[1] < 1e-9;
      const kappa = flat ? (values[0] < 1e-9 ? "not defined: this is the zero matrix" : "∞: the ellipse is flat")
        : said(values[0] / values[1]);
      return `σ₁ = ${said(values[0])}, σ₂ = ${said(flat ? 0 : values[1])}, condition number κ = ${kappa}. ` +
        `Determinant ${said(a * d - b * c)}.`;
    },
  };

  // The quadratic form x₁² + 2t x₁x₂ + x₂², seen from the side.
  const bowl = {
    reach: 1.75,
    sliders: [
      { name: "t", label: "off-diagonal entry t", min: -2.5, max: 2.5, step: 0.1, value: 0.5, read: Number,
        say: (t) => said(t, 1) },
      { name: "view", label: "direction of view", min: 0, max: 360, step: 5, value: 30, read: Number,
        say: (degrees) => `${degrees}°` },
    ],
    draw({ t, view }, drawing) {
      const [cosine, sine] = circle((view * Math.PI) / 180);
      const form = (x, y) => x * x + 2 * t * x * y + y * y;
      const scale = 0.9 / Math.max(1 + Math.abs(t), 1);
      const seen = (x, y, z) => [cosine * x - sine * y, 0.5 * (sine * x + cosine * y) + scale * z - 0.45];
      const disc = (radius, turn) => circle(turn).map((u) => 1.3 * radius * u);
      const point = ([x, y]) => seen(x, y, form(x, y));
      [0.2, 0.4, 0.6, 0.8, 1].forEach((radius) =>
        line(turns(96).map((turn) => point(disc(radius, turn))), "mesh", drawing, true));
      turns(24).forEach((turn) =>
        line([0, 0.25, 0.5, 0.75, 1].map((radius) => point(disc(radius, turn))), "mesh", drawing));
      line(turns(96).map((turn) => point(disc(1, turn))), "first", drawing, true);
      if (Math.abs(t) >= 1) {
        const root = Math.sqrt(t * t - 1);
        new Set([-t + root, -t - root]).forEach((slope) => {
          const at = 1.3 / Math.hypot(1, slope);
          line([[-at, -at * slope], [at, at * slope]].map(point), "second", drawing);
        });
      }
      const [low, high] = [1 - Math.abs(t), 1 + Math.abs(t)];
      const kind = low > 1e-9 ? "positive definite, a bowl" : low > -1e-9 ? "positive semi-definite, a valley"
        : "indefinite, a saddle";
      return `Eigenvalues ${said(low, 1)} and ${said(high, 1)}: ${kind}.`;
    },
  };

  function slider(options, panel, update) {
    const id = `${panel.dataset.figure}-${options.name}`;
    const row = element("div", { class: "moving-row" }, panel);
    element("label", { for: id }, row).textContent = options.label;
    const { min, max, step, value } = options;
    const input = element("input", { type: "range", id, min, max, step, value }, row);
    const output = element("output", { for: id }, row);
    const show = () => {
      const spoken = options.say(options.read(Number(input.value)));
      output.textContent = spoken;
      input.setAttribute("aria-valuetext", `${options.name} = ${spoken}`);
    };
    input.addEventListener("input", () => { show(); update(); });
    show();
    return () => options.read(Number(input.value));
  }

  function move(figure, { reach, sliders, draw }) {
    const still = figure.querySelector("img");
    const panel = element("div", { class: "moving", "data-figure": figure.id });
    still.before(panel);
    still.classList.add("still");
    const frame = [-reach, -reach, 2 * reach, 2 * reach].join(" ");
    const drawing = shape("svg", { viewBox: frame, role: "img", "aria-label": still.alt }, panel);
    const readers = {};
    const words = element("p", { class: "moving-words", "aria-live": "polite" });
    const update = () => {
      drawing.replaceChildren();
      const values = Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, read()]));
      words.textContent = draw(values, drawing);
      drawing.setAttribute("aria-label", words.textContent);
    };
    sliders.forEach((options) => { readers[options.name] = slider(options, panel, update); });
    panel.append(words);
    update();
  }

  const FIGURES = { "fig-norms-balls": ball, "fig-svd-circle": ellipse, "fig-psd-bowl": bowl };
  Object.entries(FIGURES).forEach(([id, description]) => {
    const figure = document.getElementById(id);
    if (figure?.querySelector("img")) move(figure, description);
  });
})();
