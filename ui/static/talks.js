// The conversations that are kept: what the address names is opened, and the address follows what is open.
const named = new URLSearchParams(location.search);
let following = true;
for (const name of ["conversation", "answer"]) {
  if (!named.has(name)) continue;
  following = false; // until that has come
  setTimeout(() => trigger("address", { name, value: named.get(name) }), 0);
}

function follow() {
  const open = document.querySelector("#conversation .exchanges");
  if (!open) return;
  following ||= Boolean(open.querySelector(".exchange, .trouble"));
  if (!following) return;
  const id = open.dataset.conversation;
  const wanted = id ? `?conversation=${id}` : open.querySelector(".standing") ? location.search : "";
  if (location.search !== wanted) history.replaceState(null, "", wanted || location.pathname);
}

new MutationObserver(follow).observe(document.querySelector("#conversation"), { childList: true, subtree: true });

// The list is made anew after each answer, and stays as far unfolded as it was until a conversation is chosen.
let unfolded = false;
element.addEventListener("toggle", (event) => { if (event.target.matches(".talks")) unfolded = event.target.open; }, true);
element.addEventListener("click", (event) => { if (event.target.closest(".talk")) unfolded = false; }, true);
watch("value", () => {
  const list = element.querySelector(".talks");
  if (list && unfolded) list.open = true;
});
