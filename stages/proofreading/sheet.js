// A whole page with the questions that were found on it, and the box of one that was missed.

import {$, ask, preview} from "./common.js";

const STEP = 0.004; // of the page's size that one arrow key moves the box by
let now = null; // the problem from which the sheet was opened
let all = []; // every problem
let place = {file: "", page: 1, pages: 1};
let box = null; // left, top, right, bottom in shares of the page
let done = () => {}; // what to do with a question that was added

export async function openSheet(item, problems, missed, whenAdded) {
  [now, all, done] = [item, problems, whenAdded];
  place = {file: item.file, page: item.page, pages: (await ask(`pages?file=${encodeURIComponent(item.file)}`)).pages};
  const papers = [...new Set(problems.map(problem => problem.name.split(" ").slice(0, 2).join(" ")))].sort();
  $("missed-paper").replaceChildren(...papers.map(name => new Option(name, name)));
  $("missed-paper").value = item.name.split(" ").slice(0, 2).join(" ");
  $("sheet").showModal();
  await turn(item.page);
  if (missed) below();
}

async function turn(page) {
  if (page < 1 || page > place.pages) return;
  place.page = page;
  draw(null);
  closeForm();
  $("sheet-name").textContent = `${place.file}, page ${page} of ${place.pages}`;
  $("boxes").replaceChildren(...all.filter(p => p.file === place.file && p.page === page && p.place).map(outline));
  const source = `page?file=${encodeURIComponent(place.file)}&page=${page}`;
  await new Promise(resolve => {
    $("paper-image").onload = resolve;
    $("paper-image").onerror = () => {
      $("sheet-name").textContent += ": cannot be shown";
      resolve();
    };
    $("paper-image").src = source;
  });
  $("boxes").querySelector(".now")?.scrollIntoView({block: "center"});
}

function outline(problem) {
  const shape = document.createElement("div"), label = document.createElement("span");
  put(shape, problem.place);
  label.textContent = problem.name.split(" ")[2];
  shape.append(label);
  if (problem.id === now.id) shape.className = "now";
  return shape;
}

function put(element, [left, top, right, bottom]) {
  const share = value => `${100 * value}%`;
  Object.assign(element.style, {left: share(left), top: share(top), width: share(right - left), height: share(bottom - top)});
}

function draw(shape) {
  box = shape;
  $("box").hidden = shape === null;
  if (shape) put($("box"), shape);
}

/* A box under the question that is looked at, as a first guess that arrow keys move. */
function below() {
  const [left, , right, bottom] = now.page === place.page && now.place ? now.place : [0.1, 0, 0.9, 0.1];
  draw([left, Math.min(bottom + 0.005, 0.95), right, Math.min(bottom + 0.045, 0.99)]);
  $("box").scrollIntoView({block: "nearest"});
}

const clamp = value => Math.max(0, Math.min(1, value));

function nudge(key, size) {
  const [x, y] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[key].map(step => step * STEP);
  const [left, top, right, bottom] = box;
  const moved = size ? [left, top, right + x, bottom + y] : [left + x, top + y, right + x, bottom + y];
  if (moved.some(value => value !== clamp(value)) || moved[2] - moved[0] < STEP || moved[3] - moved[1] < STEP) return;
  draw(moved);
}

function openForm() {
  $("missed").hidden = false;
  $("missed-trouble").textContent = "";
  $("missed-number").focus();
  $("box").scrollIntoView({block: "nearest"});
}

function closeForm() {
  if (document.activeElement.closest("form")) $("sheet").focus();
  $("missed").hidden = true;
  for (const field of ["missed-number", "missed-answer", "missed-statement"]) $(field).value = "";
  $("preview-missed").textContent = "";
}

async function add() {
  const round = value => Math.round(value * 1e4) / 1e4;
  try {
    const told = await ask("add", {
      file: place.file, page: place.page, place: box.map(round), statement: $("missed-statement").value,
      name: `${$("missed-paper").value} ${$("missed-number").value.trim().toUpperCase()}`, answer: $("missed-answer").value || null,
    });
    $("sheet").close();
    done(told.item);
  } catch (error) {
    $("missed-trouble").textContent = `Not added: ${error.message}`;
  }
}

let adding = false;
$("sheet").addEventListener("keydown", async event => {
  if (event.target.closest("form")) {
    if (event.key === "Escape") closeForm();
    else if (event.key === "Enter" && !event.isComposing && !adding) {
      adding = true;
      await Promise.resolve(event.preventDefault()).then(add).finally(() => { adding = false; });
      return;
    } else return;
    event.preventDefault();
    return;
  }
  if (event.key === "[" || event.key === "]") turn(place.page + (event.key === "]" ? 1 : -1));
  else if (event.key.startsWith("Arrow") && box) nudge(event.key, event.shiftKey);
  else if (event.key.toLowerCase() === "b") below();
  else if (event.key === "Enter" && box) openForm();
  else return;
  event.preventDefault();
});
$("sheet").addEventListener("close", () => { closeForm(); draw(null); });
$("missed").addEventListener("submit", event => event.preventDefault());

let start = null;
const shares = event => {
  const paper = $("paper").getBoundingClientRect();
  return [clamp((event.clientX - paper.left) / paper.width), clamp((event.clientY - paper.top) / paper.height)];
};
$("paper").addEventListener("pointerdown", event => {
  start = shares(event);
  $("paper").setPointerCapture(event.pointerId);
});
$("paper").addEventListener("pointermove", event => {
  if (!start) return;
  const [x, y] = shares(event);
  draw([Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)]);
});
$("paper").addEventListener("pointerup", () => {
  start = null;
  if (box && (box[2] - box[0] < STEP || box[3] - box[1] < STEP)) draw(null);
  else if (box) openForm();
});
preview($("missed-statement"), $("preview-missed"));
