"""What is handed out for servers fits the program: paths, ports, commands and settings are those of the code."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tagora.app.cli import COMMANDS, cli
from tagora.app.config_file import Loaded, load
from tagora.app.workplace import read_sources

from .programs import program

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNITS = ("tagora.service", "tagora-watch.service")


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(DEPLOY / "etc" / "config.yaml")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(compose_text())


def compose_text() -> str:
    return (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def written_to(loaded: Loaded) -> set[PurePosixPath]:
    """Every place that the program writes to under this configuration."""
    config = loaded.config
    store = config.store.removeprefix("sqlite:///")
    return {
        PurePosixPath(loaded.path(path))
        for path in (store, config.secret_file, config.withdrawals_file, config.site.out, config.backup.folder)
    }


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def dockerfile(word: str) -> list[str]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.removeprefix(f"{word} ").strip() for line in text.splitlines() if line.startswith(f"{word} ")]


def test_the_configuration_is_right_and_says_what_to_fill_in(loaded: Loaded) -> None:
    assert [one.platform.name for one in read_sources(loaded)] == ["mastodon"]
    assert loaded.config.alerts.mail and loaded.config.review.public_url
    assert (DEPLOY / "etc" / "config.yaml").read_text(encoding="utf-8").count("FILL IN") >= 7


def test_what_is_written_to_lies_where_the_container_and_the_unit_may_write(loaded: Loaded, compose: Any) -> None:
    mounts = [one.split(":") for one in compose["services"]["tagora"]["volumes"]]
    volumes = [PurePosixPath(one[1]) for one in mounts if one[0] in compose["volumes"]]
    for name in UNITS:
        settings = unit(name)
        allowed = [PurePosixPath("/var/lib") / one for one in settings["StateDirectory"]]
        allowed += [PurePosixPath(one) for one in settings["ReadWritePaths"]]
        for place in written_to(loaded):
            assert any(place.is_relative_to(folder) for folder in allowed), (name, place)
            assert any(place.is_relative_to(folder) for folder in volumes), place
    made = " ".join(dockerfile("RUN"))
    assert all(str(volume) in made and str(volume) in dockerfile("VOLUME")[0] for volume in volumes)


def test_the_web_server_sees_the_site_and_nothing_else_of_ours(loaded: Loaded, compose: Any) -> None:
    caddy = compose["services"]["caddy"]
    site = PurePosixPath(loaded.config.site.out)
    assert caddy["environment"]["SITE_FOLDER"] == str(site)
    ours = [one for one in caddy["volumes"] if one.startswith(("store:", "public:"))]
    assert ours == [f"public:{site.parent}:ro"]
    store = PurePosixPath(loaded.config.store.removeprefix("sqlite:///"))
    assert not store.is_relative_to(site.parent)


def test_everybody_means_the_same_port(loaded: Loaded, compose: Any) -> None:
    port = str(loaded.config.review.port)
    assert dockerfile("EXPOSE") == [port] == compose["services"]["tagora"]["expose"]
    assert f"127.0.0.1:{port}/healthz" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert compose["services"]["caddy"]["environment"]["REVIEW_AT"] == f"tagora:{port}"
    assert f"REVIEW_AT=127.0.0.1:{port}" in (ROOT / "docs" / "server.md").read_text(encoding="utf-8")


def test_what_the_web_server_asks_of_its_environment_is_given(compose: Any) -> None:
    asked = set(re.findall(r"\{\$(\w+)\}", (DEPLOY / "Caddyfile").read_text(encoding="utf-8")))
    assert asked == set(compose["services"]["caddy"]["environment"])
    page = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    assert all(f"{name}=" in page for name in asked)


def test_containers_and_units_may_do_no_more_than_they_need(compose: Any) -> None:
    assert compose["services"]["watch"]["extends"] == {"service": "tagora"}
    for service in (compose["services"][name] for name in ("tagora", "caddy")):
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service and "/var/run/docker.sock" not in str(service["volumes"])
    assert "ports" not in compose["services"]["tagora"], "only the web server is reached from outside"
    assert dockerfile("USER")[-1] not in ("root", "0", "0:0")
    for name in UNITS:
        settings = unit(name)
        assert settings["User"] == ["tagora"] and settings["CapabilityBoundingSet"] == [""]
        assert settings["ProtectSystem"] == ["strict"] and settings["NoNewPrivileges"] == ["true"]
        assert settings["ReadOnlyPaths"] == ["/etc/tagora"]


def options_known(words: list[str]) -> bool:
    """Whether a call of `tagora` names options and a command that there are."""
    context = cli.make_context("tagora", words[1:], resilient_parsing=True)
    rest = [*context._protected_args, *context.args]
    command = cli.get_command(context, rest[0])
    if command is None:
        return False
    known = {option for parameter in command.params for option in parameter.opts}
    return all(word.split("=")[0] in known for word in rest[1:] if word.startswith("--"))


def test_the_commands_that_are_started_exist_with_their_options() -> None:
    for name in UNITS:
        (started,) = unit(name)["ExecStart"]
        words = shlex.split(started)
        assert words[0] == "/opt/tagora/bin/tagora" and words[2] == "/etc/tagora/config.yaml"
        assert options_known(["tagora", *words[1:]])
    loop = yaml.safe_load(compose_text())["services"]["watch"]["entrypoint"][-1]
    (watched,) = (shlex.split(call) for call in re.findall(r"do (tagora [^;>]+)", loop))
    assert options_known(watched) and watched[2] == "/etc/tagora/config.yaml"
    entry, command = yaml.safe_load(dockerfile("ENTRYPOINT")[0]), yaml.safe_load(dockerfile("CMD")[0])
    assert entry[-1] == "/etc/tagora/config.yaml" and options_known([*entry, *command])
    assert not options_known(["tagora", "run", "--nonsense"]) and not options_known(["tagora", "nonsense"])


def test_what_the_image_is_made_of_reaches_the_builder() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.split(".")[1] for name in project["tool"]["setuptools"]["packages"]}
    assert let_in == packages | {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    extras = re.findall(r"\.\[([\w,]+)\]", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))[0].split(",")
    assert set(extras) <= set(project["project"]["optional-dependencies"])


@pytest.mark.parametrize("page", ["server.md", "upgrading.md"])
def test_the_pages_name_files_and_commands_that_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    files = re.findall(r"deploy/((?:etc/)?[\w.-]+\.\w+)", text)
    rows = re.findall(r"^\| (`.*?) \|", text, re.M)
    named = {*files, *(name for row in rows for name in re.findall(r"`([\w./-]+)`", row))}
    assert {name for name in named if not (DEPLOY / name).exists()} == set()
    called = re.findall(r"(?:^    agora|-c /etc/tagora/config\.yaml|`tagora) ([a-z]+)[ `\n]", text, re.M)
    assert called and set(called) <= set(COMMANDS)
    if page == "server.md":
        assert {path.name for path in DEPLOY.rglob("*") if path.is_file()} == {PurePosixPath(one).name for one in named}


def test_the_web_server_understands_its_file(compose: Any, tmp_path: Path) -> None:
    caddy = program("caddy", package="caddy")
    given = {"SITE_HOST": "agora.example.org", "REVIEW_HOST": "review.example.org", "HOME": str(tmp_path)}
    given = compose["services"]["caddy"]["environment"] | given
    file = str(DEPLOY / "Caddyfile")
    command = [caddy, "validate", "--config", file, "--adapter", "caddyfile"]
    told = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stderr


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for name in (*UNITS, "tagora-watch.timer"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/tagora/bin/tagora", "/bin/true"), encoding="utf-8")
    command = [
        program("systemd-analyze", package="systemd"),
        "verify",
        *(str(tmp_path / name) for name in (*UNITS, "tagora-watch.timer")),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    complaints = [line for line in told.stderr.splitlines() if "tagora" in line]  # of ours, not of the machine's units
    assert (told.returncode, complaints) == (0, [])
