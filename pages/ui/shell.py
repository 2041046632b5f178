"""What is added to Streamlit's HTML page on its way out: style, the first theme, the way back.

All have to be there before Streamlit's own script runs: a style that comes later, as an element of
the page, lets the layout jump, and so does a theme that is changed later.
"""

from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Shell"]

# Streamlit follows the browser's preference until a theme is chosen in its menu, and keeps that
# choice for the address it was made at. This sets the choice to dark where there is none, and
# carries one that was made at any page over to all of them.
_SCRIPT = b"""<script>
try {
  const own = `stActiveTheme-${location.pathname}-v2`;
  localStorage.setItem(own, localStorage.getItem("appearance") ?? '"Dark"');
  document.addEventListener("visibilitychange", () =>
    localStorage.setItem("appearance", localStorage.getItem(own)));
} catch { /* storage is switched off: the browser's preference stands */ }
</script>"""
# For one click in its menu Streamlit 1.67 goes through several addresses, and each would be a step
# of the browser's way back: /dashboard?vm=a, /dashboard, /ticket_classifier. So Back would lead to
# the Dashboard without its filters. What follows at once on a step takes its place instead.
_WAY_BACK = b"""<script>
{
  const AT_ONCE_MS = 500, push = history.pushState;
  let last = -Infinity;
  history.pushState = function (...step) {
    const isNext = performance.now() - last > AT_ONCE_MS;
    last = performance.now();
    return isNext ? push.apply(history, step) : history.replaceState(...step);
  };
  addEventListener("popstate", () => { last = -Infinity; });
}
</script>"""
_CSS = Path(__file__).resolve().parents[2] / "assets" / "css.css"
# At the end of the body, so that our rules come after Streamlit's of the same weight.
_STYLE = b"<style>" + _CSS.read_bytes() + b"</style>"


class Shell:
    """ASGI middleware that adds script and style to an HTML page and passes on all else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        page = _Page(send)
        await self.app(_whole_and_plain(scope), receive, page.send)


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
        is_html = headers.get("content-type", "").startswith("text/html")
        # A page of our own that allows no script has its own style, too.
        if is_html and self._body and "content-security-policy" not in headers:
            self._body = self._body.replace(b"<head>", b"<head>" + _SCRIPT + _WAY_BACK, 1)
            self._body = self._body.replace(b"</body>", _STYLE + b"</body>", 1)
            headers["content-length"] = str(len(self._body))
            for validator in ("etag", "last-modified"):  # they speak of Streamlit's file alone
                if validator in headers:
                    del headers[validator]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def _whole_and_plain(scope: Scope) -> Scope:
    """Return `scope` as if the browser took no compression and had nothing in its cache."""
    left_out = (b"accept-encoding", b"if-none-match", b"if-modified-since")
    headers = [header for header in scope["headers"] if header[0] not in left_out]
    return {**scope, "headers": headers}
