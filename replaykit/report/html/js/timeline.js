// The timeline of a history: lanes above, every event below.

function timelineSection(story) {
  const { events, spans, steps, divergence, drifts } = story;
  const indexOf = new Map(events.map((event, index) => [event[0], index]));
  const stepOf = new Map(steps.filter((step) => step[0] !== null).map((step) => [step[0], step]));
  const first = divergence && divergence.event !== null ? indexOf.get(divergence.event) ?? -1 : -1;
  const drifted = new Set(drifts.map((drift) => drift.event));
  const start = story.start ? new Date(story.start).getTime() : null;
  const jump = (id) => { const index = indexOf.get(id); if (index !== undefined) grid.open(index); };

  const grid = windowed({
    label: "Events",
    className: "events",
    columns: [["Event", "id"], ["Since start", "since"], ["What happened", "label"], ["Belongs to", "links"]],
    count: events.length,
    render: (index) => {
      const [id, elapsed, name, rest, links] = events[index];
      return [
        h("div.cell.id", { role: "gridcell" }, id),
        h("div.cell.since", { role: "gridcell" }, span(elapsed)),
        h("div.cell.label", { role: "gridcell" }, h("span.swatch", { "aria-hidden": "true" }),
          h("span.text", null, h("span.kind", null, name), rest && " ", rest && h("span.name", null, rest)), flag(index)),
        h("div.cell.links", { role: "gridcell" }, links.slice(0, 2).map((link) =>
          h("button.jump", { type: "button", tabindex: "-1", "aria-label": `Go to event ${link}`, onclick: () => jump(link) }, link))),
      ];
    },
    decorate: (index, row) => {
      row.dataset.lane = events[index][5];
      if (index === first) row.classList.add("first");
      const ending = /(Failed|TimedOut|Terminated|Rejected)$/.test(events[index][2]);
      if (ending) row.classList.add("bad");
    },
    detail,
  });

  function flag(index) {
    const id = events[index][0];
    if (index === first) return h("span.flag.diverged", null, "first difference");
    if (drifted.has(id)) return h("span.flag.drifted", null, "drift");
    if (stepOf.get(id)?.[5]) return h("span.flag.consistent", null, icon("consistent"), h("span.unseen", null, "matches"));
    return null;
  }

  function detail(index) {
    const [id, elapsed, name, rest, links, , number] = events[index];
    const step = stepOf.get(id);
    const [, , from, to, state] = spans[number];
    const lines = [
      ["Event", [h("span.kind", null, name), rest && ` ${rest}`]],
      ["At", start !== null && elapsed !== null ? `${new Date(start + elapsed * 1000).toISOString().replace("T", " ").replace("Z", "")} UTC` : "unknown"],
      from !== to && ["Span", `events ${events[from][0]} to ${events[to][0]}, ${
        events[from][1] !== null && events[to][1] !== null ? span(events[to][1] - events[from][1]) : "unknown"}, ${state}`],
      links.length && ["Belongs to", h("ul", null, links.map((link) => h("li", null,
        h("button.jump", { type: "button", onclick: () => jump(link) }, link), " ", indexOf.has(link) ? nameOf(link) : "not in this history")))],
      step && ["Produced", [labelled(step[2], step[1], !step[5]), place(step)]],
    ].filter(Boolean);
    return h("dl", null, lines.map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))));
  }

  const nameOf = (id) => { const event = events[indexOf.get(id)]; return `${event[2]} ${event[3]}`; };
  const chart = laneChart({ events, spans, first, onpick: (index) => grid.open(index) });
  const last = [...events].reverse().find((event) => event[1] !== null);
  const element = h("section.block.timeline", { "aria-labelledby": "rk-timeline-title" },
    h("div.block-head", null, h("h3", { id: "rk-timeline-title" }, "Timeline"),
      h("p.aside", null, `${plural(events.length, "event")}${last ? ` over ${span(last[1])}` : ""}`), chart.tools),
    chart.element, grid.element);
  return {
    element,
    jump,
    start: () => { chart.start(); grid.start(); },
    stop: () => { chart.stop(); grid.stop(); },
  };
}
