"""The house keeps its shape: arrows point one way, the core is pure, SQL stays in the store."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "storage": {"core"},
    "presentation": {"core"},
    "collector": {"core", "storage"},
    "review": {"core", "storage", "presentation"},
    "site": {"core", "storage", "presentation"},
    "sandbox": set(),
    "app": {"core", "storage", "presentation", "collector", "review", "site", "sandbox"},
}
NOT_IN = {
    "core": {
        "sqlalchemy",
        "requests",
        "httpx",
        "jinja2",
        "alembic",
        "tweepy",
        "mastodon",
        "facebook",
        "atproto_client",
    },
    "presentation": {"sqlalchemy", "requests", "httpx"},
    "collector": {"sqlalchemy", "jinja2"},
    "review": {"sqlalchemy"},
    "site": {"sqlalchemy", "requests"},
    "storage": {"requests", "jinja2"},
    "sandbox": {"sqlalchemy", "tweepy", "mastodon", "facebook", "atproto_client"},
}
SDKS = {"tweepy", "mastodon", "facebook", "atproto", "atproto_client"}


def _modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path, tree: ast.Module) -> Iterator[tuple[str, str, bool]]:
    """(kind, name, only for the type checker) of every import; kind is "ours" (name: our package) or "other"."""
    depth = len(path.relative_to(ROOT).parts) - 1  # folders below the root
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            up = depth - (node.level - 1)
            if up <= 0:
                target = (node.module or node.names[0].name).split(".")[0]
                yield "ours", target, False
            else:
                yield "ours", path.relative_to(ROOT).parts[0], False
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").split(".")
            yield ("ours", top[1], False) if top[0] == "tagora" and len(top) > 1 else ("other", top[0], False)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield "other", alias.name.split(".")[0], False


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_between_packages_point_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in _modules(package)
        for kind, name, _ in _imports(path, tree)
        if kind == "ours" and name != package and name not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", NOT_IN)
def test_foreign_libraries_stay_where_they_belong(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in _modules(package)
        for kind, name, _ in _imports(path, tree)
        if kind == "other" and name in NOT_IN[package] - (SDKS if path.name == "client.py" else set())
        # collector/platforms/*/client.py and the SDK's own subclass beside it are the only users of an SDK
    ]
    wrong = [line for line in wrong if not (package == "collector" and "platforms" in line and "client" in line)]
    assert wrong == []


def test_between_packages_imports_are_relative() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for package in MAY_IMPORT
        for path, tree in _modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "tagora"
    ]
    assert wrong == []


def test_the_wheel_names_every_package() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    there = {
        "tagora." + ".".join(path.parent.relative_to(ROOT).parts)
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert listed == there
