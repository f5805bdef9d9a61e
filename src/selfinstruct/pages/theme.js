// Light, dark, or what the system says. The choice stays in this browser. Without scripts: the system's.
(() => {
  const root = document.documentElement;
  const modes = ["auto", "light", "dark"];
  let mode = "auto";
  try { mode = localStorage.getItem("selfinstruct-theme") ?? "auto"; } catch { /* storage is switched off */ }
  const apply = () => {
    if (mode === "auto") delete root.dataset.theme; else root.dataset.theme = mode;
  };
  apply();
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const name = () => { button.textContent = `Theme: ${mode}`; };
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      mode = modes[(modes.indexOf(mode) + 1) % modes.length];
      try { localStorage.setItem("selfinstruct-theme", mode); } catch { /* it holds for this page */ }
      apply();
      name();
      dispatchEvent(new Event("themechange"));
    });
  });
})();
