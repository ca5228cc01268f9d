// Runs once in the form that adds articles: sends files to the server's own route, one a request, then says that they are there.
// The form itself comes later, so that everything here looks for it when it is used.
const AT_ONCE = 3;
const MOST_SKIPPED = 1000; // names of files that were not sent, which are counted by kind
const drop = () => element.querySelector(".drop");
const say = (text) => (element.querySelector(".sending").textContent = text);
const message = (name) => element.querySelector(".sending").dataset[name];
let busy = false;

// In a folder, hidden files and those of other kinds are not sent but counted, as `pullquote add` does. A file chosen by name is tried.
function choose(files) {
  const endings = drop().dataset.endings.split(" ");
  const isKnown = (path) => endings.some((ending) => path.toLowerCase().endsWith(ending));
  const isHidden = (path) => path.split("/").some((part) => part.startsWith("."));
  return files.filter(({ path }) => !path.includes("/") || (isKnown(path) && !isHidden(path)));
}

async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    for (const child of entries) files.push(...(await filesBelow(child)));
  }
}

async function send(all) {
  if (busy) return;
  const files = choose(all);
  if (!files.length) return say(all.length ? message("none") : "");
  busy = true;
  const most = Number(drop().dataset.most);
  const skipped = all.filter((each) => !files.includes(each)).map(({ path }) => path);
  const large = files.filter(({ file }) => file.size > most).map(({ path }) => path);
  const left = files.filter(({ file }) => file.size <= most);
  const total = left.length;
  const lost = [];
  let done = 0;
  try {
    const opened = await fetch("uploads", { method: "POST" });
    const answer = await opened.json();
    if (!opened.ok) throw new Error(answer.message);
    const worker = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        try {
          const headers = { "X-Name": encodeURIComponent(next.path.toWellFormed?.() ?? next.path) };
          const sent = await fetch(`uploads/${answer.tray}`, { method: "PUT", headers, body: next.file });
          if (!sent.ok) lost.push(next.path);
        } catch {
          lost.push(next.path); // such as a file that was moved meanwhile
        }
        say(message("sending").replace("{done}", ++done).replace("{total}", total));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    say("");
    trigger("sent", { tray: answer.tray, large: JSON.stringify(large), lost: JSON.stringify(lost), skipped: JSON.stringify(skipped.slice(0, MOST_SKIPPED)) });
  } catch (error) {
    say(error.message || message("failed"));
  } finally {
    busy = false;
  }
}

// What was dropped on the page, see dropping.js.
element.addEventListener("bring", async ({ detail: dropped }) => {
  const files = [];
  for (const item of dropped) files.push(...(item instanceof File ? [{ path: item.name, file: item }] : await filesBelow(item)));
  await send(files);
});
element.addEventListener("change", async ({ target }) => {
  if (!target.matches("input[type=file]")) return;
  const files = [...target.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  target.value = ""; // so that the same can be chosen again
  await send(files);
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  const input = element.querySelector("#link");
  trigger("link", { address: input.value });
  input.value = "";
});
element.dataset.takes = "files";
