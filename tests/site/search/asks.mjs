// Asks the search of a built site: `node asks.mjs FOLDER WORKER QUERY…` prints what each query finds, as JSON.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, worker, ...queries] = process.argv.slice(2);
const file = (address) => folder + decodeURI(new URL(address).pathname);
globalThis.fetch = async (address) => {
  try {
    return new Response(await readFile(file(address)));
  } catch {
    return new Response("", { status: 404 });
  }
};
const { Search, read, FACETS } = await import(pathToFileURL(worker));
const open = async () =>
  Search.open("http://site/search/shards.pf_entry", "http://site/", (script) => import(pathToFileURL(file(script))));
const search = await open();
const told = [];
for (const asked of queries) {
  const { text, chosen } = JSON.parse(asked);
  const query = read(text);
  const found = await search.find(query, chosen);
  const shown = await search.show(found, query);
  told.push({
    posts: shown.map(({ page, posts }, at) => [found[at].tier, page, posts]),
    total: found.length,
    counts: await search.count(query, chosen, FACETS),
  });
}
process.stdout.write(JSON.stringify(told), () => process.exit(0));
