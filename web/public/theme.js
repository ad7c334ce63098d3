// The chosen theme, before the first paint. Without a choice the system's preference holds.
try {
  var theme = new URLSearchParams(location.search).get("theme") || localStorage.getItem("ubiquitous-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage may be forbidden; the system's preference holds then.
}
