"""net/fetch.c against servers on this machine: Python's own TLS, and each fault that a network
may have. A fault has a reason of its own, and no byte of a wrong server is taken."""
import http.server
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from certificates import Authority  # noqa: E402

BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", "build"))
HELPER = BUILD / "asan/differential/net_fetch"
BYTES = bytes(i * 7 % 251 for i in range(100000))
# net/reason.h
(OK, NAME, REFUSED, SILENT, NO_TLS, CA, WRONG_NAME, EXPIRED, NOT_YET, TLS, PROXY, PORTAL,
 NOT_THERE, ANSWER, NO_PARTS, SIZE, CUT, SLOW, NO_CA) = (
    0, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 26)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def part(self):
        words = self.headers.get("Range", "")
        if not words:
            return 0, len(BYTES)
        first, last = words.removeprefix("bytes=").split("-")
        return int(first), min(int(last) + 1, len(BYTES))

    def do_GET(self):
        fault = self.path.strip("/").rpartition("/")[2]
        first, end = self.part()
        span = {"Content_Range": f"bytes {first}-{end - 1}/{len(BYTES)}"}
        if fault == "portal":
            return self.reply(302, Location="http://login.example.com/")
        if fault == "gone":
            return self.reply(404)
        if fault == "broken":
            return self.reply(503)
        if fault == "whole":
            return self.reply(200, BYTES)
        if first >= len(BYTES):
            return self.reply(416)
        if fault == "short":
            return self.reply(206, BYTES[first:end - 1], **span)
        if fault == "long":
            return self.reply(206, BYTES[first:end] + b"x", **span)
        if fault == "elsewhere":
            return self.reply(206, BYTES[first:end], Content_Range=f"bytes 1-{end}/{len(BYTES)}")
        if fault in ("cut", "stall"):
            self.reply(206, BYTES[first:first + 100], Content_Length=str(end - first), **span)
            self.wfile.flush()
            if fault == "stall":
                time.sleep(8)
            self.close_connection = True
            return None
        if "Range" in self.headers:
            return self.reply(206, BYTES[first:end], **span)
        return self.reply(200, BYTES)


class Server:
    def __init__(self, certificate=None, handler=Handler, version=None):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_args: None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            if version:
                context.minimum_version = context.maximum_version = version
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.base = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca") / "a")


def fetch(base, ca, path="file", part="whole", *more):
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run([HELPER, base, str(ca), path, part, *map(str, more)], check=True,
                          capture_output=True, text=True, timeout=120, env=env)
    line, data = done.stdout.split("\n")[:2]
    words = line.split(" ", 5)
    return [int(w) for w in words[:5]] + [words[5]], bytes.fromhex(data)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_good_server(tmp_path, version, kind):
    authority = Authority(tmp_path / "ca", kind=kind)
    server = Server(authority.issue("good", "IP:127.0.0.1"), version=version)
    (reason, size, _, date, _, detail), data = fetch(server.base, authority.ca)
    assert reason == OK, detail
    assert data == BYTES and abs(date - time.time()) < 100
    (reason, size, total, _, _, _), data = fetch(server.base, authority.ca, "file", "5000+777")
    assert (reason, size, total, data) == (OK, 777, len(BYTES), BYTES[5000:5777])


def test_a_ca_known_by_its_hash(authority, tmp_path):
    """It has to come from the server, and another one's does not count."""
    good = Server(authority.issue("chain", "IP:127.0.0.1", chain=True))
    bare = Server(authority.issue("no-chain", "IP:127.0.0.1"))
    other = Authority(tmp_path / "other", "Test CA")
    wrong = Server(other.issue("chain", "IP:127.0.0.1", chain=True))
    assert fetch(good.base, authority.ca_id())[1] == BYTES
    for server in (bare, wrong):
        (reason, *_), data = fetch(server.base, authority.ca_id())
        assert (reason, data) == (CA, b"")


def test_certificates_that_are_wrong(authority, tmp_path):
    other = Authority(tmp_path / "other", "Test CA")
    long_ago, next_year = "20210101000000Z", "20390101000000Z"
    cases = [
        ("other", other.issue("other", "IP:127.0.0.1"), CA),
        ("name", authority.issue("name", "DNS:elsewhere.example.com"), WRONG_NAME),
        ("expired", authority.issue("expired", "IP:127.0.0.1", end=long_ago), EXPIRED),
        ("future", authority.issue("future", "IP:127.0.0.1", begin=next_year), NOT_YET),
        ("both", authority.issue("both", "DNS:a.example.com", begin=next_year), WRONG_NAME),
    ]
    for name, certificate, want in cases:
        (reason, _, _, date, valid_from, detail), data = fetch(
            Server(certificate).base, authority.ca)
        assert (reason, data, date) == (want, b"", 0), (name, detail)
        # Only a clock that is behind is told what time it could be.
        assert valid_from == (2177452800 if name == "future" else 0), name
        if name == "name":
            assert "elsewhere.example.com" in detail
        if name in ("expired", "future"):
            assert f"{'until 2021' if name == 'expired' else 'from 2039'}-01-01" in detail


def test_without_a_ca_nothing_is_asked(authority):
    server = Server(authority.issue("none", "IP:127.0.0.1"))
    assert fetch(server.base, "-")[0][0] == NO_CA


def test_answers_that_are_wrong(authority):
    base = Server(authority.issue("answers", "IP:127.0.0.1")).base
    cases = [("gone", "whole", NOT_THERE), ("gone", "0+10", NOT_THERE),
             ("broken", "0+10", ANSWER), ("whole", "0+10", NO_PARTS),
             ("file", "200000+10", SIZE), ("short", "0+1000", SIZE), ("long", "0+1000", SIZE),
             ("elsewhere", "0+1000", SIZE), ("cut", "0+1000", CUT), ("portal", "0+10", PORTAL)]
    for path, part, want in cases:
        (reason, size, *_, detail), data = fetch(base, authority.ca, path, part)
        assert reason == want, (path, detail)
        assert data == BYTES[:size], path
        assert size == (100 if path == "cut" else size)


def test_a_server_that_says_nothing_more(authority):
    base = Server(authority.issue("stall", "IP:127.0.0.1")).base
    (reason, size, *_), data = fetch(base, authority.ca, "stall", "0+1000", "", 2)
    assert (reason, size, data) == (SLOW, 100, BYTES[:100])


class Raw:
    """A port that takes connections, and says the same to each."""

    def __init__(self, words=None):
        self.words = words
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"https://127.0.0.1:{self.socket.getsockname()[1]}"
        self.kept = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            peer = self.socket.accept()[0]
            if self.words is None:
                self.kept.append(peer)
                continue
            peer.sendall(self.words)
            peer.close()


def test_what_is_no_server(authority):
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    cases = [(f"https://127.0.0.1:{port}", REFUSED), (Raw().base, SILENT),
             ("https://no-such-name.invalid", NAME),
             (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 40).base, NO_TLS)]
    for base, want in cases:
        assert fetch(base, authority.ca, "file", "whole", "", 2)[0][0] == want, base


def test_a_plain_server_that_was_asked_for_answers_as_a_portal():
    base = Server().base
    assert fetch(base, "-")[1] == BYTES
    assert fetch(base, "-", "portal")[0][0] == PORTAL

    class Page(Handler):
        def do_GET(self):
            self.reply(200, b"<html>please log in", Content_Type="text/html")
    assert fetch(Server(handler=Page).base, "-", "list.json", "0+10")[0][0] == PORTAL


def test_proxies(authority):
    class Refuses(Handler):
        def do_CONNECT(self):
            self.reply(407, Proxy_Authenticate="Basic")

    class Passes(Handler):
        def do_CONNECT(self):
            host, port = self.path.split(":")
            there = socket.create_connection((host, int(port)))
            self.reply(200, Content_Length="0")
            self.close_connection = True
            self.connection.settimeout(0.2)

            def back():
                while data := there.recv(65536):
                    self.connection.sendall(data)
            threading.Thread(target=back, daemon=True).start()
            while True:
                try:
                    data = self.connection.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    return
                there.sendall(data)
    good = Server(authority.issue("proxied", "IP:127.0.0.1"))
    (reason, *_, detail), _ = fetch(good.base, authority.ca, "file", "whole",
                                    Server(handler=Refuses).base)
    assert reason == PROXY and "407" in detail
    assert fetch(good.base, authority.ca, "file", "whole", "http://127.0.0.1:1")[0][0] == PROXY
    assert fetch(good.base, authority.ca, "file", "whole",
                 "http://no-such-proxy.invalid:3128")[0][0] == PROXY
    assert fetch(good.base, authority.ca, "file", "whole",
                 Server(handler=Passes).base)[1] == BYTES
