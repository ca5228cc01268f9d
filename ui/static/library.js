// Runs once in the table of articles and once where an addition is shown; `element`, `trigger` and `watch` come from gr.HTML.
// Every button says in data-event what it is for; the server does the rest.
const EVENTS = ["open", "sort", "turn", "remove", "undo"];
let pressed = null; // the button whose effect is awaited

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-event]");
  if (!button || !EVENTS.includes(button.dataset.event)) return;
  if (button.dataset.event === "open") {
    document.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
  } else {
    pressed = { event: button.dataset.event, key: button.dataset.key };
  }
  trigger(button.dataset.event, { ...button.dataset });
});

// The focus stays where it was, or goes to what can be done next.
watch("value", () => {
  if (!pressed) return;
  const { event, key } = pressed;
  pressed = null;
  const same = element.querySelector(`[data-key="${CSS.escape(key ?? "")}"]:not(:disabled)`);
  const undo = event === "remove" ? [...element.querySelectorAll("[data-event=undo]")].pop() : null;
  (undo ?? same ?? element.querySelector("button:not(:disabled)"))?.focus();
});

// An addition goes on in the server whoever watches it; this asks how far it has come, and says when it has ended.
let busy = null;
setInterval(() => {
  const number = element.querySelector("[data-busy]")?.dataset.busy ?? null;
  if (number) trigger("look", { number });
  else if (busy) trigger("ended", {});
  busy = number;
}, 400);
