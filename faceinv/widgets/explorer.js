// The explorer: shows which pixels of a chosen face contribute to a chosen network's logit for a class.
//
// Results are computed by a source: in the page (relevance.js) or by the kernel of a notebook (kernel.js).
// A source has
//   index  {networks: [{label, classes, size, composites: {name: description}}], faces: {size, labels, eyes}}; further entries say
//          which answers are right (faces.truths), what to call classes (names), which regions faces have (faces.regions), how photographs are
//          prepared (faces.standard), and on which network and face to open (opens)
//   faces  images of three planes from 0 to 255; and `regions`, label maps of them, if the index names regions
//   note   a sentence that says where results are computed
//   open   (index of a network, choice) => {about, explain(image, target) => {logits, probabilities, heatmap}}

import { answer, nameOf, truthOf } from "./answers.js";
import * as controls from "./controls.js";
import { isTurned, make, offer, sides, view } from "./elements.js";
import { Faces } from "./faces.js";
import { Photograph } from "./photograph.js";
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
import { nameRegions, shares, transformedRegions } from "./regions.js";
import { choicesOf, linkOf, savePicture } from "./sharing.js";

/** Initial choices; null means a photograph (image), the predicted class (target), no other network (other). */
const FIRST = {
  image: 0,
  network: 0,
  target: null,
  other: null,
  explains: "own",
  composite: null,
  against: "none",
  order: "most",
  fraction: 0.3,
  ...UNCHANGED,
};
const WIDE_SWEEP = 6000; // milliseconds in which the share goes from nothing to everything when it is played
const percent = (value) => `${Math.round(100 * value)}%`;

export class Explorer {
  /**
   * Insert an explorer as first child of `host`, whose other children are hidden when it is shown.
   *
   * `parts` lists its parts, from photograph, contrast, keep, change, compare and link. It dispatches the event
   * "chosen" for each choice of the user, and "explained" for each result.
   */
  constructor(host, source, parts, choice = {}) {
    const { opens, networks } = source.index;
    const first = { ...FIRST, network: opens ?? 0, image: networks[opens ?? 0].opens ?? 0 };
    Object.assign(this, { host, source, parts: new Set(parts), first });
    const linked = this.parts.has("link") ? choicesOf(location.hash, first, source.index) : {};
    this.choice = { ...first, ...choice, ...linked };
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
    if (explorer.parts.has("link")) explorer.follow();
    return explorer;
  }

  build() {
    const { parts, source } = this;
    const pair = this.choice.other !== null; // there are always two networks, whose maps are side by side
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
      body.append(this.photograph.root); // beside the results, which change while it is moved
    }
    if (parts.has("keep")) body.append(controls.keeping(this));
    body.append(this.faces.root);
    if (parts.has("change")) body.append(controls.changing(this));
    body.append(controls.choosing(this, pair), controls.taking(this), controls.detailing(this));
    body.append(make("p", { className: "fx-note" }, source.note), this.status);
    this.root.append(body);
    // Keys that move a slider must not trigger shortcuts of JupyterLab.
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
    const unknown = image !== null && about.opens !== undefined && this.faces.truth(image, about) === null;
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
    this.orders?.forEach((radio) => (radio.checked = radio.value === choice.order));
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
      share += (step * (now - before)) / WIDE_SWEEP;
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
      // Of a live picture, the kept pixels are classified every other time, so that the camera is followed more closely.
      const isWaiting = this.photograph?.isLive && this.pictures % 2 && this.state?.network === about.label;
      state.kept = isWaiting ? this.state.kept : (await network.explain(rest, target)).probabilities;
      draw(this.views[2].canvas, rest, size);
      add(`${choice.order === "most" ? "Most" : "Least"} relevant ${percent(choice.fraction)}`, state.kept);
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
    masks.caption.textContent = `Kept by both (black): ${percent(shared)} of the pixels that either keeps`;
    const truth = choice.image === null ? null : this.faces.truth(choice.image, about);
    const portrait = (place) => this.faces.portrait(place, about);
    const missing = choice.explains === "same" && same < 0 ? "The other network does not have this class: its own answer is explained." : "";
    return {
      state: { otherHeatmap: second.heatmap, otherTarget: second.target, otherMask: secondMask, shared },
      answer: answer("Other network", second.probabilities, about, second.target, truth, portrait),
      warning: [missing, against(about, second, choice, "the other network")].filter(Boolean).join(" "),
    };
  }
}

/** A warning if no pixel of a map speaks for the class that it explains; nothing otherwise. */
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

/** Explain a class, or the predicted class if `asked` is null: as it is not known before, `guess` is tried first. */
async function answered(network, image, asked, guess) {
  const target = asked ?? Math.min(guess, network.about.classes.length - 1);
  const result = await network.explain(image, target);
  const found = result.probabilities.indexOf(Math.max(...result.probabilities));
  if (asked !== null || found === target) return { ...result, target };
  return { ...(await network.explain(image, found)), target: found };
}
