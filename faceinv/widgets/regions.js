// The names of facial regions, shown below the pointer with their share of the relevance.

import { make } from "./elements.js";
import { origin } from "./pixels.js";

/** Share of a map's absolute relevance in each region, by the index of the region. */
export function shares(map, regions, count) {
  const found = new Float64Array(count);
  let total = 0;
  map.forEach((value, i) => {
    found[regions[i]] += Math.abs(value);
    total += Math.abs(value);
  });
  return found.map((value) => (total ? value / total : 0));
}

/**
 * Show the region below the pointer on a view.
 *
 * `ask` returns the region map (labels of pixels) of the face that is shown, the names of regions, the transformation of the face
 * and the relevance map of the unchanged face, or null if there is none of these.
 */
export function nameRegions({ canvas, figure }, ask) {
  const tip = make("div", { className: "fx-tip", hidden: true });
  figure.append(tip);
  canvas.addEventListener("pointerleave", () => (tip.hidden = true));
  canvas.addEventListener("pointermove", (event) => {
    const asked = ask();
    if (!asked) {
      tip.hidden = true;
      return;
    }
    const box = canvas.getBoundingClientRect();
    const side = canvas.width;
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((part) => Math.floor(part * side));
    const place = origin(...at, side, asked.choice);
    const label = place === null ? 0 : asked.regions[place];
    const part = asked.shares[label];
    tip.textContent = `${asked.names[label]}: ${Math.round(100 * part)}% of the relevance`;
    tip.hidden = false;
  });
}

/** The labels of a face's pixels after its transformation; what comes from outside the frame is background. */
export function transformedRegions(regions, side, choice) {
  return regions.map((_, i) => {
    const place = origin(i % side, Math.floor(i / side), side, choice);
    return place === null ? 0 : regions[place];
  });
}
