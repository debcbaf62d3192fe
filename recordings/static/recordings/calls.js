// The list of calls: short addresses, and j/k/Enter through the rows.

document.addEventListener("htmx:configRequest", (event) => {
  const parameters = event.detail.parameters;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

const links = () => [...document.querySelectorAll("#calls .row-link")].filter((link) => link instanceof HTMLElement);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof HTMLElement && event.target.matches("input, select, textarea")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const rows = links();
  const at = rows.findIndex((link) => link === document.activeElement);
  const next = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.closest("tr")?.scrollIntoView({ block: "nearest" });
});

// The whole row opens the call, but only a plain click that selects no text.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.target.closest("a, button")) return;
  const link = event.target.closest(".call-row")?.querySelector(".row-link");
  if (link instanceof HTMLElement && !String(window.getSelection())) link.click();
});
