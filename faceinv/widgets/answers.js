// Answers of a network: the most probable classes as bars, with a mark where the truth is known.

import { make } from "./elements.js";

const SHOWN = 3;

/** The name of a class, which identity networks have for their people. */
export function nameOf(about, place) {
  const name = about.classes[place];
  return about.names?.[name] ?? name;
}

/**
 * An answer: its title, the most probable classes and the explained class `target`, and whether it is right.
 *
 * `truth` is the place of the true class, or null if there is none; `portrait` returns a picture of a class, or nothing.
 */
export function answer(title, probabilities, about, target, truth, portrait) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const shown = order.slice(0, SHOWN);
  if (!shown.includes(target)) shown[shown.length - 1] = target;
  const rows = shown.map((i) => {
    const percent = Math.round(100 * probabilities[i]);
    const bar = make("span", { className: "fx-bar" }, make("span"));
    bar.firstChild.style.width = `${100 * probabilities[i]}%`;
    const name = make("span", { className: "fx-name" }, ...[portrait(i), nameOf(about, i)].filter(Boolean));
    return make("li", { className: i === target ? "fx-target" : "" }, name, bar, `${percent}%`);
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

/** A sentence on the true class of a face: `truth` is its place, null if the network has no such class. */
export function truthOf(about, truth, isPhotograph) {
  if (isPhotograph) return "A photograph: which answer is right is not known.";
  if (truth !== null) return `Truth: ${nameOf(about, truth)}`;
  return "A stranger: the network can only answer with one of the people that it has learned.";
}
