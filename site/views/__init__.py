"""Everything a template may see, as frozen values: a page's data is the list of what it depends on. What lists hold by
the thousand are named tuples, as in presentation/views.py."""

from .about import AboutPage, Became, ReportPage
from .campaign import Activity, CampaignPage, Compose, MonthLink, MonthPage, TakingPart
from .cards import Card, CardView, PartCard
from .files import Entry, Feed, Redirects, Robots, Sitemap, SitemapIndex
from .frame import FeedLink, Head, Link, LogoView, NotFoundPage, RedirectPage, Site
from .insights import Counted, FigureView, InsightsPage
from .invitations import (
    Choice,
    Facet,
    FacetPage,
    FrontPage,
    Inside,
    InvitationsPage,
    InvitationView,
    Invited,
    Listing,
    Numbers,
)
from .search import SearchCampaign, SearchPage, SearchView
from .thread import Around, Begun, ThreadPage
from .wall import QrCode, WallPage, WallPost

__all__ = [
    "AboutPage",
    "Activity",
    "Around",
    "Became",
    "Begun",
    "CampaignPage",
    "Card",
    "CardView",
    "Choice",
    "Compose",
    "Counted",
    "Entry",
    "Facet",
    "FacetPage",
    "Feed",
    "FeedLink",
    "FigureView",
    "FrontPage",
    "Head",
    "Inside",
    "InsightsPage",
    "InvitationView",
    "InvitationsPage",
    "Invited",
    "Link",
    "Listing",
    "LogoView",
    "MonthLink",
    "MonthPage",
    "NotFoundPage",
    "Numbers",
    "PartCard",
    "QrCode",
    "RedirectPage",
    "Redirects",
    "ReportPage",
    "Robots",
    "SearchCampaign",
    "SearchPage",
    "SearchView",
    "Site",
    "Sitemap",
    "SitemapIndex",
    "TakingPart",
    "ThreadPage",
    "WallPage",
    "WallPost",
]
