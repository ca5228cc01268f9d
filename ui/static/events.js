// Runs once on the page. Every button and form of ours names its event in data-event, or in data-copy or
// data-link what it copies. The server does the rest. `element`, `trigger` and `watch` come from gr.HTML.
const MESSAGE_TIME = 4000; // milliseconds
const EVENTS = [ // Gradio knows an event of gr.HTML by its name here
  "open", "contents", "correct", "like", "sheet", "judge", "mark", // quotes and articles
  "ask", "resume", "restore", "narrow", "widen", "again", "conversation", "find", "rename", "forget", "unforget", // conversations
  "samples", "sort", "turn", "remove", "undo", "measure", "show", "accept", "dismiss", // the library, and what is measured
];

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button:is([data-event], [data-copy], [data-link], [data-tab])");
  if (!button) return;
  if (button.dataset.tab) document.getElementById(`${button.dataset.tab}-tab-button`)?.click();
  const { link, copy = link && new URL(link, location.href).href } = button.dataset;
  if (copy !== undefined) return say(document.getElementById("status").dataset[(await copyText(copy)) ? "copied" : "refused"]);
  const name = button.dataset.event;
  if (name === "sheet") return askForSheet({ ...button.closest(".sheet").dataset, ...button.dataset });
  if (name === "again") return searchAgain(button);
  if (name === "ask") return ask("ask", { text: button.dataset.text }, button.dataset.text);
  if (name === "narrow" || name === "widen") return ask(name, { ...button.dataset }, questionOf(button));
  if (name === "open" && !button.dataset.liked) markCurrent((button.closest("#conversation") ? null : citationOf(button)) ?? button);
  if (name === "like") markCurrent(button.closest("#conversation .quoted")?.querySelector(".citation .cite"));
  if (closeByHistory(name)) return;
  noteView(name, { ...button.dataset });
  if (EVENTS.includes(name)) trigger(name, { ...button.dataset });
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-event]");
  if (!form) return;
  event.preventDefault();
  const filled = { ...form.dataset };
  for (const [name, value] of new FormData(form)) filled[name] = value instanceof File ? await value.text() : value;
  trigger(form.dataset.event, filled);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.(".again-form textarea")) return;
  event.preventDefault();
  searchAgain(event.target.parentElement.querySelector("button"));
});

function searchAgain(button) {
  const text = button.parentElement.querySelector("textarea").value;
  ask("again", { number: button.dataset.number, text }, text);
}

function questionOf(button) {
  return button.closest(".exchange").querySelector(".question").textContent;
}

// The citation that was followed is marked, so that the focus finds it on the way back.
function markCurrent(citation) {
  if (!citation) return;
  document.querySelector("[aria-current]")?.removeAttribute("aria-current");
  citation.setAttribute("aria-current", "true");
}

// The citation in the conversation that a step from quote to quote leads to.
function citationOf({ dataset: { number, article, version, start, end } }) {
  const place = Object.entries({ number, article, version, start, end }).map(([name, value]) => `[data-${name}="${value}"]`);
  return number && document.querySelector(`#conversation .quoted .cite${place.join("")}`);
}

let hiding;
function say(text) {
  const status = document.getElementById("status");
  clearTimeout(hiding);
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text)); // so that screen readers say the same text again
  hiding = setTimeout(() => (status.textContent = ""), MESSAGE_TIME);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOnPlainHttp(text); // where there is no navigator.clipboard, or it may not be used
  }
}

function copyOnPlainHttp(text) {
  const focused = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text });
  field.style.position = "fixed"; // nothing scrolls
  document.body.append(field);
  field.select();
  field.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/plain", text); // exactly, line ends too
    event.preventDefault();
  });
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return isCopied;
}

watch("value", () => {
  const reply = element.querySelector("[data-reply]");
  if (!reply) return;
  if (reply.dataset.reply === "judged") {
    const { number, rank, good } = reply.dataset;
    for (const thumb of document.querySelectorAll(`.thumb[data-number="${number}"][data-rank="${rank}"]`)) {
      thumb.setAttribute("aria-pressed", String(thumb.dataset.good === good));
    }
  }
  if (reply.dataset.reply === "sheet") showSheet(reply);
  else say(reply.textContent);
});
