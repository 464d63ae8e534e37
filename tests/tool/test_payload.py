"""lifeboat payload: judged by a reader of the public format, by OpenSSL and by the loader."""
import hashlib
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess

import pytest

import payload_reader as pr
from lifeboat_tool import BUILD, MIB, bzimage, judge, run, run_json, system, write

MODEL = "Kiosk 3"


def content(blocks, seed):
    """Zeros, noise, text and repetitions, so that every kind of operation is the smallest
    somewhere."""
    r = random.Random(seed)
    out = b""
    while len(out) < blocks * 4096:
        n = r.randrange(1, 24) * 4096
        out += r.choice([bytes(n), r.randbytes(n), (b"line %d\n" % r.randrange(99)) * (n // 7),
                         r.randbytes(64) * (n // 64)])
    return out[:blocks * 4096]


class Device:
    """Keys, a profile, two releases, and a disk with the first of them in slot A."""

    def __init__(self, folder, keys):
        self.folder, self.keys = folder, keys
        kernel = write(folder / "bzImage", bzimage())
        self.root = {}
        self.kernel = {}
        for version in 1, 2:
            root = write(folder / f"root{version}", content(400, version))
            self.root[version] = root
            self.kernel[version] = folder / f"kernel{version}"
            run("sign", "--kernel", kernel, "--root", root, *keys.sign_args(), "-v", version,
                "-o", self.kernel[version])
        ini = write(keys.folder / "kiosk.ini", f"model = {MODEL}\nhardware-id = K3\n"
                    "kernel-key = kernel_key.vbpubk\nrecovery-key = recovery_key.vbpubk\n")
        self.profile = folder / "profile"
        run("profile", "make", ini, "-o", self.profile)
        self.disk = folder / "disk.img"
        run("image", "-o", self.disk, "--signed-a", self.kernel[1], "--root-a", self.root[1],
            "--signed-b", self.kernel[1], "--root-b", self.root[1])

    def parts(self, version=2):
        return ["--kernel", self.kernel[version], "--root", self.root[version],
                "--data-key", self.keys.folder / "kernel_data_key.vbprivk"]

    def make(self, out, *args, version=2, profile=True, expect=0):
        return run("payload", "make", *self.parts(version), "--level", 3, "-o", out,
                   *(["--profile", self.profile] if profile else []), *args, expect=expect)


@pytest.fixture(scope="module")
def device(tmp_path_factory, keys):
    return Device(tmp_path_factory.mktemp("device"), keys)


@pytest.fixture(scope="module")
def payload(device):
    out = device.folder / "P"
    device.make(out, "--release", "1.1", "--title", "en=New", "--title", "de=Neu",
                "--operation-size", 65536)
    return out


@pytest.fixture
def disk(device, tmp_path):
    return shutil.copy(device.disk, tmp_path / "disk.img")


def slot_letters(disk, device):
    verdict = run_json("verify", "-p", device.profile, disk)
    return verdict["slot"], {s["slot"]: (s["state"], s["version"]) for s in verdict["slots"]}


def test_apply(device, payload, disk):
    """Install, and the loader starts the new slot; applied again nothing changes but the
    attempts."""
    run("payload", "apply", payload, "--to", disk, "--slot", "B", "-p", device.profile)
    assert slot_letters(disk, device) == ("B", {"A": ("proven", 0x10001),
                                                "B": ("trying", 0x10002)})
    before = hashlib.sha256(open(disk, "rb").read()).digest()
    run("payload", "apply", payload, "--to", disk, "--slot", "b", "-p", device.profile)
    assert hashlib.sha256(open(disk, "rb").read()).digest() == before
    # without --slot the running one is not what is chosen
    assert "slot B" in run("payload", "apply", payload, "--to", disk, "-p", device.profile).stdout


def test_the_running_slot_is_not_written(device, payload, disk, tmp_path):
    """A trying slot is missed less than a proven one, unless the system runs from it."""
    root = system(tmp_path, disk, "variable", "B")
    there = ["--to", root / "dev/vda", "--system-root", root, "-p", device.profile]
    run("slots", disk, "set", "B", "--priority", 3, "--remaining-attempts", 3, "--bootable", "no")
    before = hashlib.sha256(open(disk, "rb").read()).digest()
    error = run("payload", "apply", payload, *there, "--slot", "b", expect=1).stderr
    assert "slot B is the one this system runs from" in error
    assert hashlib.sha256(open(disk, "rb").read()).digest() == before
    assert "slot A" in run("payload", "apply", payload, *there).stdout
    # another disk, and one of a system that lifeboat did not start
    other = shutil.copy(disk, tmp_path / "other.img")
    run("payload", "apply", payload, "--to", other, "--slot", "B", "--system-root", root,
        "-p", device.profile)
    run("payload", "apply", payload, "--to", disk, "--slot", "B", "-p", device.profile)


def test_public_reader(device, payload, tmp_path):
    """What a reader of the public format gets out of ours."""
    native = pr.Payload(payload.read_bytes())
    assert set(native.partitions) == {"kernel", "root"}
    kinds = {pr.one(o, 1) for p in native.partitions.values() for o in p[2]}
    assert {pr.ZERO, pr.REPLACE} <= kinds
    assert native.minor == (10 if pr.REPLACE_ZSTD in kinds else 0)

    def unzstd(blob):
        return subprocess.run(["zstd", "-dc"], input=blob, stdout=subprocess.PIPE,
                              check=True).stdout
    assert native.extract("root", unzstd) == device.root[2].read_bytes()
    assert native.extract("kernel", unzstd) == device.kernel[2].read_bytes()
    # compatible: nothing of our own, each block once, blobs in order without gaps
    device.make(tmp_path / "C", "--compatible", "--operation-size", 65536)
    p = pr.Payload((tmp_path / "C").read_bytes())
    assert p.minor == 0
    at = 0
    for name, (size, _, operations) in p.partitions.items():
        assert p.extract(name) == getattr(device, name)[2].read_bytes()
        blocks = []
        for o in operations:
            assert pr.one(o, 1) in (pr.REPLACE, pr.REPLACE_BZ, pr.REPLACE_XZ)
            assert pr.one(o, 2) == at
            at += pr.one(o, 3)
            (extent,) = pr.every(o, 6)
            start = pr.one(extent, 1, 0)
            blocks += range(start, start + pr.one(extent, 2))
        assert blocks == list(range(size // 4096))
    assert pr.one(p.manifest, 4) == at


def test_signatures_by_openssl(device, keys, payload, tmp_path):
    """Both signatures are plain PKCS#1 ones that anybody can check."""
    p = pr.Payload(payload.read_bytes())
    raw = (keys.folder / "kernel_data_key.vbprivk").read_bytes()[8:]
    write(tmp_path / "der", raw)
    judge("openssl", "rsa", "-inform", "DER", "-in", tmp_path / "der", "-pubout",
          "-out", tmp_path / "pub")
    for where in "metadata", "payload":
        (signature,) = p.signatures(where)
        write(tmp_path / "sig", signature)
        write(tmp_path / "data", p.signed(where))
        judge("openssl", "dgst", "-sha256", "-verify", tmp_path / "pub",
              "-signature", tmp_path / "sig", tmp_path / "data")


def test_reads_theirs(device, tmp_path):
    """Payloads of other writers are shown and extracted, and never applied."""
    theirs = {"kernel": device.kernel[2].read_bytes(), "root": device.root[2].read_bytes(),
              "odd": os.urandom(5000)}
    path = write(tmp_path / "theirs", pr.write(theirs))
    told = run_json("payload", "show", path, "--operations")
    assert [p["name"] for p in told["partition"]] == list(theirs)
    assert told["statement"] is None
    run("payload", "extract", path, "-o", tmp_path)
    for name, data in theirs.items():
        assert (tmp_path / f"{name}.img").read_bytes() == data
    verdict = run_json("payload", "verify", "-p", device.profile, path, expect=1)
    assert verdict["verdict"] == "no-statement"


def test_deterministic(device, payload, tmp_path):
    """Whoever was faster: the same bytes."""
    for jobs in 1, 2, 5:
        out = tmp_path / str(jobs)
        device.make(out, "--release", "1.1", "--title", "en=New", "--title", "de=Neu",
                    "--operation-size", 65536, "--jobs", jobs)
        assert out.read_bytes() == payload.read_bytes()
    assert not [p for p in os.listdir(tmp_path) if "blobs" in p]


def test_from_image(device, disk, payload, tmp_path):
    """--to: kernel and root as they were installed, and the image's own layout."""
    run("payload", "apply", payload, "--to", disk, "--slot", "B", "-p", device.profile)
    out = tmp_path / "P"
    run("payload", "make", "--to", disk, "--slot", "B", "-p", device.profile, "--level", 1,
        "--data-key", device.keys.folder / "kernel_data_key.vbprivk", "-o", out)
    run("payload", "extract", out, "-o", tmp_path)
    assert (tmp_path / "kernel.img").read_bytes() == device.kernel[2].read_bytes()
    root = (tmp_path / "root.img").read_bytes()
    assert device.root[2].read_bytes().rstrip(b"\0") == root.rstrip(b"\0")
    layout = {p["name"]: p for p in run_json("payload", "show", out)["statement"]["layout"]}
    assert [n for n, p in layout.items() if p["grows"]] == ["STATE"]
    assert layout["ROOT-B"]["bytes"] == 16 * MIB and layout["EFI-SYSTEM"]["number"] == 12


def test_unverified_root_keeps_its_zeros(device, tmp_path):
    """What is behind the last byte of a verified root is never read. Of another one nobody
    knows where it ends: zeros in it would stay what the slot held before."""
    kernel, root = tmp_path / "kernel", write(tmp_path / "root", content(40, 9))
    run("sign", "--kernel", device.folder / "bzImage", "--root", root, "--no-verity",
        *device.keys.sign_args(), "-o", kernel)
    run("image", "-q", "-o", tmp_path / "disk.img", "--signed-a", kernel, "--root-a", root,
        "-s", "slot-a.no-verity=yes")
    run("payload", "make", "--to", tmp_path / "disk.img", "-p", device.profile, "--level", 1,
        "--data-key", device.keys.folder / "kernel_data_key.vbprivk", "-o", tmp_path / "P")
    told = run_json("payload", "show", tmp_path / "P")
    layout = {p["name"]: p["bytes"] for p in told["statement"]["layout"]}
    assert {p["name"]: p["bytes"] for p in told["partition"]}["root"] == layout["ROOT-A"]


def refused(payload, *args):
    verdict = run_json("payload", "verify", payload, *args, expect=1)
    assert not verdict["would_install"] and verdict["words"]
    return verdict["verdict"], verdict["detail"]


def test_verify_without_room(device, payload, tmp_path):
    """No room for what is unpacked says nothing about the payload: no answer, status 2."""
    for folder in (tmp_path / "missing", "/dev/null"):
        done = run("payload", "verify", "-p", device.profile, payload, expect=2,
                   env={"TMPDIR": str(folder)})
        assert str(folder) in done.stderr and done.stdout == ""
    run("payload", "verify", "-p", device.profile, payload, "--quick",
        env={"TMPDIR": str(tmp_path / "missing")})


def test_refused_for_this_device(device, payload, keys, tmp_path):
    trust = ["-p", device.profile]
    assert run_json("payload", "verify", payload, *trust)["version"] == 0x10002
    assert refused(payload, *trust, "--model", "Kiosk 4") == (
        "wrong-model", "for Kiosk 3, this is Kiosk 4")
    assert refused(payload, *trust, "--hardware-id", "K4")[0] == "wrong-hardware"
    assert refused(payload, *trust, "--cpu", "aarch64") == (
        "wrong-cpu", "for x86_64, this is aarch64")
    verdict, detail = refused(payload, *trust, "--floor", 0x10003)
    assert verdict == "version-too-old" and "kernel 2" in detail and "kernel 3" in detail
    assert refused(payload, "-k", keys.recovery_public)[0] == "authority-unknown"


def test_versions_between_are_not_left_out(device, disk, tmp_path):
    """A release that can only follow 1.4: refused on 1.3 with both numbers, before a byte is
    written; taken on 1.4, and where nothing runs."""
    out = tmp_path / "P"
    device.make(out, "--minimum-version", 0x10004)
    trust = ["-p", device.profile]
    assert refused(out, *trust, "--running", 0x10003) == (
        "version-between-needed", "1.3 runs, 1.4 is needed")
    before = pathlib.Path(disk).read_bytes()
    error = run("payload", "apply", out, "--to", disk, *trust, "--running", 0x10003, expect=1)
    assert "1.4 is needed" in error.stdout + error.stderr
    assert pathlib.Path(disk).read_bytes() == before
    for running in ["--running", 0x10004], ["--running", 0x20000], []:
        assert run_json("payload", "verify", out, *trust, *running)["would_install"]


def test_developer(device, keys, kernels, tmp_path):
    """Self-signed: counts in developer mode only."""
    block = tmp_path / "dev.keyblock"
    run("keys", "keyblock", "-d", keys.folder / "kernel_data_key.vbpubk", "-f", "normal",
        "-o", block)
    run("sign", "--kernel", kernels / "bzImage", "--root", device.root[2], "-b", block, "-d",
        keys.folder / "kernel_data_key.vbprivk", "-o", tmp_path / "k")
    run("payload", "make", "--kernel", tmp_path / "k", "--root", device.root[2], "--level", 1,
        "-d", keys.folder / "kernel_data_key.vbprivk", "-m", MODEL, "-o", tmp_path / "P")
    assert refused(tmp_path / "P", "-p", device.profile)[0] == "developer-signed"
    told = run_json("payload", "verify", tmp_path / "P", "--mode", "developer")
    assert told["developer"]


def test_every_byte_counts(device, payload, tmp_path):
    """Wherever a byte is turned, somebody notices - but in the one place that nobody signs:
    the signature of the whole beside the right one, which is its own proof."""
    good = payload.read_bytes()
    p = pr.Payload(good)
    r = random.Random(7)
    places = {0, 4, 12, 20, 24, 26, 60, 24 + p.manifest_bytes // 2, 23 + p.manifest_bytes,
              p.blobs - 100, p.blobs, len(good) - 200, *(r.randrange(len(good)) for _ in range(8))}
    for at in sorted(places):
        bad = bytearray(good)
        bad[at] ^= 0x10
        path = write(tmp_path / "bad", bytes(bad))
        done = run("payload", "verify", path, "-p", device.profile, "--quick", expect=1)
        assert "refused" in done.stdout or "would install:" in done.stdout, at
    for cut in 0, 10, 24, 1000, p.blobs - 1, p.blobs + 5, len(good) - 1:
        path = write(tmp_path / "bad", good[:cut])
        run("payload", "verify", path, "-p", device.profile, "--quick", expect=1)


def test_statement_and_recipe_agree(device, tmp_path):
    """A statement of one release with the recipe of another is nobody's payload."""
    one, two = tmp_path / "1", tmp_path / "2"
    device.make(one, version=1)
    device.make(two)
    a, b = one.read_bytes(), two.read_bytes()

    def statement(data):
        size, at = pr.varint(data, 26)
        return data[24:at + size]
    manifest = statement(a) + pr.Payload(b).manifest[len(statement(b)):]
    p = pr.Payload(b)
    forged = b"CrAU" + struct.pack(">QQI", 2, len(manifest), p.signature_bytes) + manifest + \
        b[24 + p.manifest_bytes:]
    assert refused(write(tmp_path / "f", forged), "-p", device.profile)[0] == "recipe-signature"


def test_several_signatures(device, keys, tmp_path):
    """A recipe key that the statement names may sign; another may not."""
    for name in "named", "stranger":
        run("keys", "new", "--algorithm", "rsa2048-sha256", tmp_path / name)
    public = tmp_path / "named/kernel_data_key.vbpubk"
    device.make(tmp_path / "P", "--recipe-key", public, "--sign-with",
                tmp_path / "named/kernel_data_key.vbprivk", "--sign-with",
                tmp_path / "stranger/kernel_data_key.vbprivk")
    good = (tmp_path / "P").read_bytes()
    p = pr.Payload(good)
    start = 24 + p.manifest_bytes
    entries = pr.every(good[start:start + p.signature_bytes], 1)
    assert len(entries) == 3

    def verdict(signatures):
        """With the signatures that are named, the rest filled up with an unknown field."""
        message = b"".join(pr.counted(1, entries[i]) for i in signatures)
        room = p.signature_bytes - len(message)
        if room:
            message += pr.counted(99, bytes(room - 5)) if room > 140 else b""
            message = message.ljust(p.signature_bytes, b"\0") if len(message) < p.signature_bytes \
                else message
        path = write(tmp_path / "x", good[:start] + message[:p.signature_bytes] +
                     good[start + p.signature_bytes:])
        done = run("payload", "verify", path, "-p", device.profile, "--quick", "--json",
                   expect=0 if signatures != [2] else 1)
        return done
    for chosen in [0], [1], [1, 2]:
        verdict(chosen)
    assert "recipe-signature" in verdict([2]).stdout


SIGNER = """#!/bin/sh
exec openssl pkeyutl -sign -inkey "$1" -pkeyopt rsa_padding_mode:pkcs1
"""


def test_signer_program(device, keys, payload, tmp_path):
    """--signer: the same bytes as with the key, for sign and payload make; a wrong one is
    noticed."""
    signer = write(tmp_path / "signer", SIGNER)
    signer.chmod(0o755)
    der = write(tmp_path / "der", (keys.folder / "kernel_data_key.vbprivk").read_bytes()[8:])
    judge("openssl", "rsa", "-inform", "DER", "-in", der, "-out", tmp_path / "pem")
    run("payload", "make", "--kernel", device.kernel[2], "--root", device.root[2], "-d",
        tmp_path / "pem", "--signer", signer, "-p", device.profile, "--release", "1.1",
        "--title", "en=New", "--title", "de=Neu", "--operation-size", 65536, "--level", 3,
        "-o", tmp_path / "P")
    assert (tmp_path / "P").read_bytes() == payload.read_bytes()
    args = ["sign", "--kernel", device.folder / "bzImage", "--root", device.root[2], "-b",
            keys.folder / "kernel.keyblock", "-v", 2, "--signer", signer, "-o", tmp_path / "k"]
    run(*args, "-d", tmp_path / "pem")
    assert (tmp_path / "k").read_bytes() == device.kernel[2].read_bytes()
    judge("openssl", "genrsa", "-out", tmp_path / "other", "2048")
    assert "does not fit" in run(*args, "-d", tmp_path / "other", expect=2).stderr
    assert "failed" in run(*args, "-d", tmp_path / "missing", expect=2).stderr


SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


@pytest.mark.skipif(not os.path.exists(SOFTHSM), reason="no SoftHSM")
def test_pkcs11(device, keys, payload, tmp_path):
    """A key on a token signs the same."""
    (tmp_path / "tokens").mkdir()
    conf = write(tmp_path / "conf", f"directories.tokendir = {tmp_path}/tokens\n")
    env = {"SOFTHSM2_CONF": str(conf), "PKCS11_MODULE_PATH": SOFTHSM}
    der = write(tmp_path / "der", (keys.folder / "kernel_data_key.vbprivk").read_bytes()[8:])
    judge("openssl", "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", der,
          "-out", tmp_path / "pem")
    for command in (["--init-token", "--free", "--label", "t", "--so-pin", "1234", "--pin", "1234"],
                    ["--import", tmp_path / "pem", "--token", "t", "--label", "k", "--id", "01",
                     "--pin", "1234"]):
        subprocess.run(["softhsm2-util", *map(str, command)], check=True, capture_output=True,
                       env=dict(os.environ, **env))
    uri = "pkcs11:token=t;object=k;type=private;pin-value=1234"
    run("payload", "make", "--kernel", device.kernel[2], "--root", device.root[2], "-d", uri,
        "-p", device.profile, "--release", "1.1", "--title", "en=New", "--title", "de=Neu",
        "--operation-size", 65536, "--level", 3, "-o", tmp_path / "P", env=env)
    assert (tmp_path / "P").read_bytes() == payload.read_bytes()
    run("sign", "--kernel", device.folder / "bzImage", "--root", device.root[2], "-b",
        keys.folder / "kernel.keyblock", "-v", 2, "-d", uri, "-o", tmp_path / "k", env=env)
    assert (tmp_path / "k").read_bytes() == device.kernel[2].read_bytes()
    error = run("sign", "--kernel", device.folder / "bzImage", "--root", device.root[2], "-b",
                keys.folder / "kernel.keyblock", "-d", uri.replace("=k", "=none"), "-o",
                tmp_path / "x", env=env, expect=2).stderr
    assert "pkcs11:" in error


def test_refusals_before_the_first_write(device, payload, disk, tmp_path):
    before = open(disk, "rb").read()

    def apply(*args, path=payload, status=1):
        error = run("payload", "apply", path, "--to", disk, *args, expect=status).stderr
        assert open(disk, "rb").read() == before
        return error
    assert "wrong-model" in apply("-p", device.profile, "--model", "other")
    assert "no-such-slot" in apply("-p", device.profile, "--slot", "Q", status=2)
    assert "too-little-memory" in apply("-p", device.profile, "--memory", "4M", "--slot", "B",
                                        status=2)
    assert "whom to trust" in apply(status=2)
    bad = bytearray(payload.read_bytes())
    bad[pr.Payload(bytes(bad)).blobs + 100] ^= 1
    assert "blob-damaged" in apply("-p", device.profile, path=write(tmp_path / "bad", bytes(bad)))
    large = tmp_path / "large"
    write(tmp_path / "root", content(4200, 5))
    run("payload", "make", "--kernel", device.kernel[2], "--root", tmp_path / "root", "--level",
        1, "--data-key", device.keys.folder / "kernel_data_key.vbprivk", "-p", device.profile,
        "-o", large)
    assert "partition-too-small" in apply("-p", device.profile, "--slot", "B", path=large)


def test_pieces(device, payload, disk, tmp_path):
    """In pieces, as on FAT32."""
    data = payload.read_bytes()
    for i, at in enumerate(range(0, len(data), 300_000)):
        write(tmp_path / f"P.{i:03}", data[at:at + 300_000])
    run("payload", "apply", tmp_path / "P.000", "--to", disk, "--slot", "B", "-p", device.profile)
    assert slot_letters(disk, device)[0] == "B"


@pytest.mark.parametrize("args,words", [
    ([], "needed"),
    (["--kernel", "k"], "needed"),
    (["--operation-size", "5000"], "4096"),
    (["--level", "10"], "1 to 9"),
    (["--title", "hello"], "LANGUAGE"),
    (["--jobs", "0"], "1 to"),
    (["--root", "/nonexistent"], "/nonexistent"),
    (["--data-key", "/nonexistent"], "/nonexistent"),
])
def test_wrong_usage(device, args, words, tmp_path):
    base = dict(zip(*[iter(map(str, device.parts()))] * 2)) if args and args[0] != "--kernel" else {}
    base |= dict([args]) if args else {}
    flat = [x for pair in base.items() for x in pair]
    error = run("payload", "make", *flat, "-p", device.profile, "-o", tmp_path / "P",
                expect=2).stderr
    assert words in error and not (tmp_path / "P").exists()


def test_many_operations(device, tmp_path):
    """More than 65,536, in the memory that is promised."""
    root = tmp_path / "root"
    with open(root, "wb") as f:
        f.write(os.urandom(8192))
        f.truncate(70_000 * 4096)
    run("payload", "make", "--kernel", device.kernel[2], "--root", root, "--data-key",
        device.keys.folder / "kernel_data_key.vbprivk", "-p", device.profile, "--level", 1,
        "--operation-size", 4096, "-o", tmp_path / "P")
    told = run_json("payload", "show", tmp_path / "P")
    assert told["partition"][1]["operations"] == 70_000
    assert told["memory_bytes"] <= told["statement"]["memory_bytes"] <= 32 * MIB
    run("payload", "extract", tmp_path / "P", "--partition", "root", "-o", tmp_path)
    judge("cmp", root, tmp_path / "root.img")


def test_offsets_above_4_gib(tmp_path):
    """Data, and the place it goes to, behind 4 GiB."""
    blob, far = os.urandom(4096), 5 << 30
    size = far + 4096
    digest = hashlib.sha256()
    for _ in range(far >> 20 if os.environ.get("LIFEBOAT_LONG") else 0):
        digest.update(bytes(MIB))
    digest.update(blob)
    message = pr.counted(1, b"root") + pr.counted(7, pr.number(1, size) +
                                                  pr.counted(2, digest.digest()))
    message += pr.counted(8, pr.operation(pr.ZERO, b"", 0, [(0, far >> 12)]))
    message += pr.counted(8, pr.operation(pr.REPLACE, blob, far, [(far >> 12, 1)]))
    path = write(tmp_path / "P", pr.header(pr.number(3, 4096) + pr.counted(13, message)))
    with open(path, "r+b") as f:
        f.seek(path.stat().st_size + far)
        f.write(blob)
    (operation,) = [o for o in run_json("payload", "show", path, "--operations")
                    ["partition"][0]["operation"] if o["type"] == "REPLACE"]
    assert operation["target"] == [[far >> 12, 1]] and operation["offset"] > 1 << 32
    if os.environ.get("LIFEBOAT_LONG"):
        run("payload", "extract", path, "-o", tmp_path)
        with open(tmp_path / "root.img", "rb") as f:
            f.seek(far)
            assert f.read() == blob


def test_memory_of_apply(device, disk, tmp_path):
    """What the process takes is what was counted, and its own few MiB."""
    write(tmp_path / "root", content(1500, 9))
    run("payload", "make", "--kernel", device.kernel[2], "--root", tmp_path / "root",
        "--data-key", device.keys.folder / "kernel_data_key.vbprivk", "-p", device.profile,
        "--level", 2, "-o", tmp_path / "P")
    plain = BUILD / "lifeboat"
    if not plain.exists():
        pytest.skip("only the command with the sanitizers is built")
    child = subprocess.Popen([plain, "payload", "apply", tmp_path / "P", "--to", disk, "--slot",
                              "B", "-p", device.profile], stdout=subprocess.DEVNULL)
    peak = 0
    # Not from getrusage(): that counts this Python before exec, too. What is taken is kept to
    # the end, so the last look sees it.
    while child.poll() is None:
        status = open(f"/proc/{child.pid}/status").read()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        peak = max(peak, int(found.group(1)) if found and "lifeboat" in status else 0)
    assert child.returncode == 0 and 4 << 10 < peak < 32 << 10, f"{peak} KiB"


def test_delta(device, payload, disk, tmp_path):
    """From what is installed: blocks are found wherever they lie, and the result is the very
    same; a disk that holds something else is refused before the first write."""
    old = device.root[1].read_bytes()[:400 * 4096]
    blocks = [old[i:i + 4096] for i in range(0, len(old), 4096)]
    # moved, one changed, zeros, some new
    near = bytearray(blocks[3] + blocks[4] + blocks[5])
    near[5000:5000] = os.urandom(40)  # what follows has moved by 40 bytes
    changed = (blocks[200:] + blocks[:100] + [os.urandom(4096)] + [bytes(4096)] * 50 +
               [bytes(near)[:3 * 4096]] + blocks[100:200])
    write(tmp_path / "root", b"".join(changed))
    run("sign", "--kernel", device.folder / "bzImage", "--root", tmp_path / "root",
        *device.keys.sign_args(), "-v", 3, "-o", tmp_path / "kernel")
    parts = ["--kernel", tmp_path / "kernel", "--root", tmp_path / "root", "--data-key",
             device.keys.folder / "kernel_data_key.vbprivk", "-p", device.profile]
    run("payload", "make", *parts, "--from", device.disk, "-o", tmp_path / "D")
    run("payload", "make", *parts, "--from-kernel", device.kernel[1], "--from-root",
        device.root[1], "--jobs", 3, "-o", tmp_path / "E")
    run("payload", "make", *parts, "-o", tmp_path / "F")
    assert (tmp_path / "D").read_bytes() == (tmp_path / "E").read_bytes()
    assert (tmp_path / "D").stat().st_size < (tmp_path / "F").stat().st_size
    told = run_json("payload", "show", tmp_path / "D", "--operations")
    root = next(p for p in told["partition"] if p["name"] == "root")
    assert root["delta"] and told["minor_version"] == 10
    assert root["kinds"]["SOURCE_COPY"] == 1 and root["kinds"]["ZERO"] == 1
    assert any("SOURCE_LZMA" in p["kinds"] for p in told["partition"])
    assert told["memory_bytes"] <= 24 * MIB
    # the statement does not know how its bytes came
    full = pr.Payload((tmp_path / "F").read_bytes())
    delta = pr.Payload((tmp_path / "D").read_bytes())
    for name in "kernel", "root":
        assert delta.partitions[name][:2] == full.partitions[name][:2]

    trust = ["-p", device.profile]
    run("payload", "verify", tmp_path / "D", *trust)
    run("payload", "apply", tmp_path / "D", "--to", disk, "--slot", "B", "--memory", 24 * MIB,
        *trust)
    assert slot_letters(disk, device)[1]["B"] == ("trying", 0x10003)
    run("payload", "make", "--to", disk, "--slot", "B", "-p", device.profile, "--level", 1,
        "--data-key", device.keys.folder / "kernel_data_key.vbprivk", "-o", tmp_path / "back")
    run("payload", "extract", tmp_path / "back", "-o", tmp_path)
    assert (tmp_path / "kernel.img").read_bytes() == (tmp_path / "kernel").read_bytes()
    root = (tmp_path / "root").read_bytes()
    assert (tmp_path / "root.img").read_bytes().rstrip(b"\0") == root.rstrip(b"\0")

    # another version is installed
    other = shutil.copy(device.disk, tmp_path / "other.img")
    for slot in "BA":
        run("payload", "apply", payload, "--to", other, "--slot", slot, *trust)
    before = hashlib.sha256(open(other, "rb").read()).digest()
    result = run("payload", "apply", tmp_path / "D", "--to", other, "--slot", "B", *trust,
                 expect=1)
    assert "[source-differs]" in result.stderr and "operation" in result.stderr
    assert hashlib.sha256(open(other, "rb").read()).digest() == before


def test_delta_for_public_readers(device, tmp_path):
    """--compatible: their types, each target in one piece, minor version of a delta."""
    device.make(tmp_path / "C", "--compatible", "--from", device.disk)
    p = pr.Payload((tmp_path / "C").read_bytes())
    assert p.minor == 4
    for _, _, operations in p.partitions.values():
        for o in operations:
            assert pr.one(o, 1) in (pr.REPLACE, pr.REPLACE_BZ, pr.REPLACE_XZ, pr.ZERO, 4)
            assert len(pr.every(o, 6)) == 1
