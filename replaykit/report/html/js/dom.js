// Building elements from data. Text only ever becomes text nodes: nothing here parses HTML.

const byId = (id) => document.getElementById(id);
const readJson = (id) => JSON.parse(byId(id).textContent);
const SVG = "http://www.w3.org/2000/svg";

// h("button.quiet", {onclick, "aria-label": "x"}, "text", [more], null): falsy children are left out.
function h(tag, properties, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

const ICONS = {
  diverged: "M4 4l8 8M12 4l-8 8",
  drifted: "M2 6c2-3 4-3 6 0s4 3 6 0M2 11c2-3 4-3 6 0s4 3 6 0",
  unjudged: "M5.2 6a2.8 2.8 0 1 1 4 2.5C8.3 9 8 9.4 8 10.3M8 13v.1",
  consistent: "M3 8.5l3.3 3.3L13 4.8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  link: "M6.5 9.5l3-3M7.5 4.5l1.3-1.3a2.8 2.8 0 0 1 4 4l-1.3 1.3M8.5 11.5l-1.3 1.3a2.8 2.8 0 0 1-4-4l1.3-1.3",
  back: "M9.5 3.5L5 8l4.5 4.5",
};

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function announce(text) {
  const status = byId("rk-status");
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = text; });
}

async function copy(text, button, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where a browser has no clipboard for pages of files: the old way.
    const area = h("textarea.unseen", { "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1600);
  announce(`Copied ${what}`);
}

function copyButton(label, text, what, glyph = "copy") {
  return h("button.copy", { type: "button", "aria-label": `${label}: ${what}`, title: `${label} ${what}`,
    onclick: (event) => copy(typeof text === "function" ? text() : text, event.currentTarget, what) },
  icon(glyph), h("span", null, label));
}

// A sentence of the engine: `code` between backticks, and a capital where it begins with a plain word.
function prose(text) {
  return text.replace(/^[a-z]+(?=[ ,:])/, (word) => word[0].toUpperCase() + word.slice(1))
    .split(/(`[^`\n]+`)/).map((piece) => (/^`.+`$/.test(piece) ? h("code", null, piece.slice(1, -1)) : piece));
}

const plural = (count, word, many = `${word}s`) => `${count.toLocaleString("en")} ${count === 1 ? word : many}`;

// Seconds, as precise as their size asks for: 31 ms, 2.50 s, 1 m 02 s, 2 h 00 m, 3 d 04 h.
function span(seconds) {
  if (seconds === null || seconds === undefined) return "-";
  if (seconds < 0) return `-${span(-seconds)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.995) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

// "ActivityTaskScheduled process_payment" -> its kind and what it names.
function parts(label) {
  const at = label.indexOf(" ");
  return at < 0 ? [label, ""] : [label.slice(0, at), label.slice(at + 1)];
}
