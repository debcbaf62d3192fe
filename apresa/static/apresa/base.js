// Every page: shortcuts, the help dialog, the sidebar, dialogs opened by a button.

/** @param {EventTarget | null} target */
const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** @param {string} id */
const openDialog = (id) => {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
};

for (const dialog of document.querySelectorAll("dialog[data-open]")) openDialog(dialog.id);

const GO = { c: "calls", l: "active-calls", s: "system" };
let afterG = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    openDialog("help");
  } else if (event.key === "/") {
    event.preventDefault();
    const field = document.querySelector("[data-hotkey='/']");
    if (field instanceof HTMLInputElement) field.select();
  } else if (event.timeStamp - afterG < 1500 && event.key in GO) {
    const link = document.querySelector(`#sidebar [data-page='${GO[event.key]}']`);
    if (link instanceof HTMLAnchorElement) window.location.assign(link.href);
  }
  afterG = event.key === "g" ? event.timeStamp : -1500;
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-open-help]")) openDialog("help");
  const opener = event.target.closest("[data-dialog]");
  if (opener instanceof HTMLElement) openDialog(opener.dataset.dialog ?? "");
  if (event.target instanceof HTMLDialogElement && event.target.matches(".dialog")) event.target.close();
});

const fold = document.querySelector("[data-fold-sidebar]");
if (fold) {
  const root = document.documentElement;
  const show = () => fold.setAttribute("aria-pressed", String(root.dataset.sidebar === "folded"));
  fold.addEventListener("click", () => {
    const folded = root.dataset.sidebar !== "folded";
    root.dataset.sidebar = folded ? "folded" : "";
    window.localStorage.setItem("apresa.sidebar", root.dataset.sidebar);
    show();
  });
  show();
}

// One click copies what a person would otherwise have to select.
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!(button instanceof HTMLElement)) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  button.classList.add("copied");
  window.setTimeout(() => button.classList.remove("copied"), 1500);
});

// Parts of a page that ask again by themselves: say when nobody answers, and go to the sign-in page when the session is over.
const lost = document.getElementById("connection-lost");
const showLost = (isLost) => { if (lost) lost.hidden = !isLost; };
document.addEventListener("htmx:sendError", () => showLost(true));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status) showLost(event.detail.xhr.status >= 500);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL).pathname.startsWith("/sign-in/")) return;
  event.detail.shouldSwap = false;
  if (event.detail.requestConfig.verb === "get") window.location.reload(); // else what was typed would be lost
});

// A part of the page was changed, and the other node has not heard of it yet.
document.addEventListener("apresa:saved-here", (event) => {
  const said = document.createElement("div");
  said.className = "alert alert-warning";
  said.setAttribute("role", "status");
  said.textContent = event.detail.value;
  document.querySelector(".messages")?.replaceChildren(said);
});
