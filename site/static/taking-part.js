// Writing on Mastodon: asks for the reader's server, remembers it in this browser only, and leads there.
const KEY = "tagora:server";
const form = document.querySelector("form.server");

function kept() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // a browser that keeps nothing
  }
}

function keep(server) {
  try {
    localStorage.setItem(KEY, server);
  } catch {}
}

// "mastodon.social", also from an address or a handle there; null for what is no server's name
function server(text) {
  const name = text.trim().replace(/^https?:\/\//i, "").replace(/[/?#].*$/, "").replace(/^.*@/, "");
  try {
    const { host } = new URL(`https://${name}/`);
    return /^([a-z0-9-]+\.)+[a-z0-9-]{2,}(:\d+)?$/.test(host) ? host : null;
  } catch {
    return null;
  }
}

if (form) {
  const field = form.elements.server;
  field.value = kept();
  field.addEventListener("input", () => field.setCustomValidity(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const host = server(field.value);
    if (!host) {
      field.setCustomValidity(form.dataset.wrong);
      field.reportValidity();
      return;
    }
    keep(host);
    location.href = `https://${host}/share?text=${encodeURIComponent(form.dataset.text)}`;
  });
  form.hidden = false;
  document.querySelector("[data-plain]").hidden = true;
}
