"""The transport under the client library: bounded, without redirects and cookies, and it keeps what really came."""

from __future__ import annotations

import time

import httpx

from ...answer import CONNECT_SECONDS, MAX_BYTES, READ_SECONDS, WHOLE_SECONDS, Answer


class Wire(httpx.BaseTransport):
    """Remembers the last answer in `answer` (None while there is none) and whether the service was reached at all in
    `connected`. The library above is given an empty answer of the same status: it would fail as a whole over one thing
    that it does not expect, and follow redirects with the session's token."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.connected = False
        self._inner = httpx.HTTPTransport()

    def forget(self) -> None:
        self.answer, self.connected = None, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        seconds = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
        request.extensions = {**request.extensions, "timeout": seconds}
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError as error:
            self.connected = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise
        self.connected = True
        try:
            body = self._read(response)
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.answer = Answer(response.status_code, headers, body)
        return httpx.Response(response.status_code, content=b"{}", request=request)

    def close(self) -> None:
        self._inner.close()

    @staticmethod
    def _read(response: httpx.Response) -> bytes:
        body = bytearray()
        end = time.monotonic() + WHOLE_SECONDS
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES or time.monotonic() > end:
                raise httpx.ReadError("the answer is too large or too slow")
        return bytes(body)
