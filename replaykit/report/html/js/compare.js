// Recorded against produced, side by side.

// A label as its kind, small, and what it names; `other` is the opposite side, to mark what differs.
function labelled(label, other, differs) {
  if (!label) return h("span.none", null, "nothing");
  const [kind, name] = parts(label);
  const names = other ? parts(other)[1] : null;
  const marked = differs && (!other || name !== names);
  return h("span.what", null,
    h("span.kind", null, kind),
    name && " ",
    name && (marked ? h("mark.name", null, name) : h("span.name", null, name)));
}

// After the first difference nothing is paired, and a replay that was refused went no further.
const unknown = () => h("span.none", null, h("span", { "aria-hidden": "true" }, "–"), h("span.unseen", null, "unknown"));
const place = (step) => step[3] && h("span.place", null, step[3], step[4] && ` in ${step[4]}`);
const placeOf = (source) => `${source.file}:${source.line} in ${source.function}`;

// Of a long path the folders give way, never the line.
function shortened(where) {
  const at = where.lastIndexOf("/") + 1;
  return h("span.place.shortened", null, at > 0 && h("span.folders", null, where.slice(0, at)), h("span", null, where.slice(at)));
}

// step: [event id, recorded, produced, "file:line", function, matches]
function compareRow(step, kind, waiting = []) {
  const [event, recorded, produced] = step;
  const differs = kind === "first";
  const words = { match: "matches", first: "first difference", after: "not compared" };
  const glyph = { match: "consistent", first: "diverged" }[kind];
  return h(`tr.pair.${kind}`, differs ? { id: "rk-first-difference" } : null,
    h("th.event", { scope: "row" }, event === null ? h("span.none", null, "–") : event,
      h("span.unseen", null, `: ${words[kind]}`), glyph && icon(glyph)),
    h("td.recorded", { "data-side": "Recorded" }, kind === "after" && !recorded ? unknown() : labelled(recorded, produced, differs)),
    h("td.produced", { "data-side": "Produced" },
      kind === "after" && !produced ? unknown() : labelled(produced, recorded, differs),
      waiting.length ? waiting.map((source) => h("span.place", null, `waits at ${placeOf(source)}`)) : place(step)));
}

function compareTable(divergence) {
  const source = divergence.source;
  const first = [divergence.event, divergence.recorded, divergence.produced,
    source && `${source.file}:${source.line}`, source && source.function, false];
  return h("table.compare", null,
    h("caption.unseen", null, "The commands around the first difference"),
    h("thead", null, h("tr", null,
      h("th.event", { scope: "col" }, "Event"),
      h("th", { scope: "col" }, "Recorded", h("small", null, "what the history holds")),
      h("th", { scope: "col" }, "Produced", h("small", null, "what the code asks for now")))),
    h("tbody", null,
      divergence.before.map((step) => compareRow(step, "match")),
      compareRow(first, "first", divergence.waiting),
      divergence.after.map((step) => compareRow(step, "after"))));
}

// A difference of two values, line by line.
function valueDiff(rows, name) {
  const signs = { "-": "recorded", "+": "produced", "=": "equal", "~": "left out" };
  const classes = { "-": "old", "+": "new", "=": "same", "~": "gap" };
  return h("div.diff", { role: "group", "aria-label": `${name}: recorded against produced` },
    rows.map(([sign, pieces]) => h(`div.line.${classes[sign]}`, null,
      h("span.sign", { "aria-hidden": "true" }, sign === "-" ? "−" : sign === "+" ? "+" : sign === "~" ? "⋯" : ""),
      h("span.unseen", null, `${signs[sign]}: `),
      h("code", null, pieces.map(([differs, text]) => (differs ? h("mark", null, text) : text))))));
}

// Every step of the alignment, windowed: a history can hold thousands.
function allSteps(steps) {
  const first = steps.findIndex((step) => !step[5]);
  const grid = windowed({
    label: "All commands, recorded against produced",
    className: "steps",
    columns: [["Event", "id"], ["Recorded", "recorded"], ["Produced", "produced"], ["Line", "line"]],
    count: steps.length,
    render: (index) => {
      const step = steps[index];
      return [
        h("div.cell.id", { role: "gridcell" }, step[0] === null ? "–" : step[0]),
        h("div.cell.recorded", { role: "gridcell" }, !step[1] && index > first ? unknown() : labelled(step[1], step[2], index === first)),
        h("div.cell.produced", { role: "gridcell" }, !step[2] && index > first ? unknown() : labelled(step[2], step[1], index === first)),
        h("div.cell.line", { role: "gridcell" }, step[3] && shortened(step[3])),
      ];
    },
    decorate: (index, row) => {
      row.classList.add(steps[index][5] ? "match" : index === first ? "first" : "after");
      row.title = [steps[index][1], steps[index][2], steps[index][3]].filter(Boolean).join("\n");
    },
  });
  return { ...grid, first };
}
