"""Back to the page that was left to sign in: Streamlit returns from a provider to its root only."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.frame import PAGES

__all__ = ["WayBack"]

_LEAVES, _RETURNS = "/auth/login", "/oauth2callback"
_COOKIE = "capacity_way_back"
# As long as a person may take at the provider.
_MAX_AGE_S = 900
_PAGES = {entry.file.removesuffix(".py") for entry in PAGES}


class WayBack:
    """ASGI middleware that keeps the page's name in a cookie while the browser is elsewhere.

    The name is one of ours, whatever the browser has sent: nobody is led to another place by it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.endswith((_LEAVES, _RETURNS)):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if path.endswith(_LEAVES):
            page = urlsplit(request.headers.get("referer", "")).path.rpartition("/")[2]
        else:
            page = request.cookies.get(_COOKIE, "")

        async def redirecting(message: Message) -> None:
            if message["type"] == "http.response.start" and page in _PAGES:
                headers = MutableHeaders(raw=message["headers"])
                if path.endswith(_RETURNS):
                    headers["location"] = f"{headers.get('location', '').rstrip('/')}/{page}"
                headers.append("set-cookie", _cookie("" if path.endswith(_RETURNS) else page))
            await send(message)

        await self.app(scope, receive, redirecting)


def _cookie(page: str) -> str:
    """Return the header that sets the cookie, or takes it back where there is no page."""
    response = Response()
    # Lax: the browser comes back from the provider, which is another site.
    response.set_cookie(
        _COOKIE, page, max_age=_MAX_AGE_S if page else 0, path="/", httponly=True, samesite="lax"
    )
    return response.headers["set-cookie"]
