// The explorer: shows which pixels of a chosen face contribute to a chosen network's logit for a class.
//
// Results are computed by a source: in the page (relevance.js) or by the kernel of a notebook (kernel.js).
// A source has
//   index  {networks: [{label, classes, size, composites: {name: description}}], faces: {size, labels, eyes}}
//   faces  images of three planes from 0 to 255
//   note   a sentence that says where results are computed
//   open   (index of a network, choice) => {about, explain(image, target) => {logits, probabilities, heatmap}}

import {
  UNCHANGED,
  difference,
  draw,
  drawMasks,
  drawRelevance,
  kept,
  masked,
  overlap,
  ranks,
  transform,
} from "./pixels.js";
import { Aligner } from "./aligner.js";
import { bars, label, make, range, sides, view } from "./elements.js";

/** Initial choices; null means a photograph (image), the predicted class (target), no other network (other). */
const FIRST = {
  image: 0,
  network: 0,
  target: null,
  other: null,
  composite: null,
  against: "none",
  order: "most",
  fraction: 0.3,
  ...UNCHANGED,
};
/** Classes that the explained one is set off against: values and texts. */
const CONTRASTS = Object.entries({ none: "no other class", softmax: "the others", "runner-up": "the strongest other" });
const percent = (value) => `${Math.round(100 * value)}%`;
const SLIDERS = [
  ["rotation", "Rotation", [-60, 60, 1], (v) => `${Math.round(v)}°`],
  ["size", "Size", [0.375, 1.25, 0.03125], percent],
  ["right", "Shift to the right", [-0.375, 0.375, 0.03125], percent],
  ["down", "Shift downwards", [-0.375, 0.375, 0.03125], percent],
  ["blur", "Blur", [0, 0.0625, 0.00390625], (v) => `${(100 * v).toFixed(1)}%`],
];

export class Explorer {
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
    const explorer = new Explorer(host, source, parts);
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
        // If there are always two networks, their maps are side by side.
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
    // Keys that move a slider must not trigger shortcuts of JupyterLab.
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
    const group = `fx-order-${Math.random()}`; // unique, because radio buttons of one name exclude each other in the whole page
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
    this.orders?.forEach((radio) => (radio.checked = radio.value === choice.order));
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
    this.settled ??= this.work().finally(() => (this.settled = null));
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
    const same = classes.indexOf(about.classes[target]); // if it has no such class, its predicted class
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
      bars: bars("Other network", second.probabilities, classes, second.target),
    };
  }
}

/** Explain a class, or the predicted class if `asked` is null: as it is not known before, `guess` is tried first. */
async function answered(network, image, asked, guess) {
  const target = asked ?? Math.min(guess, network.about.classes.length - 1);
  const result = await network.explain(image, target);
  const answer = result.probabilities.indexOf(Math.max(...result.probabilities));
  if (asked !== null || answer === target) return { ...result, target };
  return { ...(await network.explain(image, answer)), target: answer };
}

/** The number of an option's value; null if it is empty. */
function number(value) {
  return value === "" ? null : Number(value);
}

/** Fill a select with options [value, text] and choose one; an unchanged list is kept, as it may be open. */
function offer(select, options, chosen) {
  const texts = options.map(([, text]) => text);
  if (select.options.length !== texts.length || texts.some((text, i) => select.options[i].text !== text)) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen ?? "";
}
