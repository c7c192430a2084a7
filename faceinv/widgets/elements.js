// Elements of which explorers are composed.

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

/** A button. */
export function button(text, onclick, properties = {}) {
  return make("button", { type: "button", onclick, ...properties }, text);
}

/** A picture with its caption. */
export function view(text) {
  const canvas = make("canvas", { role: "img", "aria-label": text, width: 64, height: 64 });
  const caption = make("p", {}, text);
  return { canvas, caption, figure: make("div", { className: "fx-view" }, canvas, caption) };
}

/** Which side of a map is for the class: relevance has the sign of its logit, unless it starts there or against others. */
export function sides(logit, choice) {
  return isTurned(logit, choice) ? "against (warm) and for (cold)" : "for (warm) and against (cold)";
}

/** Whether positive relevance speaks against the class. */
export function isTurned(logit, { start, against }) {
  return logit < 0 && start !== "logit" && against === "none";
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

/** Fill a select with options [value, text] and choose one; an unchanged list is kept, as it may be open. */
export function offer(select, options, chosen) {
  const texts = options.map(([, text]) => text);
  if (select.options.length !== texts.length || texts.some((text, i) => select.options[i].text !== text)) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen ?? "";
}

/** The number of an option's value; null if it is empty. */
export function number(value) {
  return value === "" ? null : Number(value);
}
