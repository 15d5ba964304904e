"""The page on which readers report a post or withdraw their own."""

from __future__ import annotations

from markupsafe import Markup

from ...presentation.formats import Formats
from ..headers import page_policy
from ..pages import Page
from ..plan import head, home
from ..views import ReportPage
from .material import Material


def report(material: Material, formats: Formats) -> Page:
    """In one language of the interface."""
    settings = material.settings
    path = f"{home(settings, formats.language)}report/"
    page = ReportPage(
        head=head(settings, "report", path, formats.language, settings.title, "", everywhere="report/", noindex=True),
        form=settings.report_form,
        mail=settings.report_mail,
        contact=settings.legal.contact if settings.legal else None,
        policy=Markup(page_policy(form=settings.report_form)),
    )
    return Page(f"{path}index.html", "report.html", formats.language, page)
