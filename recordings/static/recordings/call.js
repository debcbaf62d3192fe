// The page of one call: way back with the list's filters, the player, notes by keyboard.
import { Player } from "./player.js";

const back = document.querySelector("[data-back]");
if (back instanceof HTMLAnchorElement && document.referrer.startsWith(back.href)) back.href = document.referrer;

const frame = document.getElementById("player");
if (frame) new Player(frame).start();

// n: a note, t: a tag; what is typed elsewhere stays what it is.
const FIELDS = { n: "note-text", t: "tag-word" };
document.addEventListener("keydown", (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target?.matches("[data-submit]")) {
    if (target instanceof HTMLTextAreaElement) target.form?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target?.matches("input, select, textarea")) return;
  const field = document.querySelector("dialog[open]") ? null : document.getElementById(FIELDS[event.key] ?? "");
  if (!field) return;
  event.preventDefault();
  field.focus();
});

const showLost = (event) => {
  const lost = document.getElementById("notes-lost");
  if (lost && event.detail.target?.id === "notes") lost.hidden = false;
};

// A refused form comes back with its sentence; where nothing comes back, what was typed stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "notes") return;
  if (event.detail.xhr.status === 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (new URL(event.detail.xhr.responseURL).pathname.startsWith("/sign-in/")) {
    showLost(event); // the session is over
  }
});
document.addEventListener("htmx:responseError", showLost);
document.addEventListener("htmx:sendError", showLost);

// A hold that is there needs no name.
const which = document.getElementById("hold-which");
const fields = document.querySelector("[data-new-hold]");
if (which instanceof HTMLSelectElement && fields instanceof HTMLFieldSetElement) {
  const show = () => { fields.hidden = fields.disabled = which.value !== ""; };
  which.addEventListener("change", show);
  show();
}
