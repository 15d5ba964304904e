"""Jinja for pages: strict names, everything escaped, and code that is quick over frozen views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import safe_range

from ..presentation.markup import escaped

ORIGINAL = "shipped/"  # before the name of a template that an own one stands for
UNSAFE = ("safe", "attr", "random")  # filters: unescaped words, names that are computed, another page every time


class _Straight(CodeGenerator):
    """Jinja's code, shorter in two places that cost half of a page's time: `a.b` is Python's own (all that a template
    sees are frozen views; a name that one lacks is an error at once), and what is printed goes through `escaped`."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.escaped(")


class _Compiled(BytecodeCache):
    """Templates compiled once for all languages of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._kept.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


class Templates(FileSystemLoader):
    """Own templates before those of the folders; these are there under ORIGINAL as well."""

    def __init__(self, folders: Sequence[Path], own: Mapping[str, str] | None = None, own_folder: str = "") -> None:
        super().__init__(folders)
        self._own = own or {}
        self._own_folder = own_folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if template in self._own:
            return self._own[template], f"{self._own_folder}/{template}", lambda: True
        return super().get_source(environment, template.removeprefix(ORIGINAL))


class PageEnvironment(Environment):
    """Autoescape cannot be turned off in it, not even by a template."""

    code_generator_class = _Straight
    escaped = staticmethod(escaped)

    def __init__(self, templates: Templates) -> None:
        super().__init__(
            loader=templates,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_compiled,
            extensions=["jinja2.ext.i18n"],
        )
        for name in UNSAFE:
            del self.filters[name]
        for name in ("lipsum", "cycler", "joiner"):
            del self.globals[name]
        self.globals["range"] = safe_range
