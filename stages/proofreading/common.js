// What the list and the sheet share: elements, requests, and a field whose text is seen as mathematics.

export const $ = id => document.getElementById(id);

/* What the server tells; an error carries its words and, where there was an answer, its status. */
export async function ask(path, body) {
  const told = body === undefined ? {} : {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)};
  let answer;
  try {
    answer = await fetch(path, told);
  } catch {
    throw new Error("the server does not answer: run `make review` again; what was saved is saved");
  }
  const value = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(value.error), {status: answer.status});
  return value;
}

/* Names of signs that few keyboards have, as typed after a backslash. */
const SIGNS = {
  sqrt: "√", cbrt: "∛", pi: "π", theta: "θ", alpha: "α", beta: "β", phi: "φ", sigma: "Σ", sum: "∑", le: "≤", ge: "≥", ne: "≠",
  pm: "±", times: "×", cdot: "·", div: "÷", deg: "°", angle: "∠", triangle: "△", infty: "∞", in: "∈", cap: "∩", cup: "∪",
  perp: "⊥", parallel: "∥", cong: "≅", equiv: "≡", otimes: "⊗", oplus: "⊕", to: "→",
};
const waiting = new Map();

/* Keep `target` showing what is typed into `field` as mathematics; `\sqrt` becomes its sign at the key after it. */
export function preview(field, target) {
  field.addEventListener("input", () => {
    const before = field.value.slice(0, field.selectionStart);
    const signed = before.replace(/\\([a-z]+)([^a-z]|$)/g, (all, name, next) =>
      SIGNS[name] && next ? SIGNS[name] + (next === " " ? "" : next) : all);
    if (signed !== before) {
      field.value = signed + field.value.slice(field.selectionStart);
      field.setSelectionRange(signed.length, signed.length);
    }
    clearTimeout(waiting.get(field));
    waiting.set(field, setTimeout(async () => {
      const text = field.value;
      const told = await ask("preview", {texts: [text]}).catch(() => null);
      if (told && field.value === text) target.innerHTML = told.html[0];
    }, 40));
  });
}
