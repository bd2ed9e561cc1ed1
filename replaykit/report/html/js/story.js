// One verdict: what went wrong first, then the evidence.

let ending = [];

function tellStory(number) {
  for (const stop of ending) stop();
  ending = [];
  const summary = summaries[number];
  const story = readJson(`rk-story-${number}`);
  const timeline = story.events.length ? timelineSection(story) : null;
  const steps = story.steps.length ? stepsSection(story) : null;
  const main = byId("rk-story");
  main.replaceChildren(h("article.story", { "data-outcome": summary.outcome },
    h("a.back", { href: "#", onclick: backToList }, icon("back"), "All histories"),
    storyHead(summary, story),
    story.divergence ? divergenceSection(story, timeline) : plainSection(summary, story),
    story.drifts.length > 0 && driftsSection(story, timeline),
    steps && steps.element,
    timeline && timeline.element,
    !timeline && h("p.aside.no-evidence", null, "No event of this history could be shown.")));
  for (const part of [steps, timeline]) {
    if (!part) continue;
    part.start();
    ending.push(part.stop);
  }
}

function storyHead(summary, story) {
  const link = () => `${location.href.split("#")[0]}#${summary.anchor}`;
  return h("header.story-head", null,
    h("p.eyebrow", null, badge(summary), summary.type && h("span.type", null, summary.type)),
    h("h2", { tabindex: "-1", id: "rk-title" }, summary.id || summary.history),
    h("dl.meta", null,
      pair("File", h("code", null, summary.history)),
      summary.run && pair("Run", h("code", null, summary.run)),
      story.since && pair("Since", story.since),
      pair("Compared", `${plural(summary.commands, "command")} in ${span(summary.duration)}`)),
    h("div.actions", null,
      copyButton("Copy link", link, "the link to this verdict", "link"),
      story.command && copyButton("Copy command", story.command, story.command)));
}

const badge = (summary) => h("span.badge", { "data-outcome": summary.outcome }, icon(summary.outcome),
  summary.outcome, summary.reason && h("span.reason", null, summary.reason.replaceAll("_", " ")));
const pair = (term, value) => h("div", null, h("dt", null, term), h("dd", null, value));

function divergenceSection(story, timeline) {
  const divergence = story.divergence;
  return h("section.block", { "aria-labelledby": "rk-what-title" },
    h("h3.unseen", { id: "rk-what-title" }, "What differs"),
    story.message && h("p.lead", null, prose(story.message)),
    h("div.card", null, compareTable(divergence)),
    timeline && divergence.event !== null && h("p.under", null,
      h("button.textual", { type: "button", onclick: () => timeline.jump(divergence.event) }, `Show event ${divergence.event} in the timeline`)),
    divergence.disagreement && h("p.note", null, h("b", null, "Temporal decides. "), divergence.disagreement),
    divergence.waiting.length ? waitingCards(divergence) : sourceCard(divergence.source),
    divergence.suggestion && suggestionCard(divergence.suggestion, "rk-cure-title", { tried: divergence.tried }),
    folded("Temporal's own words", divergence.message && divergence.message !== story.message ? divergence.message : null, divergence.raw));
}

function plainSection(summary, story) {
  if (summary.outcome === "consistent") {
    return h("p.lead", null, `The code asks for every recorded command again: ${plural(summary.commands, "command")} compared.`);
  }
  if (summary.outcome === "drifted") {
    return h("p.lead", null, `The commands match. ${plural(story.drifts.length, "attribute")} differ${story.drifts.length === 1 ? "s" : ""} from what was recorded, which Temporal accepts in silence.`);
  }
  return h("section.block", { "aria-labelledby": "rk-what-title" },
    h("h3.unseen", { id: "rk-what-title" }, "What happened"),
    (story.message || summary.message) && h("p.lead", null, prose(story.message || summary.message)),
    sourceCard(story.source),
    story.detail && story.detail !== story.message && folded("The whole text", null, story.detail));
}

const folded = (title, lead, text) => text && h("details.folded", null, h("summary", null, title),
  lead && h("p", null, lead), h("div.pre-wrap", null, h("pre", { tabindex: 0 }, text), copyButton("Copy", text, "the text")));

// Where nothing was asked for: the first line that the code waits at, and folded the others and the last command.
function waitingCards(divergence) {
  const [first, ...others] = divergence.waiting;
  const { source } = divergence;
  const isLast = source && !divergence.waiting.some((line) => line.file === source.file && line.line === source.line);
  const card = (title, line) => h("details.folded", null, h("summary", null, title, h("code", null, placeOf(line))), sourceCard(line));
  return [sourceCard(first, "waits here"),
    others.map((line) => card("Waits at ", line)),
    isLast && card("The last command: ", source)];
}

function sourceCard(source, role = null) {
  if (!source) return null;
  const where = `${source.file}:${source.line}`;
  const excerpt = source.excerpt;
  return h("figure.card.source", null,
    h("figcaption", null, h("code.where", null, where), h("span.aside", null, `in ${source.function}`),
      role && h("span.role", null, role), copyButton("Copy", where, "the place")),
    excerpt
      ? h("div.code", { tabindex: 0, role: "region", "aria-label": `Source around ${where}` }, h("ol", { start: excerpt.first },
        excerpt.lines.map((pieces, index) => {
          const number = excerpt.first + index;
          const here = number === source.line;
          return h(here ? "li.here" : "li", here ? { "aria-current": "true" } : null,
            h("span.number", { "aria-hidden": "true" }, number),
            h("code", null, pieces.length ? pieces.map(([kind, text]) => (kind ? h(`span.t-${kind}`, null, text) : text)) : "\u200b"));
        })))
      : h("p.aside", null, "The file could not be read when this report was written."));
}

// Prose, and lines that are indented, which are code. `id` is that of the title, one of its own for each card.
function suggestionCard(text, id, { heading = "h3", tried = false } = {}) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const code = /^ {4}|^\t/.test(line) || (line === "" && blocks.at(-1)?.code);
    if (!blocks.length || blocks.at(-1).code !== Boolean(code)) blocks.push({ code: Boolean(code), lines: [] });
    blocks.at(-1).lines.push(line);
  }
  const dedented = (lines) => {
    const least = Math.min(...lines.filter((line) => line.trim()).map((line) => line.match(/^\s*/)[0].length));
    return lines.map((line) => line.slice(least)).join("\n").trimEnd();
  };
  const hasCode = blocks.some((block) => block.code);
  return h("section.card.suggestion", { "aria-labelledby": id },
    h("div.card-head", null, h(heading, { id }, tried ? "Cure" : "Hint"), h("span.aside", null, tried ? "tried before it was shown" : "a guess that nobody has tried"), !hasCode && copyButton("Copy", text, "the suggestion")),
    blocks.map((block) => (block.code
      ? h("div.pre-wrap", null, h("pre", { tabindex: 0 }, dedented(block.lines)), copyButton("Copy", dedented(block.lines), tried ? "the diff" : "the code"))
      : h("p", null, prose(block.lines.join("\n"))))));
}

function driftsSection(story, timeline) {
  return h("section.block", { "aria-labelledby": "rk-drifts-title" },
    h("h3", { id: "rk-drifts-title" }, "Drifts"),
    h("ul.drifts", null, story.drifts.map((drift, index) => h("li.card.drift", { "data-severity": drift.severity },
      h("div.card-head", null, h("h4", null, h("code", null, drift.field)),
        h("span.severity", null, drift.severity),
        drift.event !== null && (timeline
          ? h("button.textual", { type: "button", onclick: () => timeline.jump(drift.event) }, `event ${drift.event}`)
          : h("span.aside", null, `event ${drift.event}`))),
      drift.message ? h("p.drift-message", null, prose(drift.message)) : valueDiff(drift.diff, drift.field),
      drift.suggestion && suggestionCard(drift.suggestion, `rk-cure-title-${index}`, { heading: "h5" }),
      drift.source && h("details.folded", null,
        h("summary", null, h("code", null, `${drift.source.file}:${drift.source.line}`)), sourceCard(drift.source))))));
}

function stepsSection(story) {
  const grid = allSteps(story.steps);
  const matched = story.steps.filter((step) => step[5]).length;
  const body = h("div", { hidden: true }, grid.element);
  const toggle = h("button.quiet", { type: "button", "aria-expanded": "false", onclick: () => {
    body.hidden = !body.hidden;
    toggle.setAttribute("aria-expanded", String(!body.hidden));
    toggle.textContent = body.hidden ? "Show all" : "Hide";
    if (!body.hidden) grid.start();
  } }, "Show all");
  return {
    element: h("section.block", { "aria-labelledby": "rk-steps-title" },
      h("div.block-head", null, h("h3", { id: "rk-steps-title" }, "Commands"),
        h("p.aside", null, `${matched.toLocaleString("en")} of ${plural(story.steps.length, "row")} match`), toggle), body),
    start: () => {},
    stop: grid.stop,
  };
}
