"""What is done to every value at the edge, before it becomes part of a record. Posts are hostile input."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

# The hashtag was proposed in August 2007; anything far before any network existed is a wrong or hostile date.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=15)
MAX_TEXT = 100_000  # code points; a Mastodon post has 500, a long X post 25,000
MAX_NAME = 300
MAX_URL = 2_000
MAX_COUNT = 10**12
CUT = " […]"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_WWW = re.compile(r"^(?:www|m|mobile)\.(?=[^.]+\.)")
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|igsh(?:id)?|mibextid|ref_src|rcm|trackingId|xmt|slof|si|_[rt]|is_from_webapp|sender_device"
)
_UNFIT_IN_URL = re.compile(r"""[\n\t "'<>\\`]""")
# The usual address, fit as it is: a host of letters, digits, dots and hyphens, the rest in ASCII.
_USUAL_URL = re.compile(r"""https?://[A-Za-z0-9.-]+(?:[/?#][!#-&(-;=?-\[\]^_a-z{|}~]*)?""")


def clean_text(value: object, limit: int = MAX_TEXT) -> str:
    """Text without control characters and lone surrogates, line ends as \\n, cut at `limit` code points.

    Code points are replaced one by one (never removed) except \\r\\n, so offsets survive where lines end in \\n.
    """
    if not isinstance(value, str):
        return ""
    text = value
    if not text.isprintable():  # line ends, control characters, surrogates, much that is harmless: looked at closely
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def clean_line(value: object, limit: int = MAX_NAME) -> str | None:
    """One line of text (a name, a handle, an alt text), or None when there is nothing to read."""
    line = _SPACE.sub(" ", clean_text(value, limit * 4)).strip()
    return line[:limit] or None


def clean_url(value: object) -> str | None:
    """An http(s) address of a sane length with a host, or None. No `javascript:`, no `data:`, no user:password@."""
    if not isinstance(value, str) or len(value) > MAX_URL:
        return None
    url = value.strip()
    if _USUAL_URL.fullmatch(url):
        return url
    if _CONTROL.search(url) or _UNFIT_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        parts.port  # noqa: B018 - raises ValueError for an absurd port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or parts.username is not None:
        return None
    return url


def without_tracking(url: str) -> str:
    """A clean address without its fragment and without what its sharing left in it (who shared it, from where)."""
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])]
    return urlunsplit(parts._replace(query="&".join(kept), fragment=""))


def canonical_url(value: object) -> str | None:
    """One spelling for all addresses that people copy of one page: https, the host without www. or m., no port, final
    slash, fragment or tracking. None for what is no web address. A name to compare, not a link to follow."""
    cleaned = clean_url(value)
    if cleaned is None:
        return None
    parts = urlsplit(without_tracking(cleaned))
    host = _WWW.sub("", (parts.hostname or "").lower())
    return urlunsplit(("https", host, parts.path.rstrip("/"), parts.query, ""))


def clean_time(value: object, now: datetime) -> datetime | None:
    """An aware UTC time no earlier than 1990 and no later than now plus a little clock skew, or None."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    try:
        moment = value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if EARLIEST <= moment <= now + CLOCK_SKEW else None


def clean_count(value: object) -> int | None:
    """A count of things: a sane non-negative integer, or None (unknown)."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        return None
    return value


def clean_tag(value: object) -> str | None:
    """A hashtag for comparing: without #, casefolded."""
    line = clean_line(value, 200)
    return line.lstrip("#＃").casefold() or None if line else None


def clean_lang(value: object) -> str | None:
    """A language code as networks give it ("it", "en-GB", "pt_BR"), cut to its primary part, or None.

    X uses the codes und, qme, qht and so on for posts without a language.
    """
    if not isinstance(value, str):
        return None
    primary = value.replace("_", "-").split("-")[0].lower()
    if not re.fullmatch(r"[a-z]{2,3}", primary) or primary == "und" or re.fullmatch(r"q[a-t][a-z]", primary):
        return None
    return primary
