// The search itself, beside the page: asks Pagefind's shards and says which posts hold the words. One shard holds nearly
// everything; a small one what changed since. What the first one still holds of a changed discussion is "buried" there.
//
// Exact matches come first: the phrase, then all the words as they are written, then words that begin like them (endings
// cut, so that "gatti" finds "gatto" and "networks" finds "network"). Pagefind itself would go on to words that only
// share a beginning, a letter even; such are left out.
const LEAST = 4; // letters that a word keeps when its ending is cut
const BEST = 3; // posts shown of one discussion
const BEFORE = 12; // words shown before the first match, and
const AROUND = 40; // in all
const APART = "·";
const MOST = 12; // words of a query

const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().replace(/[^\p{L}\p{N}_]/gu, "");
const parts = (text) => [text, ...text.split(/[^\p{L}\p{N}\p{M}_]+|(?<=\p{Ll})(?=\p{Lu})/u)].map(plain);

function shortened(word) {
  const cut = word.replace(/(?:ing|ed|es|s|[aeiouàèéìòù])$/iu, "");
  return plain(cut).length < LEAST ? word : cut;
}

export function read(query) {
  const quoted = /^\s*["“«].+["”»]\s*$/u.test(query);
  const words = query.replace(/["“”«»]/gu, " ").split(/\s+/u).filter(plain).slice(0, MOST);
  return { quoted, words, exact: words.map(plain), near: words.map((word) => plain(shortened(word))) };
}

// The posts of a fragment, with the best matches first.
export function posts(fragment, query) {
  const tokens = fragment.content.split(" ");
  const anchors = [...fragment.anchors].sort((a, b) => a.location - b.location);
  const found = anchors.map((anchor, at) => {
    const [id, time, who, warning] = anchor.id.split(";");
    const end = anchors[at + 1]?.location ?? tokens.length;
    const words = tokens.slice(anchor.location, end);
    if (words.at(-1) === APART) words.pop();
    const from = Number(who) + 1;
    const until = from + Number(warning);
    const body = words.slice(until + 1);
    const all = words.map(parts);
    const exact = query.exact.filter((word) => all.some((some) => some.includes(word)));
    const near = query.near.filter((word) => all.some((some) => some.some((part) => part.startsWith(word))));
    const phrase = query.words.length > 1 && all.some((_, from) => query.exact.every((word, i) => all[from + i]?.includes(word)));
    return {
      anchor: id,
      time,
      who: words.slice(0, Number(who)).join(" "),
      warning: words.slice(from, until).join(" "),
      text: until > from ? [] : excerpt(body, query),
      matches: near.length,
      rank: (phrase ? 1000 : 0) + exact.length * 20 + near.length,
    };
  });
  const most = Math.max(...found.map((post) => post.matches));
  const best = found.filter((post) => post.matches === most && most > 0).sort((a, b) => b.rank - a.rank);
  return { posts: best.slice(0, BEST), others: Math.max(best.length - BEST, 0) };
}

// [words, whether they match], one after the other
function excerpt(body, query) {
  const hit = body.map((token) => parts(token).some((part) => query.near.some((word) => part.startsWith(word))));
  const exact = body.findIndex((token) => parts(token).some((part) => query.exact.includes(part)));
  const first = exact < 0 ? hit.indexOf(true) : exact;
  const from = Math.max(first - BEFORE, 0);
  const until = Math.min(from + AROUND, body.length);
  const made = [];
  if (from > 0) made.push(["… ", false]);
  for (let at = from; at < until; at += 1) {
    const text = at + 1 < until ? `${body[at]} ` : body[at];
    if (made.length && !hit[at] && !made.at(-1)[1]) made.at(-1)[0] += text;
    else made.push([text, hit[at]]);
  }
  if (until < body.length) made.push([" …", false]);
  return made;
}

export class Search {
  #shards = [];
  #trouble = null;

  // `entry`: the address of the index's entry; `root`: of the site's top; `bring` imports a script.
  static async open(entry, root, bring = (address) => import(address)) {
    const made = new Search();
    await made.#load(entry, root, bring);
    return made;
  }

  async #load(entry, root, bring) {
    const ask = globalThis.fetch;
    const get = async (address, how) => {
      const answer = await ask(address, how);
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer;
    };
    const told = await (await get(entry, { cache: "no-cache" })).json();
    if (!told.shards.length) return;
    const base = new URL(".", entry).href;
    const top = (path) => new URL(path, root).href;
    const routes = new Map(); // what Pagefind asks for that is known already, or lies elsewhere
    const engine = get(top(told.engine));
    for (const [at, { entry: own }] of told.shards.entries()) {
      const [{ hash }] = Object.values(own.languages);
      const meta = get(`${base}pagefind.${hash}.pf_meta`);
      routes.set(`${base}${at}/pagefind-entry.json`, async () => new Response(JSON.stringify(own)));
      routes.set(`${base}${at}/wasm.unknown.pagefind`, async () => (await engine).clone());
      routes.set(`${base}${at}/pagefind.${hash}.pf_meta`, async () => (await meta).clone());
      meta.catch(() => {});
    }
    engine.catch(() => {});
    // Pagefind goes on as if nothing was found when it could not load a part: so its requests are looked at
    globalThis.fetch = async (address) => {
      const [asked] = String(address).split("?");
      try {
        return await (routes.get(asked)?.() ?? get(asked.replace(/\/\d\/(?=fragment|index|filter)/, "/")));
      } catch (error) {
        this.#trouble = error;
        throw error;
      }
    };
    const pagefind = await bring(top(told.script));
    for (const [at, { buried }] of told.shards.entries()) {
      const instance = pagefind.createInstance({ basePath: `${base}${at}/`, noWorker: true });
      await instance.search(""); // one after the other: they share the engine
      this.#shards.push({ instance, buried: new Map(Object.entries(buried)) });
    }
    this.#look();
  }

  #look() {
    if (this.#trouble) throw this.#trouble;
  }

  // What fits, best first. `chosen`: by facet the values of which one must fit.
  async find(query, chosen) {
    const found = [];
    for (const shard of this.#shards) found.push(...(await this.#within(shard, query, filters(chosen))));
    this.#look();
    return found.sort((a, b) => b.tier - a.tier || b.score - a.score);
  }

  async #within(shard, query, chosen) {
    const all = `"${query.words.join(" ")}"`;
    const ask = (term) => shard.instance.search(term, { filters: chosen });
    const fits = new Map();
    const add = (results, tier) => {
      for (const { id, score, data } of results) {
        const before = fits.get(id);
        if (!shard.buried.has(id)) fits.set(id, { tier, score: before?.score ?? score, data: before?.data ?? data });
      }
    };
    if (query.quoted) {
      add((await ask(all)).results, 3);
      return [...fits.values()];
    }
    if (!(await this.#reaches(shard, query))) return [];
    add((await ask(query.near.join(" "))).results, 1);
    const each = [];
    for (const word of query.words) each.push((await ask(`"${word}"`)).results);
    const [first, ...rest] = each;
    const ids = rest.map((some) => new Set(some.map(({ id }) => id)));
    add(first.filter(({ id }) => ids.every((some) => some.has(id))), 2);
    if (rest.length) add((await ask(all)).results, 3);
    return [...fits.values()];
  }

  // Whether the shard has words that begin like each of the query's.
  async #reaches(shard, query) {
    for (const [at, word] of query.words.entries()) {
      if ((await shard.instance.search(`"${word}"`)).results.length) continue;
      const [first] = (await shard.instance.search(query.near[at])).results;
      if (!first) return false;
      const { content, locations } = await first.data();
      const tokens = content.split(" ");
      if (!locations.some((place) => plain(tokens[place] ?? "").includes(query.near[at]))) return false;
    }
    return true;
  }

  // How many fit beside each value of each facet, were it chosen instead of what is chosen of that facet.
  async count(query, chosen, names) {
    const counts = Object.fromEntries(names.map((name) => [name, {}]));
    for (const shard of this.#shards) {
      await shard.instance.filters();
      if (!query.quoted && !(await this.#reaches(shard, query))) continue;
      const term = query.quoted ? `"${query.words.join(" ")}"` : query.near.join(" ");
      const ask = (some) => shard.instance.search(term, { filters: filters(some) });
      const together = await ask(chosen);
      for (const [at, name] of names.entries()) {
        const { [name]: own, ...others } = chosen;
        const { results, filters: told } = own ? await ask(others) : together;
        const counted = { ...told[name] };
        for (const { id } of results) {
          const buried = shard.buried.get(id);
          if (buried) counted[buried[at]] -= 1;
        }
        for (const [value, number] of Object.entries(counted)) {
          if (number > 0) counts[name][value] = (counts[name][value] ?? 0) + number;
        }
      }
    }
    this.#look();
    return counts;
  }

  // What there is to show of some of what was found.
  async show(found, query) {
    const shown = await Promise.all(
      found.map(async ({ data }) => {
        const fragment = await data();
        const [, shared, page] = /^\/([^/]+)\/(.+)$/u.exec(fragment.raw_url);
        return { page, shared, language: fragment.filters.language[0], network: fragment.filters.network[0],
          ...posts(fragment, query) };
      }),
    );
    this.#look();
    return shown;
  }
}

function filters(chosen) {
  return Object.fromEntries(Object.entries(chosen).map(([name, values]) => [name, { any: values }]));
}

export const FACETS = ["campaign", "network", "language", "month"]; // in the order in which the index names them

if (typeof WorkerGlobalScope !== "undefined") {
  let search = null;
  let last = null;
  const answers = {
    async open({ entry, root }) {
      search = await Search.open(entry, root);
    },
    async find({ text, chosen, most }) {
      const query = read(text);
      if (!query.words.length) return { total: 0, hits: [] };
      last = { query, found: await search.find(query, chosen), shown: 0 };
      return answers.more({ most });
    },
    async more({ most }) {
      const { query, found, shown } = last;
      const hits = await search.show(found.slice(shown, shown + most), query);
      last.shown = shown + most;
      return { total: found.length, hits, left: Math.max(found.length - last.shown, 0) };
    },
    async count({ text, chosen }) {
      return search.count(read(text), chosen, FACETS);
    },
  };
  let turn = Promise.resolve(); // one question after the other
  addEventListener("message", ({ data: { id, ask, ...told } }) => {
    turn = turn.then(async () => {
      try {
        postMessage({ id, told: await answers[ask](told) });
      } catch (error) {
        postMessage({ id, trouble: String(error) });
      }
    });
  });
}
