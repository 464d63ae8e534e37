"""lifeboat profile: ini to bytes, bytes into loaders."""
import os
import pathlib
import random
import struct
import subprocess
import zlib

import pytest

from lifeboat_tool import BUILD, judge, run, run_json, write

LOADERS = ["x86_64/lifeboat.efi", "aarch64/lifeboat.efi", "aarch64/lifeboat.img"]
INI = """; a comment
model = Demo Box \u00e4
hardware-id = DEMO-1
match = QEMU/Standard PC (Q35 + ICH9, 2009)
match = linux,dummy-virt
kernel-key = kernel_key.vbpubk
recovery-key = recovery_key.vbpubk
recovery-url = https://recover.example/x
recovery-floor = 0x10002
developer-mode = allowed-secure-boot
slot-order = priority
internal-disk = PciRoot(0x0)/Pci(0x1,0x1)
language = pt-BR
watchdog-s = 60
serial-input = full
update-server = https://update.example/
media-hint = left side
support = Call +1 555 0100
"""


def items(profile):
    """The items as (tag, bytes), read independently of the code under test."""
    assert profile[:8] == b"LBPROF\0\1"
    total, crc = struct.unpack_from("<II", profile, 8)
    assert total == len(profile) and total % 8 == 0
    assert zlib.crc32(profile[:12] + bytes(4) + profile[16:]) == crc
    at, found = 16, []
    while at < total:
        tag, zero, length = struct.unpack_from("<HHI", profile, at)
        assert zero == 0
        found.append((tag, profile[at + 8:at + 8 + length]))
        at += 8 + (length + 7) // 8 * 8
    assert at == total
    return found


@pytest.fixture
def make(keys, tmp_path):
    def make(*texts, expect=0):
        files = []
        for i, text in enumerate(texts):
            files.append(write(keys.folder / f"profile{i}.ini", text))
        out = tmp_path / (f"p{len(list(tmp_path.glob('p*')))}" if not expect else "p")
        done = run("profile", "make", *files, "-o", out, expect=expect)
        return done.stderr if expect else out
    return make


def test_bytes(make, keys):
    found = items(make(INI).read_bytes())
    assert found[:4] == [(1, "Demo Box \u00e4".encode()), (2, b"DEMO-1"),
                         (3, b"QEMU/Standard PC (Q35 + ICH9, 2009)"), (3, b"linux,dummy-virt")]
    assert found[4] == (4, keys.public.read_bytes())
    assert found[5] == (5, keys.recovery_public.read_bytes())
    assert found[6:] == [(6, b"https://recover.example/x"), (7, struct.pack("<I", 0x10002)),
                         (8, b"\2"), (9, b"\1"), (10, b"PciRoot(0x0)/Pci(0x1,0x1)"),
                         (11, b"pt-BR"), (12, struct.pack("<I", 60)), (13, b"\1"),
                         (14, b"https://update.example/"), (16, b"left side"),
                         (19, b"Call +1 555 0100")]


def test_several(make):
    path = make(INI, "kernel-key = kernel_key.vbpubk\nmodel = other\n")
    assert [tag for tag, _ in items(path.read_bytes())].count(0) == 1
    told = run_json("profile", "show", path)["profile"]
    assert [p["model"] for p in told] == ["Demo Box \u00e4", "other"]
    assert told[0]["slot-order"] == "priority" and told[1]["slot-order"] == "attempts-first"
    assert told[1]["developer-mode"] == "forbidden" and told[1]["serial-input"] == "recovery"
    assert told[0]["recovery-floor"] == 0x10002


def test_certificates(make, keys, tmp_path):
    for name in "a", "b":
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-keyout", tmp_path / "key",
                        "-out", keys.folder / f"{name}.pem"], check=True, capture_output=True)
        judge("openssl", "x509", "-in", keys.folder / f"{name}.pem", "-outform", "DER",
              "-out", keys.folder / f"{name}.der")
    both = (keys.folder / "a.pem").read_text() + (keys.folder / "b.pem").read_text()
    write(keys.folder / "both.pem", both)
    der = (keys.folder / "a.der").read_bytes() + (keys.folder / "b.der").read_bytes()
    base = "kernel-key = kernel_key.vbpubk\nserver-ca = "
    assert (15, der) in items(make(base + "both.pem").read_bytes())
    assert (15, (keys.folder / "a.der").read_bytes()) in items(make(base + "a.der").read_bytes())
    assert "no X.509 certificate" in make(base + "kernel_key.vbpubk", expect=2)


def test_ini_lines(make):
    """Long values, one rule for comments, indented lines, a byte order mark."""
    support = "x" * 160
    told = run_json("profile", "show", make(
        f"\ufeff# model = not this\n   kernel-key = kernel_key.vbpubk ; a key\n"
        f"\tmodel : Box # 7\n[profile] ; all of it\n;language = de\n"
        f'recovery-url = https://e.example/a;b#c\nsupport={support}\n'
        f'media-hint = behind "flap # 2" # left\r\n'))["profile"]
    assert told[0]["model"] == "Box" and told[0]["support"] == support
    assert told[0]["recovery-url"] == "https://e.example/a;b#c"
    assert told[0]["media-hint"] == 'behind "flap # 2"'
    assert told[0].get("language", "en") != "de"


@pytest.mark.parametrize("text,words", [
    ("model = x\nbogus = 1\n", "profile0.ini:2: 'bogus' is no key"),
    ("kernel-key = a\n[other]\nmodel = x\n", "profile0.ini:1"),
    ("[other]\nmodel = x\n", "profile0.ini:2: [other] is no section"),
    ("model = x\nmodel = y\n", "profile0.ini:2: model is given in line 1"),
    ("model\n", "profile0.ini:1"),
    ("model = x\n", "kernel-key is missing"),
    ("support = Ruf 555 (Straße)\n", "profile0.ini:1: support: 'Ruf 555 (Straße)' has letters"),
    ("support = " + "x" * 161 + "\n", "profile0.ini:1: support: 161 bytes, at most 160"),
    ("watchdog-s = soon\n", "profile0.ini:1: watchdog-s"),
    ("watchdog-s = 4294967296\n", "profile0.ini:1: watchdog-s"),
    ("watchdog-s = 2048\n", "profile0.ini:1: watchdog-s: 2048, at most 2047"),
    ("developer-mode = sometimes\n", "profile0.ini:1: developer-mode"),
    ("language = much-too-long\n", "profile0.ini:1: language"),
    ("model = \n", "profile0.ini:1: model has no value"),
    ("kernel-key = nothing.vbpubk\n", "nothing.vbpubk"),
    ("kernel-key = profile0.ini\n", "profile0.ini:1: kernel-key"),
    ("model = " + "x" * 300 + "\n", "profile0.ini:1"),
    ("model = a\0b\n", "profile0.ini:1: the line holds a zero byte"),
    ("\nmodel = " + "x" * 70_000 + "\n", "profile0.ini:2: the line is longer than 65536"),
    ("\n" + "x" * 300 + " = 1\n", "profile0.ini:2: the line has a longer name"),
    ("[" + "x" * 300 + "]\n", "profile0.ini:1: the line has a longer name"),
    ("recovery-url = example.com/r\n", "profile0.ini:1: recovery-url: 'example.com/r'"),
    ("recovery-url = ftp://example.com/r\n", "profile0.ini:1: recovery-url"),
    ("recovery-url = https:///r\n", "profile0.ini:1: recovery-url"),
    ("recovery-url = https://example.com/my device\n", "profile0.ini:1: recovery-url"),
    ("update-server = https://b\u00fcro.example/\n", "profile0.ini:1: update-server"),
    ("kernel-key = kernel_key.vbpubk\nmodel = a\x01b\n", "loader would refuse"),
    ("kernel-key = kernel_key.vbpubk\n" + "match = a\n" * 17, "loader would refuse"),
])
def test_bad_ini(text, words, make, tmp_path):
    assert words in make(text, expect=2)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("name", LOADERS)
def test_install(name, make, tmp_path):
    loader = BUILD / name
    if not loader.exists():
        pytest.skip(f"{name} was not built")
    one, two = tmp_path / "one", tmp_path / "two"
    error = run("profile", "show", loader, expect=1).stderr
    assert "no profile" in error
    profile = make(INI)
    run("profile", "install", profile, loader, "-o", one)
    assert run_json("profile", "show", one) == run_json("profile", "show", profile)
    assert one.stat().st_size == loader.stat().st_size
    # Another one in its place leaves nothing of the first.
    run("profile", "install", make("kernel-key = kernel_key.vbpubk\n"), one, "-o", two)
    assert b"recover.example" in one.read_bytes() and b"recover.example" not in two.read_bytes()
    run("profile", "install", profile, two, "-o", two)
    assert two.read_bytes() == one.read_bytes()


@pytest.fixture
def pe_loader(tmp_path):
    """A PE file with the profile section: the loader if there is one, else a stand-in."""
    built = BUILD / "x86_64/lifeboat.efi"
    if built.exists():
        return built
    stub = pathlib.Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
    section = write(tmp_path / "section", bytes(65536))
    out = tmp_path / "loader.efi"
    judge("objcopy", "--add-section", f".lbprof={section}", "--change-section-vma",
          ".lbprof=0x1000000", stub, out)
    return out


def pe_checksum(content):
    """As Microsoft's tools compute it."""
    at = struct.unpack_from("<I", content, 60)[0] + 24 + 64
    data = bytearray(content)
    data[at:at + 4] = bytes(4)
    data += bytes(len(data) % 2)
    total = 0
    for (word,) in struct.iter_unpack("<H", data):
        total += word
        total = (total & 0xffff) + (total >> 16)
    return total + len(content), struct.unpack_from("<I", content, at)[0]


def test_checksum_and_signature(pe_loader, make, tmp_path):
    out, signed, stripped = tmp_path / "out", tmp_path / "signed", tmp_path / "stripped"
    profile = make(INI)
    run("profile", "install", profile, pe_loader, "-o", out)
    computed, stored = pe_checksum(out.read_bytes())
    assert computed == stored
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=x", "-keyout", tmp_path / "key", "-out", tmp_path / "crt"],
                   check=True, capture_output=True)
    judge("sbsign", "--key", tmp_path / "key", "--cert", tmp_path / "crt", "--output", signed, out)
    judge("sbverify", "--cert", tmp_path / "crt", signed)
    error = run("profile", "install", profile, signed, "-o", stripped, expect=2).stderr
    assert "--strip-signature" in error and not stripped.exists()
    run("profile", "install", profile, signed, "-o", stripped, "--strip-signature")
    assert "No signature table present" in subprocess.run(
        ["sbverify", "--list", stripped], capture_output=True, text=True).stderr
    assert run_json("profile", "show", stripped) == run_json("profile", "show", profile)


def test_wrong_files(make, pe_loader, tmp_path):
    profile, out = make(INI), tmp_path / "out"
    junk = write(tmp_path / "junk", b"x" * 1000)
    run("profile", "install", profile, junk, "-o", out, expect=2)
    run("profile", "install", junk, pe_loader, "-o", out, expect=2)
    bad = bytearray(profile.read_bytes())
    bad[100] ^= 1
    error = run("profile", "install", write(tmp_path / "bad", bytes(bad)), pe_loader, "-o", out,
                expect=2).stderr
    assert "checksum" in error
    run("profile", "show", tmp_path / "bad", expect=2)
    run("profile", "show", junk, expect=2)
    run("profile", "make", "-o", out, expect=2)
    assert not out.exists()


def test_mutated_loaders_do_no_harm(pe_loader, make, tmp_path):
    """Headers with random damage: refused or handled, never a crash."""
    original = pe_loader.read_bytes()
    profile, rng = make(INI), random.Random(7)
    for _ in range(150):
        bad = bytearray(original)
        for _ in range(rng.randrange(1, 6)):
            bad[rng.randrange(0, 1024)] = rng.randrange(256)
        path = write(tmp_path / "bad.efi", bytes(bad[:rng.choice([len(bad), len(bad), 700, 70])]))
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        from lifeboat_tool import command
        for args in ["profile", "show", path], ["inspect", path], \
                ["profile", "install", profile, path, "-o", tmp_path / "o"]:
            done = subprocess.run([command(), *map(str, args)], capture_output=True, env=env)
            assert done.returncode in (0, 1, 2), done.stderr
