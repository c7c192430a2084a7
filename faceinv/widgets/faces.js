// The faces to choose from: one stop of the tab key, arrow keys within; people whom a network knows come first.

import { make } from "./elements.js";
import { draw } from "./pixels.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Faces {
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
    const strangers = this.buttons.filter((button) => !own.includes(button));
    if (this.arranged !== about) {
      this.arranged = about;
      const text = own.length && strangers.length ? "Its own people" : "";
      this.root.replaceChildren(...group(text, own), ...group("Strangers", strangers));
    }
    const focused = this.buttons[chosen] ?? own[0] ?? strangers[0];
    this.buttons.forEach((button, i) => {
      button.setAttribute("aria-checked", i === chosen);
      button.tabIndex = button === focused ? 0 : -1;
      button.classList.toggle("fx-stranger", strangers.includes(button));
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
}

function group(text, buttons) {
  if (!buttons.length) return [];
  return text ? [make("span", { className: "fx-group" }, text), ...buttons] : buttons;
}
