"""The command line's frame. Commands are loaded when called, so that `tagora --help` costs little more than click."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

import click

from ..core.errors import TagoraError

# name -> (module, one line of help). The line is repeated by the command itself; a test compares the two.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a config.yaml, asking a few questions."),
    "check": ("check", "Check the configuration, keys and networks."),
    "doctor": ("doctor", "Test everything, and say what to do."),
    "connect": ("connect", "Get a network's lasting key (facebook)."),
    "demo": ("demo", "Show everything on a made-up discussion."),
    "run": ("run", "Collect, build and publish on a schedule."),
    "collect": ("collect", "Ask the networks that are due, once."),
    "status": ("status", "Say how the collection stands."),
    "sources": ("sources", "List the sources and when they are due."),
    "coverage": ("coverage", "Say what was asked, and what was missed."),
    "add": ("add", "Add a post by its address, or type it in."),
    "review": ("review", "Serve the moderators' review app."),
    "list": ("review_list", "List posts that wait for a decision."),
    "show": ("review_show", "Show the conversation around a post."),
    "approve": ("review_decide:approve", "Approve posts for publication."),
    "reject": ("review_decide:reject", "Reject posts, with a reason."),
    "hold": ("review_decide:hold", "Put posts aside for later."),
    "feature": ("review_decide:feature", "Put a discussion at the top."),
    "unfeature": ("review_decide:unfeature", "Take a discussion from the top."),
    "undo": ("review_decide:undo", "Take back a decision."),
    "note": ("review_decide:note", "Leave a note on a post."),
    "trust": ("review_people:trust", "Trust an author in a campaign."),
    "block": ("review_people:block", "Block an author in a campaign."),
    "publishing": ("review_publishing", "Stop or resume publishing a campaign."),
    "moderators": ("moderators", "Say who may use the review app."),
    "rules": ("review_rules", "Show, load, dump and try a campaign's rules."),
    "forget": ("forget", "Withdraw a post or a person for ever."),
    "optout": ("optout", "Note that somebody is not to be collected."),
    "close": ("close", "End a campaign, or open it again."),
    "pictures": ("pictures", "Copy the pictures of approved posts."),
    "build": ("build", "Write the static site."),
    "publish": ("publish", "Bring the site to where readers find it."),
    "rollback": ("rollback", "Bring the site back to an earlier build."),
    "look": ("look", "Print what a look of your own begins from."),
    "headers": ("headers", "Write out what a web server is to say."),
    "serve": ("serve", "Show the written site at a local address."),
    "export": ("export", "Write all posts as JSON lines."),
    "platforms": ("platforms", "List the networks Tagora can ask."),
    "backup": ("backup", "Copy the store; list the copies."),
    "restore": ("restore", "Put a backup in the store's place."),
    "move-store": ("move_store", "Move the collection to another database."),
    "migrate": ("migrate", "Bring the store to this version's form."),
}


@dataclass(slots=True)
class Invocation:
    """What was given before the command's name."""

    config: Path
    debug: bool
    log_format: Literal["text", "json"] = "text"


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        return getattr(import_module(f".commands.{module}", __package__), attribute or "command")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else " `tagora --help` lists all."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx) from None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    default=Path("config.yaml"),
    show_default=True,
    help="The configuration file.",
)
@click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="TAGORA_LOG_FORMAT",
    show_envvar=True,
    help="How the program's own events are written to stderr: for people, or one JSON object a line.",
)
@click.version_option(package_name="tagora", message="tagora %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path, debug: bool, log_format: Literal["text", "json"]) -> None:
    """The agora for a hashtag: collects a campaign's posts from many networks, rebuilds the conversations,
    has them reviewed and publishes them as a static site."""
    ctx.obj = Invocation(config, debug, log_format)
    if debug or log_format == "json":
        import logging

        from .logs import prepare

        prepare(log_format, debug=debug)
        if debug:
            logging.getLogger("tagora").setLevel(logging.DEBUG)  # only ours: others' logs hold addresses with keys


def _in_a_sentence(error: click.ClickException) -> str:
    """What click has to say of arguments, as all else is said."""
    told = " ".join(error.format_message().split())
    told = told[:1].lower() + told[1:]
    told = told if told.endswith((".", "?", "?)")) else f"{told}."
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return f"{told} See `{ctx.command_path} --help`." if ctx and "--help" not in told else told


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits: 0 done, 1 done in part, 2 wrong usage or config, 3 nothing could be done."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    try:
        status = cli.main(arguments, prog_name="tagora", standalone_mode=False)
        raise SystemExit(status if isinstance(status, int) else 0)
    except TagoraError as error:
        if debug:
            raise
        click.echo(f"tagora: {error}", err=True)
        raise SystemExit(error.exit_status) from None
    except click.ClickException as error:
        click.echo(f"tagora: {_in_a_sentence(error)}", err=True)
        raise SystemExit(2) from None
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        raise SystemExit(130) from None
    except BrokenPipeError:  # `tagora export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
    except OSError as error:
        if debug:
            raise
        place = f" ({error.filename})" if error.filename else ""
        click.echo(f"tagora: the system refused: {error.strerror or error}{place}.", err=True)
        raise SystemExit(3) from None
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"tagora: a fault in the program itself ({type(error).__name__}). What was stored is safe. "
            "Run it again with --debug and report what it prints.",
            err=True,
        )
        raise SystemExit(3) from None
