"""Measured boot, seen from outside: a system that tells its PCRs and its event log with
tpm2-tools, and what PCR 8 must be, computed here from the files that were signed
(docs/formats/measurements.md)."""
import base64
import dataclasses
import gzip
import hashlib
import re
import struct
import sys

import harness
import images
import linux

sys.path.insert(0, str(harness.ROOT / "tools/demo"))

import parts  # noqa: E402
from cpio import Cpio  # noqa: E402

BANKS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384,
         "sha512": hashlib.sha512}
LOG = "/sys/kernel/security/tpm0/binary_bios_measurements"

INIT = f"""#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mount -t securityfs securityfs /sys/kernel/security
while read -r module; do insmod "/modules/$module"; done </modules/order
dmesg -n 1
tries=0
until [ -c /dev/tpmrm0 ] || [ $tries = 50 ]; do tries=$((tries + 1)); usleep 100000; done
export TPM2TOOLS_TCTI=device:/dev/tpmrm0
echo "TOLD begin"
tpm2 pcrread | sed 's/^/TOLD pcr /'
tpm2 eventlog {LOG} | sed 's/^/TOLD log /'
base64 {LOG} | sed 's/^/TOLD raw /'
echo "TOLD end"
poweroff -f
"""


def _curl(arch, program, out):
    """A stand-in for libcurl, which tpm2 is linked with for one of its commands and which
    would bring thirty more libraries."""
    compiler = {"x86_64": "gcc", "aarch64": "aarch64-linux-gnu-gcc"}[arch]
    names = re.findall(r" U (curl_\w+)", images.run("nm", "-D", program))
    source, script = out.with_suffix(".c"), out.with_suffix(".map")
    source.write_text("".join(f"void {n}(void);\nvoid {n}(void) {{ }}\n" for n in names))
    script.write_text("CURL_GNUTLS_3 { *; };\n")
    images.run(compiler, "-shared", "-nostdlib", "-fPIC", f"-Wl,--version-script={script}",
               "-Wl,-soname,libcurl-gnutls.so.4", "-o", out, source)


def initramfs(arch):
    """busybox, tpm2 and the TPM's driver; made when one of its parts is newer."""
    sysroot = linux.parts(arch).kernel.parent / "sysroot"
    folder = harness.BUILD / "demo" / arch
    out = folder / "initrd-tpm"
    program = sysroot / "usr/bin/tpm2"
    stand_in = sysroot / f"usr/lib/{arch}-linux-gnu/libcurl-gnutls.so.4"
    newest = max(p.stat().st_mtime for p in (harness.pathlib.Path(__file__), program))
    if out.exists() and out.stat().st_mtime > newest:
        return out
    _curl(arch, program, stand_in)
    archive = Cpio()
    for name in ("dev", "proc", "sys", "bin"):
        archive.folder(name)
    archive.node("dev/console", 5, 1)
    archive.file("init", INIT.encode())
    archive.file("bin/busybox", (sysroot / "bin/busybox").read_bytes())
    archive.file("bin/tpm2", program.read_bytes())
    device = next((sysroot / "usr/lib").glob("*/libtss2-tcti-device.so.0"))
    files = parts.libraries(program, arch, sysroot) | parts.libraries(device, arch, sysroot)
    files[f"/lib/{arch}-linux-gnu/{device.name}"] = device.resolve()
    for inside, path in sorted(files.items()):
        archive.file(inside, path.read_bytes())
    order = parts.modules(linux.parts(arch).kernel.parent / "modules", ["tpm_tis"])
    for path in order:
        archive.file("modules/" + path.name, path.read_bytes(), 0o644)
    archive.file("modules/order", "".join(p.name + "\n" for p in order).encode(), 0o644)
    new = out.with_suffix(f".{harness.os.getpid()}")
    new.write_bytes(gzip.compress(archive.finish(), 6, mtime=0))
    new.rename(out)
    return out


def content(board, words="", **more):
    """A signed kernel partition with Debian's kernel and that system."""
    tree = images.fit(board.work, board.arch, linux.parts(board.arch).kernel,
                      initramfs(board.arch))
    # On a busy host QEMU's timer may look dead to x86 Linux, which then panics.
    cmdline = (f"console={linux.CONSOLE[board.arch]} quiet no_timer_check "
               f"guest.slot=%U {words}").strip()
    return images.pack(board.work, tree, cmdline,
                       {"x86_64": "amd64", "aarch64": "arm64"}[board.arch], **more)


# --- what the system told -----------------------------------------------------------------

@dataclasses.dataclass
class Told:
    pcrs: dict    # {bank: {number: hex}} as the TPM says
    replayed: dict  # the same, as tpm2_eventlog computes it from the log
    events: list  # (pcr, type, {bank: hex}, data) of the log itself


def _banks(lines):
    """The YAML of tpm2_pcrread, and of the end of tpm2_eventlog."""
    out, bank = {}, None
    for line in lines:
        if found := re.fullmatch(r"\s*(sha\d+):\s*", line):
            bank = out.setdefault(found[1], {})
        elif found := re.fullmatch(r"\s*(\d+)\s*: 0x([0-9A-Fa-f]+)", line):
            bank[int(found[1])] = found[2].lower()
    return {name: values for name, values in out.items() if values}


def _events(raw):
    """The events of a log of the crypto-agile format, after its header event."""
    sizes, (header,) = {}, struct.unpack_from("<I", raw, 28)
    count, = struct.unpack_from("<I", raw, 32 + 24)
    names = {4: "sha1", 11: "sha256", 12: "sha384", 13: "sha512"}
    for n in range(count):
        number, size = struct.unpack_from("<HH", raw, 32 + 28 + 4 * n)
        sizes[number] = size
    at, out = 32 + header, []
    while at < len(raw):
        pcr, kind, digests = struct.unpack_from("<III", raw, at)
        at += 12
        found = {}
        for _ in range(digests):
            number, = struct.unpack_from("<H", raw, at)
            found[names[number]] = raw[at + 2:at + 2 + sizes[number]].hex()
            at += 2 + sizes[number]
        size, = struct.unpack_from("<I", raw, at)
        out.append((pcr, kind, found, bytes(raw[at + 4:at + 4 + size])))
        at += 4 + size
    return out


def told(vm, seconds=90):
    """Waits until the started system has told everything."""
    vm.expect(r"TOLD begin", seconds)
    vm.expect(r"TOLD end", seconds)
    text = vm.text()

    def lines(kind):
        return re.findall(rf"^TOLD {kind} (.*)$", text, re.M)

    log = lines("log")
    ends = [n for n, line in enumerate(log) if line.startswith("pcrs:")]
    if not ends:
        raise harness.Failure("no event log\n" + vm.tail())
    return Told(_banks(lines("pcr")), _banks(log[ends[-1]:]),
                _events(base64.b64decode("".join(lines("raw")))))


# --- what PCR 8 must be --------------------------------------------------------------------

def expected(profile, mode, partition, guid):
    """[(type, measured bytes, data in the log)] of one start.

    @profile: the profile's bytes
    @partition: the signed kernel partition
    @guid: of the partition it lies in, for %U
    """
    keyblock_bytes, = struct.unpack_from("<I", partition, 16)
    key_offset, key_bytes = struct.unpack_from("<QQ", partition, 80)
    key = partition[80 + key_offset:80 + key_offset + key_bytes]
    key_version, = struct.unpack_from("<Q", partition, 80 + 24)
    preamble = partition[keyblock_bytes:]
    preamble_bytes, = struct.unpack_from("<Q", preamble)
    signed, = struct.unpack_from("<Q", preamble, 24)
    version, = struct.unpack_from("<Q", preamble, 40)
    load, bootloader = struct.unpack_from("<QQ", preamble, 48)
    body_bytes, = struct.unpack_from("<Q", preamble, 88)
    body = preamble[preamble_bytes:preamble_bytes + body_bytes]
    algorithm, = struct.unpack_from("<Q", partition, 80 + 16)
    digest = (hashlib.sha512 if algorithm % 3 == 2 else hashlib.sha256)(body).digest()
    # The configuration page lies two pages before the bootloader.
    page = body[bootloader - load - 8192:][:4096]
    text = page[:page.index(0)].rstrip(b"\n \t").replace(b"%U", guid.encode())
    end = bytes(4)

    def tagged(number, text):
        return struct.pack("<II", 0x4c420000 + number, len(text)) + text

    events = [
        (profile, b"lifeboat profile"),
        (mode.encode(), b"lifeboat mode: " + mode.encode()),
        (key, b"lifeboat key: " + hashlib.sha256(key).hexdigest().encode()),
        (preamble[:signed],
         f"lifeboat preamble: version {key_version}.{version}".encode()),
        (digest, b"lifeboat body: " + digest.hex().encode()),
        (text + b"\0", b"lifeboat command line: " + text),
    ]
    return [(6, data, tagged(n, text)) for n, (data, text) in enumerate(events, 1)] + \
        [(4, end, end)]


def replay(events, bank):
    """The value of a PCR after the digests of @events' measured bytes."""
    new = BANKS[bank]
    value = bytes(new().digest_size)
    for _, data, _ in events:
        value = new(value + new(data).digest()).digest()
    return value.hex()


def check(seen, events):
    """PCR 8 is what @events make it in every bank, the log says the same event by event, and
    the whole log replays to the values that the TPM holds."""
    assert seen.pcrs and set(seen.pcrs) == set(seen.replayed)
    for bank, values in seen.pcrs.items():
        assert values[8] == replay(events, bank), bank
        for number, value in seen.replayed[bank].items():
            assert values[number] == value, f"{bank}:{number}"
        assert seen.replayed[bank][8] == values[8]
    ours = [(kind, found, data) for pcr, kind, found, data in seen.events if pcr == 8]
    assert [kind for kind, _, _ in ours] == [kind for kind, _, _ in events]
    for (_, found, text), (_, data, wanted) in zip(ours, events):
        assert text == wanted
        for bank, value in found.items():
            assert value == BANKS[bank](data).hexdigest(), wanted
