"""The recovery program fetches from a server (DESIGN 12): no payload on the stick, a network that
QEMU makes, and an HTTPS server on this machine."""
import contextlib
import functools
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import sys
import threading
import time

import pytest

import harness
import installer
from installer import Kit

sys.path.insert(0, str(harness.ROOT / "tests"))
from certificates import Authority  # noqa: E402

long = pytest.mark.skipif(not os.environ.get("LIFEBOAT_LONG"), reason="only in make test-long")
HOST = "10.0.2.2"  # this machine, as QEMU's network shows it
HERE = f"IP:{HOST}"
FAULT = r"network: (N\d+): (.*)"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Parts of files; the connection is cut within the @cuts first large ones."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_GET(self):
        path = pathlib.Path(self.directory) / self.path.lstrip("/").replace("%20", " ")
        if not path.is_file():
            return self.send_error(404)
        data = path.read_bytes()
        words = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, end = (int(words[1]), int(words[2]) + 1) if words else (0, len(data))
        self.server.asked.append((self.path, first))
        part = data[first:end]
        self.send_response(206 if words else 200)
        self.send_header("Content-Length", str(len(part)))
        if words:
            self.send_header("Content-Range",
                             f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        self.end_headers()
        if self.server.cuts > 0 and len(part) > 100000:
            self.server.cuts -= 1
            self.close_connection = True
            part = part[:len(part) // 3]
        self.wfile.write(part)
        return None


@contextlib.contextmanager
def serving(folder, certificate, cuts=0, port=0):
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(Handler, directory=folder))
    server.daemon_threads, server.asked, server.cuts = True, [], cuts
    server.handle_error = lambda *_args: None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class NetKit(Kit):
    def __init__(self, board, **profile):
        super().__init__(board, **profile)
        self.authority = Authority(self.work / "ca")
        self.folder = self.work / "served"
        self.folder.mkdir()

    def offer(self, *payloads):
        for p in payloads:
            (self.folder / p.name).write_bytes(p.read_bytes())
        (self.folder / "test machine.json").write_text(json.dumps({
            "format": "lifeboat-model-1", "model": "test machine", "payloads": [
                {"path": p.name, "size": p.stat().st_size, "cpu": self.board.arch}
                for p in payloads]}))

    def net_stick(self, port, *payloads, more="", scheme="https"):
        ini = self.work / "network.ini"
        ini.write_text(f"server = {scheme}://{HOST}:{port}\n{more}")
        return self.stick(*payloads, more=(
            "--network", ini, "--server-ca", self.authority.ca))

    def net_machine(self, *disks, **more):
        extra = more.pop("extra", []) + ["-netdev", "user,id=n0", "-device",
                                         "virtio-net-pci,netdev=n0,id=card,romfile="]
        return self.machine(*disks, extra=extra, **more)


@pytest.mark.boards("aarch64-uefi")
def test_a_device_comes_back_from_a_server_with_its_clock_behind_and_the_line_cut(board):
    """The clock stands before all certificates; connections end in the middle, twice."""
    kit = NetKit(board)
    kit.offer(kit.payload("OLD", 2), kit.payload("NEW", 3, seed=4, blocks=1500))
    device = kit.broken()
    with serving(kit.folder, kit.authority.issue("good", HERE, chain=True), cuts=2) as server:
        stick = kit.net_stick(server.server_port)
        with kit.net_machine(device.disk(), stick,
                             extra=["-rtc", "base=2001-02-03T04:05:06"]) as vm:
            vm.expect(r"network: clock moved to 20\d\d-.*: built then", 120)
            vm.expect(r"network: eth0 10\.0\.2\.\d+ by DHCP", 30)
            vm.expect(r"network: N21: .*; asking again", 60)
            vm.expect(r"network: N21: .*; asking again", 60)
            installer.installs(vm, "1.3", "kept", 240)
            installer.starts(vm, "NEW")
            installer.ends(vm)
        large = [first for path, first in server.asked if path == "/NEW.payload"]
        # Went on where it was; and fetched once, although it was read three times - but for
        # its beginning, by which it was chosen before.
        assert len([first for _, first in server.asked if first % (2 << 20)]) == 2
        assert large.count(0) == 2 and len(large) == len(set(large)) + 1
    assert device.saved() and device.attributes("A")[1:] == (5, 0)


def fault(vm):
    found = vm.expect(FAULT, 180)
    return found[1], found[0]


@long
@pytest.mark.boards("aarch64-uefi")
def test_every_fault_has_its_reason_and_the_device_goes_on_when_it_is_gone(board):
    """One run: cable out, each kind of wrong server, then the right one. Nothing is written
    before."""
    kit = NetKit(board)
    kit.offer(kit.payload("NEW", 2))
    device = kit.broken()
    before = device.path.read_bytes()
    other = Authority(kit.work / "other")
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    stick = kit.net_stick(port)
    good = kit.authority.issue("good", HERE, chain=True)
    empty = kit.work / "empty"
    empty.mkdir()
    faults = [
        ("N9", kit.folder, other.issue("other", HERE, chain=True)),
        ("N10", kit.folder, kit.authority.issue("name", "DNS:a.example.com", chain=True)),
        ("N11", kit.folder, kit.authority.issue("past", HERE, end="20210101000000Z", chain=True)),
        ("N8", kit.folder, None),
        ("N17", empty, good),
    ]
    with kit.net_machine(device.disk(), stick, limit_s=600) as vm:
        vm.qmp("set_link", name="card", up=False)
        assert fault(vm)[0] == "N2"
        vm.qmp("set_link", name="card", up=True)
        assert fault(vm)[0] == "N6"
        for want, folder, certificate in faults:
            with serving(folder, certificate, port=port):
                until = time.monotonic() + 200
                while (got := fault(vm))[0] != want:
                    assert time.monotonic() < until, (want, got)
        found, was = device.path.read_bytes(), device.history
        assert found[:was[0]] == before[:was[0]]
        assert found[was[0] + was[1]:] == before[was[0] + was[1]:]
        with serving(kit.folder, good, port=port):
            installer.installs(vm, "1.2", "kept", 240)
            vm.quit()
