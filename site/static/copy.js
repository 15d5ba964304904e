// "Copy" beside a line that can also be marked and copied by hand.

for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      button.textContent = button.dataset.done;
    } catch {
      getSelection()?.selectAllChildren(button.parentElement.querySelector("code"));
    }
  });
}
