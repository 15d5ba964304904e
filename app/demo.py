"""`tagora demo`: the main job on a made-up discussion, through the real collectors, against networks in a box.

Three weeks of life pass in a few rounds. Rules catch the spam wave and the insults, a moderator decides on the rest and
leaves some waiting, the site is written, and one person's post is withdrawn. While the networks stay up, the team can
go on in the review app.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.clock import ManualClock, RunningClock
from ..core.decisions import WAS_SHOWN, Verdict
from ..core.errors import UsageError
from ..review import deciding, moderate
from ..review.reports import Filed, Site, file
from ..sandbox import DATA, Sandbox, Script, load_script
from ..sandbox.ids import post_url
from ..storage.queue import QueueFilter, queue
from ..storage.stats import Numbers, numbers
from . import demo_talks
from .building import build_site
from .collecting import collect
from .collecting import failed as exit_status
from .forgetting import forget
from .picturing import look as copy_pictures
from .workplace import Workplace, open_workplace

SLUG = "casnocha"
MARKER = ".tagora-demo"
EDITING = 2895 / 1440  # days: two people are about to correct what they have just written
ROUNDS = (0.5, 1, EDITING, 4, 7, 12, 19.1)  # days after the beginning at which the networks are asked
OPENERS = ("fb_opener", "x_opener", "m_opener", "b_opener")
REPORTED = "sd12"  # the post that a reader reports
WITHDRAWN = "sd40"  # the post whose author asks for it to be taken down
FEATURED = "sedie"  # the root of the discussion put at the top
LOOKED_IN = (EDITING,)  # when the moderator decided on all that was there; what is edited later comes back
LEFT_WAITING = 40  # posts that the moderator has not come to yet
SPAM = "#crypto"  # how the moderator knows the posts of the spam wave that came before the rule could see a wave
BY = "Vera"

RULES = """\
      - name: spam wave
        when: {near_duplicates: {at_least: 2, hours: 48}, links: {at_least: 1}}
        then: reject
        reason: spam
      - name: insults
        when:
          words: [coglioni, coglione, imbecille, imbecilli, pagliaccio, pagliacci, idiot, idiots, moron, loser, clown]
        then: hold
        reason: tone
      - name: fresh accounts with links
        when: {account_age_days: {below: 14}, links: {at_least: 1}}
        then: flag
"""


@dataclass(frozen=True, slots=True)
class DemoReport:
    posts: int
    threads: int
    approved: int
    pages: int
    site: Path
    store: Path
    withdrawn: str
    status: int


@contextmanager
def playing(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[DemoReport, Workplace]]:
    """Plays the whole discussion in `folder`, which must be empty, absent or a former demo's; while inside, the
    networks go on answering, and the workplace's time goes on from the discussion's last day. Raises UsageError for a
    folder with anything else in it."""
    _clear(folder)
    script = load_script(DATA / "casnocha.yaml")
    with Sandbox(script, enforce_limits=False) as box:
        _write_files(folder, script, box)
        clock = ManualClock(box.now)
        with open_workplace(folder / "config.yaml", clock) as place:
            status = 0
            for days in ROUNDS:
                clock.set(box.set_time(round(days * 24 * 60)))
                reports = collect(place, when_due=False)
                new, updated = sum(r.new for r in reports), sum(r.updated for r in reports)
                requests, micros = sum(r.requests for r in reports), sum(r.micros for r in reports)
                say(
                    f"day {days:4.1f}: {new:3} new posts, {updated} changed; {requests} requests to "
                    f"{len(reports)} sources, ${micros / 1e6:.2f} for X"
                )
                for report in reports:
                    if report.error:
                        say(f"          {report.name}: {report.error}")
                status = max(status, exit_status(reports))
                if days in LOOKED_IN:
                    _decide(place)
            _decide(place, leave=LEFT_WAITING)
            _feature(place, script)
            demo_talks.tell(place, BY)
            _report(place, script)
            counted = _numbers(place)
            say(
                f"rules and a moderator: {counted.approved} approved, {counted.rejected} rejected, "
                f"{counted.held} held, {counted.pending} still waiting"
            )
            say(f"pictures: {copy_pictures(place, pause=0).words}")
            report = build_site(place)
            say(f"site: {report.written} pages written in {report.seconds:.1f} s")
            url = _withdraw(place, script)
            say(f"withdrawn, and gone from store and site: {url}")
            counted = _numbers(place)
            pages = sum(1 for page in place.site_folder.rglob("*.html"))
            told = DemoReport(
                posts=counted.posts,
                threads=counted.threads,
                approved=counted.approved,
                pages=pages,
                site=place.site_folder,
                store=place.store.path or folder,
                withdrawn=url,
                status=status or (1 if report.failed else 0),
            )
            yield told, replace(place, clock=RunningClock(clock.now()))


def _clear(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "Name another with --dir.")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise UsageError(f"the folder {folder} is not empty", "Name another with --dir.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Made by `tagora demo`; the next one clears this folder.\n", encoding="utf-8")


def _write_files(folder: Path, script: Script, box: Sandbox) -> None:
    """Keys, invitation and a config.yaml as a campaign would write it, pointing at the networks in the box."""
    (folder / "invitations").mkdir()
    shutil.copy(DATA / "invitations" / "casnocha.md", folder / "invitations" / "casnocha.md")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    for server in script.servers:
        (keys / server.host).write_text(box.tokens.fediverse[server.host].user, encoding="utf-8")
    (keys / "x").write_text(box.tokens.x, encoding="utf-8")
    page = script.pages[0]
    (keys / "facebook").write_text(box.tokens.facebook.pages[page.id], encoding="utf-8")
    (keys / "bluesky").write_text(box.tokens.bluesky.app_password, encoding="utf-8")
    homes = json.dumps({server.host: box.fediverse_url(server.host) for server in script.servers})
    by_key = {post.key: post for post in script.posts}
    openers = json.dumps([post_url(script, by_key[key]) for key in OPENERS])
    fediverse = "".join(
        f"      - {{platform: mastodon, name: {server.host}, base_url: {json.dumps(box.fediverse_url(server.host))}, "
        f"token_file: keys/{server.host}, homes: {homes}}}\n"
        for server in script.servers
    )
    blogs = "".join(
        f"      - {{platform: feed, name: {blog.host}, url: {json.dumps(f'https://{blog.host}/feed/')}, "
        f"homes: {json.dumps(box.blog_homes)}}}\n"
        for blog in script.blogs
    )
    (folder / "config.yaml").write_text(
        f"""\
# Written by `tagora demo`: the networks here are a sandbox on this machine.
store: sqlite:///tagora.db
secret_file: withdrawals.key
contact: demo@example.org
timezone: Europe/Rome
legal: {{controller: Fondazione Esempio, contact: privacy@example.org, keep_years: 5}}
site: {{out: site, base_url: "http://127.0.0.1:8000/", title: Agorà, languages: [it, en],
       reports: "http://127.0.0.1:8001/"}}
accounts:
  x-main: {{platform: x, base_url: {json.dumps(box.x_url)}, bearer_token_file: keys/x, budget: {{usd_per_month: 30}}}}
pictures: {{folder: pictures, homes: {{127.0.0.1: {json.dumps(box.url)}}}}}
campaigns:
  - slug: {SLUG}
    hashtags: [{script.tag}]
    invitation: invitations/casnocha.md
    openers: {openers}
    policy: review_first
    conversation: full
    rules:
{RULES}    sources:
{fediverse}\
      - {{platform: x, account: x-main}}
      - {{platform: facebook, page: "{page.id}", base_url: {json.dumps(box.graph_url)}, token_file: keys/facebook,
         authors: initials}}
      - {{platform: bluesky, name: bluesky, base_url: {json.dumps(box.bluesky_url)},
         public_base_url: {json.dumps(box.bluesky_public_url)}, handle: {box.tokens.bluesky.handle},
         app_password_file: keys/bluesky, session_file: keys/bluesky.session}}
{blogs}{demo_talks.campaigns(folder / "invitations")}""",
        encoding="utf-8",
    )


def _decide(place: Workplace, *, leave: int = 0) -> None:
    """What a moderator would do: approve what waits, but the spam, the latest, and what was edited after it had been
    approved."""
    campaign_id = place.campaign_id(SLUG)
    now = place.clock.now()
    with place.store.writing() as connection:
        waiting: list[int] = []
        spam: list[int] = []
        after = None
        while True:
            page = queue(connection, QueueFilter(campaign_id=campaign_id), after=after, limit=500)
            for item in page.items:
                if SPAM in item.text:
                    spam.append(item.post_id)
                elif not item.urgency & WAS_SHOWN:
                    waiting.append(item.post_id)
            after = page.after
            if after is None:
                break
        deciding.decide(connection, campaign_id, waiting[: len(waiting) - leave], Verdict.APPROVE, BY, now)
        deciding.decide(connection, campaign_id, spam, Verdict.REJECT, BY, now, reason="spam")


def _feature(place: Workplace, script: Script) -> None:
    campaign_id = place.campaign_id(SLUG)
    root = next(post for post in script.posts if post.key == FEATURED)
    with place.store.writing() as connection:
        for found in moderate.locate(connection, [post_url(script, root)], campaign_id):
            deciding.decide(connection, campaign_id, [found.post_id], Verdict.FEATURE, BY, place.clock.now())


def _report(place: Workplace, script: Script) -> None:
    """What a reader sends through the site's form: it waits for the team."""
    url = post_url(script, next(post for post in script.posts if post.key == REPORTED))
    sent = Filed("private", url, "Racconta dov'è la casa di una persona che non c'entra.", "lettrice@example.org", "it")
    with place.store.writing() as connection:
        site = Site(place.loaded.config.site.base_url, {slug: ids.campaign_id for slug, ids in place.ids.items()})
        file(connection, sent, site, place.clock.now())


def _withdraw(place: Workplace, script: Script) -> str:
    url = post_url(script, next(post for post in script.posts if post.key == WITHDRAWN))
    forget(place, url)
    return url


def _numbers(place: Workplace) -> Numbers:
    with place.store.reading() as connection:
        return numbers(connection)[place.campaign_id(SLUG)]
