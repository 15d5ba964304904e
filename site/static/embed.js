// Tagora: a discussion under an article on another site, or a campaign's latest ones:
//   <tagora-discussion src="…"><a href="…">Read the discussion</a></tagora-discussion>
// What stands inside is shown until the page at `src` has come, and for good where it does not come. What this file
// promises to lines that were copied years ago is said in docs/embedding.md.

const NAME = "tagora-discussion";
const MOST = 20; // posts; "Read on" leads to the others
const BYTES = 4_000_000;
const MILLISECONDS = 20_000;
const NODES = 20_000;
const DEEPEST = 80;

const TAGS = new Set(
  ("a article b bdi blockquote br code dd details div dl dt em figcaption figure footer h2 h3 h4 header i img li ol p " +
    "pre q s section small span strong sub summary sup time ul").split(" "),
);
const AROUND = new Set(["picture"]); // only what is inside counts
const ATTRIBUTES = [
  "alt", "aria-hidden", "aria-label", "class", "datetime", "dir", "height", "lang", "role", "tabindex", "title", "width",
]; // prettier-ignore

/** Under this name search engines do not fetch it (robots.txt): nobody's words are found by way of the article. */
function asked(address) {
  const url = new URL(address);
  url.search = "embed";
  return url.href;
}

/** The page, parsed: nothing in it runs or loads, and no text is turned into markup, so that a policy of Trusted Types
 * has nothing to object to. */
function page(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = MILLISECONDS;
    request.onprogress = (event) => event.loaded > BYTES && request.abort();
    request.onload = () => {
      if (request.status === 200 && request.responseXML) resolve([request.responseXML, request.responseURL]);
      else reject(new Error("no page"));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error("no answer"));
    request.send();
  });
}

async function style(address) {
  const answer = await fetch(address, { credentials: "omit", signal: AbortSignal.timeout(MILLISECONDS) });
  if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/css")) throw new Error("no style");
  const sheet = new CSSStyleSheet({ baseURL: answer.url });
  sheet.replaceSync(await answer.text());
  return sheet;
}

/** Copies what may stand in an article: text, and elements of these kinds with these attributes. */
class Copy {
  constructor(base, site, most) {
    Object.assign(this, { base, site, posts: most, nodes: NODES });
  }

  into(target, source, depth = 0) {
    for (const node of source.childNodes) {
      if (this.nodes-- <= 0) return;
      if (node.nodeType === Node.TEXT_NODE) target.append(node.data);
      else if (node.nodeType === Node.ELEMENT_NODE && depth < DEEPEST) this.element(target, node, depth);
    }
  }

  element(target, source, depth) {
    const tag = source.localName;
    if (AROUND.has(tag)) return this.into(target, source, depth + 1);
    if (!TAGS.has(tag) || source.namespaceURI !== target.namespaceURI) return;
    if (source.hasAttribute("hidden") || source.dataset.embed === "no") return;
    const isPost = tag === "li" && (source.id || source.classList.contains("card"));
    if (isPost && this.posts-- <= 0) return;
    const made = document.createElement(tag);
    for (const name of ATTRIBUTES) if (source.hasAttribute(name)) made.setAttribute(name, source.getAttribute(name));
    if (tag === "a") this.link(made, source);
    if (tag === "img" && !this.picture(made, source)) return;
    this.into(made, source, depth + 1);
    if ((tag !== "ol" && tag !== "ul") || made.firstElementChild) target.append(made);
  }

  link(made, source) {
    const url = absolute(source.getAttribute("href"), this.base);
    if (!url) return;
    made.href = url.href;
    made.rel = [...new Set([...source.rel.split(/\s+/), "noopener"])].join(" ").trim();
  }

  picture(made, source) {
    const url = absolute(source.getAttribute("src"), this.base);
    if (!url?.href.startsWith(this.site)) return false;
    made.loading = "lazy";
    made.src = url.href;
    return true;
  }
}

function absolute(address, base) {
  const url = address !== null && URL.canParse(address, base) ? new URL(address, base) : null;
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

class Discussion extends HTMLElement {
  static #sites = new Set();

  /** Another file like this one, of another site, is on the same page: its discussions are shown too. */
  static welcome(site) {
    Discussion.#sites.add(site);
    for (const element of document.querySelectorAll(NAME)) element.connectedCallback?.();
  }

  connectedCallback() {
    if (this.shadowRoot) return;
    this.show().catch(() => {}); // the link inside stays
  }

  async show() {
    const address = absolute(this.getAttribute("src"), document.baseURI)?.href;
    const site = [...Discussion.#sites].find((each) => address?.startsWith(each));
    if (!site || this.asked === address) return;
    this.asked = address;
    let [found, from] = await page(asked(address));
    const moved = found.querySelector("link[rel=canonical]")?.getAttribute("href");
    if (!found.querySelector("[data-embed=more]") && moved?.startsWith(site) && moved !== address)
      [found, from] = await page(asked(moved));
    const more = found.querySelector("[data-embed=more]");
    if (!more || !from.startsWith(site)) return;
    const sheet = absolute(more.dataset.style ?? null, from);
    if (!sheet?.href.startsWith(site)) return;
    const styles = [await style(sheet.href)];
    this.fill(found, from, site, styles);
  }

  fill(found, from, site, styles) {
    const whole = document.createElement("div");
    whole.className = "tagora";
    whole.lang = found.documentElement.lang;
    whole.dir = found.documentElement.dir || "ltr";
    whole.style.setProperty("--rem", getComputedStyle(this).fontSize); // as large as the article's text
    const most = Number.parseInt(this.getAttribute("most"), 10);
    const copy = new Copy(from, site, most > 0 ? most : MOST);
    for (const part of found.querySelectorAll("[data-embed=part], [data-embed=more]")) {
      const made = document.createElement(TAGS.has(part.localName) ? part.localName : "div");
      made.className = part.className;
      copy.into(made, part);
      whole.append(made);
    }
    const inside = this.attachShadow({ mode: "open" });
    inside.adoptedStyleSheets = styles;
    inside.append(whole);
  }
}

const known = customElements.get(NAME);
if (!known) customElements.define(NAME, Discussion);
(known ?? Discussion).welcome(new URL(".", import.meta.url).href);
