// Made by scripts/bundle_widgets.py; sha256 of aligner.js, elements.js, explorer.js, kernel.js, pixels.js: 857e9ea0f55d292eeef22c3bc0bc04426a36daa73a722ae4ed53e7225d9065f4
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
    const beside = make2("div", {});
    beside.append(text, zoom);
    this.root.append(frame, beside);
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
    const again = () => {
      if (this.source !== video) return;
      this.draw();
      setTimeout(again, 100);
    };
    again();
  }
  /** Keep the last picture of the camera. */
  freeze() {
    const { source } = this;
    if (!(source instanceof HTMLVideoElement)) return;
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [source.videoWidth, source.videoHeight];
    copy.getContext("2d").drawImage(source, 0, 0);
    this.stop();
    this.source = copy;
    this.draw();
  }
  start(source) {
    this.stop();
    this.source = source;
    this.at = { x: 0, y: 0, zoom: 1 };
    this.zoom.value = 1;
    this.root.hidden = false;
  }
  /** Stop the camera. */
  stop() {
    if (this.source instanceof HTMLVideoElement) for (const track of this.source.srcObject.getTracks()) track.stop();
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
    context.drawImage(source, x - scale2 * width / 2, y - scale2 * height / 2, scale2 * width, scale2 * height);
    this.changed();
  }
};

// elements.js
var SHOWN_ANSWERS = 4;
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
function view(text) {
  const canvas = make("canvas", { role: "img", "aria-label": text });
  const caption = make("p", {}, text);
  return { canvas, caption, figure: make("div", {}, canvas, caption) };
}
function sides(logit, { start, against }) {
  const turned2 = logit < 0 && start !== "logit" && against === "none";
  return turned2 ? "against (warm) and for (cold)" : "for (warm) and against (cold)";
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
function bars(title, probabilities, classes, target) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const shown = order.slice(0, SHOWN_ANSWERS);
  if (!shown.includes(target)) shown[shown.length - 1] = target;
  const rows = shown.map((i) => {
    const percent2 = Math.round(100 * probabilities[i]);
    const bar = make("span", { className: "fx-bar" }, make("span"));
    bar.firstChild.style.width = `${100 * probabilities[i]}%`;
    return make("li", { className: i === target ? "fx-target" : "" }, make("span", {}, classes[i]), bar, `${percent2}%`);
  });
  return [make("p", {}, `${title}: `, make("strong", {}, classes[order[0]])), make("ol", {}, ...rows)];
}

// explorer.js
var FIRST = {
  image: 0,
  network: 0,
  target: null,
  other: null,
  composite: null,
  against: "none",
  order: "most",
  fraction: 0.3,
  ...UNCHANGED
};
var CONTRASTS = Object.entries({ none: "no other class", softmax: "the others", "runner-up": "the strongest other" });
var percent = (value) => `${Math.round(100 * value)}%`;
var SLIDERS = [
  ["rotation", "Rotation", [-60, 60, 1], (v) => `${Math.round(v)}°`],
  ["size", "Size", [0.375, 1.25, 0.03125], percent],
  ["right", "Shift to the right", [-0.375, 0.375, 0.03125], percent],
  ["down", "Shift downwards", [-0.375, 0.375, 0.03125], percent],
  ["blur", "Blur", [0, 0.0625, 390625e-8], (v) => `${(100 * v).toFixed(1)}%`]
];
var Explorer = class _Explorer {
  /**
   * Insert an explorer as first child of `host`, whose other children are hidden when it is shown.
   *
   * `parts` lists its parts, from photograph, contrast, keep, change and compare. It dispatches the event
   * "chosen" for each choice of the user, and "explained" for each result.
   */
  constructor(host, source, parts, choice = {}) {
    Object.assign(this, { host, source, parts: new Set(parts), choice: { ...FIRST, ...choice } });
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
    return explorer;
  }
  build() {
    const { parts } = this;
    this.network = this.networks("Network");
    this.network.onchange = () => this.choose({ network: this.network.selectedIndex, target: null });
    this.target = make("select", { "aria-label": "Explained class" });
    this.target.onchange = () => this.choose({ target: number(this.target.value) });
    this.rules = make("select", { "aria-label": "Rules" });
    this.rules.onchange = () => this.choose({ composite: this.rules.value });
    this.ruling = label("Rules", this.rules);
    this.described = make("p", { className: "fx-described" });
    this.strip = make("div", { className: "fx-faces", role: "group", "aria-label": "Face" });
    this.answers = make("div", { className: "fx-answers", "aria-live": "polite" });
    this.status = make("p", { className: "fx-status", role: "status" });
    this.root = make("section", { className: "fx", hidden: true, "aria-label": "Explorer of relevance" });
    const chosen = make("div", { className: "fx-row" }, label("Network", this.network));
    this.root.append(chosen, this.described, this.strip);
    if (parts.has("photograph")) this.root.append(...this.photographing());
    const views = ["Input of the network", "Relevance"].map(view);
    this.views = [...views, view(parts.has("keep") ? "Pixels that are kept" : "Relevance for the unchanged face")];
    const [face, map, third] = this.views.map((each) => each.figure);
    let shown = [face, map, third];
    const controls = [];
    if (parts.has("keep")) controls.push(this.keeping());
    if (parts.has("change")) controls.push(this.changing());
    if (parts.has("compare")) {
      const [other, change, masks] = this.comparing().map((each) => each.figure);
      const choice = label("Compare with", this.other);
      this.comparison = make("div", { className: "fx-views" });
      if (this.choice.other === null) {
        this.comparison.append(other, change, masks);
        controls.push(make("div", { className: "fx-row" }, choice), this.comparison);
      } else {
        shown = [face, map, other];
        this.comparison.append(third, change, masks);
        chosen.append(choice);
        controls.unshift(this.comparison);
      }
    }
    chosen.append(label("Explained class", this.target), this.ruling);
    if (parts.has("contrast")) chosen.append(this.contrasting());
    this.root.append(make("div", { className: "fx-views" }, ...shown), this.answers, ...controls);
    this.root.append(make("p", { className: "fx-note" }, this.source.note), this.status);
    this.root.dataset.lmSuppressShortcuts = "true";
    this.fillFaces();
    this.host.prepend(this.root);
  }
  /** A menu of networks, with the further option `none` if it is given. */
  networks(text, none) {
    const options = this.source.index.networks.map((each, i) => make("option", { value: i }, each.label));
    if (none) options.unshift(make("option", { value: "" }, none));
    return make("select", { "aria-label": text }, ...options);
  }
  contrasting() {
    this.against = make("select", { "aria-label": "Against" });
    this.against.onchange = () => this.choose({ against: this.against.value });
    offer(this.against, CONTRASTS, this.choice.against);
    return label("Against", this.against);
  }
  /** The controls for the user's own photograph. */
  photographing() {
    const { size, eyes } = this.source.index.faces;
    this.file = make("input", { type: "file", accept: "image/*", onchange: () => this.open(this.file.files[0]) });
    this.camera = make("button", { type: "button", onclick: () => this.look() }, "Use the camera");
    this.still = make("button", { type: "button", hidden: true, onclick: () => this.freeze() }, "Take the picture");
    this.aligner = new Aligner(size, eyes, () => {
      this.photograph = this.aligner.image();
      this.choice.image = null;
      this.reflect();
      this.update();
    });
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) this.open(event.dataTransfer.files[0]);
    });
    const row = make("div", { className: "fx-row" });
    row.append(label("A photograph of your own", this.file), this.camera, this.still);
    return [row, this.aligner.root];
  }
  /** The controls of the mask. */
  keeping() {
    const group = `fx-order-${Math.random()}`;
    this.orders = ["most", "least"].map((order) => {
      const radio = make("input", { type: "radio", name: group, value: order });
      radio.onchange = () => this.choose({ order });
      return radio;
    });
    const orders = this.orders.map((radio) => make("label", {}, radio, ` the ${radio.value} relevant`));
    this.share = range("Share of the pixels", [0, 1, 0.01], percent, (fraction) => this.choose({ fraction }));
    this.share.input.className = "fx-fraction";
    const row = make("div", { className: "fx-row" }, ...orders);
    return make("fieldset", {}, make("legend", {}, "Keep"), row, this.share.root);
  }
  /** The controls of the transformations. */
  changing() {
    this.sliders = SLIDERS.map(([name, text, bounds, write]) => {
      const slider = range(text, bounds, write, (value) => this.choose({ [name]: value }));
      slider.input.dataset.change = name;
      return { name, ...slider };
    });
    const reset = make("button", { type: "button", onclick: () => this.choose(UNCHANGED) }, "Undo all");
    const sliders = make("div", { className: "fx-sliders" }, ...this.sliders.map((each) => each.root));
    return make("fieldset", {}, make("legend", {}, "Change the face"), sliders, reset);
  }
  /** The menu of the other network, and the views of its relevance and of the differences. */
  comparing() {
    this.other = this.networks("Compare with", this.choice.other === null && "no other network");
    this.other.onchange = () => this.choose({ other: number(this.other.value) });
    this.compared = ["Relevance for the other network", "Difference", "Pixels that both keep"].map(view);
    return this.compared;
  }
  fillFaces() {
    const { size, labels } = this.source.index.faces;
    this.buttons = labels.map((text, image) => {
      const canvas = make("canvas");
      draw(canvas, this.source.faces[image], size);
      const onclick = () => {
        this.leave();
        this.choose({ image });
      };
      return make("button", { type: "button", title: text, "aria-label": text, onclick }, canvas);
    });
    this.strip.append(...this.buttons);
  }
  get about() {
    return this.source.index.networks[this.choice.network];
  }
  /** Set choices made by the user, and dispatch "chosen". */
  choose(values) {
    this.set(values);
    this.host.dispatchEvent(new CustomEvent("chosen", { detail: values }));
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
    const classes = [["", "the network's answer"], ...about.classes.map((name, i) => [i, name])];
    offer(this.target, classes, choice.target);
    const composites = Object.keys(about.composites);
    offer(this.rules, composites.map((name) => [name, name]), choice.composite);
    this.ruling.hidden = this.described.hidden = composites.length < 2;
    this.described.textContent = `${choice.composite}: ${about.composites[choice.composite]}.`;
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === choice.image));
    if (this.against) this.against.value = choice.against;
    this.orders?.forEach((radio) => radio.checked = radio.value === choice.order);
    this.share?.show(choice.fraction);
    this.sliders?.forEach(({ name, show }) => show(choice[name]));
    if (!this.other) return;
    this.other.value = choice.other ?? "";
    this.comparison.hidden = choice.other === null;
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
  /** Close the photograph. */
  leave() {
    if (!this.aligner) return;
    this.aligner.close();
    this.still.hidden = true;
    this.file.value = "";
  }
  tell(text) {
    this.status.textContent = text;
  }
  show() {
    if (!this.root.hidden) return;
    this.root.hidden = false;
    for (const child of this.host.children) if (child !== this.root) child.hidden = true;
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
    const { size, classes } = network.about;
    const face = choice.image === null ? this.photograph : this.source.faces[choice.image];
    const image = transform(face, size, choice);
    const result = await answered(network, image, choice.target, this.state?.target ?? 0);
    const { target } = result;
    draw(this.views[0].canvas, image, size);
    drawRelevance(this.views[1].canvas, image, size, result.heatmap);
    this.views[1].caption.textContent = `Relevance ${sides(result.logits[target], choice)} “${classes[target]}”`;
    this.show();
    performance.mark("heatmap");
    const answers = [["Whole face", result.probabilities]];
    const state = { ...result, image, network: network.about.label };
    if (this.parts.has("keep")) {
      state.mask = kept(result.ranks ?? ranks(result.heatmap), choice.fraction, choice.order);
      const rest = masked(image, state.mask);
      state.kept = (await network.explain(rest, target)).probabilities;
      draw(this.views[2].canvas, rest, size);
      answers.push([`Only the ${choice.order} relevant ${percent(choice.fraction)} of the pixels`, state.kept]);
    } else if (this.parts.has("change")) {
      const unchanged = await network.explain(face, target);
      state.unchanged = unchanged.probabilities;
      drawRelevance(this.views[2].canvas, face, size, unchanged.heatmap);
      answers[0][0] = "Changed face";
      answers.push(["Unchanged face", state.unchanged]);
    }
    const shown = answers.map(([text, each]) => bars(text, each, classes, target));
    if (choice.other !== null) {
      const second = await this.compare(choice, state, network.about);
      Object.assign(state, second.state);
      shown.push(second.bars);
    }
    this.answers.replaceChildren(...shown.map((rows) => make("div", { className: "fx-answer" }, ...rows)));
    this.state = state;
    this.host.dispatchEvent(new CustomEvent("explained", { detail: state }));
  }
  /** Explain the prediction of the other network too, and draw the differences. */
  async compare(choice, { image, target, heatmap, mask }, about) {
    const other = await this.source.open(choice.other, choice);
    const { size, classes } = other.about;
    if (size !== about.size) throw new Error("the other network takes images of another size");
    const same = classes.indexOf(about.classes[target]);
    const second = await answered(other, image, same < 0 ? null : same, 0);
    const secondMask = kept(second.ranks ?? ranks(second.heatmap), choice.fraction, choice.order);
    const shared = overlap(mask, secondMask);
    const [map, change, masks] = this.compared;
    drawRelevance(map.canvas, image, size, second.heatmap);
    drawRelevance(change.canvas, image, size, difference(heatmap, second.heatmap));
    drawMasks(masks.canvas, image, size, mask, secondMask);
    map.caption.textContent = `Other network: relevance ${sides(second.logits[second.target], choice)} “${classes[second.target]}”`;
    change.caption.textContent = "More relevant to the first network (warm) or to the other (cold)";
    masks.caption.textContent = `Kept by both (black): ${percent(shared)} of the pixels that either keeps`;
    return {
      state: { otherHeatmap: second.heatmap, otherTarget: second.target, otherMask: secondMask, shared },
      bars: bars("Other network", second.probabilities, classes, second.target)
    };
  }
};
async function answered(network, image, asked, guess) {
  const target = asked ?? Math.min(guess, network.about.classes.length - 1);
  const result = await network.explain(image, target);
  const answer = result.probabilities.indexOf(Math.max(...result.probabilities));
  if (asked !== null || answer === target) return { ...result, target };
  return { ...await network.explain(image, answer), target: answer };
}
function number(value) {
  return value === "" ? null : Number(value);
}
function offer(select, options, chosen) {
  const texts = options.map(([, text]) => text);
  if (select.options.length !== texts.length || texts.some((text, i) => select.options[i].text !== text)) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen ?? "";
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
  async open(number2, { composite, against }) {
    const about = this.index.networks[number2];
    const explain = (image, target) => this.ask({ network: number2, target, composite, against }, image);
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
