// Runs in the conversation, in the article's pane, in the table of articles and where an addition is shown: where each scrolls,
// and what has the focus, once its content is new. `element` and `watch` come from gr.HTML.
let pressed = null; // the button in the table whose effect is awaited
element.addEventListener("click", (event) => {
  const button = event.target.closest(".shelf button[data-event]:not([data-event=open])");
  if (button) pressed = button.dataset;
});

watch("value", () => {
  if (pressed) focusAfter(pressed);
  pressed = null;
  const exchange = [...element.querySelectorAll(".exchange")].pop();
  if (exchange) exchange.scrollIntoView({ block: "start" });
  if (exchange && document.activeElement === document.body) exchange.querySelector("h2").focus({ preventScroll: true });
  if (element.closest("#pane")) showPlace();
});

// The same button again, or what can be done next.
function focusAfter({ event, key }) {
  const same = element.querySelector(`[data-key="${CSS.escape(key ?? "")}"]:not(:disabled)`);
  const undo = event === "remove" ? [...element.querySelectorAll("[data-event=undo]")].pop() : null;
  (undo ?? same ?? element.querySelector("button:not(:disabled)"))?.focus();
}

function showPlace() {
  const place = element.querySelector("#quote, .similar [aria-current]");
  const isOpen = element.querySelector(".reading");
  if (!isOpen && !element.querySelector(".contents")) return;
  element.closest("#pane").scrollTop = 0;
  if (place) place.scrollIntoView({ block: "center" });
  if (isOpen) (place ?? element.querySelector("button.back")).focus({ preventScroll: true });
  else if (!element.querySelector("[data-quietly]")) document.querySelector("[aria-current]")?.focus(); // back to the citation that was followed
}
