// Keeps a page up to date: what happens in the run makes it ask for itself again, and parts that differ are replaced.
const LEAST_MS = 1000; // between two looks, and ten times as long as a look took: watching costs a run little
const POLL_MS = 10000;
const said = document.getElementById("live");
let last = "";

const isFilledIn = (part) => [...part.querySelectorAll("form.verb")].some(
  (form) => !form.hasAttribute("data-done") && [...form.elements].some((field) => field.value !== field.defaultValue && field.tagName !== "BUTTON" && field.type !== "checkbox" || field.checked),
);

function replaced(old, fresh) {
  const open = new Map([...old.querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one.open]));
  const scrolled = [...old.querySelectorAll(".graph, .wide-table, pre")].map((one) => [one.scrollTop, one.scrollLeft]);
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  for (const one of fresh.querySelectorAll("details[data-key]")) if (open.has(one.dataset.key)) one.open = open.get(one.dataset.key);
  old.replaceWith(fresh);
  fresh.querySelectorAll(".graph, .wide-table, pre").forEach((one, at) => scrolled[at] && ([one.scrollTop, one.scrollLeft] = scrolled[at]));
  if (focused) [...fresh.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus();
}

const sources = new Map(); // as the server sent each part: what a reader unfolded is no difference
const remember = (page) => page.querySelectorAll("[data-live]").forEach((part) => sources.set(part.id, part.outerHTML));

function lay(page, buttons) {
  const lists = [document.getElementById("held"), page.getElementById("held")];
  const names = (list) => [...(list?.querySelectorAll("article") ?? [])].map((one) => one.id).join();
  if (names(lists[0]) !== names(lists[1])) return regrouped(page, buttons);
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.getElementById(fresh.id);
    if (!old || sources.get(fresh.id) === fresh.outerHTML || isFilledIn(old)) continue;
    sources.set(fresh.id, fresh.outerHTML);
    replaced(old, fresh);
    buttons(fresh);
  }
}

function regrouped(page, buttons) {
  const old = document.getElementById("held");
  if (old && isFilledIn(old)) return note("What is held has changed; send or empty what you have written to see it.");
  const main = page.querySelector("main");
  remember(page);
  replaced(document.querySelector("main"), main);
  buttons(main);
}

const note = (text) => (said.textContent = text);

function looking(buttons) {
  let timer, free = 0;
  const look = async () => {
    timer = undefined;
    const began = performance.now();
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.status === 401) return note("The session has ended: open the address that autopack serve prints.");
      if (answer.ok) { document.title = page.title; lay(page, buttons); note(last); }
    } catch { note("The server does not answer."); }
    free = performance.now() + Math.max(LEAST_MS, 10 * (performance.now() - began));
  };
  return () => (timer ??= setTimeout(look, Math.max(150, free - performance.now())));
}

function replying(data) {
  const at = document.getElementById("reply");
  if (at) at.textContent = data.model ? `attempt ${data.attempt}: ${data.role} asks ${data.model}, ${data.characters.toLocaleString("en")} characters so far` : data.command ?? "";
}

export function live(buttons) {
  remember(document);
  const look = looking(buttons);
  document.addEventListener("changed", (event) => { last = event.detail; note(last); look(); });
  if (document.querySelector("[data-live=poll]")) setInterval(() => document.hidden || look(), POLL_MS);
  const of = document.querySelector("[data-events]");
  if (!of) return;
  follow(of.dataset.events, of.dataset.after, look);
}

function follow(events, after, look) {
  const source = new EventSource(`${events}${events.includes("?") ? "&" : "?"}after=${after}`);
  const isShown = (state) => document.querySelector("[data-state]")?.dataset.state === state;
  source.onmessage = (event) => { after = event.lastEventId; look(); };
  source.addEventListener("state", (event) => isShown(JSON.parse(event.data).state) || look());
  source.addEventListener("live", (event) => replying(JSON.parse(event.data)));
  source.onopen = () => note(last = "live");
  source.onerror = () => {
    last = "Not live: the server is asked again.";
    if (source.readyState !== EventSource.CLOSED) return note(last);
    look(); // refused, and a browser does not ask again by itself: a look says why
    setTimeout(follow, POLL_MS, events, after, look);
  };
}
