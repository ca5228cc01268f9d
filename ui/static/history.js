// The browser's history: Back closes an open article instead of leaving the page, Forward opens it again, and so does a reload.
const VIEWS = ["open", "like"]; // what fills the pane
const isReading = () => Boolean(document.querySelector("#pane :is(.reading, .similar)"));

// One entry of the history for all that is opened until the pane is closed, so that Back closes it at once.
function noteView(name, data) {
  if (!VIEWS.includes(name)) return;
  const state = { ...history.state, view: { name, data } };
  if (history.state?.view) history.replaceState(state, "");
  else history.pushState(state, "");
}

// Whether the history closes the pane, which then triggers the event by itself.
function closeByHistory(name) {
  if (name !== "contents" || !history.state?.view) return false;
  history.back();
  return true;
}

function openView() {
  const view = history.state?.view;
  if (view) trigger(view.name, view.data);
  else if (isReading()) trigger("contents", {});
}

addEventListener("popstate", openView);
document.addEventListener("click", (event) => event.target.closest?.("#new") && closeByHistory("contents"));
