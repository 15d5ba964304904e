// What is new since the last visit. What was seen is kept in this browser's own store and sent to nobody.
const PAUSE = 30 * 60 * 1000; // ms without a look that end a visit

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing, or what is no note of ours
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {}
}

const keyOf = (slug, root) => `tagora:visit:${new URL(root, location.href).pathname}${slug}`;
const said = (words, number) => (number === 1 ? words.one : words.many.replace("{n}", number));

// As it was at the last visit: {posts, seen: {address: posts}, floor: the time of the oldest one listed as latest}
function lastVisit({ before, now, at }) {
  return at && Date.now() - at > PAUSE ? now : before;
}

function cardsIn(element) {
  return [...element.querySelectorAll(".card[data-posts]")].map((card) => ({
    card,
    address: new URL(card.querySelector("a").href).pathname,
    posts: Number(card.dataset.posts),
    latest: Date.parse([...card.querySelectorAll("time")].at(-1)?.dateTime) || 0,
  }));
}

function mark(element, words, number) {
  const note = document.createElement("span");
  note.className = "new";
  note.textContent = said(words, number);
  element.append(" ", note);
}

// A discussion that was not listed then is new if it would have been, had it been there.
function fresh({ address, posts, latest }, last) {
  const known = last.seen[address];
  return known === undefined ? (latest > last.floor ? posts : 0) : Math.max(posts - known, 0);
}

function campaign(section) {
  const key = keyOf(section.dataset.visited, section.dataset.root);
  const kept = read(key);
  const last = lastVisit(kept);
  const cards = cardsIn(section);
  const posts = Number(section.dataset.posts);
  if (last) {
    const more = posts - last.posts;
    if (more > 0) section.querySelector(".news").textContent = said(section.querySelector(".news").dataset, more);
    for (const one of cards) {
      const number = fresh(one, last);
      if (number) mark(one.card.querySelector(".facts"), section.dataset, number);
    }
  }
  const listed = cardsIn(section.querySelector("[data-latest]") ?? section);
  const seen = Object.fromEntries(cards.map((one) => [one.address, one.posts]));
  const whole = Object.keys(seen).length >= Number(section.dataset.discussions);
  const floor = whole || !listed.length ? 0 : Math.min(...listed.map(({ latest }) => latest));
  write(key, { before: last ?? null, now: { posts, seen, floor }, at: Date.now() });
}

function invitations(list) {
  for (const article of list.querySelectorAll("[data-slug][data-posts]")) {
    const last = lastVisit(read(keyOf(article.dataset.slug, list.dataset.root)));
    const more = Number(article.dataset.posts) - last?.posts;
    const facts = article.querySelector(".numbers");
    const words = { one: list.dataset.newOne, many: list.dataset.newMany };
    if (more > 0 && !facts.querySelector(".new")) mark(facts, words, more);
  }
}

const section = document.querySelector("[data-visited]");
if (section) campaign(section);
const list = document.querySelector("[data-list]");
if (list) {
  invitations(list);
  list.addEventListener("listed", () => invitations(list));
}
