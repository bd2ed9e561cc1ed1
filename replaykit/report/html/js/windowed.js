// A grid of any number of rows, of which only those near the window are elements. It scrolls with the page.

const OVERSCAN = 12;
const FEW = 150; // so few rows are all elements: a whole-page print or search shows them

// options: label, columns (names for screen readers), count, render(index) -> cells, detail(index) -> node or null,
// decorate(index, row), className.
function windowed(options) {
  const head = h("div.row.head", { role: "row", "aria-rowindex": 1 },
    options.columns.map(([name, kind]) => h(`div.cell.${kind}`, { role: "columnheader" }, name)));
  const body = h("div.rows", { role: "rowgroup" });
  const grid = h(`div.grid.${options.className}`,
    { role: "grid", "aria-label": options.label, "aria-rowcount": options.count + 1, "aria-readonly": "true" },
    h("div", { role: "rowgroup" }, head), body);
  const rows = new Map();
  let current = 0;
  let opened = -1;
  let extra = 0;
  let height = 0;
  let queued = false;

  const top = (index) => index * height + (opened >= 0 && index > opened ? extra : 0);
  const at = (y) => {
    const plain = Math.floor(y / height);
    if (opened < 0 || plain <= opened) return plain;
    return Math.max(opened, Math.floor((y - extra) / height));
  };

  function make(index) {
    const row = h("div.row", { role: "row", "aria-rowindex": index + 2, tabindex: index === current ? 0 : -1,
      "aria-expanded": options.detail ? String(index === opened) : null });
    append(row, options.render(index));
    if (options.decorate) options.decorate(index, row);
    row.dataset.index = index;
    if (index === opened) {
      const inner = options.detail(index);
      row.classList.add("open");
      row.append(h("div.detail", { role: "gridcell" }, inner));
    }
    row.style.top = `${top(index)}px`;
    rows.set(index, row);
    return row;
  }

  function draw() {
    queued = false;
    if (!grid.isConnected) return;
    const box = body.getBoundingClientRect();
    const few = options.count <= FEW;
    const first = few ? 0 : Math.max(0, at(-box.top) - OVERSCAN);
    const last = Math.min(options.count - 1, few ? options.count : at(window.innerHeight - box.top) + OVERSCAN);
    const focused = rows.get(current)?.contains(document.activeElement);
    for (const [index, row] of rows) {
      if ((index < first || index > last) && !(focused && index === current)) {
        row.remove();
        rows.delete(index);
      }
    }
    for (let index = first; index <= last; index++) {
      if (rows.has(index)) continue;
      const row = make(index);
      let next = null;
      for (let after = index + 1; after <= last && !next; after++) next = rows.get(after) || null;
      body.insertBefore(row, next);
    }
  }

  function ask() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(draw);
  }

  function measure() {
    const wanted = parseFloat(getComputedStyle(grid).getPropertyValue("--row")) *
      parseFloat(getComputedStyle(document.documentElement).fontSize);
    if (opened >= 0 && rows.has(opened)) {
      extra = rows.get(opened).querySelector(".detail").getBoundingClientRect().height;
    }
    height = wanted || 32;
    body.style.height = `${options.count * height + (opened >= 0 ? extra : 0)}px`;
    for (const [index, row] of rows) row.style.top = `${top(index)}px`;
    ask();
  }

  function clear() {
    for (const row of rows.values()) row.remove();
    rows.clear();
  }

  // Opens the row, or closes it where it is open.
  function toggle(index) {
    const focused = body.contains(document.activeElement);
    opened = opened === index ? -1 : index;
    extra = 0;
    current = index;
    clear();
    draw();
    if (!rows.has(index)) body.append(make(index));
    measure();
    if (focused) rows.get(index).focus({ preventScroll: true });
  }

  function focus(index, { centre = false } = {}) {
    rows.get(current)?.setAttribute("tabindex", "-1");
    current = Math.min(options.count - 1, Math.max(0, index));
    const y = body.getBoundingClientRect().top + window.scrollY + top(current);
    const margin = height * 3;
    if (centre || y < window.scrollY + margin || y > window.scrollY + window.innerHeight - margin) {
      const place = centre ? window.innerHeight / 3 : y < window.scrollY + margin ? margin : window.innerHeight - margin;
      window.scrollTo({ top: y - place, behavior: "instant" });
    }
    draw();
    if (!rows.has(current)) body.append(make(current));
    rows.get(current).setAttribute("tabindex", "0");
    rows.get(current).focus({ preventScroll: true });
  }

  body.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row || event.target.closest("a, button, .detail")) return;
    if (String(window.getSelection())) return;
    rows.get(current)?.setAttribute("tabindex", "-1");
    if (options.detail) toggle(Number(row.dataset.index));
  });
  body.addEventListener("keydown", (event) => {
    if (event.target.closest("a, button")) return;
    const page = Math.max(1, Math.floor(window.innerHeight / height) - 4);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -options.count, End: options.count };
    if (event.key in step) focus(current + step[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && options.detail) toggle(current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  body.addEventListener("focusin", (event) => {
    const row = event.target.closest(".row");
    if (row && event.target === row) current = Number(row.dataset.index);
  });

  const stop = new AbortController();
  window.addEventListener("scroll", ask, { passive: true, signal: stop.signal });
  const watcher = new ResizeObserver(measure);
  return {
    element: grid,
    focus,
    open: (index) => { if (opened !== index) toggle(index); focus(index, { centre: true }); },
    start: () => { measure(); draw(); watcher.observe(grid); },
    stop: () => { stop.abort(); watcher.disconnect(); },
  };
}
