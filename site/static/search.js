// The search: what is asked stands in the address, what answers is a worker that is loaded at the first question. Posts
// are printed as text, never as HTML.
const block = document.querySelector("[data-search]");
const words = block.dataset;
const panel = block.closest("dialog"); // or the search has a page of its own
const form = block.querySelector("form");
const input = form.elements.q;
const status = block.querySelector("[role=status]");
const trouble = block.querySelector("[role=alert]");
const list = block.querySelector(".hits");
const more = block.querySelector(".more");
const filters = block.querySelector(".narrow");
const told = JSON.parse(words.known);
const MOST = 10; // discussions that one press of "more" brings
const PAUSE = 250; // milliseconds without typing before a question is asked
const LEAST = 2; // letters
// names in the address: of what the index knows, and of what is known of each campaign
const FACETS = { campagna: "campaign", rete: "network", lingua: "language", mese: "month" };
const OF_CAMPAIGN = ["guru", "tipo"];
const NAMES = [...OF_CAMPAIGN, ...Object.keys(FACETS)];

// --- the worker

let worker = null;
let waiting = new Map();
let number = 0;

function ask(what, about) {
  worker ??= started();
  number += 1;
  const id = number;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, ask: what, ...about });
  });
}

function started() {
  const made = new Worker(words.worker, { type: "module" });
  const answered = (id, settle) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one) settle(one);
  };
  made.addEventListener("message", ({ data }) =>
    answered(data.id, ({ resolve, reject }) => ("trouble" in data ? reject(new Error(data.trouble)) : resolve(data.told))),
  );
  made.addEventListener("error", (event) => {
    event.preventDefault();
    for (const id of [...waiting.keys()]) answered(id, ({ reject }) => reject(new Error("the worker failed")));
  });
  waiting.set(0, { resolve() {}, reject() {} });
  made.postMessage({ id: 0, ask: "open", entry: address(words.entry), root: address(words.root) });
  return made;
}

function stopped() {
  worker?.terminate();
  worker = null;
  for (const { reject } of waiting.values()) reject(new Error("stopped"));
  waiting = new Map();
}

const address = (path) => new URL(path, document.baseURI).href;

// --- what is asked, in the address

function asked() {
  const said = new URLSearchParams(location.search);
  const chosen = new Map(NAMES.filter((name) => said.get(name)).map((name) => [name, said.get(name)]));
  return { text: (said.get("q") ?? "").slice(0, input.maxLength), chosen };
}

function addressOf({ text, chosen }) {
  const search = new URLSearchParams(location.search);
  for (const name of ["q", ...NAMES]) search.delete(name);
  if (text) search.set("q", text);
  for (const [name, value] of chosen) search.set(name, value);
  return location.pathname + (String(search) && `?${search}`);
}

const belongs = (campaign, name, value) => (name === "campagna" ? campaign.slug === value : value in campaign[name]);

// As the worker is asked: by facet the values that fit.
function inIndex(chosen) {
  const made = {};
  for (const [name, facet] of Object.entries(FACETS)) if (chosen.has(name)) made[facet] = [chosen.get(name)];
  const by = [...OF_CAMPAIGN, "campagna"].filter((name) => chosen.has(name));
  if (by.length) {
    const fitting = told.campaigns.filter((one) => by.every((name) => belongs(one, name, chosen.get(name))));
    made.campaign = fitting.length ? fitting.map((one) => one.slug) : [""];
  }
  return made;
}

// --- asking

let turn = 0; // what was asked before the latest question comes too late
let retry = null;

async function answer(work, again = false) {
  turn += 1;
  const mine = turn;
  trouble.hidden = true;
  list.setAttribute("aria-busy", "true");
  status.textContent = words.searching;
  try {
    await work(() => mine === turn);
  } catch (error) {
    if (mine !== turn) return;
    stopped();
    if (!again) return answer(work, true); // the index may have been replaced meanwhile
    console.warn(error);
    status.textContent = "";
    trouble.hidden = false;
    retry = () => answer(work);
  }
  if (mine === turn) list.removeAttribute("aria-busy");
}

function search() {
  const { text, chosen } = asked();
  for (const link of document.querySelectorAll(".top nav a[hreflang]")) link.search = location.search;
  if (text.trim().length < LEAST) {
    turn += 1;
    trouble.hidden = true;
    status.textContent = "";
    clear();
    return Promise.resolve();
  }
  return answer(async (current) => {
    const found = await ask("find", { text, chosen: inIndex(chosen), most: MOST });
    if (!current()) return;
    list.replaceChildren(); // the choices stay until there are others, or the focus would be lost with them
    show(found);
    status.textContent = counted(found.total);
    const counts = await ask("count", { text, chosen: inIndex(chosen) });
    if (current()) choices(counts, chosen);
  });
}

function next() {
  const before = list.children.length;
  return answer(async (current) => {
    let found = await ask("more", { most: MOST }).catch(() => null);
    if (!found) {
      const { text, chosen } = asked(); // another worker knows nothing of what was shown
      stopped();
      found = await ask("find", { text, chosen: inIndex(chosen), most: before + MOST });
      if (current()) list.replaceChildren();
    }
    if (!current()) return;
    show(found);
    status.textContent = counted(found.total);
    list.children[before]?.querySelector("a")?.focus();
  });
}

// --- showing

const when = new Intl.DateTimeFormat(words.language, {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: words.timezone,
});

function make(name, of = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(of)) if (value !== null) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function counted(total) {
  if (!total) return words.none;
  return total === 1 ? words.one : words.many.replace("%d", new Intl.NumberFormat(words.language).format(total));
}

function clear() {
  list.replaceChildren();
  more.hidden = true;
  filters.hidden = true;
}

function show({ hits, left }) {
  for (const hit of hits) list.append(...hit.posts.map((post) => entry(hit, post)), ...others(hit));
  more.hidden = !left;
}

function entry(hit, post) {
  const lang = hit.language === "und" ? null : hit.language;
  const link = make("a", { href: address(`${words.root}${hit.page}#${post.anchor}`) });
  if (post.warning) link.append(make("span", { class: "cw" }, words.warning), " ", make("bdi", { lang }, post.warning));
  else if (post.text.length) {
    const text = make("span", { lang, dir: "auto" });
    for (const [said, match] of post.text) text.append(match ? make("mark", {}, said.trim()) : said, match ? " " : "");
    link.append(text);
  } else link.append(words.untold);
  const facts = make("p", { class: "facts" });
  if (post.who) facts.append(make("bdi", {}, post.who), " · ");
  facts.append(
    make("time", { datetime: post.time }, when.format(new Date(post.time))),
    ` · ${told.networks[hit.network] ?? hit.network}`,
  );
  return make("li", { class: "card" }, make("p", { class: "hit" }, link), facts);
}

function others(hit) {
  if (!hit.others) return [];
  const text = hit.others === 1 ? words.other : words.others.replace("%d", hit.others);
  return [make("li", { class: "others" }, make("a", { href: address(`${words.root}${hit.page}`) }, text))];
}

// --- choices

const NAMED = {
  lingua: new Intl.DisplayNames(words.language, { type: "language", fallback: "code" }),
  mese: new Intl.DateTimeFormat(words.language, { month: "long", year: "numeric", timeZone: "UTC" }),
};

function label(name, value) {
  if (name === "rete") return told.networks[value] ?? value;
  if (name === "campagna") return told.campaigns.find(({ slug }) => slug === value)?.title ?? value;
  if (name === "lingua" && value === "und") return words.unknown;
  try {
    if (name === "lingua") return NAMED.lingua.of(value);
    if (name === "mese") return NAMED.mese.format(new Date(`${value}-15`));
  } catch {
    return value;
  }
  return told.campaigns.map((one) => one[name][value]).find(Boolean) ?? value;
}

// How many fit beside each value of a facet: of the index, or summed over the campaigns that have it.
function numbers(name, counts, chosen) {
  if (name in FACETS && name !== "campagna") return counts[FACETS[name]];
  const made = {};
  const rest = [...chosen].filter(([each]) => each !== name && (OF_CAMPAIGN.includes(each) || each === "campagna"));
  for (const campaign of told.campaigns) {
    if (!rest.every(([each, value]) => belongs(campaign, each, value))) continue;
    const number = counts.campaign[campaign.slug] ?? 0;
    const values = name === "campagna" ? [campaign.slug] : Object.keys(campaign[name]);
    for (const value of values) if (number) made[value] = (made[value] ?? 0) + number;
  }
  return made;
}

function choices(counts, chosen) {
  const focused = document.activeElement?.dataset?.value;
  for (const group of filters.querySelectorAll("[data-facet]")) {
    const name = group.dataset.facet;
    const made = Object.entries(numbers(name, counts, chosen));
    if (chosen.has(name) && !made.some(([value]) => value === chosen.get(name))) made.push([chosen.get(name), 0]);
    made.sort(name === "mese" ? ([a], [b]) => b.localeCompare(a) : ([, a], [, b]) => b - a);
    group.hidden = !chosen.has(name) && made.length < 2; // what all have chooses nothing
    group.querySelector("ul").replaceChildren(
      ...made.map(([value, number]) => {
        const on = chosen.get(name) === value;
        const button = make("button", { type: "button", "aria-pressed": on, "data-value": `${name}=${value}` });
        button.append(make("span", {}, label(name, value)), " ", make("span", { class: "count" }, String(number)));
        button.addEventListener("click", () => choose(name, on ? null : value));
        return make("li", {}, button);
      }),
    );
  }
  filters.hidden = [...filters.querySelectorAll("[data-facet]")].every((group) => group.hidden);
  if (focused) filters.querySelector(`[data-value="${CSS.escape(focused)}"]`)?.focus();
}

function choose(name, value) {
  const { text, chosen } = asked();
  if (value === null) chosen.delete(name);
  else chosen.set(name, value);
  history.pushState(null, "", addressOf({ text, chosen }));
  search();
}

// --- what readers do

let timer = 0;

function typed(done) {
  clearTimeout(timer);
  const { text, chosen } = asked();
  const now = input.value.trim();
  if (now !== text) {
    // one step back for each question, not for each letter
    const write = history.state?.typing ? history.replaceState : history.pushState;
    write.call(history, { typing: true }, "", addressOf({ text: now, chosen }));
    search();
  }
  if (done && history.state?.typing) history.replaceState(null, "", location.href);
}

function restored() {
  input.value = asked().text;
  if (input.value && panel && !panel.open) panel.showModal();
  else if (history.state?.closed) panel?.close();
  return search();
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(typed, PAUSE);
});
input.addEventListener("change", () => typed(true));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed(true);
});
more.addEventListener("click", next);
trouble.querySelector("button").addEventListener("click", () => retry?.());
addEventListener("popstate", restored);
input.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !panel) return;
  event.preventDefault(); // a browser would empty the field first
  panel.close();
});
panel?.addEventListener("opened", () => input.focus());
panel?.addEventListener("closed", () => {
  if (panel.open) return; // again, by the way back
  clearTimeout(timer);
  input.value = "";
  if (asked().text) history.pushState({ closed: true }, "", addressOf({ ...asked(), text: "" }));
  search();
});
form.hidden = false;
restored();
