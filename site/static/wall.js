// The screen in the hall follows the published posts: a small file is asked for, and the list made to say what it says.
// Words come in as text only. What is no longer in the file leaves the screen with that answer.

const wall = document.querySelector("[data-feed]");
const list = wall.querySelector("ol");
const mould = wall.querySelector("template").content.firstElementChild;
const lost = wall.querySelector(".lost");
const { language, feed } = wall.dataset;

const EVERY = 15_000;
const SELDOM = 120_000; // where the site cannot be reached
const PATIENCE = 10_000;
const CHARACTERS = 1_000_000;

let wait = EVERY;
let timer = 0;
let reached = new Date();

class NotThere extends Error {}

async function asked() {
  const answer = await fetch(feed, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 404 || answer.status === 410) throw new NotThere();
  const said = answer.ok ? await answer.text() : "";
  if (!said || said.length > CHARACTERS) throw new Error("no answer to be used");
  const { items, _tagora } = JSON.parse(said);
  if (!Array.isArray(items) || !_tagora) throw new Error("another answer than the site's");
  return { items, closed: _tagora.closed?.[language] };
}

function made(item) {
  const post = mould.cloneNode(true);
  const told = {
    name: item.authors?.[0]?.name ?? wall.dataset.unnamed,
    handle: item._tagora.handle && `@${item._tagora.handle}`,
    network: item._tagora.network,
    title: item.title,
    text: item.content_text,
    time: item._tagora.time?.[language],
  };
  for (const [name, value] of Object.entries(told)) {
    const place = post.querySelector(`.${name}`);
    if (value) place.textContent = value;
    else place.remove();
  }
  for (const place of post.querySelectorAll(".title, .text")) if (item.language) place.lang = item.language;
  post.querySelector("time")?.setAttribute("datetime", item.date_published);
  post.querySelector(".network").classList.add(`net-${item._tagora.key === "x" ? "x" : "other"}`);
  post.classList.add("fresh");
  post.dataset.post = item.id;
  post.dataset.version = item._tagora.version;
  return post;
}

function show(items) {
  const there = new Map([...list.children].map((post) => [`${post.dataset.post} ${post.dataset.version}`, post]));
  list.replaceChildren(...items.map((item) => there.get(`${item.id} ${item._tagora.version}`) ?? made(item)));
  wall.querySelector(".none").hidden = items.length > 0;
}

function close(day) {
  timer = 0;
  delete wall.dataset.open;
  show([]);
  wall.querySelector(".none").hidden = true;
  wall.querySelector(".invite").hidden = true;
  const closed = wall.querySelector(".closed");
  closed.textContent = wall.dataset.closed.replace("{day}", day);
  closed.hidden = false;
}

async function follow() {
  clearTimeout(timer);
  try {
    const { items, closed } = await asked();
    reached = new Date();
    wait = EVERY;
    lost.hidden = true;
    if (closed) return close(closed);
    show(items);
  } catch (error) {
    if (error instanceof NotThere) show([]);
    lost.querySelector("span").textContent = reached.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    lost.hidden = false;
    wait = Math.min(2 * wait, SELDOM);
  }
  timer = setTimeout(follow, wait);
}

async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // the battery is low, or the page is not looked at
  }
}

function wholeScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}

const button = wall.querySelector("button");
button.hidden = !document.fullscreenEnabled;
button.addEventListener("click", wholeScreen);
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey && !event.altKey) wholeScreen();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible" || !timer) return;
  stayAwake();
  follow();
});
addEventListener("online", () => timer && follow());

if (wall.dataset.open) {
  stayAwake();
  timer = setTimeout(follow, EVERY);
}
