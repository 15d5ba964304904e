// Fills in which post a reader came from: its page and its place there stand behind the # of this page's address.
const meant = /^#([a-z0-9-]+\/[a-z0-9/._-]+)\/(p[0-9a-f]{16})$/.exec(location.hash);
if (meant) {
  const place = document.querySelector("[data-site]");
  const address = `${place.dataset.site}${meant[1]}#${meant[2]}`;
  if (place.tagName === "A") place.href += encodeURIComponent(address);
  else place.value = address;
}
