"""`tagora rules`: show, load, dump, try."""

from __future__ import annotations

from pathlib import Path

import click

from ...core.rules import describe
from ...core.rules_yaml import read_rules
from ...review import moderate
from ...review.backtest import back_test
from ...review.terminal import cut, safe
from ...storage import rulesets
from ..config_file import read_text
from ..printing import as_json, count, when
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import by_option, campaign_option, json_option, whose


@click.group("rules", short_help="Show, load, dump and try a campaign's rules.")
def command() -> None:
    """Show, load, dump and try a campaign's rules. They are kept in the store, in versions; the `rules:` of
    config.yaml are only a new campaign's first version."""


@command.command("show")
@campaign_option
@pass_invocation
def show(invocation: Invocation, campaign: str | None) -> None:
    """Say the rules in force in words."""
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        held = rulesets.latest(connection, place.campaign_id(campaign))
    if held is None:
        click.echo("There are no rules. Write some (docs/rules.md) and load them: tagora rules load FILE")
        return
    click.echo(f"version {held.version}, by {held.by} on {when(held.at, place.zone)}")
    for number, rule in enumerate(read_rules(held.body), 1):
        click.echo(f"{number}. {describe(rule)}")


@command.command("dump")
@campaign_option
@click.option("--version", type=int, help="A former version.")
@pass_invocation
def dump(invocation: Invocation, campaign: str | None, version: int | None) -> None:
    """Print the rules as YAML, to edit and load again."""
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        campaign_id = place.campaign_id(campaign)
        held = (
            rulesets.latest(connection, campaign_id)
            if version is None
            else rulesets.version(connection, campaign_id, version)
        )
    click.echo(held.body if held else "[]", nl=held is None)


@command.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@campaign_option
@by_option
@click.option("--apply", "apply_", is_flag=True, help="Also ask the new rules about everything that waits.")
@pass_invocation
def load(invocation: Invocation, file: Path, campaign: str | None, by: str | None, apply_: bool) -> None:
    """Put the rules in FILE into force as a new version."""
    text = read_text(file, "file of rules")
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        campaign_id, now = place.campaign_id(campaign), place.clock.now()
        held = moderate.load_rules(connection, campaign_id, text, whose(by), now, name=str(file))
        click.echo(f"version {held.version} is in force")
        if apply_:
            click.echo(f"{count(moderate.apply_to_queue(connection, campaign_id, now), 'post')} left the queue")


@command.command("apply")
@campaign_option
@pass_invocation
def apply(invocation: Invocation, campaign: str | None) -> None:
    """Ask the rules in force about everything that waits."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        left = moderate.apply_to_queue(connection, place.campaign_id(campaign), place.clock.now())
    click.echo(f"{count(left, 'post')} left the queue")


@command.command("test")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@campaign_option
@click.option("--last", default=500, show_default=True, type=click.IntRange(1, 100_000), help="On how many posts.")
@json_option
@pass_invocation
def test(invocation: Invocation, file: Path | None, campaign: str | None, last: int, json_: bool) -> None:
    """Try the rules in FILE (or those in force) on the latest posts; nothing is decided."""
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        campaign_id = place.campaign_id(campaign)
        if file is not None:
            rules = read_rules(read_text(file, "file of rules"), str(file))
        else:
            held = rulesets.latest(connection, campaign_id)
            rules = read_rules(held.body) if held else ()
        report = back_test(connection, campaign_id, rules, last, place.clock.now())
    if json_:
        as_json(
            {
                "posts": report.posts,
                "untouched": report.untouched,
                "rules": [
                    {
                        "rule": trial.rule.name,
                        "caught": trial.caught,
                        "decided": trial.decided,
                        "approved": trial.approved,
                        "rejected": trial.rejected,
                        "examples": [one.post_id for one in trial.examples],
                    }
                    for trial in report.trials
                ],
            }
        )
        return
    click.echo(f"On the last {count(report.posts, 'post')}; {report.untouched:,} would be left to people.")
    for trial in report.trials:
        click.echo(
            f"{safe(trial.rule.name)}: would have caught {trial.caught:,}, of which people approved "
            f"{trial.approved:,} and rejected {trial.rejected:,}"
        )
        for one in trial.examples:
            click.echo(f"  #{one.post_id} {cut(one.text, 90)}")
