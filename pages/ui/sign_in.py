"""The addresses that sign in and out: Streamlit cannot set a cookie that scripts do not see."""

import hashlib
import hmac
import secrets
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import anyio.to_thread
import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from core import resources
from core.access import VIEWER, is_loopback
from core.errors import SignInError
from pages.ui.frame import PAGES
from pages.ui.sign_in_page import HEADERS, Form, page

__all__ = ["ADDRESS", "ROUTES", "print_link"]

ADDRESS = "/sign-in"
OUT = "/sign-out"
NEW_LINK = "/sign-in/new-link"
FORM_COOKIE = "capacity_form"
_MOST_BYTES = 8_192
# Signs what the forms hold; another one with every start, as for the sessions.
_SECRET = secrets.token_bytes(32)
_STALE = "The form was not sent from this page, or is older than the app's last start. Try again."
_PAGES = {entry.file.removesuffix(".py") for entry in PAGES}


def print_link(token: str) -> None:
    """Print the link that signs in, for whoever sees the terminal; the log never has it.

    SignInError where nobody sees it any more: the terminal was closed, or a pipe.
    """
    address = st.get_option("server.address") or "localhost"
    host = f"[{address}]" if ":" in address else address
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    place = f"{scheme}://{host}:{st.get_option('server.port')}/{base}".rstrip("/")
    try:
        sys.stdout.write(
            f"Sign in as admin (this link works once): {place}{ADDRESS}?token={token}\n"
        )
        sys.stdout.flush()
    except OSError as error:
        raise SignInError(
            "The link cannot be printed: the terminal that runs the app is closed. Restart the app "
            "in one, or set a password with `python -m core admin set-password` and restart it."
        ) from error


async def _show(request: Request) -> Response:
    token = request.query_params.get("token")
    # A browser that looks ahead, or a program that asks only for the head, uses no link up.
    looks_ahead = "prefetch" in request.headers.get("sec-purpose", "")
    if token is None or request.method == "HEAD" or looks_ahead:
        return _offer(request)
    if not is_loopback(_reached_at(request)):
        return _offer(request, problem="A link signs in on the machine of the app only.")
    origin = _origin(request)
    return await _enter(request, lambda: resources.door().by_token(token, origin), _target(request))


async def _take(request: Request) -> Response:
    given = await _sent(request)
    if not _is_ours(request, given):
        return _offer(request, problem=_STALE, status=403)
    password, origin = given.get("password", ""), _origin(request)
    target = _known_page(given.get("to"))
    return await _enter(request, lambda: resources.door().by_password(password, origin), target)


async def _new_link(request: Request) -> Response:
    given = await _sent(request)
    if not _is_ours(request, given):
        return _offer(request, problem=_STALE, status=403)
    try:
        token = resources.door().token_asked_for(_origin(request))
    except SignInError as error:
        return _offer(request, problem=str(error), status=429)
    try:
        print_link(token)
    except SignInError as error:
        return _offer(request, problem=str(error), status=503)
    return page("Sign in", "A new link is printed in the terminal that runs the app. Open it here.")


async def _out(request: Request) -> Response:
    given = await _sent(request)
    if not _is_ours(request, given):
        return _offer(request, problem=_STALE, status=403)
    if key := request.cookies.get(resources.cookie_name()):
        await anyio.to_thread.run_sync(resources.door().sign_out, key)
    response = RedirectResponse("admin", status_code=303, headers=HEADERS)
    response.delete_cookie(resources.cookie_name(), path="/")
    return response


def _at_known_names(answer: Callable[[Request], Awaitable[Response]]) -> Callable[..., Any]:
    """Answer only under the names that the app goes by, as Streamlit does for its own addresses.

    Otherwise a page elsewhere could let its own name point here (DNS rebinding) and try passwords.
    """

    @wraps(answer)
    async def checked(request: Request) -> Response:
        if not is_host_allowed(request.headers.get("host")):
            says = (
                "This app does not go by this name. ALLOWED_HOSTS lists the names that it goes by."
            )
            return PlainTextResponse(says, status_code=403)
        return await answer(request)

    return checked


ROUTES = [
    Route(ADDRESS, _at_known_names(_show), methods=["GET"]),
    Route(ADDRESS, _at_known_names(_take), methods=["POST"]),
    Route(NEW_LINK, _at_known_names(_new_link), methods=["POST"]),
    Route(OUT, _at_known_names(_out), methods=["POST"]),
]


async def _enter(request: Request, sign_in: Callable[[], str], target: str) -> Response:
    try:
        # A hash is slow on purpose: other visitors are served meanwhile.
        key = await anyio.to_thread.run_sync(sign_in)
    except SignInError as error:
        return _offer(request, problem=str(error), status=403, target=target)
    response = RedirectResponse(target, status_code=303, headers=HEADERS)
    _set_cookie(request, response, resources.cookie_name(), key)
    return response


def _offer(
    request: Request, *, problem: str = "", status: int = 200, target: str = ""
) -> HTMLResponse:
    """Return the page with the form that fits: sign out, a password, or a new link."""
    door = resources.door()
    nonce = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    fields = {"form": _signed(nonce), "to": target or _target(request)}
    actor = door.who(request.cookies.get(resources.cookie_name(), ""))
    # Relative to the page that shows the form, wherever a proxy has put the app.
    up = "../" if request.url.path.rstrip("/").endswith(NEW_LINK) else ""
    form: Form | None = None
    if actor is not VIEWER:
        says = f"You are signed in as {actor.name}."
        form = Form(up + OUT[1:], "Sign out", fields)
    elif door.has_password:
        says = "Admins change data and models; everyone else sees them."
        form = Form(up + ADDRESS[1:], "Sign in", fields, asks="The admin's password")
    elif door.offers_link:
        says = (
            "The app has printed a link in the terminal that it was started from; it works once. "
            "If it is used up, let the app print a new one there."
        )
        form = Form(up + NEW_LINK[1:], "Print a new link", fields)
    else:
        says = "This app signs in through its identity provider: open the page Admin."
    response = page("Sign in", says, form, problem=problem, status=status)
    _set_cookie(request, response, FORM_COOKIE, nonce)
    return response


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(resources.settings().session_hours * 3600),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


async def _sent(request: Request) -> dict[str, str]:
    """Return the fields of a form; nothing where it is larger than any of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _is_ours(request: Request, given: dict[str, str]) -> bool:
    """Return whether a form was made by this app for the browser that sends it (no CSRF)."""
    nonce = request.cookies.get(FORM_COOKIE, "")
    signed = given.get("form", "").encode("utf-8", "replace")
    return bool(nonce) and hmac.compare_digest(_signed(nonce).encode(), signed)


def _signed(nonce: str) -> str:
    return hmac.new(_SECRET, nonce.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _target(request: Request) -> str:
    return _known_page(request.query_params.get("to"))


def _known_page(name: str | None) -> str:
    """Return the page to go on to, one of ours whatever was asked for."""
    return name if name in _PAGES and name is not None else "admin"


def _origin(request: Request) -> str:
    return request.client.host if request.client else "this machine"


def _reached_at(request: Request) -> str:
    server = request.scope.get("server")
    return str(server[0]) if server else ""
