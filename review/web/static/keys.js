// Single letters, which never fire inside a field, can be changed and can be switched off
// (https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts.html).
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

export function bindKeys(desk, actions) {
  const byKey = new Map(Object.entries(desk.keys).map(([action, key]) => [key, action]));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.matches?.(FIELDS) || document.querySelector("dialog[open]")) {
      if (event.key === "Escape" && event.target.matches?.(FIELDS)) event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let action = byKey.get(event.key) ?? byKey.get(key);
    if (!action || (desk.keys_off && event.key.length === 1)) return;
    if (event.shiftKey && (action === "next" || action === "previous")) action = `choose_${action}`;
    event.preventDefault();
    actions[action]?.();
  });
}
