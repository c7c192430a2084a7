// The explorer: a face, a network and a class are chosen, and the page shows what the network's answer rests on.

import {
  UNCHANGED,
  difference,
  draw,
  drawMasks,
  drawRelevance,
  kept,
  masked,
  overlap,
  planes,
  transform,
} from "./pixels.js";
import { Explained, prepare } from "./relevance.js";
import { Aligner } from "./aligner.js";

const SHOWN_ANSWERS = 4;
const PLAIN = "Everything is computed in this page, by the network itself: no image leaves it.";
const SLIDERS = [
  ["rotation", "Rotation", -60, 60, 1, (v) => `${v}°`],
  ["size", "Size", 0.375, 1.25, 0.03125, (v) => `${Math.round(100 * v)}%`],
  ["right", "Shift to the right", -0.375, 0.375, 0.03125, (v) => `${Math.round(100 * v)}%`],
  ["down", "Shift downwards", -0.375, 0.375, 0.03125, (v) => `${Math.round(100 * v)}%`],
  ["blur", "Blur", 0, 0.0625, 0.00390625, (v) => `${(100 * v).toFixed(1)}%`],
];

/** An element with properties and children. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

export class Explorer {
  /** Put an explorer before everything that `host` holds, which is hidden once there is something to see. */
  constructor(host, { index, data, runtime }) {
    Object.assign(this, { host, index, data, runtime, changes: { ...UNCHANGED }, order: "most", fraction: 0.3 });
    this.networks = new Map();
    this.choice = { network: 0, target: -1, other: -1 };
    this.build();
  }

  static async mount(host, { data, runtime }) {
    prepare(runtime);
    const style = new URL("explorer.css", import.meta.url);
    document.head.append(make("link", { rel: "stylesheet", href: style }));
    const answer = await fetch(new URL("index.json", data));
    if (!answer.ok) throw new Error("the list of networks is missing");
    const index = await answer.json();
    const explorer = new Explorer(host, { index, data, runtime });
    try {
      await explorer.begin();
    } catch (error) {
      explorer.root.remove();
      throw error;
    }
    return explorer;
  }

  async begin() {
    const { index, data } = this;
    this.opened(0).catch(() => {}); // told when it is asked for
    const bytes = new Uint8Array(await (await fetch(new URL(index.faces.file, data))).arrayBuffer());
    const { size, labels } = index.faces;
    this.faces = labels.map((_, i) => planes(bytes.subarray(i * 3 * size * size), size, 3));
    this.fillFaces();
    this.choose(this.faces[0], 0);
    await this.settled;
  }

  build() {
    const { index } = this;
    this.network = make("select", { "aria-label": "Network" });
    this.network.onchange = () => this.chooseNetwork(this.network.selectedIndex);
    this.network.append(...index.networks.map((each) => make("option", {}, each.label)));
    this.target = make("select", { "aria-label": "Explained class" });
    this.target.onchange = () => this.chooseTarget(Number(this.target.value));
    this.other = make("select", { "aria-label": "Compare with" }, make("option", {}, "no other network"));
    this.other.append(...index.networks.map((each) => make("option", {}, each.label)));
    this.other.onchange = () => this.compareWith(this.other.selectedIndex - 1);
    this.strip = make("div", { className: "fx-faces", role: "group", "aria-label": "Face" });
    this.file = make("input", { type: "file", accept: "image/*", onchange: () => this.open(this.file.files[0]) });
    this.camera = make("button", { type: "button", onclick: () => this.look() }, "Use the camera");
    this.still = make("button", { type: "button", hidden: true, onclick: () => this.freeze() }, "Take the picture");
    this.aligner = new Aligner(index.faces.size, index.faces.eyes, () => this.choose(this.aligner.image(), -1));
    this.views = ["What the network sees", "What its answer rests on", "What is kept of it"].map(view);
    this.compared = ["What the other's answer rests on", "Difference", "Pixels that are kept"].map(view);
    this.comparison = make("div", { className: "fx-views", hidden: true });
    this.comparison.append(...this.compared.map((each) => each.figure));
    this.answers = ["fx-whole", "fx-kept"].map((name) => make("div", { className: `fx-answer ${name}` }));
    this.status = make("p", { className: "fx-status", role: "status" });
    this.root = make(
      "section",
      { className: "fx", hidden: true, "aria-label": "Explorer of relevance" },
      make("div", { className: "fx-row" }, label("Network", this.network), label("Explained class", this.target)),
      this.strip,
      make("div", { className: "fx-row" }, label("A photograph of your own", this.file), this.camera, this.still),
      this.aligner.root,
      make("div", { className: "fx-views" }, ...this.views.map((each) => each.figure)),
      make("div", { className: "fx-answers", "aria-live": "polite" }, ...this.answers),
      this.keeping(),
      this.changing(),
      make("div", { className: "fx-row" }, label("Compare with", this.other)),
      this.comparison,
      make("p", { className: "fx-note" }, PLAIN),
      this.status,
    );
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) this.open(event.dataTransfer.files[0]);
    });
    this.host.prepend(this.root);
  }

  /** The controls of the mask. */
  keeping() {
    const orders = ["most", "least"].map((order) => {
      const radio = make("input", { type: "radio", name: "fx-order", value: order, checked: order === this.order });
      radio.onchange = () => this.set({ order });
      return make("label", {}, radio, ` the ${order} relevant`);
    });
    const slider = range("Share of the pixels", 0, 1, 0.01, this.fraction, (v) => `${Math.round(100 * v)}%`, (v) =>
      this.set({ fraction: v }),
    );
    slider.querySelector("input").className = "fx-fraction";
    return make("fieldset", {}, make("legend", {}, "Keep"), make("div", { className: "fx-row" }, ...orders), slider);
  }

  /** The controls of the transformations. */
  changing() {
    const sliders = SLIDERS.map(([name, text, low, high, step, write]) => {
      const slider = range(text, low, high, step, UNCHANGED[name], write, (value) => {
        this.changes[name] = value;
        this.update();
      });
      slider.querySelector("input").dataset.change = name;
      return slider;
    });
    const reset = make("button", { type: "button" }, "Undo all");
    reset.onclick = () => {
      for (const slider of sliders) {
        const input = slider.querySelector("input");
        input.value = UNCHANGED[input.dataset.change];
        input.dispatchEvent(new Event("input"));
      }
    };
    const legend = make("legend", {}, "Change the face");
    return make("fieldset", {}, legend, make("div", { className: "fx-sliders" }, ...sliders), reset);
  }

  fillFaces() {
    const { size, labels } = this.index.faces;
    this.buttons = labels.map((text, i) => {
      const canvas = make("canvas");
      draw(canvas, this.faces[i], size);
      const choose = () => {
        this.leave();
        this.choose(this.faces[i], i);
      };
      return make("button", { type: "button", title: text, "aria-label": text, onclick: choose }, canvas);
    });
    this.strip.append(...this.buttons);
    this.fillClasses();
  }

  fillClasses() {
    const { classes } = this.about;
    const options = [[-1, "the network's answer"], ...classes.map((name, i) => [i, name])];
    this.target.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }

  get about() {
    return this.index.networks[this.choice.network];
  }

  choose(image, place) {
    this.image = image;
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === place));
    this.update();
  }

  chooseNetwork(network) {
    Object.assign(this.choice, { network, target: -1 });
    this.network.selectedIndex = network;
    this.fillClasses();
    this.update();
  }

  chooseTarget(target) {
    this.choice.target = target;
    this.update();
  }

  compareWith(other) {
    this.choice.other = other;
    this.comparison.hidden = other < 0;
    this.update();
  }

  set(values) {
    Object.assign(this, values);
    this.update();
  }

  async open(file) {
    try {
      await this.aligner.open(file);
      this.still.hidden = true;
      this.tell("");
    } catch {
      this.tell(`${file.name} is not a picture that this browser can open.`);
    }
  }

  async look() {
    try {
      await this.aligner.look();
      this.still.hidden = false;
      this.tell("");
    } catch {
      this.tell("There is no camera, or the page may not use it.");
    }
  }

  freeze() {
    this.aligner.freeze();
    this.still.hidden = true;
  }

  leave() {
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

  /** Compute and draw what is chosen now; while that runs, only the last further choice is remembered. */
  update() {
    this.outdated = true;
    this.settled ??= this.work().finally(() => (this.settled = null));
  }

  async work() {
    while (this.outdated) {
      this.outdated = false;
      try {
        await this.explain(await this.opened(this.choice.network));
      } catch (error) {
        if (this.root.hidden) throw error;
        this.tell(`This network cannot be shown: ${error.message}`);
      }
    }
  }

  opened(number) {
    const about = this.index.networks[number];
    if (!this.networks.has(number)) {
      this.networks.set(number, Explained.open(new URL(about.file, this.data), about, this.runtime));
    }
    return this.networks.get(number);
  }

  async explain(network) {
    const { size } = network.about;
    const image = transform(this.image, size, this.changes);
    const result = await answered(network, image, this.choice.target, this.state?.target ?? 0);
    const { target } = result;
    draw(this.views[0].canvas, image, size);
    drawRelevance(this.views[1].canvas, image, size, result.heatmap);
    this.show();
    performance.mark("heatmap");
    const mask = kept(result.heatmap, this.fraction, this.order);
    const rest = masked(image, mask);
    const reread = await network.explain(rest, target);
    draw(this.views[2].canvas, rest, size);
    const share = `${Math.round(100 * this.fraction)}%`;
    const texts = ["The whole face", `The ${this.order} relevant ${share} of its pixels`];
    [result, reread].forEach((each, i) =>
      this.answers[i].replaceChildren(...bars(texts[i], each.probabilities, network.about.classes, target)),
    );
    this.views[1].caption.textContent = `What speaks for (warm) and against “${network.about.classes[target]}”`;
    const comparison = this.choice.other < 0 ? null : await this.compare(image, result, mask, network.about);
    this.state = { ...result, ...comparison, image, kept: reread.probabilities, network: network.about.label };
    this.host.dispatchEvent(new CustomEvent("explained", { detail: this.state }));
  }

  /** Explain the image by the other network too, and draw how the two differ. */
  async compare(image, result, mask, about) {
    const other = await this.opened(this.choice.other);
    const { size, classes } = other.about;
    if (size !== about.size) throw new Error("it sees images of another size");
    const target = classes.indexOf(about.classes[result.target]); // -1, its own answer, where it has no such class
    const second = await answered(other, image, target, 0);
    const secondMask = kept(second.heatmap, this.fraction, this.order);
    const shared = overlap(mask, secondMask);
    const [map, change, masks] = this.compared;
    drawRelevance(map.canvas, image, size, second.heatmap);
    drawRelevance(change.canvas, image, size, difference(result.heatmap, second.heatmap));
    drawMasks(masks.canvas, image, size, mask, secondMask);
    map.caption.textContent = `The other network, on “${classes[second.target]}”`;
    change.caption.textContent = "More relevant to the first (warm), to the other (cold)";
    masks.caption.textContent = `Kept by both (black): ${Math.round(100 * shared)}% of what either keeps`;
    return { otherHeatmap: second.heatmap, otherTarget: second.target, shared };
  }
}

/** Explain a class, or where it is negative the answer, which is known only afterwards: `guess` is tried first. */
async function answered(network, image, asked, guess) {
  const target = asked < 0 ? Math.min(guess, network.about.classes.length - 1) : asked;
  const result = await network.explain(image, target);
  const answer = result.probabilities.indexOf(Math.max(...result.probabilities));
  if (asked >= 0 || answer === target) return { ...result, target };
  return { ...(await network.explain(image, answer)), target: answer };
}

/** A picture with its caption. */
function view(text) {
  const canvas = make("canvas", { role: "img", "aria-label": text });
  const caption = make("p", {}, text);
  return { canvas, caption, figure: make("div", {}, canvas, caption) };
}

function label(text, control) {
  return make("label", {}, make("span", {}, text), control);
}

function range(text, min, max, step, value, write, tell) {
  const input = make("input", { type: "range", min, max, step, value });
  const shown = make("output", {}, write(value));
  input.oninput = () => {
    shown.textContent = write(Number(input.value));
    input.setAttribute("aria-valuetext", shown.textContent);
    tell(Number(input.value));
  };
  return make("label", { className: "fx-slider" }, make("span", {}, text, " ", shown), input);
}

/** The likeliest classes, and the explained one, as bars. */
function bars(title, probabilities, classes, target) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const shown = order.slice(0, SHOWN_ANSWERS);
  if (!shown.includes(target)) shown[shown.length - 1] = target;
  const rows = shown.map((i) => {
    const percent = Math.round(100 * probabilities[i]);
    const bar = make("span", { className: "fx-bar" }, make("span"));
    bar.firstChild.style.width = `${100 * probabilities[i]}%`;
    return make("li", { className: i === target ? "fx-target" : "" }, make("span", {}, classes[i]), bar, `${percent}%`);
  });
  return [make("p", {}, `${title}: `, make("strong", {}, classes[order[0]])), make("ol", {}, ...rows)];
}
