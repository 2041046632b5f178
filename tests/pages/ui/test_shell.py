import asyncio

import pytest

from pages.ui.shell import Shell

HTML = b"<html><head><title>x</title></head><body><div></div></body></html>"


class FakeApp:
    """Answers with one body in pieces, and keeps the request's headers."""

    def __init__(self, content_type: str, *pieces: bytes) -> None:
        self.content_type = content_type
        self.pieces = pieces
        self.asked: dict[bytes, bytes] = {}

    async def __call__(self, scope, receive, send) -> None:
        self.asked = dict(scope["headers"])
        size = str(sum(map(len, self.pieces))).encode()
        headers = [
            (b"content-type", self.content_type.encode()),
            (b"content-length", size),
            (b"etag", b'"old"'),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


def asked(app: FakeApp, accept: str) -> tuple[dict[bytes, bytes], bytes]:
    """Return the headers and the body that a browser gets through the shell."""
    sent = []

    async def send(message) -> None:
        sent.append(message)

    headers = [
        (b"accept", accept.encode()),
        (b"accept-encoding", b"gzip"),
        (b"if-none-match", b'"old"'),
    ]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    asyncio.run(Shell(app)(scope, None, send))
    return dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_shell_when_a_page_is_sent_then_script_comes_first_and_style_last():
    headers, body = asked(
        FakeApp("text/html; charset=utf-8", HTML[:20], HTML[20:]), "text/html,*/*"
    )
    assert body.startswith(b"<html><head><script>")
    assert body.endswith(b"</style></body></html>")
    assert b"appearance" in body
    assert b"st-key-card_" in body
    assert int(headers[b"content-length"]) == len(body)


def test_shell_when_a_page_is_asked_for_again_then_it_is_sent_whole_with_the_style_of_today():
    app = FakeApp("text/html", HTML)
    headers, _ = asked(app, "text/html")
    assert b"etag" not in headers
    assert set(app.asked) == {b"accept"}


@pytest.mark.parametrize(
    ("content_type", "accept"), [("image/png", "text/html,*/*"), ("text/html", "*/*")]
)
def test_shell_when_anything_else_is_sent_then_it_passes_untouched(content_type, accept):
    headers, body = asked(FakeApp(content_type, HTML), accept)
    assert body == HTML
    assert int(headers[b"content-length"]) == len(HTML)
    assert headers[b"etag"] == b'"old"'
