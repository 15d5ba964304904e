"""One GET of an address that a stranger may have chosen: bounded in bytes, time and redirects, and never into a private
network, whatever a name resolves to. What posts name (feeds, pages, pictures) is fetched through here only.

The check is made on the addresses that the connection is then opened to, so that a name cannot be harmless when it is
looked at and lead inside when it is used. Networks whose address a person configured have request layers of their own.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from ..core.errors import CollectorError, QueryRefused, Temporary
from ..core.normalise import clean_url
from .answer import CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS, Answer

MAX_REDIRECTS = 5
PORTS = (80, 443)
_STAYS = (301, 308)  # the page will be there from now on
_GOES_ON = (*_STAYS, 302, 303, 307)
_NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]  # a name's numeric addresses; OSError where there is none


class NotOutside(QueryRefused):
    """The address leads into a private network, or is none that may be followed."""


class NotReached(Temporary):
    """The server could not be connected to, so that it surely did no work for us."""


@dataclass(frozen=True, slots=True)
class Got:
    """`url` is where the answer was in the end. `moved_to`: all redirects on the way there were permanent, so it is to
    be asked for there from now on. `whole` is False where reading stopped after as much as was wanted."""

    answer: Answer
    url: str
    moved_to: str | None = None
    whole: bool = True


class Outside:
    """A client for strangers' addresses. `allow_private`: the organiser's own network may be asked too. `homes`: where
    hosts that are named so answer in fact (name -> address, given by the organiser, who is trusted with it).
    `seconds`: in which all of an answer must be there."""

    def __init__(
        self,
        user_agent: str,
        *,
        max_bytes: int,
        seconds: float | None = None,
        allow_private: bool = False,
        homes: Mapping[str, str] | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._user_agent, self._max_bytes, self._allow_private = user_agent, max_bytes, allow_private
        self._seconds = seconds
        self._homes = {host.lower(): address.rstrip("/") for host, address in (homes or {}).items()}
        self._guarded = httpcore.ConnectionPool(network_backend=_Guard(resolve or _resolve, allow_private))
        self._trusted = httpcore.ConnectionPool()  # only ever to a home

    def close(self) -> None:
        self._guarded.close()
        self._trusted.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, enough: int | None = None) -> Got:
        """The answer to a GET, after its redirects. `enough`: no more than so many bytes of the body are wanted.

        Raises NotOutside, NotReached, Temporary (no full answer, too large, too slow, redirects without end)."""
        end = time.monotonic() + (self._seconds or WHOLE_SECONDS)
        place, stays = url, True
        moved_to: str | None = None
        for _ in range(MAX_REDIRECTS + 1):
            answer, whole = self._one(place, headers or {}, enough, end)
            target = answer.headers.get("location")
            if answer.status not in _GOES_ON or not target:
                return Got(answer, place, moved_to, whole)
            place = self._followed(place, target)
            stays = stays and answer.status in _STAYS
            moved_to = place if stays else moved_to
        raise Temporary(f"{_host(url)} redirects without end.", "It is tried again later.")

    @staticmethod
    def _followed(place: str, target: str) -> str:
        try:
            following = clean_url(urljoin(place, target).partition("#")[0])
        except ValueError:
            following = None
        if following is None:
            raise NotOutside(f"{_host(place)} redirects to something that is no web address.", "It is not followed.")
        return following

    def _one(self, url: str, headers: Mapping[str, str], enough: int | None, end: float) -> tuple[Answer, bool]:
        address, is_home = self._address(url)
        pool = self._trusted if is_home else self._guarded
        told = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip", **headers}
        lines = [(b"Host", address.netloc), *((name.encode(), value.encode()) for name, value in told.items())]
        target = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        seconds = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
        try:
            with pool.stream("GET", target, headers=lines, extensions={"timeout": seconds}) as response:
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                body, whole = self._read(url, response.iter_stream(), found.get("content-encoding", ""), enough, end)
        except CollectorError:
            raise
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise NotReached(f"{_host(url)} cannot be reached.", "It is tried again later.") from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, zlib.error):
            raise Temporary(f"{_host(url)} did not answer fully.", "It is tried again later.") from None
        return Answer(response.status, found, body), whole

    def _address(self, url: str) -> tuple[httpx.URL, bool]:
        """Where to connect for this address, and whether that is a home. Raises NotOutside where it is none that may
        be asked."""
        host = _host(url)
        home = self._homes.get(host)
        if home is not None:
            parts = urlsplit(url)
            url = home + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            address = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            address = None
        if address is None or address.scheme not in ("http", "https") or not address.host or address.userinfo:
            raise NotOutside(f"{url[:100]} is no web address.", "It is not asked.")
        if home is None and not self._allow_private and (address.port or PORTS[0]) not in PORTS:
            raise NotOutside(f"{host} is to be asked on port {address.port}, which no public site uses.", _HINT)
        return address, home is not None

    def _read(
        self, url: str, chunks: Iterable[bytes], encoding: str, enough: int | None, end: float
    ) -> tuple[bytes, bool]:
        """The body, unpacked as it comes and never further than the bound: a small answer may unpack to anything."""
        body = bytearray()
        limit = self._max_bytes if enough is None else enough
        unpacker = _unpacker(encoding, _host(url))
        for chunk in chunks:
            body += unpacker.decompress(chunk, limit + 1 - len(body)) if unpacker else chunk
            if len(body) > limit:
                if enough is not None:
                    return bytes(body[:enough]), False
                raise Temporary(f"{_host(url)} answers with more than {limit // 1_000_000} MB.", _LARGE)
            if time.monotonic() > end:
                raise Temporary(f"{_host(url)} answers too slowly.", "It is tried again later.")
        if unpacker is not None and not unpacker.eof and body:
            raise zlib.error("cut")
        return bytes(body), True


_HINT = "Set `allow_private: true` where it is your own network."
_LARGE = "Nobody's feed or page is so large; look at the address."


def is_public(address: str) -> bool:
    """Whether this numeric address is one of the open internet."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_inside(found)))


def _inside(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one is a name for."""
    if isinstance(address, IPv4Address):
        return []
    nat64 = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return [one for one in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), nat64) if one is not None]


class _Guard(httpcore.SyncBackend):
    """Opens connections to public addresses only, whatever the name in the address is; and to those that `resolve` gave
    when they were looked at, not to what the name may mean a moment later."""

    def __init__(self, resolve: Resolve, allow_private: bool) -> None:
        self._resolve, self._allow_private = resolve, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise httpcore.ConnectError("the name means nothing")
        if not self._allow_private and not all(map(is_public, addresses)):
            raise NotOutside(f"{host} lies in a private network.", _HINT)
        failed: Exception = httpcore.ConnectError()
        for address in addresses[:4]:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _unpacker(encoding: str, host: str) -> Any:
    """What unpacks the body; None where it is not packed."""
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return None
    if kind not in ("gzip", "x-gzip", "deflate"):
        raise Temporary(f"{host} packs its answers in a way that was not asked for ({kind[:20]}).", "")
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url[:60]).lower()
    except ValueError:
        return url[:60]
