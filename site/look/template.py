"""Own templates, as they are written: that they can be read, name only what there is, keep the blocks and macros that
other templates count on, and can do no harm. Nothing that a post says may reach a page unescaped by way of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from jinja2 import TemplateNotFound, TemplateSyntaxError, meta, nodes

from ...core.errors import ConfigError
from ..render import environment
from ..shipped import FOLDERS
from ..templating import ORIGINAL
from .own import Look

SEEN = frozenset(("page", "site", "_", "gettext", "ngettext", "asset"))
_BUILT_IN = frozenset(("range", "namespace", "dict", "loop", "self", "super", "caller", "varargs", "kwargs"))
_WORDS = {"_": 1, "gettext": 1, "ngettext": 2}  # how many of what they are given must stand there in quotes
_FORMATS = frozenset(("format", "format_map"))  # they reach into what they print
_REFERRING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)|\son[a-z]+\s*=\s*[\"']|javascript:", re.I)
_ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|embed|object|video|audio|source|track|link)\b[^>{]*[\"'](?:https?:)?//", re.I
)


def check(look: Look) -> None:
    """Raises ConfigError with file and line."""
    if look.templates:
        _Checked(look).all()


class _Checked:
    def __init__(self, look: Look) -> None:
        self._own = dict(look.templates)
        self._folder = look.templates_folder
        self._jinja = environment("en", look)
        self._trees: dict[str, nodes.Template] = {}

    def all(self) -> None:
        used = {name for each in self._own for name in self._references(each)}
        shipped = sorted(path.name for each in FOLDERS for path in each.iterdir())
        for name in self._own:
            if name not in shipped and name not in used:
                self._refuse(name, None, "no page uses a template of this name", f"There are {', '.join(shipped)}.")
            self._no_circle(name, ())
            self._harmless(name)
            self._names(name)
            if name in shipped:
                self._keeps(name)
            self._placed(name)
            self._guarded(name, name in shipped)

    def _refuse(self, name: str, line: int | None, what: str, hint: str) -> NoReturn:
        raise ConfigError(what, hint, where=f"{self._folder}/{name}{'' if line is None else f':{line}'}")

    def _tree(self, name: str) -> nodes.Template:
        if name not in self._trees:
            assert self._jinja.loader is not None
            source = self._jinja.loader.get_source(self._jinja, name)[0]
            try:
                self._trees[name] = self._jinja.parse(source)
            except TemplateSyntaxError as error:
                self._refuse(name, error.lineno, f"the template cannot be read: {error.message}", "Look there.")
        return self._trees[name]

    def _references(self, name: str) -> Iterator[str]:
        """The templates that this one names, each of which is there."""
        for node in self._tree(name).find_all(_REFERRING):
            written = getattr(node, "template", None)
            others = list(written.items) if isinstance(written, nodes.List | nodes.Tuple) else [written]
            for other in others:
                if not isinstance(other, nodes.Const) or not isinstance(other.value, str):
                    hint = "Write the name out: nobody could say else what a page depends on."
                    self._refuse(name, node.lineno, "the name of another template is computed here", hint)
                try:
                    self._tree(other.value)
                except TemplateNotFound:
                    hint = f"Beside your own there are those that came with Tagora, as {ORIGINAL}NAME."
                    self._refuse(name, node.lineno, f"there is no template {other.value!r}", hint)
                yield other.value

    def _no_circle(self, name: str, above: tuple[str, ...]) -> None:
        if name in above:
            hint = f"The one that came with Tagora is {ORIGINAL}{name}."
            self._refuse(name, self._line_of(name, (*above, name)), "the template ends up in itself", hint)
        for other in self._references(name):
            self._no_circle(other, (*above, name))

    def _line_of(self, name: str, path: tuple[str, ...]) -> int | None:
        following = path[path.index(name) + 1]
        for node in self._tree(name).find_all(_REFERRING):
            if any(const.value == following for const in node.find_all(nodes.Const)):
                return node.lineno
        return None

    def _harmless(self, name: str) -> None:
        tree = self._tree(name)
        called: set[int] = set()
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in _WORDS:
                called.add(id(call.node))
                quoted = call.args[: _WORDS[call.node.name]]
                if len(quoted) < _WORDS[call.node.name] or not all(isinstance(one, nodes.Const) for one in quoted):
                    hint = "What is filled in goes behind: _('by %(name)s', name=…)."
                    self._refuse(name, call.lineno, f"the words given to {call.node.name} must stand in quotes", hint)
        for node in tree.find_all(nodes.Node):
            said = self._forbidden(node, called)
            if said:
                self._refuse(name, node.lineno, f"{said} is not allowed in a template", "See docs/look.md.")
        for number, line in enumerate(self._own[name].splitlines(), 1):
            if _INLINE.search(line):
                hint = "A page runs only the scripts that came with Tagora."
                self._refuse(name, number, "a script stands in the page here", hint)
            if _ELSEWHERE.search(line):
                self._refuse(
                    name, number, "something is loaded from elsewhere here", "Pages load nothing from elsewhere."
                )

    def _guarded(self, name: str, shipped: bool) -> None:
        """What a page may load is said by `policy`, and by nothing of one's own."""
        hint = "A browser would load from anywhere else: print the policy alone, in the place where it stood."
        for block in self._tree(name).find_all(nodes.Block):
            if block.name == "policy" and not _prints_policy_alone(block):
                self._refuse(name, block.lineno, "the policy of pages is replaced here", hint)
        needed = shipped and _has_policy(self._tree(ORIGINAL + name))
        if needed and not any(_has_policy(self._tree(each)) for each in self._above(name)):
            self._refuse(name, 1, "the policy of pages is missing", hint)

    def _forbidden(self, node: nodes.Node, called: set[int]) -> str | None:
        if isinstance(node, nodes.Getattr) and (node.attr.startswith("_") or node.attr in _FORMATS):
            return f"`.{node.attr}`"
        if (
            isinstance(node, nodes.Getitem)
            and isinstance(node.arg, nodes.Const)
            and str(node.arg.value).startswith("_")
        ):
            return f"`[{node.arg.value!r}]`"
        if isinstance(node, nodes.EvalContextModifier):  # {% autoescape %}
            return "to choose whether words are escaped"
        if isinstance(node, nodes.Filter) and node.name not in self._jinja.filters:
            return f"the filter `{node.name}`"
        if isinstance(node, nodes.Test) and node.name not in self._jinja.tests:
            return f"the test `{node.name}`"
        if isinstance(node, nodes.Name) and node.ctx == "load" and node.name in _WORDS and id(node) not in called:
            return f"`{node.name}` without its words"
        return None

    def _names(self, name: str) -> None:
        tree = self._tree(name)
        given = _imported(tree)
        given |= {one.target for one in tree.find_all(nodes.Import)}
        given |= {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
        given |= {one.name for one in tree.find_all(nodes.Macro)}
        unknown = meta.find_undeclared_variables(tree) - given - SEEN - _BUILT_IN
        for node in tree.find_all(nodes.Name):
            if node.name in unknown:
                hint = f"A template sees {', '.join(sorted(SEEN - {'_', 'gettext', 'ngettext'}))} and the words."
                self._refuse(name, node.lineno, f"there is no `{node.name}`", hint)

    def _keeps(self, name: str) -> None:
        """An own template in the place of a shipped one has all blocks and macros of that one."""
        shipped = self._tree(ORIGINAL + name)
        shared = set(self._above(ORIGINAL + name)) - {ORIGINAL + name}
        has = {block for each in self._above(name) if each not in shared for block in self._blocks(each)}
        for block in sorted(self._blocks(ORIGINAL + name)):
            if block not in has:
                hint = (
                    f"Write it, empty if nothing is to stand there, or begin with {{% extends '{ORIGINAL}{name}' %}}."
                )
                self._refuse(name, 1, f"the block `{block}` is missing", hint)
        macros = {one.name: one for one in self._tree(name).find_all(nodes.Macro)}
        for theirs in [one for one in shipped.body if isinstance(one, nodes.Macro)]:
            given = ", ".join(argument.name for argument in theirs.args)
            if (ours := macros.get(theirs.name)) is None:
                if theirs.name not in _imported(self._tree(name)):
                    what = f"the macro `{theirs.name}({given})` is missing, which other templates use"
                    self._refuse(name, 1, what, "Keep it.")
            elif not len(ours.args) - len(ours.defaults) <= len(theirs.args) <= len(ours.args):
                what = f"other templates call this macro as `{theirs.name}({given})`"
                self._refuse(name, ours.lineno, what, "Let it take as many.")

    def _placed(self, name: str) -> None:
        """What a template that extends another says stands in a block that the other has."""
        above = list(self._above(name))[1:]
        if not above:
            return
        there = {block for each in above for block in self._blocks(each)}
        for node in self._tree(name).body:
            if isinstance(node, nodes.Block) and node.name not in there:
                hint = f"There are: {', '.join(sorted(there))}."
                self._refuse(name, node.lineno, f"the block `{node.name}` has no place", hint)
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData) or part.data.strip():
                        self._refuse(
                            name, part.lineno, "this stands outside of all blocks: nobody would see it", "Move it."
                        )

    def _above(self, name: str) -> Iterator[str]:
        """The template and what it extends, in order."""
        yield name
        for node in self._tree(name).find_all(nodes.Extends):
            if isinstance(node.template, nodes.Const):
                yield from self._above(node.template.value)

    def _blocks(self, name: str) -> set[str]:
        return {block.name for block in self._tree(name).find_all(nodes.Block)}


def _imported(tree: nodes.Template) -> set[str]:
    """The names under which the template has the macros of others."""
    named = [alias for one in tree.find_all(nodes.FromImport) for alias in one.names]
    return {alias[1] if isinstance(alias, tuple) else alias for alias in named}


def _has_policy(tree: nodes.Node) -> bool:
    return any(one.attr == "policy" for one in tree.find_all(nodes.Getattr))


def _prints_policy_alone(block: nodes.Block) -> bool:
    printed = [part for node in block.body for part in getattr(node, "nodes", [node])]
    return len(printed) == 1 and isinstance(printed[0], nodes.Getattr) and printed[0].attr == "policy"
