// The page: routes, keys, theme.

document.documentElement.classList.add("js");
const summaries = readJson("rk-summaries");
const narrow = window.matchMedia("(max-width: 56rem)");
const title = document.title;

function show(number, { keepFocus = false, replace = false, scroll = true } = {}) {
  opened = number;
  const summary = summaries[number];
  if (replace) history.replaceState(null, "", `#${summary.anchor}`);
  document.body.dataset.view = "story";
  document.title = `${summary.id || summary.history}: ${summary.outcome} - replaykit`;
  tellStory(number);
  markCurrent();
  if (scroll) window.scrollTo({ top: narrow.matches ? 0 : Math.min(window.scrollY, byId("rk-story").offsetTop), behavior: "instant" });
  if (!keepFocus) enterStory();
}

const enterStory = () => { document.body.dataset.view = "story"; byId("rk-title")?.focus({ preventScroll: true }); };

function backToList(event) {
  event?.preventDefault();
  history.pushState(null, "", location.href.split("#")[0]);
  document.title = title;
  document.body.dataset.view = "list";
  byId("rk-list").querySelector("[aria-current]")?.focus();
}

function route() {
  const anchor = decodeURIComponent(location.hash.slice(1));
  const number = summaries.findIndex((summary) => summary.anchor === anchor);
  if (number >= 0) return show(number, { keepFocus: !loaded });
  if (!anchor && narrow.matches) { document.body.dataset.view = "list"; document.title = title; }
  return undefined;
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
  byId("rk-theme").textContent = `Theme: ${theme || "system"}`;
  try {
    if (theme) localStorage.setItem("replaykit-theme", theme); else localStorage.removeItem("replaykit-theme");
  } catch { /* a page of a file may have no storage */ }
}

function nextTheme() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? [undefined, "light", "dark"] : [undefined, "dark", "light"];
  setTheme(order[(order.indexOf(document.documentElement.dataset.theme) + 1) % 3]);
}

function storedTheme() {
  try { return localStorage.getItem("replaykit-theme"); } catch { return null; }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("rk-keys").open) return;
  const typing = event.target.closest("input:not([type=radio]), select, textarea");
  if (event.key === "Escape" && summaries.length) {
    const search = byId("rk-search");
    if (typing === search && search.value) { search.value = ""; filter(); } else if (typing) typing.blur(); else backToList();
    return event.preventDefault();
  }
  const inList = event.target.closest("#rk-list");
  if (typing && !(typing.id === "rk-search" && ["ArrowDown", "Enter"].includes(event.key))) return undefined;
  const actions = {
    "/": () => { document.body.dataset.view = narrow.matches ? "list" : document.body.dataset.view; byId("rk-search").focus(); byId("rk-search").select(); },
    "j": () => move(1),
    "k": () => move(-1),
    "t": nextTheme,
    "?": () => byId("rk-keys").showModal(),
    "ArrowDown": () => (typing ? shownItems()[0]?.querySelector("a").focus() : focusBy(1)),
    "ArrowUp": () => focusBy(-1),
    "Enter": () => shownItems()[0]?.querySelector("a").click(),
  };
  if (!(event.key in actions)) return undefined;
  if (["ArrowUp", "ArrowDown"].includes(event.key) && !inList && !typing) return undefined;
  if (event.key === "Enter" && !typing) return undefined;
  if (!summaries.length && !["t", "?"].includes(event.key)) return undefined;
  event.preventDefault();
  return actions[event.key]();
}

function focusBy(step) {
  const items = shownItems();
  const at = items.findIndex((item) => item.contains(document.activeElement));
  items[Math.min(items.length - 1, Math.max(0, at + step))]?.querySelector("a").focus();
}

let filter = () => {};
let loaded = false;
setTheme(storedTheme() || undefined);
byId("rk-theme").addEventListener("click", nextTheme);
byId("rk-keys-open").addEventListener("click", () => byId("rk-keys").showModal());
document.addEventListener("keydown", onKey);
if (summaries.length) {
  filter = fillList();
  filter();
  byId("rk-finder").addEventListener("submit", (event) => event.preventDefault());
  byId("rk-search").addEventListener("input", () => filter());
  byId("rk-type")?.addEventListener("change", () => filter());
  for (const button of document.querySelectorAll(".count")) {
    button.addEventListener("click", () => {
      const { outcome } = button.dataset;
      if (!chosen.delete(outcome)) chosen.add(outcome);
      button.setAttribute("aria-pressed", String(chosen.has(outcome)));
      filter();
    });
  }
  window.addEventListener("hashchange", route);
  const linked = location.hash.length > 1;
  if (linked) route();
  loaded = true;
  if (opened < 0 && !narrow.matches) show(0, { keepFocus: true, scroll: false });
  if (opened < 0 || !linked) document.body.dataset.view = narrow.matches ? "list" : "story";
  narrow.addEventListener("change", () => { if (!narrow.matches && opened < 0) show(0, { keepFocus: true, scroll: false }); });
}
