"""An OpenID Connect provider on loopback, strict where real ones are, for people made up here.

It speaks the authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636) and the
logout that begins at the app (OpenID Connect RP-Initiated Logout 1.0).
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT_ID, CLIENT_SECRET = "capacity", "a secret of the tests"
CALLBACK = "/oauth2callback"
LASTS_S = 3600


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whom the provider knows; `claims` go into the ID token beside the e-mail address."""

    name: str
    email: str
    claims: Mapping[str, Any] = field(default_factory=lambda: {"email_verified": True})


class Provider(ThreadingHTTPServer):
    """The provider; `signed_out` holds where it was asked to send people after their sign-out."""

    daemon_threads = True

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.people = {person.name: person for person in people}
        self.asked: dict[str, tuple[Person, Mapping[str, str]]] = {}
        self.signed_out: list[str] = []
        self.key = jwk.RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def secrets_toml(self) -> str:
        """Return what stands in the app's secrets.toml."""
        return (
            "[auth]\n"
            f'redirect_uri = "http://127.0.0.1:{{port}}{CALLBACK}"\n'
            f'cookie_secret = "{secrets.token_urlsafe(32)}"\n'
            f'client_id = "{CLIENT_ID}"\n'
            f'client_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"\n'
        )

    def id_token(self, person: Person, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": person.name,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LASTS_S,
            "nonce": nonce,
            "name": person.name,
            "email": person.email,
            **person.claims,
        }
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        given = dict(parse_qsl(address.query))
        match address.path:
            case "/.well-known/openid-configuration":
                self._json(self._metadata())
            case "/jwks":
                self._json({"keys": [self.server.key.as_dict(private=False)]})
            case "/authorize":
                self._ask_who(given)
            case "/chosen":
                self._vouch(given)
            case "/logout":
                jwt.decode(given["id_token_hint"], self.server.key)
                self.server.signed_out.append(given["post_logout_redirect_uri"])
                self._redirect(given["post_logout_redirect_uri"])
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        user = f"{CLIENT_ID}:{CLIENT_SECRET}".encode()
        if self.headers["Authorization"] != f"Basic {base64.b64encode(user).decode()}":
            self._json({"error": "invalid_client"}, status=401)
            return
        # A code is good once, for whoever began with it and at the same address.
        person, asked = self.server.asked.pop(given.get("code", ""), (None, {}))
        proof = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        is_theirs = challenge == asked.get("code_challenge")
        if person is None or not is_theirs or given["redirect_uri"] != asked["redirect_uri"]:
            self._json({"error": "invalid_grant"}, status=400)
            return
        self._json(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": LASTS_S,
                "id_token": self.server.id_token(person, asked["nonce"]),
            }
        )

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _metadata(self) -> dict[str, Any]:
        issuer = self.server.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _ask_who(self, asked: Mapping[str, str]) -> None:
        is_ours = asked["client_id"] == CLIENT_ID and asked["redirect_uri"].endswith(CALLBACK)
        if not is_ours or asked["code_challenge_method"] != "S256":
            self.send_error(400)
            return
        links = "".join(
            f'<p><a href="/chosen?{escape(urlencode({**asked, "person": name}))}">'
            f"{escape(name)}</a></p>"
            for name in self.server.people
        )
        self._answer(200, "text/html", f"<h1>Who are you?</h1>{links}".encode())

    def _vouch(self, asked: Mapping[str, str]) -> None:
        code = secrets.token_urlsafe(16)
        self.server.asked[code] = (self.server.people[asked["person"]], asked)
        said = urlencode({"code": code, "state": asked["state"]})
        self._redirect(f"{asked['redirect_uri']}?{said}")

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, data: object, status: int = 200) -> None:
        self._answer(status, "application/json", json.dumps(data).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running_provider(*people: Person) -> Iterator[Provider]:
    """Start a provider that knows these people, and stop it at the end."""
    provider = Provider(people)
    thread = threading.Thread(target=provider.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
        thread.join()
