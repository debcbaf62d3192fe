// Runs before the first paint: the page never flashes in the wrong theme, or with the sidebar in the wrong state.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = root.dataset.theme || "auto";
    root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("apresa:theme", apply);
  if (window.localStorage.getItem("apresa.sidebar") === "folded") root.dataset.sidebar = "folded";

  // Lets the server write times in the zone of people who have chosen none.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && /^[A-Za-z0-9_+\-/]{1,64}$/.test(zone)) {
    document.cookie = `apresa_time_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
})();
