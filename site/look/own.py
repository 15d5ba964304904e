"""The own look as a value."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

TEMPLATES = "templates"


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture in every page's header."""

    name: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """What is replaced. `name`: how errors call the folder. `footers`, `words`: by language, "" for all of them;
    `templates`: their sources by name. Without a value: as shipped."""

    name: str = ""
    style: bytes = b""
    logo: Logo | None = None
    icon: bytes | None = None
    footers: tuple[tuple[str, Markup], ...] = ()
    words: tuple[tuple[str, bytes], ...] = ()
    templates: tuple[tuple[str, str], ...] = ()

    @property
    def templates_folder(self) -> str:
        return f"{self.name}/{TEMPLATES}"

    def footer(self, language: str) -> Markup | None:
        """What stands in the footer of pages in this language."""
        told = dict(self.footers)
        return told.get(language, told.get(""))


SHIPPED = Look()
