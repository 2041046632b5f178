import asyncio

import pytest

from pages.ui.way_back import WayBack


def answer(path: str, **asked: str) -> dict[str, str]:
    """Return the headers of Streamlit's redirect to its root, as a browser gets them."""

    async def to_the_root(scope, receive, send) -> None:
        headers = [(b"location", b"/base/")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})

    async def send(message) -> None:
        sent.update({name.decode(): value.decode() for name, value in message["headers"]})

    sent: dict[str, str] = {}
    headers = [(name.encode(), value.encode()) for name, value in asked.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    asyncio.run(WayBack(to_the_root)(scope, None, send))
    return sent


def test_way_back_when_a_page_is_left_to_sign_in_then_the_browser_returns_to_it_once():
    left = answer("/base/auth/login", referer="http://127.0.0.1:8501/base/admin?section=Data")
    name, value = left["set-cookie"].split(";")[0].split("=")
    assert {"httponly", "samesite=lax"} <= set(left["set-cookie"].lower().split("; "))
    back = answer("/base/oauth2callback", cookie=f"{name}={value}")
    assert back["location"] == "/base/admin"
    assert "max-age=0" in back["set-cookie"].lower()


@pytest.mark.parametrize("page", ["", "//192.0.2.1", "https://192.0.2.1/x", "..%2fx", "unknown"])
def test_way_back_when_it_names_no_page_of_ours_then_it_is_not_followed(page):
    assert "set-cookie" not in answer("/auth/login", referer=f"http://192.0.2.1/{page}")
    assert answer("/oauth2callback", cookie=f"capacity_way_back={page}") == {"location": "/base/"}
    assert answer("/elsewhere", cookie="capacity_way_back=admin") == {"location": "/base/"}
