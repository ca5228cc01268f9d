// Runs once in the list of conversations. The page's address follows the conversation that is open.
function updateAddress() {
  const open = document.querySelector("#conversation .exchanges");
  if (!open) return;
  const id = open.dataset.conversation;
  const search = id ? `?conversation=${id}` : open.querySelector(".standing") ? location.search : "";
  if (location.search !== search) history.replaceState(history.state, "", search || location.pathname);
}

addEventListener("popstate", updateAddress); // an entry of before the first answer has no conversation in its address
new MutationObserver(updateAddress).observe(document.querySelector("#conversation"), { childList: true, subtree: true });

// The list is rendered again after each answer. It stays as far unfolded as it was, until a conversation is chosen.
let unfolded = false;
element.addEventListener("toggle", (event) => { if (event.target.matches(".conversations")) unfolded = event.target.open; }, true);
element.addEventListener("click", (event) => { if (event.target.closest(".conversation")) unfolded = false; }, true);
// Another tab may have added some: the list that is unfolded is of this moment.
element.addEventListener("click", (event) => {
  const list = event.target.closest(".conversations > summary")?.parentElement;
  if (list && !list.open) trigger("refresh", { search: list.querySelector("input[type=search]").value });
});
watch("value", () => {
  const list = element.querySelector(".conversations");
  if (list && unfolded) list.open = true;
});
