// The list of problems, the one that is looked at, and the decisions about it. What is shown comes from the server,
// which alone knows what a decision means; text of files is put in as text, and as HTML only where the server set it.

import {$, ask, preview} from "./common.js";
import {openSheet} from "./sheet.js";

const items = new Map(); // id: what desk.item tells
let order = []; // ids that are listed, in an order that decisions do not change
let at = null; // id of the problem that is looked at
let filter = null, file = "";
let stamp = "", lines = 0, stale = [];
const undone = []; // problems decided on this page, each with the decision that held before, for undo
let queue = Promise.resolve(); // what keys ask for, one after the other
let saved = 0; // decisions that this page has sent: news from before the last one is old

const say = (text, bad = false) => {
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
};

/* What a problem is to the person: decided in some way, or still open for a reason. */
function kind(item) {
  const decision = item.decision;
  if (decision?.rejected) return "rejected";
  if (decision?.added) return "added";
  if (decision?.accepted) return "accepted";
  if (decision && (decision.statement !== null || decision.answer !== null)) return "edited";
  if (decision?.needs_figure) return "figure";
  if (item.doubtful) return "doubtful";
  return item.reason ? "unusable" : "read";
}

const MARKS = {rejected: "✕", added: "+", accepted: "✓", edited: "✎", figure: "△", doubtful: "?", unusable: "–", read: "·"};
const WORDS = {figure: "needs its figure", read: "as read", unusable: "cannot be used"};
const open = item => ["doubtful", "unusable"].includes(kind(item));
const trust = item => Math.min(item.confidence, item.answer_confidence);
const FILTERS = {
  doubtful: item => item.doubtful,
  unusable: item => item.reason !== "",
  corrected: item => item.decision !== null,
  all: () => true,
};

async function load() {
  const before = saved;
  let told;
  try {
    told = await ask(`state?stamp=${stamp}&lines=${lines}`);
  } catch (error) {
    $("trouble").textContent = error.message;
    $("trouble").hidden = false;
    return;
  }
  $("trouble").hidden = true;
  if (before !== saved) return;
  const fresh = told.stamp !== stamp;
  if (fresh) items.clear();
  for (const item of told.items) items.set(item.id, item);
  [stamp, lines, stale] = [told.stamp, told.lines, told.stale];
  $("corpus").textContent = told.corpus;
  document.title = `Review · ${told.corpus}`;
  if (fresh) {
    const files = [...new Set([...items.values()].map(item => item.file))].sort();
    $("file").replaceChildren(new Option("all files", ""), ...files.map(name => new Option(name, name)));
    file = files.includes(file) ? file : "";
    $("file").value = file;
    list(filter ?? (["doubtful", "unusable"].find(name => [...items.values()].some(FILTERS[name])) || "all"), at);
  } else if (told.items.length) {
    for (const item of told.items) refresh(item.id);
    if (told.items.some(item => item.id === at) && $("editor").hidden && $("why").hidden) show(at);
  }
  count();
}

/* List the problems of a filter and a file: doubtful ones first, the least trusted before the others. */
function list(name, keep) {
  filter = name;
  const rank = item => (item.doubtful ? 0 : item.reason ? 1 : 2);
  const chosen = [...items.values()].filter(item => FILTERS[name](item) && (!file || item.file === file));
  const place = new Map(chosen.map((item, index) => [item.id, index]));
  chosen.sort((a, b) => rank(a) - rank(b) || (rank(a) ? 0 : trust(a) - trust(b)) || place.get(a.id) - place.get(b.id));
  order = chosen.map(item => item.id);
  $("list").replaceChildren(...chosen.map(row));
  for (const button of document.querySelectorAll("[data-filter]"))
    button.setAttribute("aria-pressed", String(button.dataset.filter === name));
  show(order.includes(keep) ? keep : order[0] ?? null);
  count();
}

function row(item) {
  const button = document.createElement("button");
  button.dataset.id = item.id;
  button.tabIndex = -1;
  button.append(...["span", "span", "i"].map(tag => document.createElement(tag)));
  button.firstChild.className = "mark";
  const entry = document.createElement("li");
  entry.append(button);
  fill(button, item);
  return entry;
}

function fill(button, item) {
  const [mark, name, sure] = button.children;
  button.dataset.kind = kind(item);
  mark.textContent = MARKS[kind(item)];
  name.textContent = item.name;
  sure.textContent = trust(item) < 1 ? trust(item).toFixed(2).replace(/^0/, "") : "";
  button.setAttribute("aria-label", `${item.name}, ${WORDS[kind(item)] ?? kind(item)}`);
}

const button = id => $("list").querySelector(`[data-id="${CSS.escape(id)}"]`);

function refresh(id) {
  if (button(id)) fill(button(id), items.get(id));
}

function count() {
  const within = [...items.values()].filter(item => !file || item.file === file);
  for (const chosen of document.querySelectorAll("[data-filter]")) {
    const all = within.filter(FILTERS[chosen.dataset.filter]);
    const left = all.filter(open).length;
    const counts = ["doubtful", "unusable"].includes(chosen.dataset.filter);
    chosen.querySelector("b").textContent = counts ? `${left} of ${all.length} left` : all.length;
  }
  $("stale").hidden = !stale.length;
  $("stale").querySelector("b").textContent = stale.length;
}

/* Show one problem. Images of the next ones are fetched, so that they are there at the next key. */
function show(id) {
  button(at ?? "")?.removeAttribute("aria-current");
  at = id;
  closeForms();
  $("problem").hidden = id === null;
  $("empty").hidden = id !== null;
  $("empty").textContent = `No problem is ${filter}${file ? ` in ${file}` : ""}.`;
  if (id === null) return;
  const item = items.get(id);
  button(id).setAttribute("aria-current", "true");
  button(id).scrollIntoView({block: "nearest"});
  $("name").textContent = item.name;
  badge(item);
  $("where").textContent = `${item.file}, page ${item.page}`;
  $("trust").innerHTML = "statement <b></b> · answer <b></b>";
  [item.confidence, item.answer_confidence].forEach((value, place) => {
    const told = $("trust").querySelectorAll("b")[place];
    told.textContent = value.toFixed(2);
    told.classList.toggle("low", item.doubtful && value < 0.9);
  });
  picture($("crop"), image("crop", item));
  picture($("key"), item.key ? image("key", item) : "");
  $("no-key").hidden = item.key;
  $("statement").innerHTML = item.html.statement || "<i>no statement was read</i>";
  $("statement-linear").textContent = item.html.statement.includes("<math") ? item.statement : "";
  $("answer").innerHTML = item.html.answer || (item.decision?.added ? "<i>the key's, once extract has run</i>" : "<i>none was read</i>");
  $("answer-linear").textContent = item.html.answer.includes("<math") ? item.answer : "";
  $("answer-note").textContent = item.note ? `note on the key: ${item.note}` : "";
  $("doubts").replaceChildren(...doubts(item));
  $("history").textContent = history(item);
  $("crop-frame").scrollTop = $("reading").scrollTop = 0;
  const next = order.indexOf(id) + 1;
  for (const ahead of order.slice(next, next + 4).map(other => items.get(other)))
    for (const kept of ahead.key ? ["crop", "key"] : ["crop"]) new Image().src = image(kept, ahead);
}

function badge(item) {
  $("state").textContent = `${MARKS[kind(item)]} ${WORDS[kind(item)] ?? kind(item)}`;
  $("state").dataset.kind = kind(item);
}

const image = (what, item) => `${what}/${encodeURIComponent(item.id)}?${item.crop.slice(0, 12)}`;

function picture(element, source) {
  element.hidden = !source;
  if (element.getAttribute("src") !== source) element.removeAttribute("src");
  if (source) element.src = source;
}

function doubts(item) {
  const told = item.doubts.map(text => ({text, name: ""}));
  if (item.needs_figure) told.unshift({text: "needs its figure", name: "reason"});
  else if (item.reason && !item.decision && item.reason !== "needs a figure") told.unshift({text: item.reason, name: "reason"});
  return told.map(({text, name}) => Object.assign(document.createElement("span"), {textContent: text, className: name}));
}

function history(item) {
  const decision = item.decision;
  if (!decision) return "";
  const changed = ["statement", "answer"].filter(key => item.read[key] !== undefined && item.read[key] !== item[key]);
  const before = changed.map(key => `${key} was “${item.read[key]}”`);
  const by = `${decision.who}, ${decision.when.replace("T", " ").slice(0, 16)} UTC`;
  return [by, decision.note && `“${decision.note}”`, ...before].filter(Boolean).join(" · ");
}

function move(step) {
  const next = order[order.indexOf(at) + step];
  if (next !== undefined) show(next);
}

/* On to the next of the list that is still wanted: undecided, or whatever else is asked for. */
function advance(wanted = item => item.decision === null) {
  const here = order.indexOf(at);
  const next = [...order.slice(here + 1), ...order.slice(0, here)].find(id => wanted(items.get(id)));
  show(next ?? at);
  if (next === undefined) say(`${$("said").textContent} Nothing is left in this list.`);
}

/* The whole of what holds about a problem from now on, as a decision says it. */
const held = item => ({
  statement: item.decision?.statement ?? null,
  answer: item.decision?.answer ?? null,
  needs_figure: item.decision?.needs_figure ?? null,
  rejected: item.decision?.rejected ?? false,
  withdrawn: item.decision === null,
  note: item.decision?.note ?? "",
});

async function decide(id, decision, word, back = false) {
  const item = items.get(id);
  saved += 1;
  try {
    const told = await ask("decide", {id, seen: item.seen, ...decision});
    saved += 1;
    if (!back) undone.push({id, decision: held(item)});
    if (told.item) items.set(id, told.item);
    else items.delete(id);
    say(`${item.name} ${word}.`);
  } catch (error) {
    saved += 1;
    if (error.status === 409) await meanwhile(id);
    else say(`${item.name} is not saved: ${error.message}.`, true);
    return false;
  }
  if (items.has(id)) refresh(id);
  else list(filter, order[order.indexOf(id) + 1]);
  count();
  return true;
}

/* Another window was faster. What is being typed stays; the same key again then overrules the other decision. */
async function meanwhile(id) {
  await load();
  const item = items.get(id);
  if (!item) return;
  if (id === at) badge(item);
  const who = item.decision ? `${kind(item)} by ${item.decision.who}` : "taken back";
  say(`${item.name} is not saved: it was ${who} meanwhile. The same key again overrules that.`, true);
}

const ACTIONS = {
  async accept() {
    const item = items.get(at);
    const {statement, answer} = item;
    const decision = {statement, answer, needs_figure: item.decision?.needs_figure ?? null, note: ""};
    if (await decide(at, decision, "accepted")) advance();
  },
  edit: () => edit("edit-statement"),
  answer: () => edit("edit-answer"),
  reject() {
    $("reading").hidden = true;
    $("why").hidden = false;
    $("why-note").value = "";
    $("why-note").focus();
  },
  async figure() {
    const item = items.get(at);
    const decision = {...held(item), withdrawn: false, needs_figure: !item.needs_figure};
    if (await decide(at, decision, item.needs_figure ? "needs no figure" : "needs its figure")) show(at);
  },
  async undo() {
    const last = undone.pop();
    if (last && items.has(last.id)) {
      if (await decide(last.id, last.decision, "is as it was before", true)) goTo(last.id);
    } else if (items.get(at)?.decision) {
      if (await decide(at, {withdrawn: true}, "is as it was read", true) && items.has(at)) show(at);
    } else say("Nothing to undo.");
  },
  missed: () => openSheet(items.get(at), [...items.values()], true, added),
  sheet: () => openSheet(items.get(at), [...items.values()], false, added),
};

function added(item) {
  items.set(item.id, item);
  undone.push({id: item.id, decision: {withdrawn: true}});
  say(`${item.name} added.`);
  if (filter !== "all" && filter !== "corrected") filter = "all";
  list(filter, item.id);
}

function goTo(id) {
  if (!order.includes(id)) [file, $("file").value] = ["", ""];
  if (order.includes(id)) show(id);
  else list("all", id);
}

function edit(field) {
  const item = items.get(at);
  $("edit-statement").value = item.statement;
  $("edit-answer").value = item.answer;
  $("edit-note").value = item.decision?.note ?? "";
  $("preview-statement").innerHTML = item.html.statement;
  $("preview-answer").innerHTML = item.html.answer;
  $("reading").hidden = true;
  $("editor").hidden = false;
  $(field).focus();
}

function closeForms() {
  if (document.activeElement.closest("form")) document.activeElement.blur(); // else it takes the next keys, unseen
  $("editor").hidden = $("why").hidden = true;
  $("reading").hidden = false;
}

async function save(form) {
  const item = items.get(at);
  const rejected = form === "why";
  const decision = rejected
    ? {...held(item), withdrawn: false, rejected, note: $("why-note").value}
    : {statement: $("edit-statement").value, answer: $("edit-answer").value, note: $("edit-note").value, needs_figure: item.decision?.needs_figure ?? null};
  if (await decide(at, decision, rejected ? "rejected" : "saved")) advance();
}

const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), g: () => advance(open),
  a: ACTIONS.accept, e: ACTIONS.edit, w: ACTIONS.answer, r: ACTIONS.reject, f: ACTIONS.figure, u: ACTIONS.undo,
  n: ACTIONS.missed, p: ACTIONS.sheet, z: () => $("problem").classList.toggle("tall"),
  1: () => list("doubtful", at), 2: () => list("unusable", at), 3: () => list("corrected", at), 4: () => list("all", at),
  "[": () => turnFile(-1), "]": () => turnFile(1), s: () => showStale(), "?": () => $("help").showModal(),
};
const WITHOUT_PROBLEM = new Set(["1", "2", "3", "4", "[", "]", "s", "?", "u"]);
const AGAIN = new Set(["j", "k", "ArrowDown", "ArrowUp"]); // what a key that is held down repeats

/* One thing at a time, in the order in which it was asked for: the second A is about the second problem. */
function enqueue(action) {
  queue = queue.then(action).catch(error => say(error.message, true));
}

document.addEventListener("keydown", event => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const form = event.target.closest("form");
  if (form) {
    if (event.key === "Escape") closeForms();
    else if (event.key === "Enter" && !event.isComposing && !event.repeat) enqueue(() => form.hidden || save(form.id));
    else return;
    event.preventDefault();
    return;
  }
  if (event.target.matches("select") && event.key.startsWith("Arrow")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = KEYS[key];
  if (!action || (event.repeat && !AGAIN.has(key))) return;
  event.preventDefault();
  // Whatever form an earlier key opens takes this key as text, not as a command.
  enqueue(() => ($("editor").hidden && $("why").hidden && (at !== null || WITHOUT_PROBLEM.has(key)) ? action() : undefined));
});

function turnFile(step) {
  const select = $("file");
  select.selectedIndex = Math.max(0, Math.min(select.length - 1, select.selectedIndex + step));
  file = select.value;
  list(filter, at);
}

function showStale() {
  if (!stale.length) return say("No decision is stale.");
  $("stale-list").querySelector("ol").replaceChildren(...stale.map(old => {
    const entry = document.createElement("li"), text = document.createElement("span"), act = document.createElement("button");
    const {who, when, ...told} = old.told;
    text.textContent = `${old.file}, page ${old.page}: ${old.why}. ${JSON.stringify(told)} (${who ?? ""} ${when ?? ""})`;
    act.textContent = "take back";
    act.addEventListener("click", () => enqueue(async () => {
      stale = (await ask("takeback", {line: old.line})).stale;
      count();
      if (stale.length) showStale();
      else $("stale-list").close();
    }));
    entry.append(text, act);
    return entry;
  }));
  if (!$("stale-list").open) $("stale-list").showModal();
}

document.addEventListener("click", event => {
  const chosen = event.target.closest("[data-do], [data-filter], #list button, #stale, #help-button");
  if (!chosen) return;
  if (chosen.dataset.do) enqueue(() => at !== null && ACTIONS[chosen.dataset.do]());
  else if (chosen.dataset.filter) enqueue(() => list(chosen.dataset.filter, at));
  else if (chosen.dataset.id) enqueue(() => show(chosen.dataset.id));
  else enqueue(chosen.id === "stale" ? showStale : () => $("help").showModal());
  if (chosen.dataset.do !== "edit" && chosen.dataset.do !== "reject") chosen.blur();
});
for (const form of [$("editor"), $("why")]) form.addEventListener("submit", event => event.preventDefault());
$("file").addEventListener("change", () => enqueue(() => {
  file = $("file").value;
  $("file").blur();
  list(filter, at);
}));
preview($("edit-statement"), $("preview-statement"));
preview($("edit-answer"), $("preview-answer"));
enqueue(load);
// What another window or a run of extract has changed.
const news = () => document.hidden || load();
setInterval(news, 3000);
document.addEventListener("visibilitychange", news);
