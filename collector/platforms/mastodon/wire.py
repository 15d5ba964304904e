"""The HTTP session under the client library: bounded, without cookies, and it keeps what really came.

The library hands out objects of its own (dates and ids converted, headers gone); a store of what was received needs
the answer itself. So the library asks, and the answer is read here.
"""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ...answer import CONNECT_SECONDS, MAX_BYTES, READ_SECONDS, WHOLE_SECONDS, Answer

CHUNK = 65_536


class TooLarge(requests.RequestException):
    """The answer is larger, or takes longer, than any honest one."""


class Wire(requests.Session):
    """A session that remembers the last answer in `answer` (None while there is none) and whether the server was
    reached at all in `connected`."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer | None = None
        self.connected = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def forget(self) -> None:
        self.answer, self.connected = None, False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["stream"] = True
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as error:
            cause = getattr(error.args[0] if error.args else None, "reason", None)
            self.connected = not isinstance(cause, NewConnectionError | ConnectTimeoutError)
            raise
        self.connected = True
        with response:
            body = self._read(response)
        # The library would build objects of its own out of every answer, which nobody reads and which takes longer
        # than all the rest of a request: it is given an empty one of the same kind.
        response._content = b"[]" if body.lstrip()[:1] == b"[" else b"{}"  # type: ignore[attr-defined]
        self.answer = Answer(response.status_code, response.headers, body)
        return response

    @staticmethod
    def _read(response: requests.Response) -> bytes:
        chunks: list[bytes] = []
        size, end = 0, time.monotonic() + WHOLE_SECONDS
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > MAX_BYTES or time.monotonic() > end:
                raise TooLarge("the answer is too large or too slow")
            chunks.append(chunk)
        return b"".join(chunks)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Only redirects that stay on the server are followed: a token is for its own server."""
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
        return target if (here.scheme, here.netloc) == (there.scheme, there.netloc) else None
