// The keyboard: / asks, j and k go from quote to quote, Enter opens, Esc goes back, ? lists the keys. None works while one writes.
const WRITES = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";

function quotes() {
  return [...document.querySelectorAll("#conversation .quoted .citation .cite")].filter((citation) => citation.offsetParent);
}

function step(by) {
  const inPane = document.querySelector(`#pane .steps button[data-step="${by}"]`);
  if (document.querySelector("#pane .reading")?.contains(document.activeElement) && inPane) return inPane.click();
  const all = quotes();
  if (!all.length) return;
  const quoted = document.activeElement?.closest("#conversation .quoted");
  const now = all.findIndex((citation) => quoted?.contains(citation));
  const newest = all.findIndex((citation) => citation.closest(".exchange:last-child")); // -1 where the last answer has none
  const next = now >= 0 ? now + by : newest >= 0 ? newest : all.length - 1;
  const to = all[Math.min(Math.max(next, 0), all.length - 1)];
  to.focus({ preventScroll: true });
  to.closest(".quoted").scrollIntoView({ block: "nearest" });
}

function goToQuestion() {
  const question = document.querySelector("#question textarea");
  if (!question.offsetParent) [...document.querySelectorAll("#tabs [role=tab]")].find((tab) => tab.id.startsWith("ask"))?.click();
  requestAnimationFrame(() => question.focus());
}

const DOING = {
  "/": goToQuestion,
  j: () => step(1),
  k: () => step(-1),
  "?": () => document.getElementById("keys").showModal(),
  Escape: () => document.querySelector("#pane .reading button.back")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.(WRITES) || document.querySelector("dialog[open]")) return;
  const does = Object.hasOwn(DOING, event.key) ? DOING[event.key] : null;
  if (!does) return;
  if (event.key !== "Escape") event.preventDefault();
  does();
});
