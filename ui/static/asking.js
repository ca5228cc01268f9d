// Asking. A question goes from here to the server once the one before it is answered. What is typed, the filters, and questions
// without an answer are noted in the tab's own storage, so that neither a reload nor a lost connection loses them.
const STORE = "pullquote";
const MOST_RESUMED = 2; // times that a question is asked again by itself
const notes = { typed: "", filters: [], questions: [], address: "", ...recall() };
let isAsking = false; // the first of the questions
const early = []; // questions asked before the server has given the page its conversation; it would take them for another's
let isReady = false;

// Gradio's BrowserState is shared by all tabs, but each tab has a conversation of its own.
function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE));
  } catch {
    return null;
  }
}

function keepNotes() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ ...notes, address: location.search }));
  } catch { /* the browser allows no storage */ }
}

const questionBox = () => document.querySelector("#question textarea");
const conversation = () => document.querySelector("#conversation .exchanges");

function fillBox(text) {
  const box = questionBox();
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true })); // by which Gradio knows
}

function giveBack(text) {
  if (!questionBox().value) fillBox(text);
}

function ask(name, data, text) {
  if (!isReady) return early.push([name, data, text]);
  notes.questions.push({ name, data, text, thread: conversation()?.dataset.thread, tries: 0 });
  keepNotes();
  askNext();
  showWaiting();
}

function askNext() {
  const [question] = notes.questions;
  if (isAsking || !question) return;
  isAsking = true;
  trigger(question.name, question.data);
}

function askBox() {
  const text = questionBox().value;
  fillBox("");
  ask("ask", { text }, text);
}

// Questions are shown as soon as they are asked, however long the server takes to hear of them.
function showWaiting() {
  const list = conversation();
  if (!list) return;
  list.querySelectorAll(".waiting").forEach((waiting) => waiting.remove());
  for (const [index, { text, begun }] of notes.questions.entries()) {
    if (begun) continue;
    const waiting = document.getElementById("waiting").content.cloneNode(true);
    if (text.trim()) waiting.querySelector(".question").textContent = text;
    const state = waiting.querySelector("p");
    if (index) state.textContent = state.dataset.behind;
    list.append(waiting);
  }
  const first = list.querySelector(".waiting");
  if (first && !notes.questions.some(({ begun }) => begun)) first.scrollIntoView({ block: "start" });
}

function endQuestion(isRefused) {
  const question = notes.questions.shift();
  isAsking = false;
  if (question && isRefused) giveBack(question.text);
  keepNotes();
  askNext();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== questionBox()) return;
  event.preventDefault();
  event.stopPropagation();
  askBox();
}, true);
document.addEventListener("click", (event) => event.target.closest?.("#ask") && askBox());
document.addEventListener("input", (event) => {
  if (event.target !== questionBox()) return;
  notes.typed = event.target.value;
  keepNotes();
});

// From the scripts of the conversation and of the filters.
document.addEventListener("pullquote:exchange", ({ detail: exchange }) => {
  if (isAsking && notes.questions.length) notes.questions[0].begun = true;
  if (isAsking && !exchange.querySelector(".reading-now")) endQuestion(Boolean(exchange.querySelector(":scope > .trouble")));
  showWaiting();
});
document.addEventListener("pullquote:refused", () => {
  if (isAsking) endQuestion(true);
  showWaiting();
});
document.addEventListener("pullquote:filters", ({ detail }) => {
  notes.filters = detail;
  keepNotes();
});
document.addEventListener("pullquote:lost", () => location.reload()); // the server has forgotten this tab: it was started anew
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#new")) notes.filters = [];
});
addEventListener("pagehide", keepNotes);

// Once the page has loaded: what was typed before, and the questions that were not answered.
function resume() {
  if (notes.typed) giveBack(notes.typed);
  const isSamePage = notes.address === location.search;
  const [first, ...others] = isSamePage ? notes.questions : [];
  if (isSamePage && notes.filters.some(Boolean)) trigger("restore", { filters: JSON.stringify(notes.filters) });
  else notes.filters = [];
  const again = first && first.tries < MOST_RESUMED && first.name === "ask";
  if (first && !again) giveBack(first.text);
  notes.questions = others;
  if (again) {
    const data = { text: first.text, thread: first.thread, filters: JSON.stringify(notes.filters) };
    notes.questions.unshift({ ...first, data, begun: false, tries: first.tries + 1 });
    isAsking = true;
    if (!conversation().querySelector(".exchange")) conversation().dataset.thread = first.thread; // which goes on, as the server has it
    trigger("resume", data);
  } else askNext();
  if (history.state?.view) openView();
  isReady = true;
  early.forEach((question) => ask(...question));
  keepNotes();
  showWaiting();
}

const loading = new MutationObserver(() => {
  if (!conversation() || !questionBox() || !document.getElementById("waiting")) return;
  loading.disconnect();
  resume();
  const isMissing = () => notes.questions.some(({ begun }) => !begun) && !conversation()?.querySelector(".waiting");
  const conversations = { childList: true, subtree: true }; // the list is rendered anew when another is opened
  new MutationObserver(() => isMissing() && showWaiting()).observe(document.getElementById("conversation"), conversations);
});
loading.observe(document.body, { childList: true, subtree: true });
