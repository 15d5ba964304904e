// The desk: keys, the open post, the outbox. Everything here also works without it, as plain links and forms.
import { Outbox } from "./outbox.js";
import { bindKeys } from "./keys.js";

const desk = JSON.parse(document.getElementById("desk").textContent);
const api = `/api/v1/campaigns/${desk.slug}`;
const opened = document.getElementById("opened");
const items = () => document.getElementById("items");
const said = document.getElementById("said");
const wide = matchMedia("(min-width: 56.01rem)");
let heartbeat = 0;
let claimed = null; // the post that is open here
let opening = 0;
let owed = null; // a post that the server did not show when asked
let stale = false;
let ended = false; // the session
let pressed = -Infinity; // when a button last decided
const DOUBLE_CLICK = 500; // ms

function say(text) {
  said.hidden = !text;
  said.textContent = text;
}

async function ask(method, path, body) {
  return fetch(path, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-Tagora-CSRF": desk.csrf },
    body: body === undefined ? undefined : JSON.stringify(body),
    keepalive: method === "DELETE", // a page that is left gives its post back
    credentials: "same-origin",
  });
}

// --- the list ---------------------------------------------------------------------------------------------------

const all = () => [...items().querySelectorAll(".item[data-post]")];
const current = () => items().querySelector('.item[aria-current="true"]');
const itemOf = (post) => items().querySelector(`.item[data-post="${post}"]`);

function mark(item) {
  for (const other of all()) other.removeAttribute("aria-current");
  if (!item) return;
  item.setAttribute("aria-current", "true");
  item.scrollIntoView({ block: "nearest" });
}

function chosen() {
  return all().filter((item) => item.querySelector("input[type=checkbox]").checked);
}

function choose(item, on) {
  for (const box of item.querySelectorAll("input[type=checkbox]")) box.checked = on;
  item.classList.toggle("chosen", on);
  count();
}

function count() {
  const label = document.getElementById("how-many");
  const number = items().querySelectorAll("input[type=checkbox]:checked").length;
  document.getElementById("stroke")?.classList.toggle("some", number > 0);
  if (label) label.textContent = number ? desk.words.chosen.replace("%", number) : desk.words.with_chosen;
}

function neighbour(item, step) {
  const list = all().filter((one) => !one.classList.contains("leaving"));
  if (!item) return list[step > 0 ? 0 : list.length - 1];
  const rest = step > 0 ? all().slice(all().indexOf(item) + 1) : all().slice(0, all().indexOf(item)).reverse();
  return rest.find((one) => !one.classList.contains("leaving"));
}

async function more() {
  const link = document.getElementById("more");
  if (!link || link.dataset.busy) return false;
  link.dataset.busy = "1";
  try {
    const answer = await fetch(`${link.href}&part=items`, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set(all().map((item) => item.dataset.post));
    const fresh = [...page.querySelectorAll(".item[data-post]")].filter((item) => !known.has(item.dataset.post));
    items().querySelector(".empty")?.remove();
    items().append(...fresh);
    const next = page.getElementById("more");
    if (next) link.href = next.getAttribute("href");
    else link.parentElement.remove();
    delete link.dataset.busy;
    return fresh.length > 0;
  } catch {
    delete link.dataset.busy;
    say(desk.words.offline);
    return false;
  }
}

// --- the open post ----------------------------------------------------------------------------------------------

async function open(post, { push = true, focus = false } = {}) {
  const mine = ++opening;
  if (claimed !== String(post)) release();
  mark(itemOf(post));
  const address = `/c/${desk.slug}/posts/${post}?${desk.query}`;
  let answer;
  try {
    answer = await fetch(`${address}&part=opened`, { credentials: "same-origin" });
  } catch {
    owed = post;
    say(desk.words.offline);
    return;
  }
  if (mine !== opening) return;
  owed = null;
  if (answer.redirected || answer.status === 401) return signedOut();
  const within = opened.contains(document.activeElement);
  const page = await answer.text(); // our own server's, every value escaped by its templates
  if (!answer.ok) {
    opened.replaceChildren(...new DOMParser().parseFromString(page, "text/html").querySelector("main").childNodes);
    return;
  }
  opened.innerHTML = page;
  document.body.classList.add("reading");
  if (push) history.pushState({ post }, "", address);
  showKeys();
  opened.scrollTop = 0;
  toSelf();
  if (focus || within || !wide.matches) opened.focus({ preventScroll: true });
  if (desk.may_decide && !document.getElementById("claimed")) beat(post);
}

function toSelf() {
  document.getElementById("self")?.scrollIntoView({ block: wide.matches ? "center" : "start" });
}

function release() {
  clearInterval(heartbeat);
  if (claimed) ask("DELETE", `${api}/claims/${claimed}`).catch(() => {});
  claimed = null;
}

function beat(post) {
  clearInterval(heartbeat);
  claimed = String(post);
  const claim = async () => {
    const answer = await ask("PUT", `${api}/claims/${post}`, {}).catch(() => null);
    if (answer?.status === 409) {
      clearInterval(heartbeat);
      const told = await answer.json();
      if (openPost() === String(post)) say(told.error);
    }
  };
  claim();
  heartbeat = setInterval(claim, desk.heartbeat * 1000);
}

const form = () => opened.querySelector("form.deciding");
const openPost = () => form()?.dataset.post ?? current()?.dataset.post;

async function step(direction, { choosing = false } = {}) {
  const here = current();
  if (choosing && here) choose(here, true);
  let next = neighbour(here, direction);
  if (!next && direction > 0 && (await more())) next = neighbour(here, direction);
  if (!next) return say(desk.words.end);
  say("");
  if (choosing) choose(next, true);
  await open(next.dataset.post);
}

function showKeys() {
  for (const hint of document.querySelectorAll("kbd[data-key]")) hint.textContent = desk.keys[hint.dataset.key] ?? "";
}

// --- deciding ---------------------------------------------------------------------------------------------------

const outbox = new Outbox({ key: `tagora:${desk.person}:${desk.slug}`, send, changed: showOutbox });

async function send(job, keep) {
  if (job.path === "undo" && !job.body.decisions) {
    // what "the last" is must not be another when this is asked twice
    const last = await ask("GET", `${api}/undo`);
    if (last.status === 401) return { again: true, why: "signin" };
    if (!last.ok) return failed(last);
    job.body = { decisions: (await last.json()).decisions };
    if (!job.body.decisions.length) {
      say(desk.words.nothing_to_undo);
      return {};
    }
    keep();
  }
  const answer = await ask("POST", `${api}/${job.path}`, job.body);
  if (answer.status === 401) return { again: true, why: "signin" };
  if (answer.status === 403 && (await csrfChanged())) return { again: true, why: "csrf" };
  if (answer.status >= 500 || answer.status === 429) return failed(answer);
  const told = await answer.json();
  if (!answer.ok) {
    say([told.error, told.hint].filter(Boolean).join(" "));
    for (const post of job.posts ?? []) itemOf(post)?.classList.remove("leaving");
    return {};
  }
  settle(job, told);
  return {};
}

async function failed(answer) {
  const told = await answer.json().catch(() => ({}));
  return { again: true, why: "server", told: told.error && `${told.error}. ${told.hint}` };
}

async function csrfChanged() {
  const answer = await fetch("/api/v1/me", { credentials: "same-origin" });
  if (!answer.ok) return false;
  const fresh = (await answer.json()).csrf;
  const changed = Boolean(fresh) && fresh !== desk.csrf;
  if (fresh) desk.csrf = fresh;
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = desk.csrf;
  return changed;
}

function settle(job, told) {
  const refused = new Map((told.refused ?? []).map((one) => [String(one.post), one]));
  for (const post of job.posts ?? []) {
    const item = itemOf(post);
    if (!item) continue;
    if (refused.has(post)) {
      item.classList.remove("leaving");
      item.querySelector(".facts").append(Object.assign(document.createElement("b"), { textContent: refused.get(post).sentence }));
    } else if (item.classList.contains("leaving")) item.remove();
  }
  const sentences = [...refused.values()].map((one) => one.sentence);
  if (sentences.length) say(sentences.slice(0, 3).join(" "));
  else if (told.said) say(told.said);
  if (job.reopen && openPost() === job.reopen) open(job.reopen, { push: false });
  if (owed) open(owed);
  refresh();
}

function subjects(scope) {
  const picked = chosen();
  if (picked.length && scope === "post") {
    const boxes = picked.flatMap((item) => [...item.querySelectorAll("input[type=checkbox]:checked")]);
    return { posts: boxes.map((box) => seen(box.value)), leaving: picked };
  }
  const here = form();
  if (!here) return null;
  const posts = [{ post: here.dataset.post, hash: here.dataset.hash, decision: here.dataset.decision || null }];
  const item = itemOf(here.dataset.post);
  if (scope === "group" && item) {
    posts.push(...[...item.querySelectorAll("input[data-member]")].map((box) => seen(box.value)));
  }
  if (here.elements.parent?.checked) posts.unshift({ post: here.elements.parent.value, hash: null, decision: null });
  return { posts, leaving: item ? [item] : [] };
}

function seen(value) {
  const [post, ...rest] = value.split(":");
  const decision = rest.pop() || null;
  return { post, hash: rest.join(":"), decision };
}

async function decide(verdict, { reason = null, scope } = {}) {
  if (!desk.may_decide) return;
  const wanted = scope ?? form()?.elements.scope?.value ?? "post";
  const what = subjects(wanted);
  if (!what) return;
  const reach = wanted === "group" ? "post" : wanted;
  const leaves = !["feature", "unfeature"].includes(verdict) && desk.one_status;
  const here = current();
  const posts = what.posts.map((one) => one.post);
  const body = {
    verdict,
    reason,
    scope: reach,
    posts: what.posts.map((one) => ({ ...one, post: Number(one.post), decision: one.decision && Number(one.decision) })),
  };
  let next = null;
  if (leaves) {
    for (const item of what.leaving) item.classList.add("leaving");
    next = neighbour(here, 1) ?? ((await more()) ? neighbour(here, 1) : null) ?? neighbour(here, -1);
  }
  for (const item of what.leaving) choose(item, false);
  if (leaves && posts.includes(claimed)) claimed = null; // deciding gives it back
  outbox.put({ path: "decisions", body, posts, reopen: leaves ? null : posts[0] });
  if (!leaves) return;
  if (next) await open(next.dataset.post);
  else {
    release();
    opened.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: desk.words.done }));
    document.body.classList.remove("reading");
  }
}

function reject({ scope } = {}) {
  const dialog = document.getElementById("why");
  const words = document.getElementById("why-words");
  words.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  dialog.querySelector("button")?.focus();
  dialog.onclose = () => {
    if (dialog.returnValue === "cancel") return;
    const reason = dialog.returnValue || words.value.trim();
    if (reason) decide("reject", { reason, scope });
    else say(desk.words.reason_missing);
  };
}

document.getElementById("why")?.addEventListener("keydown", (event) => {
  if (event.target.matches("input")) {
    if (event.key === "Enter") {
      event.preventDefault();
      document.getElementById("why").close("");
    }
    return;
  }
  const button = event.target.closest("dialog").querySelectorAll("[data-reason]")[event.key === "0" ? 9 : Number(event.key) - 1];
  if (/^[0-9]$/.test(event.key) && button) {
    event.preventDefault();
    document.getElementById("why").close(button.value);
  }
});

function undo() {
  outbox.put({ path: "undo", body: {}, posts: [], reopen: openPost() });
}

// --- what the page tells ----------------------------------------------------------------------------------------

function showOutbox(state) {
  const box = document.getElementById("outbox");
  if (state.trouble?.why === "signin") ended = true;
  box.hidden = !state.waiting && !ended;
  box.classList.toggle("trouble", Boolean(state.trouble) || ended);
  if (box.hidden) return;
  if (ended) {
    const link = Object.assign(document.createElement("a"), {
      href: `/signin?next=${encodeURIComponent(location.pathname + location.search)}`,
      textContent: desk.words.sign_in,
    });
    const told = state.waiting ? desk.words.kept.replace("%", state.waiting) : desk.words.ended;
    box.replaceChildren(told, " ", link);
  } else if (state.trouble?.told) box.textContent = `${state.trouble.told} ${desk.words.again.replace("%", state.waiting)}`;
  else if (state.trouble) box.textContent = desk.words.retried.replace("%", state.waiting);
  else box.textContent = desk.words.sending.replace("%", state.waiting);
}

// The page stays as it is: what was decided and not yet sent is told, and waits for the next session.
function signedOut() {
  ended = true;
  showOutbox(outbox.state);
}

async function refresh() {
  if (stale) return;
  stale = true;
  setTimeout(async () => {
    stale = false;
    const answer = await fetch(`${api}/counts`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    for (const place of document.querySelectorAll("[data-count]")) {
      if (place.dataset.count in told.statuses) place.textContent = told.statuses[place.dataset.count].toLocaleString(document.documentElement.lang);
    }
    const holders = told.claims;
    for (const item of all()) {
      const tag = item.querySelector(".claimed");
      const by = holders[item.dataset.post];
      if (!by) tag?.remove();
      else if (by !== desk.person) {
        const told = desk.words.open_at.replace("%", by);
        if (tag) tag.textContent = told;
        else item.querySelector(".facts").append(Object.assign(document.createElement("span"), { className: "claimed", textContent: told }));
      }
    }
  }, 300);
}

// --- events -----------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link?.dataset.picture !== undefined && plain) {
    event.preventDefault();
    return picture(link);
  }
  if (link?.dataset.act === "back" && plain && items()) {
    event.preventDefault();
    document.body.classList.remove("reading");
    history.pushState({}, "", `/c/${desk.slug}/?${desk.query}`);
    return current()?.querySelector("a.open").focus();
  }
  if (link?.id === "more" && plain) {
    event.preventDefault();
    return more();
  }
  const post = link?.dataset.open ?? (link?.classList.contains("open") ? link.closest(".item").dataset.post : null);
  if (post && plain) {
    event.preventDefault();
    open(post, { focus: true });
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".item > input[type=checkbox]")) choose(event.target.closest(".item"), event.target.checked);
  else if (event.target.matches(".item input[type=checkbox]")) count();
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || button.name !== "verdict") return;
  const deciding = event.target.closest("form.deciding");
  if (!deciding && event.target.id !== "listed") return;
  event.preventDefault();
  // the second click of a double click is not meant for the post that came in between
  if (event.timeStamp - pressed < DOUBLE_CLICK) return;
  pressed = event.timeStamp;
  if (!deciding && !chosen().length) return say(desk.words.none_chosen);
  const scope = deciding ? undefined : "post";
  if (button.value === "reject") reject({ scope });
  else decide(button.value, { scope });
});

addEventListener("popstate", (event) => {
  const post = event.state?.post ?? location.pathname.match(/\/posts\/(\d+)/)?.[1];
  if (post) open(post, { push: false });
  else if (wide.matches && all().length) open(all()[0].dataset.post, { push: false });
  else {
    document.body.classList.remove("reading");
    mark(null);
  }
});

addEventListener("pagehide", release);

function picture(link) {
  const source = link.dataset.picture || link.href;
  const image = Object.assign(new Image(), { alt: link.dataset.alt, referrerPolicy: "no-referrer", src: source });
  image.onerror = () => (link.textContent = desk.words.no_picture);
  image.onload = () => link.replaceWith(image);
}

bindKeys(desk, {
  next: () => step(1),
  previous: () => step(-1),
  choose_next: () => step(1, { choosing: true }),
  choose_previous: () => step(-1, { choosing: true }),
  choose: () => current() && choose(current(), !current().querySelector("input").checked),
  approve: () => decide("approve"),
  reject: () => reject(),
  hold: () => decide("hold"),
  feature: () => decide(opened.querySelector("button[value=unfeature]") ? "unfeature" : "feature"),
  undo,
  thread: () => open(openPost() ?? all()[0]?.dataset.post, { focus: true }),
  original: () => opened.querySelector('[data-act="original"]')?.click(),
  pictures: () => opened.querySelectorAll("[data-picture]").forEach(picture),
  note: () => {
    const fold = opened.querySelector(".beside details");
    if (fold) (fold.open = true), fold.querySelector("textarea").focus();
  },
  search: () => document.getElementById("words").focus(),
  help: () => document.getElementById("keys").showModal(),
});

document.documentElement.classList.add("scripted");
showKeys();
count();
if (desk.post) {
  history.replaceState({ post: desk.post }, "");
  mark(itemOf(desk.post));
  toSelf();
  if (desk.may_decide && !document.getElementById("claimed")) beat(desk.post);
} else if (wide.matches && all().length) {
  history.replaceState({ post: all()[0].dataset.post }, "");
  open(all()[0].dataset.post, { push: false });
}
setInterval(refresh, desk.refresh * 1000);
outbox.start();
