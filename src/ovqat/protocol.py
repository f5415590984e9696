"""HTTP/1.1 as uvicorn speaks it, with two things mended that a partner or an attacker would meet."""

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """A connection that declines every upgrade, and reads no further while answers wait to be given.

    Java's HTTP client and `curl --http2` offer an upgrade with every request. It may be declined (RFC 9110, section
    7.8), but the parser stops at one: uvicorn would then take the request's body for the next request.
    """

    def _should_upgrade(self) -> bool:
        """Say that a request which offers an upgrade is not to be answered yet: `data_received` asks it anew."""
        return True

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._refuse()

    def on_response_complete(self) -> None:
        """Go on with the next request; one that never reads its answers must not fill the memory with requests."""
        super().on_response_complete()
        if self.pipeline:
            self.flow.pause_reading()

    def _decline(self, rest: bytes) -> None:
        """Read the same request once more, without its offer."""
        method: str = self.scope["method"]
        if method == "CONNECT":
            self._refuse()
            return
        kept = [b"%b: %b\r\n" % (name, value) for name, value in self.headers if name != b"upgrade"]
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (method.encode(), self.url, b"".join(kept))
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    def _refuse(self) -> None:
        self.send_400_response("Invalid HTTP request received.")
