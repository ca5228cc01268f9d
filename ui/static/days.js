// Days are chosen on the browser's own calendar, in its language. The fields are made anew whenever the filters are shown.
const makeDays = () => {
  for (const field of document.querySelectorAll("#filter-after input:not([type=date]), #filter-before input:not([type=date])")) field.type = "date";
};
new MutationObserver(makeDays).observe(element.closest(".tabitem") ?? document.body, { childList: true, subtree: true });
