"""Colours in which words cannot be read are told."""

from __future__ import annotations

import pytest

from tagora.site.look.contrast import contrast, too_faint


def test_contrast_is_what_the_guidelines_say() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_shipped_colours_and_a_good_accent_are_well() -> None:
    assert list(too_faint(b"")) == []
    assert list(too_faint(b":root{--accent:#0a5c36} @media (prefers-color-scheme:dark){:root{--accent:#8fd}}")) == []


def test_a_faint_accent_is_told_where_it_is_faint() -> None:
    light_only = list(too_faint(b":root { --accent: #0a5c36; }"))
    assert light_only and all("in the dark" in said for said in light_only), "it was chosen for light alone"
    assert any(
        said.startswith("--accent on --paper has a contrast of 1.") for said in too_faint(b":root{--accent:#eee}")
    )


def test_what_is_said_for_print_or_in_a_comment_does_not_count() -> None:
    css = b"/* :root { --ink: #eee } */ @media print { :root { --ink: #eee; } @media (a) { b {} } }"
    assert list(too_faint(css)) == []
