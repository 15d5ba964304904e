// What a discussion's page gains where scripts run; without them it is whole. Words come from the page (#said).
const said = document.getElementById("said");
const tree = document.querySelector(".tree");
const PAGES = 12; // at most so many are looked through for a post that is not where its address says

function tell(words, stays = false) {
  said.textContent = words;
  clearTimeout(tell.later);
  if (!stays) tell.later = setTimeout(() => said.replaceChildren(), 6000);
}

// Share a post: by the system's own dialogue, or by copying its address.
for (const here of tree.querySelectorAll(".here")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "share";
  button.textContent = said.dataset.share;
  here.after(button);
}

tree.addEventListener("click", async ({ target }) => {
  const here = target.closest(".share")?.previousElementSibling;
  if (!here) return;
  const url = location.origin + location.pathname + here.hash;
  try {
    if (navigator.share) await navigator.share({ title: document.title, url });
    else {
      await navigator.clipboard.writeText(url);
      tell(said.dataset.copied);
    }
  } catch (error) {
    if (error.name !== "AbortError") tell(`${said.dataset.copy} ${url}`, true);
  }
});

// A post's address opens the branches that it is folded in, or is looked for where a page was divided since.
async function reveal() {
  const id = location.hash.slice(1);
  if (!/^p[0-9a-f]{16}$/.test(id)) return;
  const post = document.getElementById(id);
  if (!post) return seek(id);
  const folded = [];
  for (let at = post.closest("details.branch:not([open])"); at; at = at.parentElement.closest("details.branch:not([open])")) {
    folded.push(at);
  }
  for (const branch of folded) branch.open = true;
  if (folded.length) post.scrollIntoView();
}

async function seek(id) {
  const away = (page, from) =>
    [...page.querySelectorAll(".pager a, h1 a, .goes-on a")].map(
      (link) => new URL(link.getAttribute("href"), from).href.split("#")[0],
    );
  const pages = new Set(away(document, location.href));
  if (pages.size) tell(said.dataset.seeking, true);
  let left = PAGES;
  for (const url of pages) {
    if (!left--) break;
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) continue;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.getElementById(id)) return location.replace(`${url}#${id}`);
    for (const next of away(page, url)) pages.add(next);
  }
  tell(said.dataset.missing, true);
}

addEventListener("hashchange", reveal);
reveal();

// j and k, or n and p: the next post and the one before; only while the focus is in the discussion.
tree.addEventListener("keydown", (event) => {
  const step = { j: 1, n: 1, k: -1, p: -1 }[event.key];
  if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
  const posts = [...tree.querySelectorAll("article.post")].filter((post) => post.checkVisibility());
  const from = event.target.closest("article.post") ?? event.target.closest("li")?.querySelector("article.post");
  const next = posts[posts.indexOf(from) + step];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
});
