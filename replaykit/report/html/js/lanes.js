// The timeline as lanes of spans. Only spans inside the visible stretch are elements, and no two that would
// cover the same pixels.

const LANES = ["Workflow tasks", "Activities", "Timers", "Children and Nexus", "Signals and updates", "Other"];
const TRACK = 18;
const STEP = 14;
const MIN_BAR = 5;

// spans: [lane, track, first, last, state]; events: [id, elapsed, name, rest, links, lane, span]
function laneChart({ events, spans, first, onpick }) {
  const times = filledTimes(events);
  const timed = times[times.length - 1] > times[0];
  let mode = "ordinal";
  let zoom = 1;
  const used = LANES.map((name, lane) => ({
    name, spans: spans.map((s, index) => ({ index, track: s[1], first: s[2], last: s[3], state: s[4], lane: s[0] }))
      .filter((s) => s.lane === lane),
  })).filter((lane) => lane.spans.length);

  const axis = h("div.axis", { "aria-hidden": "true" });
  const plots = used.map(() => h("div.plot"));
  const mark = first >= 0 ? h("div.first-mark", { "aria-hidden": "true" }) : null;
  const canvas = h("div.canvas", null,
    h("div.lane.axis-lane", null, h("div.lane-name"), axis),
    used.map((lane, number) => h("div.lane", { "data-lane": LANES.indexOf(lane.name) },
      h("div.lane-name", null, lane.name, h("small", null, lane.spans.length.toLocaleString("en"))), plots[number])),
    mark);
  const scroller = h("div.scroller", { tabindex: 0, role: "region", "aria-label": "Lanes, scrolls sideways" }, canvas);

  used.forEach((lane, number) => {
    const tracks = Math.max(...lane.spans.map((s) => s.track)) + 1;
    plots[number].style.height = `${tracks * TRACK + 10}px`;
  });

  let wide = 1;
  const positions = () => (mode === "ordinal" ? (index) => index + 0.5 : (index) => times[index] - times[0]);
  const total = () => (mode === "ordinal" ? events.length : (times[times.length - 1] - times[0]) || 1);

  function room() {
    return Math.max(120, scroller.clientWidth - (plots[0] ? plots[0].offsetLeft : 0));
  }

  function layout() {
    const base = mode === "ordinal" ? Math.max(room(), events.length * STEP) : room();
    wide = Math.max(room(), Math.min(4_000_000, base * zoom));
    for (const plot of [...plots, axis]) plot.style.width = `${wide}px`;
    draw();
  }

  function draw() {
    const pad = 14;
    const scale = (wide - 2 * pad) / total();
    const x = positions();
    const left = scroller.scrollLeft - 200;
    const right = scroller.scrollLeft + scroller.clientWidth + 200;
    used.forEach((lane, number) => {
      const bars = [];
      const covered = [];
      for (const s of lane.spans) {
        const from = pad + x(s.first) * scale;
        const to = Math.max(from + MIN_BAR, pad + x(s.last) * scale);
        if (to < left || from > right) continue;
        if (covered[s.track] !== undefined && to <= covered[s.track] + 1) continue;
        covered[s.track] = to;
        bars.push(bar(s, Math.max(from, left), Math.min(to, right)));
      }
      plots[number].replaceChildren(...bars);
    });
    drawAxis(pad, scale, left, right);
    if (mark) {
      const offset = plots[0].offsetLeft;
      mark.style.left = `${offset + pad + x(first) * scale}px`;
    }
  }

  function bar(s, from, to) {
    const [, , name, rest] = events[s.first];
    const took = times[s.last] - times[s.first];
    const what = rest || name;
    const element = h(`div.bar.${s.state}`, { title:
      `${name}${rest ? ` ${rest}` : ""}\nevents ${events[s.first][0]} to ${events[s.last][0]}, ${span(took)}, ${s.state}` });
    element.style.left = `${from}px`;
    element.style.width = `${to - from}px`;
    element.style.top = `${5 + s.track * TRACK}px`;
    if (s.first === s.last) element.classList.add("point");
    if (to - from > 46 && s.lane !== 0) element.append(what);
    element.addEventListener("click", () => onpick(s.first));
    return element;
  }

  function drawAxis(pad, scale, left, right) {
    const gap = 96 / scale;
    const step = mode === "ordinal" ? Math.max(1, nice(gap)) : nice(gap);
    const ticks = [];
    for (let value = Math.max(0, Math.floor((left - pad) / scale / step) * step); value <= total() + 1e-9; value += step) {
      const at = pad + (mode === "ordinal" ? value + 0.5 : value) * scale;
      if (at > right) break;
      if (mode === "ordinal" && value >= events.length) break;
      const tick = h("span.tick", null, mode === "ordinal" ? `${events[value][0]}` : span(value).replace(/ 00 [smh]$/, ""));
      tick.style.left = `${at}px`;
      ticks.push(tick);
    }
    axis.replaceChildren(...ticks);
  }

  let queued = false;
  scroller.addEventListener("scroll", () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; draw(); });
  }, { passive: true });
  const watcher = new ResizeObserver(layout);

  function rescale(change) {
    const middle = (scroller.scrollLeft + scroller.clientWidth / 2) / wide;
    change();
    layout();
    scroller.scrollLeft = middle * wide - scroller.clientWidth / 2;
    draw();
  }

  const modes = ["ordinal", "proportional"].map((name) => h("label.choice", null,
    h("input", { type: "radio", name: "rk-time", value: name, checked: name === mode, disabled: name === "proportional" && !timed,
      onchange: () => rescale(() => { mode = name; zoom = 1; }) }),
    h("span", null, name === "ordinal" ? "Order" : "Time")));
  const zoomTo = (factor) => rescale(() => { zoom = factor ? Math.max(0.02, zoom * factor) : fit(); });
  const fit = () => (mode === "ordinal" ? room() / Math.max(room(), events.length * STEP) : 1);
  const tools = h("div.chart-tools", null,
    h("fieldset.choices", null, h("legend.unseen", null, "Scale of the lanes"), modes),
    h("div.zoom", { role: "group", "aria-label": "Zoom of the lanes" },
      h("button.quiet", { type: "button", "aria-label": "Zoom out", onclick: () => zoomTo(1 / 1.8) }, "−"),
      h("button.quiet", { type: "button", onclick: () => zoomTo(null) }, "Fit"),
      h("button.quiet", { type: "button", "aria-label": "Zoom in", onclick: () => zoomTo(1.8) }, "+")));
  return { element: h("div.lanes", null, scroller), tools, start: () => { layout(); watcher.observe(scroller); }, stop: () => watcher.disconnect() };
}

// 1, 2 or 5 times a power of ten, or its like in minutes and hours.
function nice(least) {
  const clock = [60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400];
  if (least > 30 && least <= 86400) return clock.find((step) => step >= least) || 86400;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999);
}

// Elapsed seconds; an event without a time takes that of the one before it, and none runs backwards.
function filledTimes(events) {
  let last = 0;
  return events.map((event) => { last = Math.max(last, event[1] ?? last); return last; });
}
