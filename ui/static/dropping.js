// Files may be dropped anywhere on the page, whichever tab is open. The Library tab takes them, and shows what becomes of them.
const LONGEST_WAIT = 5000; // milliseconds until the tab is there
const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
const showTarget = (isOver) => document.body.classList.toggle("dropping", isOver);

document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  showTarget(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || showTarget(false));
document.addEventListener("drop", (event) => {
  showTarget(false);
  if (!bringsFiles(event)) return;
  event.preventDefault(); // else the browser would leave the page for the file
  // all asked for at once, since what was dropped is forgotten with the event. Not everything dropped is an entry.
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const dropped = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()).filter(Boolean);
  document.getElementById("library-tab-button")?.click();
  bring(dropped, performance.now() + LONGEST_WAIT);
});

function bring(dropped, until) {
  const target = document.querySelector("#adding [data-takes] .drop");
  if (target) target.dispatchEvent(new CustomEvent("bring", { detail: dropped, bubbles: true }));
  else if (performance.now() < until) requestAnimationFrame(() => bring(dropped, until)); // it never comes where the library is only read
}
