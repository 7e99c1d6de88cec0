// Brings the page to life.
startArray();
startTimeline();
startLayers();
startRoofline();
startMemory();
startDetails();
for (const button of document.querySelectorAll("header [data-layer]"))
  button.addEventListener("click", () => select("layer", Number(button.dataset.layer)));
byId("clear").addEventListener("click", () => select("", null));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") select("", null); });
const theme = byId("theme");
const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
function showTheme() {
  theme.textContent = isDark() ? "Light" : "Dark";
  theme.setAttribute("aria-label", `Use ${isDark() ? "light" : "dark"} colours`);
  state.redrawTimeline();
}
theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; showTheme(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
showTheme();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
