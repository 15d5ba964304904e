"""Where what is shipped lies: templates, words, styles and scripts."""

from __future__ import annotations

from pathlib import Path

from ..presentation import words

HERE = Path(__file__).parent
PRESENTATION = Path(words.__file__).parent
FOLDERS = (HERE / "templates", PRESENTATION / "templates")
LOCALES = (PRESENTATION / "locales", HERE / "locales")
STATIC = HERE / "static"
