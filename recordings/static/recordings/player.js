// Waveform and controls. The browser never decodes the whole recording: peaks come ready, sound comes by HTTP ranges.
import WaveSurfer from "../vendor/wavesurfer/wavesurfer.js";
import Hover from "../vendor/wavesurfer/hover.js";
import Timeline from "../vendor/wavesurfer/timeline.js";
import Zoom from "../vendor/wavesurfer/zoom.js";
import { Sides } from "./sides.js";

const STEP = 5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];

/** @param {number} seconds */
export const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const tail = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
};

export class Player {
  /** @param {HTMLElement} frame */
  constructor(frame) {
    this.frame = frame;
    this.audio = /** @type {HTMLAudioElement} */ (this.part("audio"));
    this.seconds = Number(frame.dataset.seconds) / 1000;
    this.sides = new Sides(this.audio);
  }

  /** @param {string} id @returns {any} */
  part(id) {
    return this.frame.querySelector(`#${id}`);
  }

  start() {
    this.connectControls();
    this.connectKeys();
    this.draw();
  }

  connectControls() {
    const { audio } = this;
    this.part("play").addEventListener("click", () => this.toggle());
    this.part("back").addEventListener("click", () => this.move(-STEP));
    this.part("forward").addEventListener("click", () => this.move(STEP));
    this.part("seek").addEventListener("input", (event) => this.goTo(Number(event.target.value) / 1000));
    this.part("volume").addEventListener("input", (event) => { audio.volume = Number(event.target.value) / 100; });
    this.part("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
    for (const button of this.frame.querySelectorAll("[data-side]")) {
      button.addEventListener("click", () => button.setAttribute("aria-pressed", String(this.sides.toggle(Number(button.dataset.side)))));
    }
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, () => this.showState());
    for (const name of ["timeupdate", "seeked"]) audio.addEventListener(name, () => this.showTime());
    audio.addEventListener("error", () => { this.part("player-trouble").hidden = false; });
    // Loading may have failed before this script ran.
    if (audio.error) this.part("player-trouble").hidden = false;
  }

  connectKeys() {
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.move(-STEP),
      ArrowRight: () => this.move(STEP),
      "[": () => this.changeSpeed(-1),
      "]": () => this.changeSpeed(1),
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], .dropdown-menu.show")) return;
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      if (target.matches("input, select, textarea")) return;
      // The space bar presses a focused button, link or message; scrolled regions take the arrows.
      if (event.key === " " && target.matches("button, a, summary")) return;
      if (event.key.startsWith("Arrow") && target.matches("[role=region], pre")) return;
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") this.part("player-trouble").hidden = false;
    }
  }

  /** @param {number} seconds */
  move(seconds) {
    this.goTo(this.audio.currentTime + seconds);
  }

  /** @param {number} seconds */
  goTo(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.seconds);
    this.showTime();
  }

  /** @param {number} step */
  changeSpeed(step) {
    const at = SPEEDS.indexOf(this.audio.playbackRate);
    const speed = SPEEDS[Math.min(Math.max((at === -1 ? 2 : at) + step, 0), SPEEDS.length - 1)];
    this.audio.playbackRate = speed;
    this.part("speed").value = String(speed);
  }

  showState() {
    this.part("play").setAttribute("aria-pressed", String(!this.audio.paused));
  }

  showTime() {
    const now = this.audio.currentTime;
    this.part("now").textContent = clock(now);
    const seek = this.part("seek");
    seek.value = String(Math.round(now * 1000));
    seek.setAttribute("aria-valuetext", clock(now));
  }

  async draw() {
    const answer = await fetch(this.frame.dataset.peaks, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return; // the player works without its picture
    const { peaks } = await answer.json();
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    // Opaque colours: the played part is drawn through the unplayed one.
    const side = (name) => ({ height: 72, waveColor: colour(`${name}-soft`), progressColor: colour(name), normalize: true });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    WaveSurfer.create({
      container: this.part("wave"),
      media: this.audio,
      peaks,
      duration: this.seconds,
      splitChannels: peaks.map((_, channel) => side(channel ? "--apresa-callee" : "--apresa-caller")),
      cursorColor: colour("--tblr-body-color"),
      cursorWidth: 2,
      dragToSeek: true,
      autoScroll: !calm,
      cspNonce: document.querySelector("script[nonce]")?.nonce,
      plugins: [
        Timeline.create({ height: 18, formatTimeCallback: clock, secondaryLabelOpacity: 0.7, style: { color: colour("--tblr-secondary-color"), fontSize: "12px" } }),
        Hover.create({ lineColor: colour("--tblr-secondary-color"), labelColor: "#fff", labelBackground: "#333" }),
        Zoom.create({ scale: 0.3, maxZoom: 200 }),
      ],
    });
  }
}
