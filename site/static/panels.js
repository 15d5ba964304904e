// Panels: a block of the page that opens over it. Without this file the block stands further down, and what opens it is
// a link there. Fires "opened" and "closed" at the dialog.
for (const block of document.querySelectorAll("section.panel")) {
  const dialog = document.createElement("dialog");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.textContent = block.dataset.close;
  dialog.id = block.id;
  dialog.className = block.className;
  dialog.setAttribute("aria-labelledby", block.getAttribute("aria-labelledby"));
  const inside = document.createElement("div");
  inside.append(close, ...block.childNodes);
  dialog.append(inside);
  block.replaceWith(dialog);

  let opener = null;
  const open = (from) => {
    if (dialog.open) return;
    opener = from;
    dialog.showModal();
    dialog.dispatchEvent(new Event("opened"));
  };
  for (const link of document.querySelectorAll(`a[href="#${CSS.escape(block.id)}"]`)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = link.className;
    button.append(...link.childNodes);
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-controls", block.id);
    button.addEventListener("click", () => open(button));
    link.replaceWith(button);
    opener ??= button;
  }
  const first = opener;

  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("close", () => {
    (opener ?? first)?.focus();
    dialog.dispatchEvent(new Event("closed"));
  });

  const named = () => {
    if (location.hash !== `#${block.id}`) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    open(first);
  };
  addEventListener("hashchange", named);
  named();
}
