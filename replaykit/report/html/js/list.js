// The histories: which are shown, and which one is open.

const chosen = new Set();
let opened = -1;

const haystack = (summary) => [summary.history, summary.type, summary.id, summary.run, summary.outcome, summary.reason,
  summary.reason?.replaceAll("_", " "), summary.message, summary.words].filter(Boolean).join("\n").toLowerCase();

const named = (summary) => `${summary.type}\n${summary.id}`;

function listItem(summary, number) {
  const message = summary.outcome !== "consistent" && summary.message;
  const facts = [summary.events && plural(summary.events, "event"),
    summary.id && twins.get(named(summary)) > 1 && summary.history.split("/").pop()].filter(Boolean);
  return h("li", { "data-number": number, "data-outcome": summary.outcome },
    h("a", { href: `#${summary.anchor}`, onclick: (event) => { if (opened === number) { event.preventDefault(); enterStory(); } } },
      h("span.mark", null, icon(summary.outcome), h("span.unseen", null, `${summary.reason || summary.outcome}: `.replaceAll("_", " "))),
      h("span.item", null,
        h("span.title", null, summary.id || summary.history),
        h("span.sub", null, [summary.type, ...facts].filter(Boolean).join(" \u00b7 ")),
        message && h("span.message", null, prose(message)))));
}

const twins = new Map(); // several runs of one workflow id: shown with their file

function fillList() {
  for (const summary of summaries) twins.set(named(summary), (twins.get(named(summary)) || 0) + 1);
  byId("rk-list").replaceChildren(...summaries.map(listItem));
  const hay = summaries.map(haystack);
  const items = [...byId("rk-list").children];

  return function filter() {
    const words = byId("rk-search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const type = byId("rk-type")?.value;
    let count = 0;
    items.forEach((item, number) => {
      const summary = summaries[number];
      const shown = (!chosen.size || chosen.has(summary.outcome)) && (!type || summary.type === type) &&
        words.every((word) => hay[number].includes(word));
      item.hidden = !shown;
      count += shown;
    });
    byId("rk-shown").textContent = count === summaries.length ? plural(count, "history", "histories")
      : `${count.toLocaleString("en")} of ${plural(summaries.length, "history", "histories")}`;
    byId("rk-list").classList.toggle("none", count === 0);
  };
}

const shownItems = () => [...byId("rk-list").children].filter((item) => !item.hidden);

// Opens the next (1) or previous (-1) history of those shown; the focus stays in the list.
function move(step) {
  const items = shownItems();
  if (!items.length) return;
  const at = items.findIndex((item) => Number(item.dataset.number) === opened);
  const item = items[Math.min(items.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  item.querySelector("a").focus();
  if (!narrow.matches) show(Number(item.dataset.number), { keepFocus: true, replace: true });
  else opened = Number(item.dataset.number);
}

function markCurrent() {
  for (const item of byId("rk-list").children) {
    const current = Number(item.dataset.number) === opened;
    const link = item.firstChild;
    if (current) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    if (current && !narrow.matches) item.scrollIntoView({ block: "nearest" });
  }
}
