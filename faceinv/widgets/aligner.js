// The aligner: the user moves a photograph or the camera's picture until the eyes are on the marks.

import { greyPlanes } from "./pixels.js";

const TIMES = 4; // pixels of the aligner per pixel of the network's input
const STEP = 0.02; // shift by one press of an arrow key, as a fraction of the frame

export class Aligner {
  /** `eyes` are two positions as fractions of the frame; `changed` is called whenever the picture changes. */
  constructor(side, eyes, changed) {
    Object.assign(this, { side, eyes, changed });
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    this.root = make("div", { className: "fx-align", hidden: true });
    this.canvas = make("canvas", { width: TIMES * side, height: TIMES * side, tabIndex: 0 });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "Your picture: drag it, or press the arrow keys, plus and minus");
    this.marks = make("div", { className: "fx-marks" });
    for (const [x, y] of eyes) {
      const mark = make("span", {});
      Object.assign(mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
      this.marks.append(mark);
    }
    this.zoom = make("input", { type: "range", min: 1, max: 6, step: 0.02, value: 1 });
    this.zoom.oninput = () => this.place({ zoom: Number(this.zoom.value) });
    const frame = make("div", { className: "fx-frame" });
    frame.append(this.canvas, this.marks);
    const text = make("p", { textContent: "Move the picture until the eyes are on the marks." });
    const zoom = make("label", { className: "fx-slider" });
    zoom.append(make("span", { textContent: "Enlarge" }), this.zoom);
    this.beside = make("div", { className: "fx-beside" });
    this.beside.append(text, zoom);
    this.root.append(frame, this.beside);
    this.listen();
  }

  listen() {
    const { canvas } = this;
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    canvas.addEventListener("keydown", (event) => {
      const zoom = { "+": 1.05, "-": 1 / 1.05 }[event.key];
      const move = moves[event.key];
      if (!zoom && !move) return;
      event.preventDefault();
      if (zoom) this.place({ zoom: this.at.zoom * zoom });
      else this.place({ x: this.at.x + move[0], y: this.at.y + move[1] });
    });
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const { width } = canvas.getBoundingClientRect();
      this.place({ x: this.at.x + event.movementX / width, y: this.at.y + event.movementY / width });
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.place({ zoom: this.at.zoom * Math.exp(-event.deltaY / 500) });
    });
  }

  async open(file) {
    this.start(await createImageBitmap(file, { imageOrientation: "from-image" }));
    this.draw();
  }

  /** Show the camera's picture, continuously. */
  async look() {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" }, audio: false });
    const video = document.createElement("video");
    Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
    await video.play();
    this.start(video);
    this.mirrored = true; // as people know themselves
    const next = (then) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(then) : setTimeout(then, 33));
    const again = () => {
      if (this.source !== video) return;
      this.draw();
      next(again);
    };
    again();
  }

  /** Keep the last picture of the camera. */
  freeze() {
    const { source } = this;
    if (!this.isLive) return;
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [source.videoWidth, source.videoHeight];
    copy.getContext("2d").drawImage(source, 0, 0);
    this.stop();
    this.source = copy;
    this.draw();
  }

  /** Whether the picture is that of the camera at this moment. */
  get isLive() {
    return this.source instanceof HTMLVideoElement;
  }

  start(source) {
    this.stop();
    this.source = source;
    this.mirrored = false;
    this.at = { x: 0, y: 0, zoom: 1 };
    this.zoom.value = 1;
    this.root.hidden = false;
  }

  /** Stop the camera. */
  stop() {
    if (this.isLive) for (const track of this.source.srcObject.getTracks()) track.stop();
    this.source = null;
  }

  close() {
    this.stop();
    this.root.hidden = true;
  }

  /** The picture in the frame, as grey planes of the network's size. */
  image() {
    return greyPlanes(this.canvas, this.side);
  }

  place(values) {
    Object.assign(this.at, values);
    this.at.zoom = Math.max(1, Math.min(6, this.at.zoom));
    this.zoom.value = this.at.zoom;
    this.draw();
  }

  draw() {
    const { source, canvas, at } = this;
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    const scale = (at.zoom * canvas.width) / Math.min(width, height);
    const [x, y] = [at.x, at.y].map((shift) => canvas.width * (0.5 + shift));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "rgb(128, 128, 128)";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.save();
    context.translate(x, y);
    context.scale(this.mirrored ? -scale : scale, scale);
    context.drawImage(source, -width / 2, -height / 2, width, height);
    context.restore();
    this.changed();
  }
}
