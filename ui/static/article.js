// Inside an open article: find words, go to its parts, show its printed page, take selected words for an answer. Its text is never
// changed: matches are marked by the browser (CSS Custom Highlight API), or selected where it has none.
const MOST_MATCHES = 10_000;
const article = () => document.querySelector("#article .article-text");

// Places are code points for the server and UTF-16 units for the browser.
function unitsOf(text, points) {
  let units = 0;
  for (let left = points; left > 0 && units < text.length; left--) units += text.codePointAt(units) > 0xffff ? 2 : 1;
  return units;
}
const pointsOf = (text, units) => [...text.slice(0, units)].length; // a string is walked by code points

// Ranges over the article for ascending places [start, end] in UTF-16 units.
function rangesAt(root, places) {
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let node = nodes.nextNode();
  let before = 0; // units in front of this node
  const at = (unit, isEnd) => {
    while (node && (isEnd ? unit > before + node.length : unit >= before + node.length)) {
      before += node.length;
      node = nodes.nextNode();
    }
    return node && [node, unit - before];
  };
  const ranges = [];
  for (const [start, end] of places) {
    const from = at(start, false);
    const to = from && at(end, true);
    if (!to) break;
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    ranges.push(range);
  }
  return ranges;
}

function scrollTo(range) {
  const place = range.getBoundingClientRect();
  scroller().scrollBy({ top: place.top - window.innerHeight / 2 });
}

function scroller() {
  const pane = document.getElementById("pane");
  return pane.scrollHeight > pane.clientHeight + 1 ? pane : document.scrollingElement;
}

// Find

let matches = [];
let current = -1;
let searched = null; // the text that they are in

function find(words) {
  const text = article();
  searched = text;
  matches = [];
  current = -1;
  if (text && words.trim()) {
    const pattern = words.trim().split(/\s+/u).map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("\\s+");
    const places = [];
    for (const match of text.textContent.matchAll(new RegExp(pattern, "giu"))) {
      places.push([match.index, match.index + match[0].length]);
      if (places.length === MOST_MATCHES) break;
    }
    matches = rangesAt(text, places);
  }
  globalThis.CSS?.highlights?.set("found", new Highlight(...matches));
  goToMatch(matches.length ? 0 : -1);
}

function goToMatch(to) {
  current = to;
  const match = matches[to];
  if (CSS.highlights) CSS.highlights.set("found-now", match ? new Highlight(match) : new Highlight());
  else if (match) getSelection().setBaseAndExtent(match.startContainer, match.startOffset, match.endContainer, match.endOffset);
  if (match) scrollTo(match);
  const finder = document.querySelector("#article .find");
  if (!finder) return;
  const field = finder.querySelector("input");
  const count = finder.querySelector(".matches");
  const { none, of, most } = count.dataset;
  const all = (matches.length === MOST_MATCHES ? most : of).replace("{here}", to + 1).replace("{n}", matches.length);
  count.textContent = matches.length ? all : field.value.trim() ? none : "";
  for (const button of finder.querySelectorAll("button")) button.disabled = !matches.length;
}

const further = (by) => matches.length && goToMatch((current + by + matches.length) % matches.length);

document.addEventListener("input", (event) => event.target.id === "find" && find(event.target.value));
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "find" || event.isComposing) return;
  if (event.key === "Enter") further(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape" && !event.target.value) (document.getElementById("quote") ?? document.querySelector("#pane button.back"))?.focus();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#article :is(button[data-find], button[data-goto], button.larger)");
  if (button?.dataset.find) further(Number(button.dataset.find));
  else if (button?.dataset.goto) goToPart(button);
  else if (button) enlarge(button.closest(".sheet"));
});

function goToPart(button) {
  const sheet = document.querySelector("#article .sheet");
  if (button.dataset.goto === "sheet") return sheet.scrollIntoView({ block: "start" });
  const text = article();
  const start = unitsOf(text.textContent, Number(button.dataset.goto));
  const [range] = rangesAt(text, [[start, start + 1]]);
  if (range) scrollTo(range);
  askForSheet({ ...sheet?.dataset, part: button.dataset.goto });
}

// The printed page

let wantedPart = null; // where the page begins that was asked for last

function askForSheet({ article, version, part, start, end }) {
  wantedPart = part;
  if (article) trigger("sheet", { article, version, part, start, end });
}

function showSheet(reply) {
  const place = document.querySelector(`#article .sheet[data-version="${reply.dataset.version}"]`);
  if (!place || reply.dataset.part !== wantedPart) return; // another article was opened meanwhile, or another page asked for
  const quote = place.querySelector(".waits") && document.getElementById("quote"); // it stays where the reader sees it
  const top = quote?.getBoundingClientRect().top;
  const again = place.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
  place.replaceChildren(...reply.childNodes);
  place.classList.toggle("without", !place.querySelector("img"));
  place.querySelector(".larger")?.setAttribute("aria-pressed", place.classList.contains("large"));
  if (quote) scroller().scrollBy({ top: quote.getBoundingClientRect().top - top });
  if (again) place.querySelector(`button[aria-label="${again}"]:not(:disabled)`)?.focus();
}

// As wide as the pane, above the text; and beside it again, where the text is read on.
function enlarge(place) {
  const isLarge = place.classList.toggle("large");
  place.querySelector(".larger").setAttribute("aria-pressed", isLarge);
  if (isLarge) place.scrollIntoView({ block: "start" });
  else document.getElementById("quote")?.scrollIntoView({ block: "center" });
}

new MutationObserver(() => {
  const place = document.querySelector("#article .sheet[data-asked='']");
  if (place) {
    place.dataset.asked = "yes";
    askForSheet(place.dataset);
  }
  if (matches.length && !searched.isConnected) find(""); // ranges outlive the text that they were in
}).observe(document.body, { childList: true, subtree: true });

// Selected words as the answer to a question

const MOST_QUESTION = 2_000; // characters
let selected = null;
const offer = Object.assign(document.createElement("button"), { type: "button", id: "this-answers", hidden: true });
element.closest(".gradio-container").append(offer);

function selection() {
  const chosen = getSelection();
  const text = article();
  if (!text || !chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
  const before = new Range();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const units = before.toString().length;
  const start = pointsOf(text.textContent, units);
  const words = text.textContent.slice(units, units + range.toString().length);
  const { article: id, version } = text.dataset;
  return words.trim() && { article: id, version, start: String(start), end: String(start + [...words].length), text: words, range };
}

document.addEventListener("selectionchange", () => {
  if (document.querySelector("dialog[open]")) return;
  const words = selection();
  if (words || document.activeElement !== offer) selected = words;
  offer.hidden = !selected;
  if (!selected) return;
  offer.textContent = document.getElementById("gold-title").textContent;
  const place = selected.range.getBoundingClientRect();
  offer.style.top = `${Math.min(Math.max(place.bottom + 6, 8), window.innerHeight - 48)}px`;
  offer.style.left = `${Math.min(Math.max(place.left, 8), window.innerWidth - 180)}px`;
});

offer.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
offer.addEventListener("click", () => {
  if (!selected) return;
  const dialog = document.getElementById("gold");
  dialog.querySelector("q").textContent = selected.text;
  const question = [...document.querySelectorAll("#conversation .question")].pop();
  dialog.querySelector("textarea").value = (question?.textContent ?? "").slice(0, MOST_QUESTION);
  offer.hidden = true;
  dialog.showModal();
  dialog.querySelector("textarea").select();
});

document.addEventListener("close", (event) => {
  if (event.target.id !== "gold" || event.target.returnValue !== "keep" || !selected) return;
  const { article, version, start, end, text } = selected;
  trigger("mark", { article, version, start, end, text, question: event.target.querySelector("textarea").value });
  event.target.returnValue = "";
  getSelection().removeAllRanges();
}, true); // which does not bubble
