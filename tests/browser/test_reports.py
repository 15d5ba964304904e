"""From a post on the site to the moderators' task: a reader reports it, with and without scripts, and it leaves."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tagora.app.building import build_site
from tagora.app.serving import serving
from tagora.core.decisions import Verdict
from tagora.review.deciding import decide

from ..make import sighting
from .desk import desk

pytestmark = pytest.mark.browser


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def test_a_reported_post_reaches_a_moderator_who_takes_it_off_the_site(browser: Browser, tmp_path: Path) -> None:
    readers, team = free_ports()
    site, review = f"http://127.0.0.1:{readers}/", f"http://127.0.0.1:{team}/"
    with desk(tmp_path / "talk", team, base_url=site, reports=review) as at:
        ids = at.arrive(sighting("1", text="a fine post"), sighting("2", text="what is meant", reply_to="1"))
        now = at.place.clock.now()
        with at.place.store.writing() as connection:
            decide(connection, at.campaign_id, ids, Verdict.APPROVE, "Vera", now)
        build_site(at.place)
        (thread,) = [path.name for path in (at.place.site_folder / "talk").glob("*.html") if path.name != "index.html"]
        with serving(at.place.site_folder, "127.0.0.1", readers):
            context = browser.new_context(locale="en")
            reader = at.page(context)
            reader.goto(f"{site}talk/{thread}")
            reader.locator("a.report").nth(1).press("Enter")
            reader.wait_for_url("**/report/**")
            meant = reader.input_value("[name=target]")
            assert meant.startswith(f"{site}talk/{thread}#p")
            reader.check("[value=hurtful]")
            reader.click("form button")
            reader.wait_for_selector("text=Grazie")
            reader.locator("main a").click()
            assert reader.url == meant
            for hostile in ("#javascript:alert(1)/p0123456789abcdef", "#//evil.example/x/p0123456789abcdef", "#x"):
                reader.goto("about:blank")
                reader.goto(f"{site}report/{hostile}")
                assert reader.input_value("[name=target]") == ""
            context.close()

            plain = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
            page = plain.new_page()
            page.goto(f"{site}en/report/")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            page.check("[value=post]")
            page.fill("[name=target]", meant)
            page.click("form button")
            page.wait_for_selector("text=Thank you")
            plain.close()

            moderator = at.page(at.context(browser, locale="en"))
            moderator.goto(at.queue)
            moderator.click("text=Reports (2)")
            moderator.click("text=Reported as hurtful")
            assert "what is meant" in moderator.inner_text("#self")
            moderator.click("text=Take the post off the site")
            moderator.wait_for_selector("text=Reports (1)")
            moderator.context.close()
            build_site(at.place)
            assert "what is meant" not in (at.place.site_folder / "talk" / thread).read_text(encoding="utf-8")
        assert at.violations == []
