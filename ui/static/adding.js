// Runs once in the form that adds articles: sends files to the server's own route, one a request, then says that they are there.
const AT_ONCE = 3;
const drop = element.querySelector(".drop");
const said = element.querySelector(".sending");
const most = Number(drop.dataset.most);
const endings = drop.dataset.endings.split(" ");
let busy = false;

const known = (name) => endings.some((ending) => name.toLowerCase().endsWith(ending));
const hidden = (path) => path.split("/").some((part) => part.startsWith("."));

// In a folder, hidden files and those of other kinds are passed over, as `pullquote add` does; what is named is tried.
function wanted(files) {
  return files.filter(({ path }) => !path.includes("/") || (known(path) && !hidden(path)));
}

async function below(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    for (const each of some) found.push(...(await below(each)));
  }
  return found;
}

async function send(all) {
  if (busy) return;
  const files = wanted(all);
  if (!files.length) {
    said.textContent = all.length ? said.dataset.none : "";
    return;
  }
  busy = true;
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
        said.textContent = said.dataset.sending.replace("{done}", ++done).replace("{total}", total);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    said.textContent = "";
    trigger("sent", { tray: answer.tray, large: JSON.stringify(large), lost: JSON.stringify(lost) });
  } catch (error) {
    said.textContent = error.message || said.dataset.failed;
  } finally {
    busy = false;
  }
}

drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  // all asked for at once, since what was dropped is forgotten with the event; not everything dropped is an entry
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const dropped = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()).filter(Boolean);
  const found = [];
  for (const each of dropped) found.push(...(each instanceof File ? [{ path: each.name, file: each }] : await below(each)));
  await send(found);
});
for (const input of element.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", async () => {
    const files = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    input.value = ""; // so that the same can be chosen again
    await send(files);
  });
}
element.querySelector("form.link").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = element.querySelector("#link");
  trigger("link", { address: input.value });
  input.value = "";
});
