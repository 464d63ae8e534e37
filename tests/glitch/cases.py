"""The images of the fault campaign: each is refused, for exactly one reason, and what an
attacker could prepare is prepared, so that one wrong turn is enough to start it. Everything
is made with packaged tools and keys of this run."""
import hashlib
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "qemu"))

import harness  # noqa: E402
import images  # noqa: E402

SECTOR = 512
BODY_AT = 0x10000
VERSION = 5
# DigestInfo of PKCS#1 v1.5 for SHA-256 (RFC 8017, 9.2).
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
NORMAL_FLAGS, RECOVERY_FLAGS, DEVELOPER_FLAGS = 0x17, 0x1b, 0x06
SIGNATURE_AT, PREAMBLE_SIGNATURE_AT = 24, 8
GENERATION = 3  # of the loader


class Keys:
    """Two sets of RSA-2048 keys: the device's and an attacker's."""

    def __init__(self, work):
        self.work = pathlib.Path(work)
        for name in ("ours", "theirs"):
            images.run(harness.BUILD / "lifeboat", "keys", "new", "-a", "rsa2048-sha256",
                       self.work / name)

    def file(self, owner, name):
        return self.work / owner / name

    def profile(self):
        return images.profile(kernel_key=self.file("ours", "kernel_key.vbpubk"),
                              recovery_key=self.file("ours", "recovery_key.vbpubk"),
                              generation=GENERATION)

    def keyblock(self, data_owner, signer=None, flags=NORMAL_FLAGS):
        """A keyblock for an owner's data key. signer: (owner, key), None: only hashed."""
        out = self.work / f"{data_owner}-{signer}-{flags}.keyblock"
        argv = ["vbutil_keyblock", "--pack", out, "--flags", flags, "--datapubkey",
                self.file(data_owner, "kernel_data_key.vbpubk")]
        if signer:
            argv += ["--signprivate", self.file(signer[0], signer[1] + ".vbprivk")]
        images.run(*argv)
        return out

    def kernel(self, arch, keyblock, data_owner="ours", version=VERSION):
        """A kernel partition's bytes: the test kernel as EFI program, kind pe."""
        config, stub, out, efi = (self.work / n for n in ("config", "stub", "packed", "efi"))
        efi.write_bytes(program(arch))
        config.write_text("quiet\n")
        stub.write_text("stub")
        images.run("vbutil_kernel", "--pack", out, "--keyblock", keyblock, "--signprivate",
                   self.file(data_owner, "kernel_data_key.vbprivk"), "--version", version,
                   "--vmlinuz", efi, "--bootloader", stub,
                   "--config", config, "--arch", "arm64")
        return out.read_bytes()


def program(arch):
    """The smallest EFI program that preparation accepts; nothing of it ever runs."""
    machine = {"x86_64": 0x8664, "aarch64": 0xaa64}[arch]
    pe, section = 64, 64 + 24 + 112
    out = bytearray(4096)
    out[:2] = b"MZ"
    struct.pack_into("<I", out, 60, pe)
    struct.pack_into("<4sHH12xH", out, pe, b"PE", machine, 1, 112)
    struct.pack_into("<H66xH", out, pe + 24, 0x20b, 10)
    struct.pack_into("<8sIIII", out, section, b".text", 2048, 2048, 2048, 2048)
    out[2048:] = hashlib.shake_128(arch.encode()).digest(2048)
    return bytes(out)


def padded_digest(data):
    """What a right signature becomes by RSA: 256 bytes, PKCS#1 v1.5 with SHA-256."""
    info = SHA256_INFO + hashlib.sha256(data).digest()
    return b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info


def forge(image, base, at):
    """The signature described at base + at replaced by the padded digest of what it covers:
    right if only the exponentiation were left out."""
    offset, size, covered = struct.unpack_from("<QQQ", image, base + at)
    start = base + at + offset
    assert size == 256
    return (image[:start] + padded_digest(image[base:base + covered]) +
            image[start + size:])


def flip(image, at):
    return image[:at] + bytes([image[at] ^ 0x40]) + image[at + 1:]


def keyblock_bytes(image):
    return struct.unpack_from("<I", image, 16)[0]


def disk(path, kernel):
    """A small disk with one proven slot."""
    start, root = 64, 8
    sectors = -(-len(kernel) // SECTOR)
    total = start + sectors + root + 64
    with open(path, "wb") as f:
        f.truncate(total * SECTOR)
    images.run("cgpt", "create", path)
    images.run("cgpt", "add", "-i", 1, "-t", "kernel", "-l", "KERN-A", "-b", start, "-s",
               sectors, "-P", 1, "-T", 0, "-S", 1, path)
    images.run("cgpt", "add", "-i", 2, "-t", "rootfs", "-l", "ROOT-A", "-b",
               start + sectors, "-s", root, path)
    with open(path, "r+b") as f:
        f.seek(start * SECTOR)
        f.write(kernel)


FLOOR = 1 << 16 | VERSION


def good(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "kernel_key")))


def keyblock_unknown_key(keys, arch):
    return keys.kernel(arch, keys.keyblock("theirs", ("theirs", "kernel_key")), "theirs")


def keyblock_forged(keys, arch):
    image = keyblock_unknown_key(keys, arch)
    return forge(image, 0, SIGNATURE_AT)


def preamble_unknown_key(keys, arch):
    theirs = keys.kernel(arch, keys.keyblock("ours", ("ours", "kernel_key")), "theirs")
    return theirs


def preamble_forged(keys, arch):
    image = preamble_unknown_key(keys, arch)
    return forge(image, keyblock_bytes(image), PREAMBLE_SIGNATURE_AT)


def body_changed(keys, arch):
    return flip(good(keys, arch), BODY_AT + 0x800)


def old_version(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "kernel_key")),
                       version=VERSION - 1)


def developer_flags(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "kernel_key"),
                                           DEVELOPER_FLAGS))


def recovery_flags(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "kernel_key"), RECOVERY_FLAGS))


def self_signed(keys, arch):
    return keys.kernel(arch, keys.keyblock("theirs"), "theirs")


def stick_of_kernel_key(keys, arch):
    return recovery_flags(keys, arch)


def stick_unknown_key(keys, arch):
    return keys.kernel(arch, keys.keyblock("theirs", ("theirs", "recovery_key"),
                                           RECOVERY_FLAGS), "theirs")


def stick_normal_flags(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "recovery_key")))


def stick_old(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "recovery_key"),
                                           RECOVERY_FLAGS), version=VERSION - 1)


def stick_good(keys, arch):
    return keys.kernel(arch, keys.keyblock("ours", ("ours", "recovery_key"),
                                           RECOVERY_FLAGS))


# name: (what it is, how it is made, on a stick in recovery)
CASES = {
    "keyblock-unknown-key": (keyblock_unknown_key, False),
    "keyblock-forged": (keyblock_forged, False),
    "self-signed": (self_signed, False),
    "preamble-unknown-key": (preamble_unknown_key, False),
    "preamble-forged": (preamble_forged, False),
    "body-changed": (body_changed, False),
    "old-version": (old_version, False),
    "old-loader": (good, False),
    "developer-flags": (developer_flags, False),
    "recovery-flags": (recovery_flags, False),
    "stick-unknown-key": (stick_unknown_key, True),
    "stick-of-kernel-key": (stick_of_kernel_key, True),
    "stick-normal-flags": (stick_normal_flags, True),
    "stick-old-version": (stick_old, True),
}
# The generation that the device has seen; all about the kernel is right where it is higher.
LOADER_FLOORS = {"old-loader": GENERATION + 1}
# These boot, undisturbed: without them a campaign that refuses everything would look good.
CONTROLS = {"good": (good, False), "stick-good": (stick_good, True)}
