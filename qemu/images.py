"""Disks for boot tests, made with packaged tools only: cgpt for the table, vbutil_kernel
and the packaged developer keys for kernels, mkimage for FITs, mtools for the EFI system
partition. Only the loader under test and its profile are ours, and the profile is packed
here a second time from its documentation (docs/formats/profile.md)."""
import binascii
import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import uuid

import harness

DEVKEYS = pathlib.Path("/usr/share/vboot/devkeys")
SECTOR = 512
MIB = 1 << 20
TYPE_HISTORY = "88f5c2b6-3339-4d83-a9f5-0b9eb08f6712"
HISTORY_BYTES = 256 * 1024
TYPE_KERNEL = uuid.UUID("fe3a2a5d-4f32-41a7-b725-accc3285a309")
EFI_NAME = {"x86_64": "BOOTX64.EFI", "aarch64": "BOOTAA64.EFI"}


def run(*argv, **more):
    """Run a tool; its output is shown only when it fails."""
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}:\n{done.stdout.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


# --- profile -----------------------------------------------------------------------------

TAG = {"model": 1, "hardware-id": 2, "match": 3, "kernel-key": 4, "recovery-key": 5,
       "recovery-url": 6, "recovery-floor": 7, "developer-mode": 8, "slot-order": 9,
       "internal-disk": 10, "language": 11, "watchdog-s": 12, "serial-input": 13,
       "keyboard-input": 17, "generation": 18, "support": 19}
NUMBERED = {"recovery-floor": "<I", "generation": "<I", "watchdog-s": "<I", "developer-mode": "<B",
            "slot-order": "<B", "serial-input": "<B",
            "keyboard-input": "<B"}
ATTEMPTS_FIRST, PRIORITY = 0, 1
SECTION_BYTES = 65536


def profile(**values):
    """The bytes of one profile; underscores in names stand for dashes. Keys are files."""
    settings = {"model": "test machine", "hardware-id": "TEST 1",
                "kernel-key": DEVKEYS / "kernel_subkey.vbpubk",
                "recovery-key": DEVKEYS / "recovery_key.vbpubk"}
    settings |= {name.replace("_", "-"): value for name, value in values.items()}
    items = b""
    for name, value in settings.items():
        if value is None:
            continue
        if name in NUMBERED:
            data = struct.pack(NUMBERED[name], value)
        elif isinstance(value, pathlib.Path):
            data = value.read_bytes()
        else:
            data = value.encode()
        items += struct.pack("<HHI", TAG[name], 0, len(data)) + data + bytes(-len(data) % 8)
    size = 16 + len(items)
    head = b"LBPROF\0\1" + struct.pack("<I", size)
    crc = binascii.crc32(head + bytes(4) + items)
    return head + struct.pack("<I", crc) + items


def pe_section(image, name):
    """(file offset, raw size) of a PE section."""
    pe = struct.unpack_from("<I", image, 0x3c)[0]
    count, optional = struct.unpack_from("<H12xH", image, pe + 6)
    for n in range(count):
        entry = pe + 24 + optional + 40 * n
        if image[entry:entry + 8].rstrip(b"\0") == name:
            size, offset = struct.unpack_from("<II", image, entry + 16)
            return offset, size
    raise ValueError(f"no section {name}")


def loader_with(data, arch):
    """The unsigned UEFI loader with the profile bytes @data in its section."""
    image = bytearray((harness.BUILD / arch / "lifeboat.efi").read_bytes())
    offset, size = pe_section(image, b".lbprof")
    if len(data) > size:
        raise ValueError("profile larger than its section")
    image[offset:offset + size] = data + bytes(size - len(data))
    return bytes(image)


# --- signed kernels ------------------------------------------------------------------------

def test_kernel(arch):
    """The small kernel of qemu/kernels, built when it is older than its sources."""
    out = harness.BUILD / "qemu" / f"kernel-{arch}"
    sources = list((harness.ROOT / "qemu/kernels").iterdir())
    if not out.exists() or out.stat().st_mtime < max(s.stat().st_mtime for s in sources):
        out.parent.mkdir(parents=True, exist_ok=True)
        new = out.with_name(f".{out.name}.{os.getpid()}")
        run(harness.ROOT / "qemu/kernels/build", arch, new)
        new.rename(out)
    return out


def keyblock(work, name, signer=None, flags=23, data_key="kernel_data_key"):
    """A keyblock for a packaged data key; without signer it is only hashed."""
    out = pathlib.Path(work) / f"{name}.keyblock"
    argv = ["vbutil_keyblock", "--pack", out, "--flags", flags,
            "--datapubkey", DEVKEYS / f"{data_key}.vbpubk"]
    if signer:
        argv += ["--signprivate", DEVKEYS / f"{signer}.vbprivk"]
    run(*argv)
    return out


def fit(work, arch, kernel, initrd=None, compression="none", trees=(),
        configurations=(("conf-1", {}),), default="conf-1"):
    """A flattened image tree made by mkimage.

    @trees: (name, file) pairs
    @configurations: (name, properties) pairs; properties are strings or lists of them,
    beside the kernel and, where there is one, the initrd; "ramdisk": a file of its own
    """
    work = pathlib.Path(work)
    cpu = {"x86_64": "x86_64", "aarch64": "arm64"}[arch]

    def image(name, kind, path, compress="none", more=""):
        return (f'{name} {{ description = "{name}"; data = /incbin/("{path}"); '
                f'type = "{kind}"; arch = "{cpu}"; compression = "{compress}"; {more} }};\n')

    address = "load = <0x0>; entry = <0x0>;"
    images = image("kernel-1", "kernel", kernel, compression, f'os = "linux"; {address}')
    if initrd:
        images += image("ramdisk-1", "ramdisk", initrd, more='os = "linux";')
    for name, path in trees:
        images += image(name, "flat_dt", path)
    texts = ""
    for name, properties in configurations:
        values = {"kernel": "kernel-1"} | ({"ramdisk": "ramdisk-1"} if initrd else {})
        values |= properties
        if isinstance(values.get("ramdisk"), pathlib.Path):
            images += image(f"ramdisk-{name}", "ramdisk", values["ramdisk"],
                            more='os = "linux";')
            values["ramdisk"] = f"ramdisk-{name}"
        lists = {k: [v] if isinstance(v, str) else v for k, v in values.items()}
        texts += f"{name} {{ " + " ".join(
            f"{k} = " + ", ".join(f'"{x}"' for x in v) + ";" for k, v in lists.items())
        texts += " };\n"
    chosen = f'default = "{default}";' if default else ""
    source = work / f"{os.urandom(4).hex()}.its"
    source.write_text(f'/dts-v1/;\n/ {{ description = "test"; #address-cells = <1>;\n'
                      f'images {{ {images} }};\n'
                      f'configurations {{ {chosen} {texts} }}; }};\n')
    out = source.with_suffix(".itb")
    run("mkimage", "-D", "-I dts -O dtb -p 2048", "-f", source, out)
    return out


def pack(work, kernel, cmdline, arch, key_block=None, data_key="kernel_data_key", version=1):
    """A signed kernel partition made by vbutil_kernel, as bytes."""
    work = pathlib.Path(work)
    config, stub, out = work / "config", work / "stub", work / "packed"
    config.write_text(cmdline + "\n")
    stub.write_text("stub")
    run("vbutil_kernel", "--pack", out, "--keyblock", key_block or DEVKEYS / "kernel.keyblock",
        "--signprivate", DEVKEYS / f"{data_key}.vbprivk", "--version", version,
        "--vmlinuz", kernel, "--bootloader", stub, "--config", config, "--arch", arch)
    return out.read_bytes()


USUAL_KIND = {"x86_64": "cros-x86", "aarch64": "fit"}


def signed_test_kernel(work, arch, slot, words="", kind=None, **more):
    """A slot's content: the test kernel telling @slot, of the kind usual for the CPU."""
    kernel = test_kernel(arch)
    cmdline = f"slot={slot} guid=%U {words}".strip()
    kind = kind or USUAL_KIND[arch]
    if kind == "fit":
        kernel = fit(work, arch, kernel)
    # --arch says how vbutil_kernel lays the body out: "arm64" keeps the file as it is.
    layout = "amd64" if kind == "cros-x86" else "arm64"
    return pack(work, kernel, cmdline, layout, **more)


def verified_root(work, root):
    """(root image with its hash tree appended, dm-mod.create= for the command line); the
    tree is made by veritysetup."""
    out = pathlib.Path(work) / "root.verity"
    out.write_bytes(pathlib.Path(root).read_bytes())
    size = out.stat().st_size
    text = run("veritysetup", "format", "--no-superblock", "--data-blocks", size // 4096,
               "--hash-offset", size, "--salt", "00" * 32, out, out)
    found = re.search(r"Root hash:\s*(\w+)", text)
    device = "PARTUUID=%U/PARTNROFF=1"
    table = (f"0 {size // 512} verity 1 {device} {device} 4096 4096 {size // 4096} "
             f"{size // 4096} sha256 {found[1]} {'00' * 32}")
    return out.read_bytes(), f'dm-mod.create="root,,,ro,{table}"'


def bare_loader_with(data):
    """The bare-metal loader with a profile, where its header says the profile lies
    (docs/formats/bare-image.md)."""
    image = bytearray((harness.BUILD / "aarch64/lifeboat.img").read_bytes())
    magic, offset, size = struct.unpack_from("<8sII", image, 32)
    if magic != b"LBIMAGE\1" or len(data) > size:
        raise ValueError("not a bare-metal loader, or a profile larger than its place")
    image[offset:offset + size] = data + bytes(size - len(data))
    return bytes(image)


# --- disks ---------------------------------------------------------------------------------

@dataclasses.dataclass
class Slot:
    """Content and attributes of one kernel partition, and the root that goes with it."""
    content: bytes
    priority: int = 1
    attempts: int = 0
    bootable: int = 1
    root: bytes = b""


class Image:
    """A disk image: partition 1 is the EFI system partition (if there is a loader), then
    kernel and root of each slot, then the boot history (if wanted)."""

    KERNEL_BYTES = 4 * MIB
    ROOT_BYTES = 64 * 1024

    def __init__(self, path, slots, loader=None, arch=None, history=False):
        self.path = pathlib.Path(path)
        self.slots = slots

        def room(least, contents):
            return max([least] + [-(-len(c) // MIB) * MIB for c in contents])

        kernel_bytes = room(self.KERNEL_BYTES, [s.content for s in slots])
        root_bytes = room(self.ROOT_BYTES, [s.root for s in slots])
        esp_bytes = room(8 * MIB, [loader + bytes(MIB)]) if loader else 0
        total = 2 * MIB + esp_bytes + len(slots) * (kernel_bytes + root_bytes)
        total += HISTORY_BYTES if history else 0
        with open(self.path, "wb") as f:
            f.truncate(total)
        run("cgpt", "create", self.path)
        run("cgpt", "boot", "-p", self.path)
        at = MIB
        if loader:
            self._add(1, "efi", "EFI-SYSTEM", at, esp_bytes)
            self._fill_esp(at, esp_bytes, loader, EFI_NAME[arch])
            at += esp_bytes
        self.start, self.root_start = {}, {}
        for n, slot in enumerate(slots):
            letter, number = chr(ord("A") + n), 2 + 2 * n
            self._add(number, "kernel", f"KERN-{letter}", at, kernel_bytes,
                      "-P", slot.priority, "-T", slot.attempts, "-S", slot.bootable)
            self.start[letter] = at
            self.write(at, slot.content)
            at += kernel_bytes
            self._add(number + 1, "rootfs", f"ROOT-{letter}", at, root_bytes)
            self.root_start[letter] = at
            self.write(at, slot.root)
            at += root_bytes
        if history:
            self._add(2 + 2 * len(slots), TYPE_HISTORY, "HISTORY", at, HISTORY_BYTES)

    def _add(self, number, kind, label, offset, size, *more):
        run("cgpt", "add", "-i", number, "-t", kind, "-l", label, "-b", offset // SECTOR,
            "-s", size // SECTOR, *more, self.path)

    def _fill_esp(self, offset, size, loader, name):
        where = f"{self.path}@@{offset}"
        source = self.path.with_suffix(".efi")
        source.write_bytes(loader)
        run("mformat", "-i", where, "-T", size // SECTOR, "-h", 16, "-s", 63, "-H", 0, "::")
        run("mmd", "-i", where, "::/EFI", "::/EFI/BOOT")
        run("mcopy", "-i", where, source, f"::/EFI/BOOT/{name}")
        source.unlink()

    def write(self, offset, data):
        with open(self.path, "r+b") as f:
            f.seek(offset)
            f.write(data)

    def read(self, offset, size):
        with open(self.path, "rb") as f:
            f.seek(offset)
            return f.read(size)

    def flip(self, letter, offset, mask=1):
        """Flip bits of one byte of a slot's partition."""
        at = self.start[letter] + offset
        self.write(at, bytes([self.read(at, 1)[0] ^ mask]))

    def number(self, letter):
        return 2 + 2 * (ord(letter) - ord("A"))

    def guid_of(self, number):
        return run("cgpt", "show", "-i", number, "-u", self.path).strip().lower()

    def guid(self, letter):
        return self.guid_of(self.number(letter))

    def attributes(self, letter):
        """(priority, remaining attempts, bootable) as cgpt shows them."""
        def shown(flag):
            # The value is the last line; a warning about a damaged copy may come first.
            text = run("cgpt", "show", "-i", self.number(letter), flag, self.path)
            return int(text.split()[-1])

        return shown("-P"), shown("-T"), shown("-S")

    def set(self, letter, **what):
        flags = {"priority": "-P", "attempts": "-T", "bootable": "-S"}
        argv = [a for name, value in what.items() for a in (flags[name], value)]
        run("cgpt", "add", "-i", self.number(letter), *argv, self.path)

    def table_good(self):
        """True when cgpt finds nothing to complain about in either copy."""
        text = run("cgpt", "show", self.path)
        return "INVALID" not in text and "invalid" not in text

    def wipe_primary(self):
        self.write(SECTOR, bytes(SECTOR))

    def wipe_backup(self):
        self.write(self.path.stat().st_size - SECTOR, bytes(SECTOR))


def with_big_sectors(source, path, sector=4096):
    """A copy of a 512-byte-sector image as a disk with bigger sectors: the same partitions
    at the same byte offsets, under a table written here (cgpt cannot)."""
    old = pathlib.Path(source).read_bytes()
    entries = bytearray(old[2 * SECTOR:2 * SECTOR + 128 * 128])
    for n in range(128):
        first, last = struct.unpack_from("<QQ", entries, 128 * n + 32)
        if any(entries[128 * n:128 * n + 16]):
            ends = (last + 1) * SECTOR
            assert first * SECTOR % sector == 0 and ends % sector == 0
            struct.pack_into("<QQ", entries, 128 * n + 32, first * SECTOR // sector,
                             ends // sector - 1)
    sectors, table = len(old) // sector, len(entries) // sector
    disk_guid = old[SECTOR + 56:SECTOR + 72]

    def header(mine, other, where):
        raw = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, mine, other,
                          2 + table, sectors - 2 - table, disk_guid, where, 128, 128,
                          binascii.crc32(entries))
        return raw[:16] + struct.pack("<I", binascii.crc32(raw)) + raw[20:]

    image = bytearray(old)
    end = len(image)
    image[:(2 + table) * sector] = bytes((2 + table) * sector)
    image[510:512] = b"\x55\xaa"
    image[446:462] = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xee, b"\xff\xff\xff", 1,
                                 sectors - 1)
    image[sector:sector + 92] = header(1, sectors - 1, 2)
    image[2 * sector:2 * sector + len(entries)] = entries
    image[end - (1 + table) * sector:] = bytes((1 + table) * sector)
    image[end - (1 + table) * sector:end - sector] = entries
    image[end - sector:end - sector + 92] = header(sectors - 1, 1, sectors - 1 - table)
    pathlib.Path(path).write_bytes(image)


def attributes_of(path, number, sector=4096):
    """(priority, remaining attempts, bootable) read from the primary table."""
    with open(path, "rb") as f:
        f.seek(2 * sector + 128 * (number - 1) + 48)
        bits = struct.unpack("<Q", f.read(8))[0]
    return bits >> 48 & 15, bits >> 52 & 15, bits >> 56 & 1
