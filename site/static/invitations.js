// The list of invitations: more of it than a page holds, and the filters. Everything here is a plain page, too: the rest
// of the list is fetched from those pages, and a filter's value leads to its own page where scripts are off.
const list = document.querySelector("[data-list]");
const pager = document.querySelector("main .pager");
const more = pager.querySelector("a[rel=next]");
const panel = document.getElementById("filters");
const chips = document.querySelector(".chosen");
const below = [...document.querySelectorAll(".told.below")]; // where is said how bringing more goes
const about = [...document.querySelectorAll(".told:not(.below)")]; // and how choosing goes: above the list, in the panel
const words = list.dataset;
const STEP = 20; // invitations that one press of "more" brings

// --- the plain pages

const read = (html, address) => ({
  articles: new Map([...html.querySelectorAll("[data-list] > [data-slug]")].map((one) => [one.dataset.slug, one])),
  next: absolute(html.querySelector("main .pager a[rel=next]"), address),
});
const absolute = (link, address) => link && new URL(link.getAttribute("href"), address).href;
const here = read(document, location.href);
const fetched = new Map([[location.origin + location.pathname, here]]);

async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

async function page(address) {
  if (!fetched.has(address)) {
    const html = new DOMParser().parseFromString(await (await ask(address)).text(), "text/html");
    for (const link of html.querySelectorAll("[data-list] [href]")) link.href = absolute(link, address);
    fetched.set(address, read(html, address));
  }
  return fetched.get(address);
}

// --- what is chosen, in the address

const names = panel ? [...panel.querySelectorAll("[data-facet]")].map((one) => one.dataset.facet) : [];

function chosen(search = location.search) {
  const said = new URLSearchParams(search);
  return new Map(names.filter((name) => said.get(name)).map((name) => [name, said.get(name)]));
}

function address(choice) {
  const search = new URLSearchParams(location.search);
  for (const name of names) search.delete(name);
  for (const [name, value] of choice) search.set(name, value);
  return location.pathname + (String(search) && `?${search}`);
}

function choose(choice) {
  history.pushState(null, "", address(choice));
  apply();
}

const without = (choice, name) => new Map([...choice].filter(([each]) => each !== name));
const toggled = (choice, name, value) =>
  choice.get(name) === value ? without(choice, name) : new Map(choice).set(name, value);

// --- the index of all invitations

let index = null;
let loading = null;

function indexed() {
  const from = new URL(list.dataset.index, location.href);
  loading ??= ask(from)
    .then((answer) => answer.json())
    .then((found) => {
      const place = (name, value) => found.facets[name].findIndex(([slug]) => slug === value);
      return (index = { ...found, from, place });
    })
    .finally(() => (loading = null));
  return index ?? loading;
}

function fits(invitation, choice) {
  return [...choice].every(([name, value]) => invitation[name].includes(index.place(name, value)));
}

// --- what is shown

let turn = 0; // of choosing: what was asked before the latest one comes too late
let results = null; // the invitations that fit; null without a choice
let shown = 0;
let next = here.next;
let again = null; // what "try again" does
let applied = ""; // the address's choices that are shown, or about to be

function say(places, text) {
  for (const one of places) one.querySelector(".status").textContent = text;
  list.setAttribute("aria-busy", String(text === words.loading));
}

function counted(number) {
  return number ? (number === 1 ? words.one : words.many.replace("{n}", number)) : words.none;
}

function trouble(places, retry) {
  again = retry;
  for (const one of [...below, ...about]) one.querySelector(".trouble").hidden = !(retry && places.includes(one));
}

async function attempt(places, work, retry) {
  const mine = turn;
  trouble(places, null);
  say(places, words.loading);
  try {
    const done = await work();
    if (mine === turn) done();
  } catch (error) {
    console.warn(error);
    if (mine !== turn) return;
    say(places, "");
    trouble(places, retry);
  }
}

function settle() {
  say(below, "");
  say(about, results ? counted(results.length) : "");
  if (more) more.hidden = results ? shown >= results.length : !next;
  list.dispatchEvent(new Event("listed"));
}

async function articles(some) {
  const pages = await Promise.all(some.map(({ at }) => page(new URL(`./${at}`, index.from).href)));
  return some.map(({ slug }, place) => pages[place].articles.get(slug)).filter(Boolean);
}

function bring() {
  return attempt(below, async () => {
    const following = results ? null : await page(next);
    const found = following ? [...following.articles.values()] : await articles(results.slice(shown, shown + STEP));
    return () => {
      if (following) next = following.next;
      else shown += STEP;
      list.append(...found);
      settle();
      found[0]?.querySelector("a[href]")?.focus({ preventScroll: true });
    };
  }, bring);
}

function apply() {
  const choice = chosen();
  turn += 1;
  applied = location.search;
  for (const link of document.querySelectorAll(".top nav a[hreflang]")) link.search = location.search;
  return attempt(about, async () => {
    if (choice.size || index) await indexed();
    const fitted = choice.size ? index.invitations.filter((one) => fits(one, choice)) : null;
    const found = fitted ? await articles(fitted.slice(0, STEP)) : here.articles.values();
    return () => {
      results = fitted;
      shown = STEP;
      next = here.next;
      list.replaceChildren(...found);
      for (const link of pager.querySelectorAll("a[rel=prev]")) link.hidden = Boolean(fitted);
      tell(choice);
      settle();
    };
  }, apply);
}

// --- the panel and the chips

const opener = () => document.querySelector('[aria-controls="filters"]');
const open = new Set(); // facets of which all values are shown

function label(name, value) {
  const facet = panel.querySelector(`[data-facet="${name}"]`);
  return `${facet.dataset.title}: ${index.facets[name].find(([slug]) => slug === value)?.[1] ?? value}`;
}

function tell(choice) {
  if (!index) return;
  chips.replaceChildren(
    ...[...choice].map(([name, value]) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = label(name, value);
      chip.setAttribute("aria-label", `${chips.dataset.remove}: ${chip.textContent}`);
      chip.addEventListener("click", () => {
        choose(without(choice, name));
        opener()?.focus();
      });
      return chip;
    }),
  );
  for (const name of names) facet(name, choice);
}

function facet(name, choice) {
  const block = panel.querySelector(`[data-facet="${name}"]`);
  const values = block.querySelector("ul");
  const others = without(choice, name);
  const counts = new Map();
  for (const one of index.invitations) {
    if (fits(one, others)) for (const at of one[name]) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const there = index.facets[name]
    .map(([value, text], at) => ({ value, text, count: counts.get(at) ?? 0, on: choice.get(name) === value }))
    .filter(({ count, on }) => count || on);
  const most = open.has(name) ? there.length : Number(values.dataset.most);
  const focused = values.contains(document.activeElement) && document.activeElement.dataset.value;
  values.replaceChildren(
    ...there.filter(({ on }, at) => on || at < most).map((one) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const count = document.createElement("span");
      link.href = address(toggled(choice, name, one.value));
      link.dataset.value = one.value;
      link.textContent = one.text;
      if (one.on) link.setAttribute("aria-current", "true");
      count.className = "count";
      count.textContent = one.count;
      item.append(link, " ", count);
      return item;
    }),
  );
  if (focused) values.querySelector(`[data-value="${CSS.escape(focused)}"]`)?.focus();
  const rest = block.querySelector(".rest");
  if (rest) rest.hidden = there.length <= most;
}

// --- what readers do

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

more?.addEventListener("click", (event) => {
  if (!plain(event)) return;
  event.preventDefault();
  bring();
});
for (const one of [...below, ...about]) one.querySelector(".trouble button").addEventListener("click", () => again?.());
if (panel) {
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("[data-facet] a");
    if (!link || !plain(event)) return;
    event.preventDefault();
    const { facet: name } = link.closest("[data-facet]").dataset;
    if (link.dataset.value) return choose(toggled(chosen(), name, link.dataset.value));
    open.add(name);
    const look = () => attempt(about, async () => (await indexed(), () => (tell(chosen()), settle())), look);
    look();
  });
  addEventListener("popstate", () => location.search === applied || apply());
  if (chosen().size) apply();
}
