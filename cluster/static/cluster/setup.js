// The set-up: the first fault has the focus, a form that takes its time is sent once, what was opened stays open.

const wrong = document.querySelector("[data-setup-form] [aria-invalid]");
if (wrong instanceof HTMLElement) wrong.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("once" in form.dataset)) return;
  if (form.dataset.once === "sent") event.preventDefault();
  form.dataset.once = "sent";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
});
// Who comes back with the browser's own button may send it again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) if (form instanceof HTMLFormElement) form.dataset.once = "";
});

/** @type {string[]} */
let opened = [];
document.addEventListener("htmx:beforeSwap", () => {
  opened = [...document.querySelectorAll(".setup-steps details[open]")].map((part) => part.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});
