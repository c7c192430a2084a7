// Made by scripts/bundle_widgets.py; sha256 of aligner.js, answers.js, controls.js, elements.js, explorer.js, faces.js, kernel.js, photograph.js, pixels.js, regions.js, sharing.js: 5148464e6628294717bcc9451fa030116113d7703b16f66f3050835af8b62943
// elements.js
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}
function label(text, control) {
  return make("label", {}, make("span", {}, text), control);
}
function button(text, onclick, properties = {}) {
  return make("button", { type: "button", onclick, ...properties }, text);
}
function view(text) {
  const canvas = make("canvas", { role: "img", "aria-label": text, width: 64, height: 64 });
  const caption = make("p", {}, text);
  return { canvas, caption, figure: make("div", { className: "fx-view" }, canvas, caption) };
}
function sides(logit, choice) {
  return isTurned(logit, choice) ? "against (warm) and for (cold)" : "for (warm) and against (cold)";
}
function isTurned(logit, { start, against: against2 }) {
  return logit < 0 && start !== "logit" && against2 === "none";
}
function range(text, [min, max, step], write, tell) {
  const input = make("input", { type: "range", min, max, step, "aria-label": text });
  const shown = make("output");
  const show = (value) => {
    shown.textContent = write(value);
    input.setAttribute("aria-valuetext", shown.textContent);
    if (Number(input.value) !== value) input.value = value;
  };
  input.oninput = () => tell(Number(input.value));
  return { input, show, root: make("label", { className: "fx-slider" }, make("span", {}, text, " ", shown), input) };
}
function offer(select, options, chosen) {
  const texts = options.map(([, text]) => text);
  if (select.options.length !== texts.length || texts.some((text, i) => select.options[i].text !== text)) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen ?? "";
}
function number(value) {
  return value === "" ? null : Number(value);
}

// answers.js
var SHOWN = 3;
function nameOf(about, place) {
  const name = about.classes[place];
  return about.names?.[name] ?? name;
}
function answer(title, probabilities, about, target, truth, portrait) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const shown = order.slice(0, SHOWN);
  if (!shown.includes(target)) shown[shown.length - 1] = target;
  const rows = shown.map((i) => {
    const percent3 = Math.round(100 * probabilities[i]);
    const bar = make("span", { className: "fx-bar" }, make("span"));
    bar.firstChild.style.width = `${100 * probabilities[i]}%`;
    const name = make("span", { className: "fx-name" }, ...[portrait(i), nameOf(about, i)].filter(Boolean));
    return make("li", { className: i === target ? "fx-target" : "" }, name, bar, `${percent3}%`);
  });
  const head = make("p", {}, `${title}: `, make("strong", {}, nameOf(about, order[0])));
  const found = make("div", { className: "fx-answer" }, head, make("ol", {}, ...rows));
  if (truth !== null) {
    const right = order[0] === truth;
    found.dataset.mark = right ? "right" : "wrong";
    head.append(make("span", { className: "fx-mark" }, right ? " ✓ right" : " ✗ wrong"));
  }
  return found;
}
function truthOf(about, truth, isPhotograph) {
  if (isPhotograph) return "A photograph: which answer is right is not known.";
  if (truth !== null) return `Truth: ${nameOf(about, truth)}`;
  return "A stranger: the network can only answer with one of the people that it has learned.";
}

// pixels.js
var WARM = [213, 62, 30];
var COLD = [33, 102, 192];
var BOTH = [20, 20, 20];
var UNCHANGED = { size: 1, rotation: 0, right: 0, down: 0, blur: 0 };
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value);
}
function planes(bytes, side, channels) {
  const area = side * side;
  const image = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) image[c * area + i] = bytes[i * channels + c];
  return image;
}
function greyPlanes(canvas, side) {
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const times = width / side;
  const area = side * side;
  const image = new Float32Array(3 * area);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const from = 4 * (y * width + x);
      const grey = 0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2];
      image[Math.floor(y / times) * side + Math.floor(x / times)] += grey / (times * times);
    }
  }
  for (let i = 0; i < area; i++) {
    image[i] = Math.round(image[i]);
    image[area + i] = image[2 * area + i] = image[i];
  }
  return image;
}
function transform(image, side, { size, rotation, right, down, blur }) {
  const area = side * side;
  const result = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++) {
    let plane = image.slice(c * area, (c + 1) * area);
    const ground = background(plane, side);
    plane = plane.map((value) => value - ground);
    if (size !== 1) plane = byAxis(plane, side, scaling(side, size));
    if (rotation) plane = turned(plane, side, rotation);
    if (right || down) plane = moved(plane, side, roundEven(right * side), roundEven(down * side));
    if (blur) plane = byAxis(plane, side, smoothing(side, blur * side));
    result.set(plane.map((value) => value + ground), c * area);
  }
  return result;
}
function background(plane, side) {
  const edge = [];
  for (let i = 0; i < side; i++) {
    edge.push(plane[i], plane[(side - 1) * side + i]);
    if (i > 0 && i < side - 1) edge.push(plane[i * side], plane[i * side + side - 1]);
  }
  edge.sort((a, b) => a - b);
  return edge[edge.length - 1 >> 1];
}
function byAxis(plane, side, matrix) {
  const down = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let k = 0; k < side; k++) {
      const weight = matrix[y][k];
      if (weight) for (let x = 0; x < side; x++) down[y * side + x] += weight * plane[k * side + x];
    }
  }
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let k = 0; k < side; k++) sum += matrix[x][k] * down[y * side + k];
      result[y * side + x] = sum;
    }
  }
  return result;
}
function resampling(from, to) {
  const step = from / to;
  const reach = Math.max(step, 1);
  return Array.from({ length: to }, (_, i) => {
    const row = new Float64Array(from);
    const centre = step * (i + 0.5);
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(from, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let j = first; j < last; j++) sum += row[j] = Math.max(0, 1 - Math.abs(j - centre + 0.5) / reach);
    return row.map((value) => value / sum);
  });
}
function scaling(side, factor) {
  const scaled = Math.max(2 - side % 2, side + 2 * roundEven(side * (factor - 1) / 2));
  const rows = resampling(side, scaled);
  if (scaled >= side) return rows.slice((scaled - side) / 2, (scaled - side) / 2 + side);
  const border = Array.from({ length: (side - scaled) / 2 }, () => new Float64Array(side));
  return [...border, ...rows, ...border];
}
function smoothing(side, deviation) {
  const reach = Math.trunc(4 * deviation + 0.5);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / deviation) ** 2) / 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return Array.from(
    { length: side },
    (_, y) => Float64Array.from({ length: side }, (_2, x) => Math.abs(x - y) <= reach ? kernel[x - y + reach] / sum : 0)
  );
}
function turned(plane, side, degrees) {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f(degrees * Math.PI / 180));
  const middle = (side - 1) / 2;
  const at = (x, y) => x < 0 || y < 0 || x >= side || y >= side ? 0 : plane[y * side + x];
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const fromX = middle + cos * (x - middle) + sin * (y - middle);
      const fromY = middle - sin * (x - middle) + cos * (y - middle);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [u, v] = [fromX - left, fromY - top];
      result[y * side + x] = (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) + v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
    }
  }
  return result;
}
function moved(plane, side, right, down) {
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [fromX, fromY] = [x - right, y - down];
      if (fromX >= 0 && fromX < side && fromY >= 0 && fromY < side) result[y * side + x] = plane[fromY * side + fromX];
    }
  }
  return result;
}
function origin(x, y, side, { size, rotation, right, down }) {
  const middle = (side - 1) / 2;
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f(rotation * Math.PI / 180));
  const [u, v] = [x - roundEven(right * side) - middle, y - roundEven(down * side) - middle];
  const scaled = side + 2 * roundEven(side * (size - 1) / 2);
  const [column, row] = [cos * u + sin * v, cos * v - sin * u].map((part) => Math.round(part * side / scaled + middle));
  return column < 0 || row < 0 || column >= side || row >= side ? null : row * side + column;
}
function standardised(image, side, { level, contrast, oval }) {
  const area = side * side;
  const cover = Float64Array.from({ length: area }, (_, i) => oval ? inside(oval, i % side + 0.5, Math.floor(i / side) + 0.5, side) : 1);
  const places = Array.from(cover.keys()).filter((i) => cover[i] > 0);
  const clipped = (i) => Math.max(0, Math.min(255, level + gain * (image[i] - centre)));
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  let gain = 1;
  let centre = mean(places.map((i) => image[i] * cover[i])) / mean(places.map((i) => cover[i]));
  for (let k = 0; k < 8; k++) {
    const change = places.map((i) => cover[i] * (clipped(i) - level));
    const shift = mean(change);
    const spread = Math.sqrt(mean(change.map((value) => (value - shift) ** 2)));
    centre += shift / gain;
    gain *= contrast / Math.max(spread, 1e-3);
  }
  const result = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    const value = Math.round(level + cover[i] * (clipped(i) - level));
    result[i] = result[area + i] = result[2 * area + i] = Math.max(0, Math.min(255, value));
  }
  return result;
}
function inside([x, y, width, height], column, row, side) {
  const distance = Math.hypot((column / side - x) / width, (row / side - y) / height);
  return Math.max(0, Math.min(1, (1 - distance) * Math.min(width, height) * side / 2 + 0.5));
}
function ranks(map) {
  const found = new Int32Array(map.length);
  Array.from(map.keys()).sort((a, b) => map[b] - map[a] || a - b).forEach((place, rank) => found[place] = rank);
  return found;
}
function kept(ranked, fraction, order) {
  const count = roundEven(fraction * ranked.length);
  const most = order === "most";
  return Uint8Array.from(ranked, (rank) => most ? rank < count : rank >= ranked.length - count);
}
function roundEven(value) {
  const below = Math.floor(value);
  if (value - below === 0.5) return below + (below % 2 ? 1 : 0);
  return Math.round(value);
}
function masked(image, mask) {
  const area = mask.length;
  const result = image.slice();
  for (let c = 0; c < 3; c++) {
    let mean = 0;
    for (let i = 0; i < area; i++) mean += image[c * area + i] / area;
    for (let i = 0; i < area; i++) if (!mask[i]) result[c * area + i] = mean;
  }
  return result;
}
function difference(one, other) {
  const [a, b] = [one, other].map(scale);
  return one.map((value, i) => value / a - other[i] / b);
}
function scale(map) {
  const sorted = Float32Array.from(map, Math.abs).sort();
  return sorted[Math.round(0.995 * (sorted.length - 1))] || 1;
}
function drawMasks(canvas, image, side, one, other) {
  draw(canvas, image, side, (i, rgb) => {
    const pale = rgb.map((value) => value * 0.35 + 150);
    const ink = one[i] && other[i] ? BOTH : one[i] ? WARM : other[i] ? COLD : null;
    return ink ? pale.map((value, c) => value * 0.3 + ink[c] * 0.7) : pale;
  });
}
function overlap(one, other) {
  let [both, either] = [0, 0];
  for (let i = 0; i < one.length; i++) {
    both += one[i] & other[i];
    either += one[i] | other[i];
  }
  return either ? both / either : 1;
}
function draw(canvas, image, side, colour = (i, rgb) => rgb) {
  canvas.width = canvas.height = side;
  const area = side * side;
  const pixels = new ImageData(side, side);
  for (let i = 0; i < area; i++) {
    const rgb = colour(i, [image[i], image[area + i], image[2 * area + i]]);
    pixels.data.set([...rgb, 255], 4 * i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
function drawRelevance(canvas, image, side, map) {
  const top = scale(map);
  draw(canvas, image, side, (i, rgb) => {
    const level = Math.max(-1, Math.min(1, map[i] / top));
    const opacity = 0.85 * Math.abs(level) ** 0.7;
    const grey = (rgb[0] + rgb[1] + rgb[2]) / 3 * 0.55 + 90;
    return (level > 0 ? WARM : COLD).map((ink) => grey * (1 - opacity) + ink * opacity);
  });
}
function softmax(logits) {
  const top = Math.max(...logits);
  const parts = Array.from(logits, (value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((value) => value / sum);
}

// controls.js
var CONTRASTS = Object.entries({ none: "no other class", softmax: "the others", "runner-up": "the strongest other" });
var EXPLAINED = Object.entries({ own: "its own answer", same: "the same class" });
var percent = (value) => `${Math.round(100 * value)}%`;
var SLIDERS = [
  ["rotation", "Rotation", [-60, 60, 1], (v) => `${Math.round(v)}°`],
  ["size", "Size", [0.375, 1.25, 0.03125], percent],
  ["right", "Shift right", [-0.375, 0.375, 0.03125], percent],
  ["down", "Shift down", [-0.375, 0.375, 0.03125], percent],
  ["blur", "Blur", [0, 0.0625, 390625e-8], (v) => `${(100 * v).toFixed(1)}%`]
];
function keeping(explorer) {
  const group2 = `fx-order-${Math.random()}`;
  explorer.orders = ["most", "least"].map((order) => {
    const radio = make("input", { type: "radio", name: group2, value: order });
    radio.onchange = () => explorer.choose({ order });
    return radio;
  });
  explorer.player = button("Play", () => explorer.play(), { title: "Let the share go up and down" });
  explorer.share = range("Keep this share of the pixels", [0, 1, 0.01], percent, (fraction) => {
    if (explorer.playing) explorer.play();
    explorer.choose({ fraction });
  });
  explorer.share.input.className = "fx-fraction";
  const orders = explorer.orders.map((radio) => make("label", {}, radio, ` the ${radio.value} relevant`));
  const sides2 = make("div", { className: "fx-orders", role: "radiogroup", "aria-label": "Which pixels are kept" }, ...orders);
  return make("div", { className: "fx-keep" }, explorer.player, explorer.share.root, sides2);
}
function changing(explorer) {
  explorer.sliders = SLIDERS.map(([name, text, bounds, write]) => {
    const slider = range(text, bounds, write, (value) => explorer.choose({ [name]: value }));
    slider.input.dataset.change = name;
    return { name, ...slider };
  });
  const reset = button("Undo all", () => explorer.choose(UNCHANGED));
  const sliders = explorer.sliders.map((each) => each.root);
  return make("div", { className: "fx-sliders", role: "group", "aria-label": "Change the face" }, ...sliders, reset);
}
function choosing(explorer, pair) {
  const row = make("div", { className: "fx-menus" });
  explorer.network = networks(explorer, "Network");
  explorer.network.onchange = () => explorer.chooseNetwork(explorer.network.selectedIndex);
  row.append(label("Network", explorer.network));
  if (explorer.parts.has("compare")) {
    explorer.other = networks(explorer, "Compare with", !pair && "no other network");
    explorer.other.onchange = () => explorer.choose({ other: number(explorer.other.value) });
    explorer.explains = make("select", { "aria-label": "The other network explains" });
    explorer.explains.onchange = () => explorer.choose({ explains: explorer.explains.value });
    offer(explorer.explains, EXPLAINED, explorer.choice.explains);
    explorer.explaining = label("The other network explains", explorer.explains);
    row.append(label("Compare with", explorer.other), explorer.explaining);
  }
  explorer.target = make("select", { "aria-label": "Explained class" });
  explorer.target.onchange = () => explorer.choose({ target: number(explorer.target.value) });
  row.append(label("Explained class", explorer.target));
  return row;
}
function detailing(explorer) {
  explorer.rules = make("select", { "aria-label": "Rules" });
  explorer.rules.onchange = () => explorer.choose({ composite: explorer.rules.value });
  explorer.ruling = label("Rules", explorer.rules);
  explorer.described = make("p", { className: "fx-described" });
  const row = make("div", { className: "fx-menus" }, explorer.ruling);
  if (explorer.parts.has("contrast")) {
    explorer.against = make("select", { "aria-label": "Against" });
    explorer.against.onchange = () => explorer.choose({ against: explorer.against.value });
    offer(explorer.against, CONTRASTS, explorer.choice.against);
    row.append(label("Against", explorer.against));
  }
  row.append(explorer.described);
  const open = !explorer.parts.has("link");
  explorer.details = make("details", { className: "fx-rules", open }, make("summary", {}, "Rules of the relevance map"), row);
  return explorer.details;
}
function taking(explorer) {
  const row = make("div", { className: "fx-row" }, ...explorer.photograph?.controls ?? []);
  row.append(button("Download the picture", () => explorer.save()));
  if (explorer.parts.has("link")) row.append(button("Copy a link to this", () => explorer.link()));
  return row;
}
function networks(explorer, text, none) {
  const options = explorer.source.index.networks.map((each, i) => make("option", { value: i }, each.label));
  if (none) options.unshift(make("option", { value: "" }, none));
  return make("select", { "aria-label": text }, ...options);
}

// faces.js
var STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
var Faces = class {
  /** `choose` is called with the index of a face. */
  constructor({ faces, index }, choose) {
    const { size, labels } = index.faces;
    this.about = index.faces;
    this.root = make("div", { className: "fx-faces", role: "radiogroup", "aria-label": "Face" });
    this.buttons = labels.map((text, image) => {
      const canvas = make("canvas");
      draw(canvas, faces[image], size);
      const onclick = () => choose(image);
      return make("button", { type: "button", title: text, role: "radio", "aria-label": text, onclick }, canvas);
    });
    this.root.addEventListener("keydown", (event) => {
      const shown = [...this.root.querySelectorAll("button")];
      const at = shown.indexOf(event.target);
      const ends = { Home: 0, End: shown.length - 1 };
      const next = ends[event.key] ?? (at + (STEPS[event.key] ?? 0) + shown.length) % shown.length;
      if (at < 0 || next === at) return;
      event.preventDefault();
      shown[next].focus();
      shown[next].click();
    });
  }
  /** The place of a face's true class among a network's classes; null if it is none of them, or is not known. */
  truth(image, { task, classes }) {
    const place = classes.indexOf(this.about.truths?.[task]?.[image]);
    return place < 0 ? null : place;
  }
  /** Whether the truth is known for a network, so that a face of none of its classes is a stranger. */
  known({ task }) {
    return Boolean(this.about.truths?.[task]);
  }
  /** Order the faces for a network, and mark the chosen one. */
  show(chosen, about) {
    const own = this.buttons.filter((_, i) => !this.known(about) || this.truth(i, about) !== null);
    const strangers = this.buttons.filter((button2) => !own.includes(button2));
    if (this.arranged !== about) {
      this.arranged = about;
      const text = own.length && strangers.length ? "Its own people" : "";
      this.root.replaceChildren(...group(text, own), ...group("Strangers", strangers));
    }
    const focused = this.buttons[chosen] ?? own[0] ?? strangers[0];
    this.buttons.forEach((button2, i) => {
      button2.setAttribute("aria-checked", i === chosen);
      button2.tabIndex = button2 === focused ? 0 : -1;
      button2.classList.toggle("fx-stranger", strangers.includes(button2));
    });
  }
  /** A small picture of the first face of a class; nothing if there is none, or the class is not a person. */
  portrait(place, about) {
    if (about.task !== "identity") return null;
    const image = this.buttons.findIndex((_, i) => this.truth(i, about) === place);
    if (image < 0) return null;
    const drawn = this.buttons[image].firstChild;
    const canvas = make("canvas", { className: "fx-thumb", width: drawn.width, height: drawn.height });
    canvas.getContext("2d").drawImage(drawn, 0, 0);
    return canvas;
  }
};
function group(text, buttons) {
  if (!buttons.length) return [];
  return text ? [make("span", { className: "fx-group" }, text), ...buttons] : buttons;
}

// aligner.js
var TIMES = 4;
var STEP = 0.02;
var Aligner = class {
  /** `eyes` are two positions as fractions of the frame; `changed` is called whenever the picture changes. */
  constructor(side, eyes, changed) {
    Object.assign(this, { side, eyes, changed });
    const make2 = (tag, properties) => Object.assign(document.createElement(tag), properties);
    this.root = make2("div", { className: "fx-align", hidden: true });
    this.canvas = make2("canvas", { width: TIMES * side, height: TIMES * side, tabIndex: 0 });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "Your picture: drag it, or press the arrow keys, plus and minus");
    this.marks = make2("div", { className: "fx-marks" });
    for (const [x, y] of eyes) {
      const mark = make2("span", {});
      Object.assign(mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
      this.marks.append(mark);
    }
    this.zoom = make2("input", { type: "range", min: 1, max: 6, step: 0.02, value: 1 });
    this.zoom.oninput = () => this.place({ zoom: Number(this.zoom.value) });
    const frame = make2("div", { className: "fx-frame" });
    frame.append(this.canvas, this.marks);
    const text = make2("p", { textContent: "Move the picture until the eyes are on the marks." });
    const zoom = make2("label", { className: "fx-slider" });
    zoom.append(make2("span", { textContent: "Enlarge" }), this.zoom);
    this.beside = make2("div", { className: "fx-beside" });
    this.beside.append(text, zoom);
    this.root.append(frame, this.beside);
    this.listen();
  }
  listen() {
    const { canvas } = this;
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    canvas.addEventListener("keydown", (event) => {
      const zoom = { "+": 1.05, "-": 1 / 1.05 }[event.key];
      const move = moves[event.key];
      if (!zoom && !move) return;
      event.preventDefault();
      if (zoom) this.place({ zoom: this.at.zoom * zoom });
      else this.place({ x: this.at.x + move[0], y: this.at.y + move[1] });
    });
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const { width } = canvas.getBoundingClientRect();
      this.place({ x: this.at.x + event.movementX / width, y: this.at.y + event.movementY / width });
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.place({ zoom: this.at.zoom * Math.exp(-event.deltaY / 500) });
    });
  }
  async open(file) {
    this.start(await createImageBitmap(file, { imageOrientation: "from-image" }));
    this.draw();
  }
  /** Show the camera's picture, continuously. */
  async look() {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" }, audio: false });
    const video = document.createElement("video");
    Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    this.start(video);
    this.mirrored = true;
    const next = (then) => video.requestVideoFrameCallback ? video.requestVideoFrameCallback(then) : setTimeout(then, 33);
    const again = () => {
      if (this.source !== video) return;
      this.draw();
      next(again);
    };
    again();
  }
  /** Keep the last picture of the camera. */
  freeze() {
    const { source } = this;
    if (!this.isLive) return;
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [source.videoWidth, source.videoHeight];
    copy.getContext("2d").drawImage(source, 0, 0);
    this.stop();
    this.source = copy;
    this.draw();
  }
  /** Whether the picture is that of the camera at this moment. */
  get isLive() {
    return this.source instanceof HTMLVideoElement;
  }
  start(source) {
    this.stop();
    this.source = source;
    this.mirrored = false;
    this.at = { x: 0, y: 0, zoom: 1 };
    this.zoom.value = 1;
    this.root.hidden = false;
  }
  /** Stop the camera. */
  stop() {
    if (this.isLive) for (const track of this.source.srcObject.getTracks()) track.stop();
    this.source = null;
  }
  close() {
    this.stop();
    this.root.hidden = true;
  }
  /** The picture in the frame, as grey planes of the network's size. */
  image() {
    return greyPlanes(this.canvas, this.side);
  }
  place(values) {
    Object.assign(this.at, values);
    this.at.zoom = Math.max(1, Math.min(6, this.at.zoom));
    this.zoom.value = this.at.zoom;
    this.draw();
  }
  draw() {
    const { source, canvas, at } = this;
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    const scale2 = at.zoom * canvas.width / Math.min(width, height);
    const [x, y] = [at.x, at.y].map((shift) => canvas.width * (0.5 + shift));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "rgb(128, 128, 128)";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.save();
    context.translate(x, y);
    context.scale(this.mirrored ? -scale2 : scale2, scale2);
    context.drawImage(source, -width / 2, -height / 2, width, height);
    context.restore();
    this.changed();
  }
};

// photograph.js
var Photograph = class {
  /** `changed` is called with each new image, and `tell` with messages for the user. */
  constructor({ size, eyes, standard }, changed, tell) {
    this.tell = tell;
    this.file = make("input", { type: "file", accept: "image/*", onchange: () => this.open(this.file.files[0]) });
    this.still = button("Take the picture", () => this.freeze(), { hidden: true });
    this.aligner = new Aligner(size, eyes, () => {
      const grey = this.aligner.image();
      changed(standard ? standardised(grey, size, standard) : grey);
    });
    this.aligner.beside.append(make("p", { className: "fx-note" }, treatment(standard)), this.still);
    const file = make("label", { className: "fx-file" }, "A photograph of your own", this.file);
    this.controls = [file, button("Use the camera", () => this.look())];
    this.root = this.aligner.root;
  }
  /** Open what is dropped on an element. */
  listen(element) {
    element.addEventListener("dragover", (event) => event.preventDefault());
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) this.open(event.dataTransfer.files[0]);
    });
  }
  get isLive() {
    return this.aligner.isLive;
  }
  async open(file) {
    try {
      await this.aligner.open(file);
      this.still.hidden = true;
      this.tell("");
    } catch {
      this.tell(`${file.name} is not an image that this browser can open.`);
    }
  }
  async look() {
    try {
      await this.aligner.look();
      this.still.hidden = false;
      this.tell("");
    } catch {
      this.tell("There is no camera, or the page has no permission to use it.");
    }
  }
  freeze() {
    this.aligner.freeze();
    this.still.hidden = true;
  }
  close() {
    this.aligner.close();
    this.still.hidden = true;
    this.file.value = "";
  }
};
function treatment(standard) {
  const done = ["made grey"];
  if (standard?.oval) done.push("cut to an oval");
  if (standard) done.push("given the mean grey level and the contrast of the faces that the networks learned from");
  const text = done.length > 1 ? `${done.slice(0, -1).join(", ")} and ${done.at(-1)}` : done[0];
  const unknown = "The networks have never seen a photograph, so that their answers may be wrong.";
  return `Your picture is ${text}. It does not leave this browser. ${standard?.rendered ? unknown : ""}`;
}

// regions.js
function shares(map, regions, count) {
  const found = new Float64Array(count);
  let total = 0;
  map.forEach((value, i) => {
    found[regions[i]] += Math.abs(value);
    total += Math.abs(value);
  });
  return found.map((value) => total ? value / total : 0);
}
function nameRegions({ canvas, figure }, ask) {
  const tip = make("div", { className: "fx-tip", hidden: true });
  figure.append(tip);
  canvas.addEventListener("pointerleave", () => tip.hidden = true);
  canvas.addEventListener("pointermove", (event) => {
    const asked = ask();
    if (!asked) {
      tip.hidden = true;
      return;
    }
    const box = canvas.getBoundingClientRect();
    const side = canvas.width;
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((part2) => Math.floor(part2 * side));
    const place = origin(...at, side, asked.choice);
    const label2 = place === null ? 0 : asked.regions[place];
    const part = asked.shares[label2];
    tip.textContent = `${asked.names[label2]}: ${Math.round(100 * part)}% of the relevance`;
    tip.hidden = false;
  });
}
function transformedRegions(regions, side, choice) {
  return regions.map((_, i) => {
    const place = origin(i % side, Math.floor(i / side), side, choice);
    return place === null ? 0 : regions[place];
  });
}

// sharing.js
var TIMES2 = 6;
var MARGIN = 16;
var LINE = 22;
function linkOf(choice, first) {
  const changed = Object.entries(choice).filter(([name, value]) => value !== null && value !== first[name]);
  return `#explorer?${new URLSearchParams(changed)}`;
}
function choicesOf(hash, first, { networks: networks2, faces }) {
  const found = {};
  if (!hash.startsWith("#explorer?")) return found;
  const counts = { network: networks2.length, other: networks2.length, image: faces.labels.length };
  for (const [name, text] of new URLSearchParams(hash.slice("#explorer?".length))) {
    if (!(name in first)) continue;
    const value = typeof first[name] === "string" || name === "composite" ? text : Number(text);
    const whole = !(name in counts) || Number.isInteger(value) && value >= 0 && value < counts[name];
    if (whole && !Number.isNaN(value)) found[name] = value;
  }
  return found;
}
function savePicture(views, lines, name) {
  const [{ canvas: first }] = views;
  const side = TIMES2 * first.width;
  const picture = document.createElement("canvas");
  picture.width = views.length * (side + MARGIN) + MARGIN;
  picture.height = side + (lines.length + 2) * LINE + 2 * MARGIN;
  const context = picture.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, picture.width, picture.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = "#222222";
  context.font = "15px system-ui, sans-serif";
  views.forEach(({ canvas, caption }, i) => {
    const x = MARGIN + i * (side + MARGIN);
    context.drawImage(canvas, x, MARGIN, side, side);
    context.fillText(caption.textContent, x, side + MARGIN + LINE, side);
  });
  lines.forEach((line, i) => context.fillText(line, MARGIN, side + MARGIN + (i + 2.5) * LINE, picture.width - 2 * MARGIN));
  picture.toBlob((blob) => {
    const url = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1e3);
  });
}

// explorer.js
var FIRST = {
  image: 0,
  network: 0,
  target: null,
  other: null,
  explains: "own",
  composite: null,
  against: "none",
  order: "most",
  fraction: 0.3,
  ...UNCHANGED
};
var WIDE_SWEEP = 6e3;
var percent2 = (value) => `${Math.round(100 * value)}%`;
var Explorer = class _Explorer {
  /**
   * Insert an explorer as first child of `host`, whose other children are hidden when it is shown.
   *
   * `parts` lists its parts, from photograph, contrast, keep, change, compare and link. It dispatches the event
   * "chosen" for each choice of the user, and "explained" for each result.
   */
  constructor(host, source, parts, choice = {}) {
    const { opens, networks: networks2 } = source.index;
    const first = { ...FIRST, network: opens ?? 0, image: networks2[opens ?? 0].opens ?? 0 };
    Object.assign(this, { host, source, parts: new Set(parts), first });
    const linked = this.parts.has("link") ? choicesOf(location.hash, first, source.index) : {};
    this.choice = { ...first, ...choice, ...linked };
    this.build();
    this.mend();
    this.reflect();
  }
  static async mount(host, source, parts) {
    const explorer = new _Explorer(host, source, parts);
    try {
      explorer.update();
      await explorer.settled;
    } catch (error) {
      explorer.root.remove();
      throw error;
    }
    if (explorer.parts.has("link")) explorer.follow();
    return explorer;
  }
  build() {
    const { parts, source } = this;
    const pair = this.choice.other !== null;
    this.faces = new Faces(source, (image) => this.pick(image));
    this.views = ["Input of the network", "Relevance", parts.has("keep") ? "Pixels that are kept" : "Relevance for the unchanged face"].map(view);
    this.compared = ["Relevance for the other network", "Difference", "Pixels that both keep"].map(view);
    const shown = this.views.map((each) => each.figure);
    const second = this.compared.map((each) => each.figure);
    if (pair) [shown[2], second[0]] = [second[0], shown[2]];
    this.comparison = make("div", { className: "fx-views fx-second" }, ...second);
    this.truth = make("p", { className: "fx-truth" });
    this.answers = make("div", { className: "fx-answers", "aria-live": "polite" });
    this.warning = make("p", { className: "fx-warning", role: "note", hidden: true });
    this.status = make("p", { className: "fx-status", role: "status" });
    const results = make("div", { className: "fx-results" }, make("div", { className: "fx-views" }, ...shown));
    results.append(make("div", { className: "fx-beside" }, this.truth, this.answers));
    this.root = make("section", { className: "fx", hidden: true, "aria-label": "Explorer of relevance" });
    const body = make("div", { className: "fx-body" }, results, this.warning);
    if (parts.has("compare")) results.append(this.comparison);
    if (parts.has("photograph")) {
      const changed = (image) => this.look(image);
      this.photograph = new Photograph(source.index.faces, changed, (text) => this.tell(text));
      this.photograph.listen(this.root);
      body.append(this.photograph.root);
    }
    if (parts.has("keep")) body.append(keeping(this));
    body.append(this.faces.root);
    if (parts.has("change")) body.append(changing(this));
    body.append(choosing(this, pair), taking(this), detailing(this));
    body.append(make("p", { className: "fx-note" }, source.note), this.status);
    this.root.append(body);
    this.root.dataset.lmSuppressShortcuts = "true";
    if (source.regions) {
      for (const each of this.views) nameRegions(each, () => this.named(this.state?.heatmap));
      nameRegions(this.compared[0], () => this.named(this.state?.otherHeatmap));
    }
    this.host.prepend(this.root);
  }
  get about() {
    return this.source.index.networks[this.choice.network];
  }
  /** The regions of the shown face and their shares of a map, for the names below the pointer. */
  named(map) {
    const { choice, source } = this;
    if (!map || choice.image === null) return null;
    const regions = source.regions[choice.image];
    const { size, regions: { names } } = source.index.faces;
    return { regions, names, choice, shares: shares(map, transformedRegions(regions, size, choice), names.length) };
  }
  /** Choose a face, and close the photograph. */
  pick(image) {
    this.photograph?.close();
    this.choose({ image });
  }
  /** Show a photograph, or a picture of the camera. */
  look(image) {
    this.own = image;
    this.pictures = (this.pictures ?? 0) + 1;
    this.answers.setAttribute("aria-live", this.photograph.isLive ? "off" : "polite");
    if (this.choice.image !== null) {
      this.choice.image = null;
      this.reflect();
    }
    this.update();
  }
  /** Set choices made by the user, and dispatch "chosen". */
  choose(values) {
    this.set(values);
    this.host.dispatchEvent(new CustomEvent("chosen", { detail: values }));
  }
  /** Choose another network, and one of its own people where it does not know the face that the other network knew. */
  chooseNetwork(network) {
    const before = this.about;
    const about = this.source.index.networks[network];
    const { image } = this.choice;
    const values = { network, target: null };
    const unknown = image !== null && about.opens !== void 0 && this.faces.truth(image, about) === null;
    if (unknown && this.faces.truth(image, before) !== null) values.image = about.opens;
    this.choose(values);
  }
  /** Set choices; do nothing if they are unchanged. */
  set(values) {
    const news = Object.entries(values).filter(([name, value]) => this.choice[name] !== value);
    if (!news.length) return;
    Object.assign(this.choice, Object.fromEntries(news));
    this.mend();
    this.reflect();
    this.update();
  }
  /** Reset a class or composite that the network does not have. */
  mend() {
    const { choice, about } = this;
    if (choice.target >= about.classes.length) choice.target = null;
    if (!(choice.composite in about.composites)) choice.composite = Object.keys(about.composites)[0];
  }
  /** Update the controls to show the choices. */
  reflect() {
    const { choice, about } = this;
    this.network.selectedIndex = choice.network;
    const classes = [["", "the network's answer"], ...about.classes.map((_, i) => [i, nameOf(about, i)])];
    offer(this.target, classes, choice.target);
    const composites = Object.keys(about.composites);
    offer(this.rules, composites.map((name) => [name, name]), choice.composite);
    this.ruling.hidden = this.described.hidden = composites.length < 2;
    this.details.hidden = this.ruling.hidden && !this.against;
    this.described.textContent = `${choice.composite}: ${about.composites[choice.composite]}.`;
    this.faces.show(choice.image, about);
    if (this.against) this.against.value = choice.against;
    this.orders?.forEach((radio) => radio.checked = radio.value === choice.order);
    this.share?.show(choice.fraction);
    this.sliders?.forEach(({ name, show }) => show(choice[name]));
    const own = choice.image === null;
    const truth = own ? null : this.faces.truth(choice.image, about);
    this.truth.hidden = !own && !this.faces.known(about);
    this.truth.textContent = this.truth.hidden ? "" : truthOf(about, truth, own);
    if (!this.other) return;
    this.other.value = choice.other ?? "";
    this.explains.value = choice.explains;
    this.comparison.hidden = this.explaining.hidden = choice.other === null;
  }
  tell(text) {
    this.status.textContent = text;
  }
  show() {
    if (!this.root.hidden) return;
    this.root.hidden = false;
    for (const child of this.host.children) if (child !== this.root) child.hidden = true;
  }
  /** Follow a link with choices to this page: go to the explorer, and take the choices. */
  follow() {
    const go = () => {
      const linked = choicesOf(location.hash, this.first, this.source.index);
      if (!Object.keys(linked).length) return;
      this.set({ ...this.first, composite: this.choice.composite, ...linked });
      this.root.scrollIntoView({ block: "nearest" });
    };
    window.addEventListener("hashchange", go);
    go();
  }
  /** Put a link with the choices into the address bar and the clipboard. */
  async link() {
    history.replaceState(null, "", linkOf(this.choice, this.first));
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell("The link is copied.");
    } catch {
      this.tell("The link is in the address bar.");
    }
  }
  /** Save what is shown as a picture. */
  save() {
    const { state, choice, about } = this;
    const views = choice.other === null ? this.views : [...this.views, ...this.compared];
    const said = [...this.answers.querySelectorAll(".fx-answer > p")].map((each) => each.textContent);
    savePicture(views, [state.network, [this.truth.textContent, ...said].filter(Boolean).join("; ")], `relevance-${about.task ?? "network"}.png`);
  }
  /** Let the kept share go up and down until this is called again, or the share is chosen. */
  async play() {
    this.playing = !this.playing;
    const isOn = this.playing;
    this.player.textContent = isOn ? "Pause" : "Play";
    this.answers.setAttribute("aria-live", isOn ? "off" : "polite");
    if (!isOn) return;
    let before = performance.now();
    let step = this.choice.fraction < 1 ? 1 : -1;
    let share = this.choice.fraction;
    while (this.playing && this.root.isConnected) {
      const now = await new Promise(requestAnimationFrame);
      share += step * (now - before) / WIDE_SWEEP;
      before = now;
      if (share >= 1 || share <= 0.02) step = -step;
      share = Math.max(0.02, Math.min(1, share));
      this.choose({ fraction: Math.round(100 * share) / 100 });
      await this.settled;
    }
  }
  /** Compute and draw the current choices; of the choices made meanwhile, only the last is computed next. */
  update() {
    this.outdated = true;
    this.settled ??= this.work().finally(() => this.settled = null);
  }
  async work() {
    while (this.outdated) {
      this.outdated = false;
      try {
        await this.explain({ ...this.choice });
        this.tell("");
      } catch (error) {
        if (this.root.hidden) throw error;
        this.tell(`This network cannot be shown: ${error.message}`);
      }
    }
  }
  async explain(choice) {
    const network = await this.source.open(choice.network, choice);
    const { about } = network;
    const { size } = about;
    const face = choice.image === null ? this.own : this.source.faces[choice.image];
    const result = await this.explained(network, choice, face);
    const { target, image } = result;
    const truth = choice.image === null ? null : this.faces.truth(choice.image, about);
    const portrait = (place) => this.faces.portrait(place, about);
    const shown = [];
    const add = (title, probabilities) => shown.push(answer(title, probabilities, about, target, truth, portrait));
    const state = { ...result, network: about.label };
    draw(this.views[0].canvas, image, size);
    drawRelevance(this.views[1].canvas, image, size, result.heatmap);
    this.views[1].caption.textContent = `Relevance ${sides(result.logits[target], choice)} “${nameOf(about, target)}”`;
    this.show();
    performance.mark("heatmap");
    add(this.parts.has("change") && !this.parts.has("keep") ? "Changed face" : "Whole face", result.probabilities);
    if (this.parts.has("keep")) {
      state.mask = kept(result.ranks, choice.fraction, choice.order);
      const rest = masked(image, state.mask);
      const isWaiting = this.photograph?.isLive && this.pictures % 2 && this.state?.network === about.label;
      state.kept = isWaiting ? this.state.kept : (await network.explain(rest, target)).probabilities;
      draw(this.views[2].canvas, rest, size);
      add(`${choice.order === "most" ? "Most" : "Least"} relevant ${percent2(choice.fraction)}`, state.kept);
    } else if (this.parts.has("change")) {
      const unchanged = await network.explain(face, target);
      state.unchanged = unchanged.probabilities;
      drawRelevance(this.views[2].canvas, face, size, unchanged.heatmap);
      add("Unchanged face", state.unchanged);
    }
    const warnings = [against(about, result, choice, "the network")];
    if (choice.other !== null) {
      const second = await this.compare(choice, state, about);
      Object.assign(state, second.state);
      shown.push(second.answer);
      warnings.push(second.warning);
    }
    this.warning.textContent = warnings.filter(Boolean).join(" ");
    this.warning.hidden = !this.warning.textContent;
    this.answers.replaceChildren(...shown);
    this.state = state;
    this.host.dispatchEvent(new CustomEvent("explained", { detail: state }));
  }
  /** The explanation of a face, computed only once while the kept share is changed. */
  async explained(network, choice, face) {
    const { fraction, order, other, explains, ...rest } = choice;
    const key = JSON.stringify([rest, choice.image === null && this.pictures]);
    if (this.before?.key !== key || this.before.network !== network) {
      const image = transform(face, network.about.size, choice);
      const found = await answered(network, image, choice.target, this.state?.target ?? 0);
      this.before = { key, network, result: { ...found, image, ranks: found.ranks ?? ranks(found.heatmap) } };
    }
    return this.before.result;
  }
  /** Explain the other network's own answer, or the same class if that is chosen, and draw the differences. */
  async compare(choice, { image, target, heatmap, mask }, first) {
    const other = await this.source.open(choice.other, choice);
    const { about } = other;
    const { size, classes } = about;
    if (size !== first.size) throw new Error("the other network takes images of another size");
    const same = choice.explains === "same" ? classes.indexOf(first.classes[target]) : -1;
    const second = await answered(other, image, same < 0 ? null : same, this.state?.otherTarget ?? 0);
    const secondMask = kept(second.ranks ?? ranks(second.heatmap), choice.fraction, choice.order);
    const shared = overlap(mask, secondMask);
    const [map, change, masks] = this.compared;
    drawRelevance(map.canvas, image, size, second.heatmap);
    drawRelevance(change.canvas, image, size, difference(heatmap, second.heatmap));
    drawMasks(masks.canvas, image, size, mask, secondMask);
    const name = nameOf(about, second.target);
    map.caption.textContent = `Other network: relevance ${sides(second.logits[second.target], choice)} “${name}”`;
    change.caption.textContent = "More relevant to the first network (warm) or to the other (cold)";
    masks.caption.textContent = `Kept by both (black): ${percent2(shared)} of the pixels that either keeps`;
    const truth = choice.image === null ? null : this.faces.truth(choice.image, about);
    const portrait = (place) => this.faces.portrait(place, about);
    const missing = choice.explains === "same" && same < 0 ? "The other network does not have this class: its own answer is explained." : "";
    return {
      state: { otherHeatmap: second.heatmap, otherTarget: second.target, otherMask: secondMask, shared },
      answer: answer("Other network", second.probabilities, about, second.target, truth, portrait),
      warning: [missing, against(about, second, choice, "the other network")].filter(Boolean).join(" ")
    };
  }
};
function against(about, { heatmap, logits, target }, choice, who) {
  const turn = isTurned(logits[target], choice) ? -1 : 1;
  let [speaks, total] = [0, 0];
  for (const value of heatmap) {
    speaks += Math.max(0, turn * value);
    total += Math.abs(value);
  }
  if (!total || speaks >= 0.01 * total) return "";
  return `To ${who}, all of this face speaks against “${nameOf(about, target)}”: its map shows where the evidence against it is.`;
}
async function answered(network, image, asked, guess) {
  const target = asked ?? Math.min(guess, network.about.classes.length - 1);
  const result = await network.explain(image, target);
  const found = result.probabilities.indexOf(Math.max(...result.probabilities));
  if (asked !== null || found === target) return { ...result, target };
  return { ...await network.explain(image, found), target: found };
}

// kernel.js
var PATIENCE = 3e3;
var Kernel = class {
  note = "Computed by the kernel of this notebook.";
  /** `tell` is called with messages for the user. */
  constructor(model, tell) {
    const name = Math.random().toString(36).slice(2);
    Object.assign(this, { model, tell, name, asked: /* @__PURE__ */ new Map(), count: 0 });
    this.index = model.get("_index");
    const { size, labels } = this.index.faces;
    const bytes = bytesOf(model.get("_faces"));
    this.faces = labels.map((_, i) => planes(bytes.subarray(i * 3 * size * size), size, 3));
    this.hear = (content, buffers) => this.answer(content, buffers);
    model.on("msg:custom", this.hear);
  }
  close() {
    this.model.off("msg:custom", this.hear);
  }
  async open(number2, { composite, against: against2 }) {
    const about = this.index.networks[number2];
    const explain = (image, target) => this.ask({ network: number2, target, composite, against: against2 }, image);
    return { about, explain };
  }
  /** Requests have ids that begin with the name of this view, because all views of a widget get every reply. */
  ask(question, image) {
    const id = `${this.name}-${this.count++}`;
    return new Promise((resolve, reject) => {
      const waiting = setTimeout(() => this.tell("Waiting for the kernel, which is busy or not running."), PATIENCE);
      this.asked.set(id, { resolve, reject, waiting });
      this.model.send({ id, ...question }, void 0, [image.buffer]);
    });
  }
  answer({ id, error }, buffers) {
    if (!this.asked.has(id)) return;
    const { resolve, reject, waiting } = this.asked.get(id);
    this.asked.delete(id);
    clearTimeout(waiting);
    if (error) {
      reject(new Error(error));
      return;
    }
    const [logits, heatmap, ranks2] = buffers.map(bytesOf);
    const numbers = new Float32Array(logits.slice().buffer);
    resolve({
      logits: numbers,
      probabilities: softmax(numbers),
      heatmap: new Float32Array(heatmap.slice().buffer),
      ranks: new Int32Array(ranks2.slice().buffer)
    });
  }
};
function render({ model, el }) {
  const show = () => {
    el.explorer?.source.close();
    el.replaceChildren();
    el.explorer = new Explorer(el, new Kernel(model, (text) => el.explorer.tell(text)), model.get("_parts"), traits(model));
    el.explorer.show();
    el.explorer.update();
  };
  let telling = false;
  const tell = ({ detail }) => {
    telling = true;
    for (const [name, value] of Object.entries(detail)) model.set(name, value);
    telling = false;
    model.save_changes();
  };
  const hear = () => telling || el.explorer.set(traits(model));
  const names = Object.keys(traits(model)).map((name) => `change:${name}`);
  el.addEventListener("chosen", tell);
  for (const name of names) model.on(name, hear);
  model.on("change:_index", show);
  show();
  return () => {
    el.explorer.source.close();
    for (const name of names) model.off(name, hear);
    model.off("change:_index", show);
  };
}
function traits(model) {
  const found = {};
  for (const name of model.get("_choices")) found[name] = model.get(name);
  return found;
}
var kernel_default = { render };
export {
  kernel_default as default
};
