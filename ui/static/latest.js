// The newest exchange comes alone and is put into the conversation here, so that earlier ones are not sent again.
function announce(exchange) {
  document.dispatchEvent(new CustomEvent("pullquote:exchange", { detail: exchange }));
}

watch("value", () => {
  if (element.querySelector("[data-lost]")) return document.dispatchEvent(new CustomEvent("pullquote:lost"));
  const sent = element.querySelector("[data-thread]");
  const list = document.querySelector("#conversation .exchanges");
  if (!sent || !list) return;
  sent.remove();
  const exchange = sent.firstChild;
  exchange.remove(); // what else there is to say stays
  if (!follows(list, exchange, sent.dataset.thread)) {
    trigger("reload"); // another conversation was opened meanwhile, or an exchange was lost on the way
    announce(exchange);
    return;
  }
  const active = document.activeElement;
  const last = list.querySelector(".exchange:last-of-type");
  const begins = last?.dataset.number !== exchange.dataset.number;
  const lost = active === document.body || (begins && list.contains(active)); // it is in what goes, or scrolls out of sight
  list.dataset.conversation = sent.dataset.conversation;
  list.querySelectorAll(":scope > :not(.exchange)").forEach((other) => other.remove());
  for (const old of list.querySelectorAll(".exchange")) if (Number(old.dataset.number) < Number(sent.dataset.first)) old.remove();
  if (begins) list.append(exchange);
  else change(last, exchange);
  list.append(...sent.childNodes);
  const now = list.querySelector(".exchange:last-of-type");
  if (begins) now.scrollIntoView({ block: "start" });
  announce(now);
  if (begins) leaveArticle();
  if (lost) now.querySelector("h2").focus({ preventScroll: true });
});

// Whether an exchange is the last one of the list as it goes on, or the next one.
function follows(list, exchange, thread) {
  if (list.dataset.thread !== thread) return false;
  const last = list.querySelector(".exchange:last-of-type");
  const before = Number(last?.dataset.number ?? 0);
  const number = Number(exchange.dataset.number);
  return number === before || (number === before + 1 && !last?.querySelector(".reading-now"));
}

// The question stays where it is, with the focus that it may have; what was said to it goes.
function change(last, exchange) {
  const question = last.querySelector("h2");
  const { firstChild: asked } = exchange;
  if (!question.isEqualNode(asked)) return last.replaceWith(exchange);
  while (last.lastChild !== question) last.lastChild.remove();
  asked.remove();
  last.append(...exchange.childNodes);
}

// An article of an answer before is closed, so that none stands beside an answer that it does not belong to.
function leaveArticle() {
  document.querySelector("#conversation [aria-current]")?.removeAttribute("aria-current");
  if (document.querySelector("#pane .reading")) trigger("begun");
}

// Articles that were added change what an empty conversation offers.
let counted = "";
new MutationObserver(() => {
  const count = document.querySelector("#masthead .count")?.textContent ?? "";
  if (counted && count && count !== counted && document.querySelector("#conversation .opening")) trigger("reload");
  counted = count || counted;
}).observe(document.getElementById("masthead"), { childList: true, subtree: true });
