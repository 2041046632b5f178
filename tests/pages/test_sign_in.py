"""The addresses that sign in and out, asked as a browser and as an attacker would."""

import errno
import io
import re
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from core import resources
from core.access import VIEWER, Role, passwords
from pages.ui import sign_in

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def known_hash() -> str:
    return passwords.hashed(PASSWORD)


class Browser:
    """Asks the addresses without a server between, keeps cookies, and follows no redirect."""

    def __init__(self, base_url: str = "http://127.0.0.1") -> None:
        self._base_url = base_url
        self._app = Starlette(routes=sign_in.ROUTES)
        self.cookies = httpx.Cookies()

    def get(self, address: str, **given: Any) -> httpx.Response:
        return self.request("GET", address, **given)

    def post(self, address: str, **given: Any) -> httpx.Response:
        return self.request("POST", address, **given)

    def request(self, method: str, address: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url=self._base_url, cookies=self.cookies
            ) as client:
                answer = await client.request(method, address, **given)
                self.cookies = client.cookies
                return answer

        return anyio.run(ask)


@pytest.fixture
def browser() -> Browser:
    """A browser on this machine, where a link signs in."""
    return Browser()


@pytest.fixture
def locked(browser: Browser, known_hash: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The same where a password is set."""
    monkeypatch.setenv("ADMIN_PASSWORD_HASH", known_hash)
    return browser


def form(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', page))


def key(client: Browser) -> str:
    return client.cookies.get(resources.cookie_name()) or ""


def signed_in(client: Browser) -> Browser:
    token = resources.door().new_token()
    assert client.get("/sign-in", params={"token": token}).status_code == 303
    return client


def test_link_when_opened_then_the_browser_is_in_and_the_token_is_out_of_the_address(browser):
    token = resources.door().new_token()
    answer = browser.get("/sign-in", params={"token": token, "to": "ticket_classifier"})
    assert (answer.status_code, answer.headers["location"]) == (303, "ticket_classifier")
    assert resources.door().who(key(browser)).role is Role.ADMIN
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert token not in str(answer.headers) + answer.text


def test_link_when_opened_twice_then_the_second_time_says_so_and_offers_a_new_one(browser, capsys):
    token = resources.door().new_token()
    browser.get("/sign-in", params={"token": token})
    browser.cookies.clear()
    answer = browser.get("/sign-in", params={"token": token})
    assert answer.status_code == 403
    assert "has been used" in answer.text
    assert key(browser) == ""
    browser.post("/sign-in/new-link", data=form(answer.text))
    link = re.search(r"\?token=(\S+)", capsys.readouterr().out)
    assert link is not None
    assert browser.get("/sign-in", params={"token": link[1]}).status_code == 303


def test_new_link_when_the_terminal_is_closed_then_the_page_says_so(browser, monkeypatch):
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.EIO, "Input/output error")

    offered = browser.get("/sign-in")
    monkeypatch.setattr(sign_in.sys, "stdout", Closed())
    answer = browser.post("/sign-in/new-link", data=form(offered.text))
    assert answer.status_code == 503
    assert "the terminal that runs the app is closed" in answer.text


@pytest.mark.parametrize("how", [{"method": "HEAD"}, {"headers": {"Sec-Purpose": "prefetch"}}])
def test_link_when_a_program_only_looks_ahead_then_it_is_not_used_up(browser, how):
    token = resources.door().new_token()
    looked = {"method": "GET", **how}
    browser.request(looked.pop("method"), "/sign-in", params={"token": token}, **looked)
    assert key(browser) == ""
    assert browser.get("/sign-in", params={"token": token}).status_code == 303


def test_cookie_when_set_then_no_script_and_no_other_site_gets_it(locked):
    page = locked.get("/sign-in")
    answer = locked.post("/sign-in", data={**form(page.text), "password": PASSWORD})
    assert answer.status_code == 303
    for header in (page.headers["set-cookie"], answer.headers["set-cookie"]):
        flags = {part.strip().lower() for part in header.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= flags
        assert "secure" not in flags
    assert PASSWORD not in str(answer.headers)


def test_cookie_when_the_app_is_reached_by_https_then_it_is_sent_by_https_only(locked):
    header = locked.get("https://127.0.0.1/sign-in").headers["set-cookie"]
    assert "secure" in header.lower()


@pytest.mark.parametrize("forged", [{}, {"form": ""}, {"form": "0" * 64}, {"form": "ü"}])
@pytest.mark.parametrize("address", ["/sign-in", "/sign-in/new-link", "/sign-out"])
def test_form_when_its_token_is_missing_or_wrong_then_nothing_is_done(
    locked, forged, address, capsys
):
    locked.get("/sign-in")
    inside = resources.door().by_password(PASSWORD, "127.0.0.1")
    locked.cookies.set(resources.cookie_name(), inside)
    answer = locked.post(address, data={"password": PASSWORD, **forged})
    assert answer.status_code == 403
    assert "not sent from this page" in answer.text
    assert len(resources.door().sessions()) == 1
    assert "token=" not in capsys.readouterr().out


def test_form_when_it_comes_from_another_browser_then_it_is_refused(locked):
    foreign = form(locked.get("/sign-in").text)
    locked.cookies.clear()
    locked.get("/sign-in")
    answer = locked.post("/sign-in", data={**foreign, "password": PASSWORD})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "to", ["http://192.0.2.1/", "//192.0.2.1", "/\\192.0.2.1", "javascript:alert(1)", "../x", ""]
)
def test_target_when_it_is_no_page_of_ours_then_it_is_not_followed(locked, to):
    page = locked.get("/sign-in", params={"to": to})
    given = {**form(page.text), "password": PASSWORD}
    assert given["to"] == "admin"
    answer = locked.post("/sign-in", data={**given, "to": to})
    assert answer.headers["location"] == "admin"


def test_password_when_guessed_then_the_page_says_how_long_to_wait(locked):
    given = form(locked.get("/sign-in").text)
    for _ in range(4):
        answer = locked.post("/sign-in", data={**given, "password": "a wrong one"})
        assert answer.status_code == 403
    assert re.search(r"The next attempt can be made in \d+ s", answer.text)
    answer = locked.post("/sign-in", data={**given, "password": PASSWORD})
    assert re.search(r"Wait \d+ s", answer.text)
    assert key(locked) == ""


def test_form_when_it_is_far_too_large_then_it_is_refused(locked):
    given = form(locked.get("/sign-in").text)
    answer = locked.post("/sign-in", data={**given, "password": "x" * 1_000_000})
    assert answer.status_code == 403


def test_page_when_shown_then_no_script_runs_in_it_and_nobody_frames_it(browser):
    page = browser.get("/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text


def test_sign_out_when_pressed_then_the_session_is_over_everywhere_and_the_cookie_gone(browser):
    inside = key(signed_in(browser))
    page = browser.get("/sign-in")
    assert "You are signed in as admin" in page.text
    answer = browser.post("/sign-out", data=form(page.text))
    assert answer.status_code == 303
    assert resources.door().who(inside) is VIEWER
    assert key(browser) == ""


def test_link_when_the_app_is_reached_from_elsewhere_then_it_does_not_sign_in():
    token = resources.door().new_token()
    answer = Browser("http://192.0.2.7").get(
        "/sign-in", params={"token": token}, headers={"Host": "localhost"}
    )
    assert "on the machine of the app only" in answer.text
    assert not resources.door().sessions()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"]
)
def test_address_when_reached_by_a_name_that_is_not_the_apps_then_it_answers_nothing(
    locked, method, name
):
    answer = locked.request(method, sign_in.ADDRESS, headers={"Host": name})
    assert answer.status_code == 403
    assert "<form" not in answer.text
    assert not locked.cookies


# What a server lets through as the value of a header (RFC 9110, 5.5), in Latin-1.
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))
FIELD = st.sampled_from(["form", "to", "password", "token", ""]) | st.text(max_size=5)
PIECES = ["=", "&", "&" * 30, ";", "%ff", "%ED%A0%80", "%00", "password=", "form=", "\\", "é" * 9]
SOME = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SOME
@given(
    address=st.sampled_from(["/sign-in", "/sign-in/new-link", "/sign-out"]),
    body=st.binary(max_size=60)
    | st.lists(st.sampled_from(PIECES), max_size=60).map(lambda parts: "".join(parts).encode())
    | st.dictionaries(FIELD, st.text(max_size=20), max_size=30).map(lambda d: urlencode(d).encode())
    | st.integers(8_000, 9_000).map(lambda n: b"password=" + b"x" * n),
    cookie=HEADER | HEADER.map(lambda value: f"capacity_form={value}"),
    host=st.just("127.0.0.1") | HEADER,
    query=st.text(max_size=20),
)
def test_addresses_when_asked_with_anything_then_they_answer_and_let_nobody_in(
    locked, address, body, cookie, host, query
):
    headers = {
        b"cookie": cookie.encode("latin-1"),
        b"host": host.encode("latin-1"),
        b"content-type": b"application/x-www-form-urlencoded",
    }
    for method, content in (("POST", body), ("GET", None)):
        locked.cookies.clear()
        given = {"params": {"to": query, "token": query}} if method == "GET" else {}
        answer = locked.request(method, address, content=content, headers=headers, **given)
        assert answer.status_code < 500
        assert key(locked) == ""
        assert answer.headers.get("location", "admin") == "admin"  # nobody is sent elsewhere


@SOME
@given(password=st.text(max_size=300), who=st.text())
def test_form_when_the_password_is_anything_but_right_then_it_is_refused_in_words(
    locked, password, who
):
    offered = locked.get("/sign-in")
    sent = urlencode({**form(offered.text), "password": password, "user": who}, errors="replace")
    answer = locked.post(
        "/sign-in",
        content=sent.encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 403
    assert "This is not the password" in answer.text or "Wait" in answer.text
    assert key(locked) == ""


@SOME
@given(said=st.text(st.characters()) | st.text(st.characters(categories=["Cs", "Cc"])))
def test_cookie_when_it_holds_anything_then_whoever_brings_it_is_a_viewer(locked, said):
    assert resources.door().who(said) is VIEWER
