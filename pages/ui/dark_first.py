"""The first visit is dark, whatever the browser prefers; what a person chooses is kept.

Streamlit takes the browser's preference until a theme is chosen in its menu, and keeps that choice
for the address it was made at. This script, placed before Streamlit's own, sets the choice to dark
where there is none and carries one made at any page over to all of them.
"""

from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["DarkFirst"]

_SCRIPT = b"""<script>
try {
  const own = `stActiveTheme-${location.pathname}-v2`;
  localStorage.setItem(own, localStorage.getItem("appearance") ?? '"Dark"');
  document.addEventListener("visibilitychange", () =>
    localStorage.setItem("appearance", localStorage.getItem(own)));
} catch { /* storage is switched off: the browser's preference stands */ }
</script>"""


class DarkFirst:
    """ASGI middleware that puts the script at the head of Streamlit's HTML page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on untouched, except an HTML page."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        page = _Page(send)
        await self.app(_uncompressed(scope), receive, page.send)


class _Page:
    """One response, held back until its body is complete and its length known."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: dict[str, Any] = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = dict(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        headers = MutableHeaders(raw=self._start["headers"])
        if headers.get("content-type", "").startswith("text/html") and self._body:
            self._body = self._body.replace(b"<head>", b"<head>" + _SCRIPT, 1)
            headers["content-length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def _uncompressed(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers}
