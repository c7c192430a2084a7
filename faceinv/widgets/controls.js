// The controls of an explorer. Each function makes a group of them, and stores on the explorer those that show its choices.

import { button, label, make, number, offer, range } from "./elements.js";
import { UNCHANGED } from "./pixels.js";

/** Classes that the explained one is set off against: values and texts. */
const CONTRASTS = Object.entries({ none: "no other class", softmax: "the others", "runner-up": "the strongest other" });
const EXPLAINED = Object.entries({ own: "its own answer", same: "the same class" });
const percent = (value) => `${Math.round(100 * value)}%`;
const SLIDERS = [
  ["rotation", "Rotation", [-60, 60, 1], (v) => `${Math.round(v)}°`],
  ["size", "Size", [0.375, 1.25, 0.03125], percent],
  ["right", "Shift right", [-0.375, 0.375, 0.03125], percent],
  ["down", "Shift down", [-0.375, 0.375, 0.03125], percent],
  ["blur", "Blur", [0, 0.0625, 0.00390625], (v) => `${(100 * v).toFixed(1)}%`],
];

/** The controls of the mask. */
export function keeping(explorer) {
  const group = `fx-order-${Math.random()}`; // unique, because radio buttons of one name exclude each other in the whole page
  explorer.orders = ["most", "least"].map((order) => {
    const radio = make("input", { type: "radio", name: group, value: order });
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
  const sides = make("div", { className: "fx-orders", role: "radiogroup", "aria-label": "Which pixels are kept" }, ...orders);
  return make("div", { className: "fx-keep" }, explorer.player, explorer.share.root, sides);
}

/** The controls of the transformations. */
export function changing(explorer) {
  explorer.sliders = SLIDERS.map(([name, text, bounds, write]) => {
    const slider = range(text, bounds, write, (value) => explorer.choose({ [name]: value }));
    slider.input.dataset.change = name;
    return { name, ...slider };
  });
  const reset = button("Undo all", () => explorer.choose(UNCHANGED));
  const sliders = explorer.sliders.map((each) => each.root);
  return make("div", { className: "fx-sliders", role: "group", "aria-label": "Change the face" }, ...sliders, reset);
}

/** The menus of the network, of another one, and of the explained class. */
export function choosing(explorer, pair) {
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

/** The menus of the rules, with their description. */
export function detailing(explorer) {
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
  // A page has other things to show first; in a notebook the rules are what is compared.
  const open = !explorer.parts.has("link");
  explorer.details = make("details", { className: "fx-rules", open }, make("summary", {}, "Rules of the relevance map"), row);
  return explorer.details;
}

/** What a reader brings and takes along: a photograph, a picture, a link. */
export function taking(explorer) {
  const row = make("div", { className: "fx-row" }, ...(explorer.photograph?.controls ?? []));
  row.append(button("Download the picture", () => explorer.save()));
  if (explorer.parts.has("link")) row.append(button("Copy a link to this", () => explorer.link()));
  return row;
}

/** A menu of networks, with the further option `none` if it is given. */
function networks(explorer, text, none) {
  const options = explorer.source.index.networks.map((each, i) => make("option", { value: i }, each.label));
  if (none) options.unshift(make("option", { value: "" }, none));
  return make("select", { "aria-label": text }, ...options);
}
