"""The probe against a real server on loopback."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import MetricUnavailableError, SettingsError
from core.telemetry.collector import Collector
from core.telemetry.probe import ResponseProbe
from tests.fakes import FakeClock, FakeHost


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/waits":
            self.server.answer_now.wait(30)
        elif self.path == "/slow":
            time.sleep(0.05)
        status = {"/broken": 500, "/gone": 404, "/moved": 302}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.asked = []
        http.answer_now = threading.Event()
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield http
        http.answer_now.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def probe_of(server):
    """Build a started probe of a path on the server; it asks once."""
    probes = []

    def build(path, **named):
        url = f"http://127.0.0.1:{server.server_port}{path}"
        probes.append(ResponseProbe(url, 1000.0, **named))
        probes[-1].start()
        return probes[-1]

    yield build
    server.answer_now.set()
    for probe in probes:
        probe.stop()


def outcome(probe):
    """Return the probe's first answer: milliseconds, or the reason why there are none."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return probe.response_time_ms()
        except MetricUnavailableError as gap:
            if "no answer yet" not in str(gap):
                return str(gap)
        time.sleep(0.005)
    raise AssertionError("the probe does not answer")


def test_answer_is_timed(probe_of):
    assert outcome(probe_of("/ok")) > 0.0
    assert outcome(probe_of("/slow")) >= 50.0


def test_redirect_is_an_answer_and_is_not_followed(probe_of, server):
    assert outcome(probe_of("/moved")) > 0.0
    assert server.asked == ["/moved"]


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/gone", 404)])
def test_error_status_is_a_gap_that_names_it(probe_of, path, status):
    assert outcome(probe_of(path)).endswith(f"answered with status {status}")


def test_late_answer_is_a_gap_that_names_the_limit(probe_of):
    assert outcome(probe_of("/waits", timeout_s=0.1)).endswith("did not answer within 0.1 s")


def test_refused_connection_is_a_gap_that_names_the_address(server):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    probe = ResponseProbe(f"http://user:secret@127.0.0.1:{port}/?token=secret", 1000.0)
    probe.start()
    assert outcome(probe) == f"127.0.0.1:{port} cannot be reached"
    probe.stop()


@pytest.fixture
def certificate(tmp_path):
    """A certificate that its server has signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_server_with_a_certificate_of_its_own_is_not_called_out_of_reach(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    probe = ResponseProbe(f"https://127.0.0.1:{server.server_port}/ok", 1000.0)
    probe.start()
    assert outcome(probe) == (
        f"127.0.0.1:{server.server_port} has a certificate that is not trusted (self-signed "
        "certificate)"
    )
    probe.stop()


@pytest.mark.parametrize(
    ("scheme", "sent", "said"),
    [
        ("http", b"", "closed the connection without an answer"),
        ("https", b"", "closed the connection without an answer"),
        ("http", b"SSH-2.0-OpenSSH_9.6\r\n", "gave an answer that is not HTTP"),
        ("https", b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTPS with this app"),
    ],
)
def test_server_that_hangs_up_or_speaks_otherwise_is_not_called_out_of_reach(scheme, sent, said):
    def answer():
        caller, _ = listening.accept()
        with caller:
            caller.recv(1000)
            caller.sendall(sent)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        probe = ResponseProbe(f"{scheme}://{place}/", 1000.0)
        probe.start()
        assert outcome(probe) == f"{place} {said}"
        probe.stop()
        thread.join()


def test_proxy_of_the_environment_is_not_asked(probe_of, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert outcome(probe_of("/ok")) > 0.0


def test_sample_does_not_wait_for_the_answer(probe_of, server):
    probe = probe_of("/waits")
    reading = Collector("web-1", FakeHost(), probe=probe).sample().reading("response_time_ms")
    assert reading.gap == "the response probe has no answer yet"
    server.answer_now.set()
    assert outcome(probe) > 0.0


def test_answer_that_is_too_old_is_a_gap(probe_of):
    clock = FakeClock()
    probe = probe_of("/ok", timeout_s=5.0, clock=clock)
    assert outcome(probe) > 0.0
    clock.now_s += 2005.0
    assert probe.response_time_ms() > 0.0
    clock.now_s += 1.0
    with pytest.raises(MetricUnavailableError, match="silent for 2006 s"):
        probe.response_time_ms()


def test_probe_asks_again_and_forgets_a_failure(server):
    url = f"http://127.0.0.1:{server.server_port}/ok"
    probe = ResponseProbe(url, 0.01)
    probe.start()
    probe.start()
    assert len([thread for thread in threading.enumerate() if thread.name == "response-probe"]) == 1
    deadline = time.monotonic() + 30
    while len(server.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    probe.stop()
    assert len(server.asked) >= 3
    assert not any(thread.name == "response-probe" for thread in threading.enumerate())


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:8501", "http://", "http://a:b/", ""],
)
def test_address_that_is_not_web_is_refused(url):
    with pytest.raises(SettingsError, match="RESPONSE_PROBE_URL must be an http or https address"):
        ResponseProbe(url, 5.0)


def test_password_in_a_refused_address_is_not_repeated():
    with pytest.raises(SettingsError) as caught:
        ResponseProbe("http://user:secret@host:port/", 5.0)
    assert "secret" not in str(caught.value)
