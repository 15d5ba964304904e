"""Which view each template prints."""

from __future__ import annotations

from collections.abc import Mapping

from . import views

VIEWS: Mapping[str, type] = {
    "front.html": views.FrontPage,
    "invitations.html": views.InvitationsPage,
    "facet.html": views.FacetPage,
    "campaign.html": views.CampaignPage,
    "month.html": views.MonthPage,
    "wall.html": views.WallPage,
    "search.html": views.SearchPage,
    "qr.svg": views.QrCode,
    "thread.html": views.ThreadPage,
    "about.html": views.AboutPage,
    "report.html": views.ReportPage,
    "insights.html": views.InsightsPage,
    "404.html": views.NotFoundPage,
    "redirect.html": views.RedirectPage,
    "feed.atom": views.Feed,
    "feed.json": views.Feed,
    "sitemap.xml": views.Sitemap,
    "sitemap-index.xml": views.SitemapIndex,
    "robots.txt": views.Robots,
    "redirects.txt": views.Redirects,
}
