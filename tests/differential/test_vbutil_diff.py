"""The loader's verifier against vbutil_kernel: partitions packed by vbutil_kernel in every
key size, and hundreds of changed ones, must get the same verdict.

Each case is judged twice: with the signer's public key (strictly), and without a key, by the
keyblock's hash alone (developer mode). Where the verdicts may differ by design, the tables
STRICTER and LAXER say so and why; a row that no case needs any more is an error, too.
"""

import copy
import os
import pathlib
import random
import subprocess

import pytest
from vboot_keys import DEVKEYS, Key, Partition, put32, run, u32

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))
JUDGE = BUILD / "asan" / "differential" / "kernel_judge"
SEED = 20261121
# vbutil_kernel looks for the command line at the bootloader's unchecked address (when there
# is no bootloader), and behind a cut file's end: then it has no verdict.
CRASHED = -11

# data key's algorithm, keyblock signer's algorithm (None: hash only)
COMBINATIONS = [(4, 4), (4, 8), (5, 7), (7, 11), (8, 5), (10, 4), (11, 11), (4, None), (11, None)]

# vbutil_kernel accepts these, we refuse.
STRICTER = {
    "key-version": "key versions end at 65535: the combined version has 16 bits for them; "
                   "vboot's loader refuses them, too, vbutil_kernel does not look",
    "kernel-version": "the same for kernel versions",
    "headers": "keyblock and preamble above 64 KiB: vboot's loader refuses them, too, "
               "vbutil_kernel takes what --pad says",
    "flags": "vbutil_kernel shows the mode flags and does not judge by them",
    "empty-body": "a body of 0 bytes is signed rightly, but nothing that could be started",
    "algorithm": "RSA-1024, RSA-3072, exponent 3 and SHA-1 are refused (DESIGN 3)",
    "both-signature": "a signature structure that is neither zero nor inside the keyblock is "
                      "refused also where the hash alone would do",
}
# vbutil_kernel refuses these, we accept.
LAXER = {
    "rr": "RR in the key data is derived from the modulus; we compute it and do not read it",
}


class Judges:
    """Both judges, on one temporary file."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "case.kpart"
        self.ours = subprocess.Popen([str(JUDGE)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        self.asked = self.crashes = 0
        self.differences = set()

    def close(self):
        self.ours.stdin.close()
        assert self.ours.wait(timeout=20) == 0, "kernel_judge failed"

    def judge(self, data, public, pad=65536):
        """(vbutil_kernel accepts, None if it crashed; our reason; our detail). Where the body starts is told to
        vbutil_kernel by --pad; the loader follows the headers' sizes, as vboot's does."""
        self.path.write_bytes(data)
        self.asked += 1
        command = ["vbutil_kernel", "--verify", str(self.path), "--pad", str(pad)]
        if public is not None:
            command += ["--signpubkey", str(public)]
        theirs = subprocess.run(command, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, close_fds=False).returncode
        assert theirs in (0, 1, 255, CRASHED), f"vbutil_kernel: status {theirs}"
        mode = "developer -" if public is None else f"normal {public}"
        self.ours.stdin.write(f"{mode} 0 {self.path}\n")
        self.ours.stdin.flush()
        reason, detail = self.ours.stdout.readline().rstrip("\n").split("\t")
        self.crashes += theirs == CRASHED
        return None if theirs == CRASHED else theirs == 0, reason, detail


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("vbutil")


@pytest.fixture(scope="module")
def keys(work):
    return {a: Key(work, a) for a in (4, 5, 7, 8, 10, 11)}


@pytest.fixture(scope="module")
def judges(work):
    judges = Judges(work)
    yield judges
    judges.close()


def pack(work, keyblock, private, body_bytes=9000, version=1):
    """A partition by vbutil_kernel around noise (arm: any bytes are a kernel)."""
    noise = random.Random(SEED).randbytes(body_bytes)
    for name, content in (("vmlinuz", noise), ("stub", b"stub"), ("config", b"console=ttyS0")):
        (work / name).write_bytes(content)
    run("vbutil_kernel", "--pack", work / "packed", "--keyblock", keyblock, "--signprivate",
        private, "--version", version, "--vmlinuz", work / "vmlinuz", "--bootloader",
        work / "stub", "--config", work / "config", "--arch", "arm")
    return (work / "packed").read_bytes()


def make(work, keys, combination):
    data_key, signer = keys[combination[0]], keys.get(combination[1])
    keyblock = work / "made.keyblock"
    command = ["vbutil_keyblock", "--pack", keyblock, "--datapubkey", data_key.public,
               "--flags", 23]
    if signer is not None:
        command += ["--signprivate", signer.private]
    run(*command)
    return Partition(pack(work, keyblock, data_key.private), signer, data_key)


def check(judges, name, part, by_design=None, pad=65536):
    """Both verdicts, with the key (when there is one) and by hash alone."""
    seen = []
    publics = [None] if part.signer is None else [part.signer.public, None]
    for public in publics:
        theirs, reason, detail = judges.judge(bytes(part.data), public, pad)
        ours = reason == "ok"
        if theirs is not None and ours != theirs:
            allowed = LAXER if ours else STRICTER
            judges.differences.add(by_design)
            assert by_design in allowed, \
                f"{name} ({'hash' if public is None else 'key'}): vbutil_kernel says " \
                f"{theirs}, we say {reason} ({detail})"
        seen.append((theirs, ours))
    return seen


# --- good ones -----------------------------------------------------------------------

@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_key_size_verifies(work, keys, judges, combination):
    part = make(work, keys, combination)
    assert all(seen == (True, True) for seen in check(judges, "unchanged", part))


@pytest.mark.parametrize("name,mode,verdict", [
    ("kernel", "normal", "ok"), ("recovery_kernel", "recovery", "ok"),
    # DEV1 and REC1: for ChromeOS devices in developer mode; docs/decisions.md
    ("installer_kernel", "recovery", "keyblock-flags")])
def test_packaged_keyblocks(work, judges, name, mode, verdict):
    data = pack(work, DEVKEYS / f"{name}.keyblock", DEVKEYS / f"{name}_data_key.vbprivk")
    public = DEVKEYS / ("kernel_subkey.vbpubk" if name == "kernel" else "recovery_key.vbpubk")
    judges.path.write_bytes(data)
    judges.ours.stdin.write(f"{mode} {public} 0 {judges.path}\n")
    judges.ours.stdin.flush()
    assert judges.ours.stdout.readline().split("\t")[0] == verdict
    run("vbutil_kernel", "--verify", judges.path, "--signpubkey", public)


def test_floor_as_minversion(work, keys, judges):
    """--minversion and our floor are the same number."""
    part = make(work, keys, (4, 8))
    judges.path.write_bytes(part.data)
    for floor in (0, 0x10000, 0x10001, 0x10002, 0x20000, 0xffffffff):
        theirs = subprocess.run(["vbutil_kernel", "--verify", judges.path, "--signpubkey",
                                 part.signer.public, "--minversion", str(floor)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        judges.ours.stdin.write(f"normal {part.signer.public} {floor} {judges.path}\n")
        judges.ours.stdin.flush()
        reason = judges.ours.stdout.readline().split("\t")[0]
        assert (reason == "ok") == (theirs.returncode == 0)
        assert reason in ("ok", "version-too-old")


# --- changed ones --------------------------------------------------------------------

def header_fields(part):
    """(name, offset) of every u32 of both headers."""
    fields = [(f"keyblock+{at}", at) for at in range(0, 112, 4)]
    fields += [(f"key data+{at}", 112 + at) for at in (0, 4, 8)]
    fields += [(f"preamble+{at}", part.preamble + at) for at in range(0, 116, 4)]
    return fields


def places(part, chance):
    """(name, offset) of bytes in every structure outside the headers."""
    key = part.data_key.bytes
    found = [(f"modulus+{at}", 120 + at) for at in (0, key // 2, key - 1)]
    regions = {"hash": (0, 48), "keyblock signature": (0, 24),
               "preamble signature": (part.preamble, 8),
               "body signature": (part.preamble, 72)}
    for name, (base, at) in regions.items():
        offset, size, _ = part.signature(base, at)
        if size:
            found += [(f"{name}+{i}", offset + i)
                      for i in {0, size - 1, chance.randrange(size)}]
    end = part.preamble + u32(part.data, part.preamble)
    signed_end = sum(part.signature(part.preamble, 8)[:2])
    found += [(f"padding {at}", at) for at in (signed_end, end - 1,
                                               chance.randrange(signed_end, end))]
    found += [(f"body {at}", at) for at in (part.body, part.body + part.body_bytes - 1,
                                            chance.randrange(part.body, len(part.data)))]
    return found


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_flipped_bits(work, keys, judges, combination):
    """One bit in every header field and every structure, not signed again."""
    original = make(work, keys, combination)
    chance = random.Random(SEED + 100 * combination[0] + (combination[1] or 0))
    for name, offset in header_fields(original) + places(original, chance):
        part = original.copy()
        part.data[offset] ^= 1 << chance.randrange(8)
        check(judges, name, part)


def values(part, offset, chance):
    here = u32(part.data, offset)
    others = [here + 4, here - 4, here ^ 0x10000, len(part.data), part.preamble,
              chance.getrandbits(16), 2, 0x7fffffff, 0x80000000]
    chosen = {0, here - 1, here + 1, 0xffffffff, chance.choice(others)}
    return sorted({v & 0xffffffff for v in chosen} - {here})


def keyblock_reason(offset, value, part):
    """Which row of the tables a re-signed keyblock field may need."""
    if offset == 104 and value > 0xffff:
        return "key-version"
    if offset == 96:
        return "algorithm"
    if offset == 72:
        return "flags"
    if 24 <= offset < 48:
        return "both-signature"
    if offset == 48 and value < u32(part.data, 48):
        return "rr"  # the hash, put there, overwrites the end of RR
    return None


@pytest.mark.parametrize("combination", [(4, 4), (5, None)], ids=str)
def test_keyblock_fields_signed_again(work, keys, judges, combination):
    """What lies behind the keyblock's signature: a signer that writes odd things."""
    original = make(work, keys, combination)
    chance = random.Random(SEED)
    for offset in [*range(8, 112, 4), 112, 116]:
        for value in values(original, offset, chance):
            part = original.copy()
            put32(part.data, offset, value)
            part.sign_keyblock()
            check(judges, f"keyblock+{offset} = {value:#x}", part,
                  keyblock_reason(offset, value, original))


def preamble_reason(offset, value):
    if offset == 40 and value > 0xffff:
        return "kernel-version"
    if offset == 72 + 16 and value == 0:
        return "empty-body"
    return None


@pytest.mark.parametrize("combination", [(4, 4)], ids=str)
def test_preamble_fields_signed_again(work, keys, judges, combination):
    original = make(work, keys, combination)
    chance = random.Random(SEED + 1)
    for at in range(0, 116, 4):
        offset = original.preamble + at
        for value in values(original, offset, chance):
            part = original.copy()
            put32(part.data, offset, value)
            part.sign_preamble()
            check(judges, f"preamble+{at} = {value:#x}", part, preamble_reason(at, value))


def test_minor_versions(work, keys, judges):
    """2.0 and 2.1 headers are shorter: the same bytes there are no longer flags."""
    original = make(work, keys, (4, 4))
    for minor in (0, 1, 2, 3, 7):
        for load in (0x100000, 0xffffffff_fffff000):
            part = original.copy()
            put32(part.data, part.preamble + 36, minor)
            part.data[part.preamble + 48:part.preamble + 56] = load.to_bytes(8, "little")
            part.sign_preamble()
            check(judges, f"minor {minor}, load address {load:#x}", part)


def test_pieces_in_the_body(work, keys, judges):
    """Bootloader and vmlinuz header at, before and beyond the body's ends."""
    original = make(work, keys, (4, 4))
    load, size = 0x100000, original.body_bytes
    for address_at, size_at in ((56, 64), (96, 104)):
        for address in (load - 1, load, load + 1, load + size - 1, load + size,
                        load + size + 1, 0, 2 ** 64 - 1, 2 ** 63):
            for length in (0, 1, size - 1, size, size + 1, 0xffffffff):
                part = original.copy()
                at = part.preamble + address_at
                part.data[at:at + 8] = address.to_bytes(8, "little")
                put32(part.data, part.preamble + size_at, length)
                part.sign_preamble()
                check(judges, f"+{address_at}: {length:#x} bytes at {address:#x}", part)


def test_body_sizes_signed_again(work, keys, judges):
    """The body's size is right, short, zero or leads out of the file."""
    original = make(work, keys, (4, 4))
    for size in (0, 1, 4095, original.body_bytes - 1, original.body_bytes,
                 original.body_bytes + 1, original.body_bytes + 4096, 0xffffffff):
        part = original.copy()
        put32(part.data, part.preamble + 72 + 16, size)
        put32(part.data, part.preamble + 64, 0)  # no bootloader that could lie outside
        part.sign_body()
        part.sign_preamble()
        check(judges, f"body of {size}", part, "empty-body" if size == 0 else None)


def test_truncated(work, keys, judges):
    original = make(work, keys, (4, 4))
    ends = [0, 1, 111, 112, 700, original.preamble - 1, original.preamble,
            original.preamble + 95, original.preamble + 116, original.preamble + 627,
            original.body - 1, original.body, original.body + 1, len(original.data) - 1]
    for end in ends:
        part = original.copy()
        del part.data[end:]
        check(judges, f"cut at {end}", part)
    part = original.copy()
    part.data += bytes(4096)
    check(judges, "longer", part)


def test_layout_without_padding(work, keys, judges):
    """The body need not start at 64 KiB."""
    original = make(work, keys, (4, 4))
    for room in (628, 629, 1000, 4096, 4097, 30000):
        part = original.copy()
        body = bytes(part.data[part.body:])
        put32(part.data, part.preamble, room)
        part.sign_preamble()
        part.data = part.data[:part.preamble + room] + body
        verdicts = check(judges, f"preamble of {room}", part, pad=part.preamble + room)
        assert verdicts == [(True, True)] * 2


def test_headers_above_64_kib(work, keys, judges):
    original = make(work, keys, (4, 4))
    part = original.copy()
    body = bytes(part.data[part.body:])
    put32(part.data, part.preamble, 65536)
    part.sign_preamble()
    part.data = part.data[:part.preamble] + part.data[part.preamble:part.preamble + 628]
    part.data += bytes(part.preamble + 65536 - len(part.data)) + body
    pad = part.preamble + 65536
    assert check(judges, "headers above 64 KiB", part, "headers", pad)[0] == (True, False)


def test_derived_number_in_the_key(work, keys, judges):
    original = make(work, keys, (4, 4))
    part = original.copy()
    part.data[120 + 256] ^= 1
    part.sign_keyblock()
    assert check(judges, "RR", part, "rr")[0] == (False, True)


def test_refused_algorithms(work, keys, judges):
    """A kernel that vboot takes and we do not: preamble and body signed with SHA-1."""
    part = make(work, keys, (4, 4))
    put32(part.data, 96, 3)
    part.sign_keyblock()
    part.data_key = copy.copy(part.data_key)
    part.data_key.hash = "sha1"
    part.sign_body()
    part.sign_preamble()
    assert check(judges, "SHA-1", part, "algorithm") == [(True, False)] * 2
    assert judges.judge(bytes(part.data), part.signer.public)[1] == "algorithm-refused"


def test_malformed_signature_beside_a_good_hash(work, keys, judges):
    part = make(work, keys, (4, None))
    put32(part.data, 24 + 8, 256)  # a size without a place: overlaps its own structure
    part.sign_keyblock()
    assert check(judges, "malformed signature", part, "both-signature") == [(True, False)]


def test_all_of_the_above(judges):
    """Last: how much was asked, and that each row of the tables was needed."""
    assert judges.differences == set(STRICTER) | set(LAXER)
    assert judges.asked > 900 and judges.crashes < 40
    print(f"{judges.asked} verdicts asked for, {judges.crashes} times vbutil_kernel crashed")
