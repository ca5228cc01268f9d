// Runs once in the conversation and once in the article's pane; `element`, `trigger` and `watch` come from gr.HTML.
// Every button says in data-event what it is for; the server does the rest.
const EVENTS = ["open", "contents", "example", "narrow", "talk", "forget", "dismiss"];
const FORMS = ["measure", "show", "find", "rename", "accept"];

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-event]");
  if (!button || !EVENTS.includes(button.dataset.event)) return;
  if (button.dataset.event === "open" && !button.dataset.liked) { // else the quote whose like this is stays marked
    document.querySelector("[aria-current]")?.removeAttribute("aria-current");
    (button.closest("#conversation") ? button : citationOf(button) ?? button).setAttribute("aria-current", "true");
  }
  trigger(button.dataset.event, { ...button.dataset });
});

element.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-event]");
  event.preventDefault();
  if (!form || !FORMS.includes(form.dataset.event)) return;
  const filled = { ...form.dataset };
  for (const [name, value] of new FormData(form)) filled[name] = value instanceof File ? await value.text() : value;
  trigger(form.dataset.event, filled);
});

// The citation in the conversation that a step from quote to quote leads to, so that it is found again on the way back.
function citationOf({ dataset: { number, article, version, start, end } }) {
  const place = Object.entries({ number, article, version, start, end }).map(([name, value]) => `[data-${name}="${value}"]`);
  return number && document.querySelector(`#conversation .quoted .cite${place.join("")}`);
}

watch("value", () => {
  const question = [...element.querySelectorAll(".exchange")].pop();
  if (question) question.scrollIntoView({ block: "start" });
  if (question && document.activeElement === document.body) question.querySelector("h2").focus({ preventScroll: true }); // it was in what has gone
  if (!element.querySelector(".reading, .contents")) return;
  const pane = element.closest("#pane");
  const place = element.querySelector("#quote, .similar [aria-current]");
  pane.scrollTop = 0;
  if (place) place.scrollIntoView({ block: "center" });
  if (element.querySelector(".reading")) (place ?? element.querySelector("button.back")).focus({ preventScroll: true });
  else document.querySelector("[aria-current]")?.focus(); // back to the citation that was followed
});
