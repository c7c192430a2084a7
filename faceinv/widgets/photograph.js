// The controls for the user's own photograph, which stays in the page, and what is done to it.

import { Aligner } from "./aligner.js";
import { button, make } from "./elements.js";
import { standardised } from "./pixels.js";

export class Photograph {
  /** `changed` is called with each new image, and `tell` with messages for the user. */
  constructor({ size, eyes, standard }, changed, tell) {
    this.tell = tell;
    this.file = make("input", { type: "file", accept: "image/*", onchange: () => this.open(this.file.files[0]) });
    this.still = button("Take the picture", () => this.freeze(), { hidden: true });
    this.aligner = new Aligner(size, eyes, () => {
      const grey = this.aligner.image();
      changed(standard ? standardised(grey, size, standard) : grey);
    });
    this.aligner.beside.append(make("p", { className: "fx-note" }, treatment(standard)), this.still);
    const file = make("label", { className: "fx-file" }, "A photograph of your own", this.file);
    this.controls = [file, button("Use the camera", () => this.look())];
    this.root = this.aligner.root;
  }

  /** Open what is dropped on an element. */
  listen(element) {
    element.addEventListener("dragover", (event) => event.preventDefault());
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) this.open(event.dataTransfer.files[0]);
    });
  }

  get isLive() {
    return this.aligner.isLive;
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

  close() {
    this.aligner.close();
    this.still.hidden = true;
    this.file.value = "";
  }
}

/** A sentence on what is done to a photograph. */
function treatment(standard) {
  const done = ["made grey"];
  if (standard?.oval) done.push("cut to an oval");
  if (standard) done.push("given the mean grey level and the contrast of the faces that the networks learned from");
  const text = done.length > 1 ? `${done.slice(0, -1).join(", ")} and ${done.at(-1)}` : done[0];
  const unknown = "The networks have never seen a photograph, so that their answers may be wrong.";
  return `Your picture is ${text}. It does not leave this browser. ${standard?.rendered ? unknown : ""}`;
}
