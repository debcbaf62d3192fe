// The settings page: finding without a reload, as what was typed and not saved would be gone; and a word before it goes.

const search = document.getElementById("search-settings");
const none = document.getElementById("none-found");
const cards = [...document.querySelectorAll("[data-theme-card]")].filter((card) => card instanceof HTMLElement);

/** @param {string} text */
const find = (text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) {
    const rows = [...card.querySelectorAll("[data-setting]")].filter((row) => row instanceof HTMLElement);
    for (const row of rows) row.hidden = !words.every((word) => (row.dataset.words ?? "").includes(word));
    card.hidden = rows.every((row) => row.hidden);
  }
  if (none) none.hidden = cards.some((card) => !card.hidden);
  const address = new URL(window.location.href);
  if (text.trim()) address.searchParams.set("q", text.trim());
  else address.searchParams.delete("q");
  window.history.replaceState(null, "", address);
};

if (search instanceof HTMLInputElement) search.addEventListener("input", () => find(search.value));
document.getElementById("settings-search")?.addEventListener("submit", (event) => event.preventDefault());

/** @param {Element} form */
const isTouched = (form) =>
  [...form.querySelectorAll("[data-setting]")].some((row) => {
    const field = row.querySelector(".form-control, .form-select");
    const seen = row.querySelector("input[type=hidden]");
    const isField = field instanceof HTMLInputElement || field instanceof HTMLSelectElement;
    return isField && seen instanceof HTMLInputElement && !field.disabled && field.value !== seen.value;
  });

/** @type {EventTarget | null} */
let sent = null;
document.addEventListener("submit", (event) => { sent = event.target; });
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("[data-settings-form]")];
  if (forms.some((form) => form !== sent && isTouched(form))) event.preventDefault();
  sent = null; // who stays may leave another way
});

// What was wrong is where the person goes on.
const wrong = document.querySelector(".setting [aria-invalid]");
if (wrong instanceof HTMLElement) wrong.focus();
