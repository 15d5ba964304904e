"""What is wrong with how a page looks: for everybody's eyes, for a screen reader, on a narrow screen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE = {"width": 1300, "height": 850}
PHONE = {"width": 360, "height": 740}
_AXE = Axe()

_BEYOND = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
    .slice(0, 5).map(e => `wider than the screen: ${e.outerHTML.slice(0, 90)}`);
}"""

_DISORDER = """() => {
  const shown = [...document.querySelectorAll('h1, h2, h3, h4')].filter(h => h.checkVisibility());
  const levels = shown.map(h => +h.tagName[1]);
  const skipped = levels.some((level, at) => level > (levels[at - 1] ?? 0) + 1);
  return skipped || levels.filter(level => level === 1).length !== 1 ? [`headings ${levels.join(' ')}`] : [];
}"""


def faults(page: Page) -> list[str]:
    """What axe finds, what is wider than the screen, headings that skip a level."""
    found = [
        f"{one['id']}: {node['target'][0]}"
        for one in _AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        for node in one["nodes"][:2]
    ]
    return found + beyond(page) + page.evaluate(_DISORDER)


def unreadable(page: Page) -> list[str]:
    """Of what depends on colours and on the screen alone: words without contrast, targets too small for a finger. To be
    asked after `faults` on the same page."""
    told = page.evaluate("axe.run(document, {runOnly: ['color-contrast', 'target-size'], resultTypes: ['violations']})")
    return [f"{one['id']}: {node['target'][0]}" for one in told["violations"] for node in one["nodes"][:2]]


def beyond(page: Page) -> list[str]:
    """What reaches beyond the right edge of the screen."""
    return page.evaluate(_BEYOND)
