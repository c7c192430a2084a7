// Elements of which explorers are composed.

const SHOWN_ANSWERS = 4;

/** An element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A control with its label above it. */
export function label(text, control) {
  return make("label", {}, make("span", {}, text), control);
}

/** A picture with its caption. */
export function view(text) {
  const canvas = make("canvas", { role: "img", "aria-label": text });
  const caption = make("p", {}, text);
  return { canvas, caption, figure: make("div", {}, canvas, caption) };
}

/** Which side of a map is for the class: relevance has the sign of its logit, unless it starts there or against others. */
export function sides(logit, { start, against }) {
  const turned = logit < 0 && start !== "logit" && against === "none";
  return turned ? "against (warm) and for (cold)" : "for (warm) and against (cold)";
}

/** A slider that calls `tell` with its value when it is moved, and is moved by `show`. */
export function range(text, [min, max, step], write, tell) {
  const input = make("input", { type: "range", min, max, step, "aria-label": text }); // a label would name the output instead
  const shown = make("output");
  const show = (value) => {
    shown.textContent = write(value);
    input.setAttribute("aria-valuetext", shown.textContent);
    if (Number(input.value) !== value) input.value = value;
  };
  input.oninput = () => tell(Number(input.value));
  return { input, show, root: make("label", { className: "fx-slider" }, make("span", {}, text, " ", shown), input) };
}

/** The most probable classes and the explained class, as bars. */
export function bars(title, probabilities, classes, target) {
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
