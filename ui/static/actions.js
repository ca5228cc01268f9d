// What is done with quotes: buttons anywhere on the page say in data-does what they are for, or in data-copy what they copy.
const DOES = ["like", "judge", "again", "offer", "sheet", "mark"];
const WAITS = 4000; // milliseconds that a word on what was done stays

let hiding;
function say(text) {
  const status = document.getElementById("status");
  clearTimeout(hiding);
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text)); // so that the same word twice is said twice
  hiding = setTimeout(() => (status.textContent = ""), WAITS);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOnPlainHttp(text); // where there is no navigator.clipboard, or it may not be used
  }
}

function copyOnPlainHttp(text) {
  const before = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text });
  field.style.position = "fixed"; // nothing scrolls
  document.body.append(field);
  field.select();
  const exactly = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  field.addEventListener("copy", exactly);
  const done = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}

function searchAgain(button) {
  const text = button.parentElement.querySelector("textarea").value;
  trigger("again", { number: button.dataset.number, text });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.(".again-form textarea")) return;
  event.preventDefault();
  searchAgain(event.target.parentElement.querySelector("button"));
});

// The citation of the quote whose like is looked for, so that it is found again on the way back.
function markLiked(button) {
  const citation = button.closest("#conversation .quoted")?.querySelector(".citation .cite");
  if (!citation) return;
  document.querySelector("[aria-current]")?.removeAttribute("aria-current");
  citation.setAttribute("aria-current", "true");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy], button[data-link], button[data-does]");
  if (!button) return;
  const copied = button.dataset.link === undefined ? button.dataset.copy : new URL(button.dataset.link, location.href).href;
  if (copied !== undefined) say(document.getElementById("status").dataset[(await copy(copied)) ? "copied" : "refused"]);
  else if (button.dataset.does === "sheet") askForSheet({ ...button.closest(".sheet").dataset, ...button.dataset });
  else if (button.dataset.does === "again") searchAgain(button);
  else if (DOES.includes(button.dataset.does)) {
    if (button.dataset.does === "like") markLiked(button);
    trigger(button.dataset.does, { ...button.dataset });
  }
});

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
