"""The command line's frame: help, mistakes, exit statuses."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest

from tagora.app.cli import COMMANDS, main


def run(*arguments: str, cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tagora.app", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_its_help_is_the_line_in_the_table(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(import_module(f"tagora.app.commands.{module}"), attribute or "command")
    assert isinstance(command, click.Command)
    assert (command.name, command.short_help or command.get_short_help_str(200)) == (name, COMMANDS[name][1])
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))  # type: ignore[attr-defined]


def test_help_names_every_command_and_costs_no_heavy_import() -> None:
    answer = run("--help")
    assert answer.returncode == 0
    assert all(f"  {name} " in answer.stdout for name in COMMANDS)
    names = ("sqlalchemy", "pydantic", "jinja2", "tweepy", "requests", "yaml")
    heavy = f"import sys; from tagora.app import cli; print([m for m in {names} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_mistyped_command_is_answered_with_the_nearest_one() -> None:
    answer = run("colect")
    assert answer.returncode == 2
    assert "Did you mean 'collect'?" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["colect"], "there is no command 'colect'. Did you mean 'collect'? See `tagora --help`."),
        (["add"], "missing argument 'URL'. See `tagora add --help`."),
        (
            ["review", "--port", "abc"],
            "invalid value for '--port': 'abc' is not a valid integer range. See `tagora review --help`.",
        ),
    ],
)
def test_arguments_that_make_no_sense_are_one_sentence_too(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"tagora: {said}\n"


def test_a_missing_configuration_is_one_sentence_and_status_2(tmp_path) -> None:
    answer = run("status", cwd=str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr == (
        "tagora: the configuration config.yaml is not there. "
        "Make one with `tagora init`, or name another with -c FILE.\n"
    )


def test_a_fault_in_the_program_is_one_sentence_without_a_traceback(monkeypatch, capsys) -> None:
    monkeypatch.setitem(COMMANDS, "status", ("nothing_here", ""))
    with pytest.raises(SystemExit) as caught:
        main(["status"])
    assert caught.value.code == 3
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert "--debug" in error
