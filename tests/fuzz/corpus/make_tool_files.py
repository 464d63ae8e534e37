#!/usr/bin/python3
"""Make the seeds of tool_files_fuzz: the other targets' seeds behind the byte that chooses the
parser, and small files of the kinds that they do not have.

usage: tests/fuzz/corpus/make_tool_files.py OUT-FOLDER
"""
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
KEYS = pathlib.Path("/usr/share/vboot/devkeys")
KEY, KEYBLOCK, PARTITION, FIT, LOADER, LISTS, PROFILE, VERITY, INI, DISK = range(10)


def verity(salt):
    """One data block, superblock, one block of hashes. Format: docs/formats/root.md."""
    block = struct.pack("<8sII16s32sIIQH6x256s", b"verity\0\0", 1, 1, bytes(16),
                        b"sha256", 4096, 4096, 1, len(salt), salt)
    return bytes(4096) + block.ljust(4096, b"\0") + bytes(4096)


def signature_list(count):
    """SHA-256 digests. Spec: UEFI 2.10, 32.4.1."""
    kind = bytes.fromhex("2616c4c14c509240aca941f936934328")
    return struct.pack("<16sIII", kind, 28 + 48 * count, 0, 48) + bytes(48 * count)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)

    def put(kind, name, data):
        (out / name).write_bytes(bytes([kind]) + data)
    for folder, kind in (("fit", FIT), ("pe", LOADER), ("profile", PROFILE)):
        for seed in (HERE / folder).iterdir():
            put(kind, f"{folder}-{seed.name}", seed.read_bytes())
    put(KEYBLOCK, "keyblock", (KEYS / "kernel.keyblock").read_bytes())
    for name in "kernel_subkey.vbpubk", "kernel.keyblock":
        put(KEY, f"key-{name}", (KEYS / name).read_bytes())
    put(PARTITION, "partition", (KEYS / "kernel.keyblock").read_bytes().ljust(8192, b"\0"))
    for count in 1, 3:
        put(LISTS, f"list-{count}", signature_list(count))
    put(VERITY, "verity", verity(b"s" * 32))
    put(VERITY, "verity-no-salt", verity(b""))
    put(INI, "ini", b"; words\n[a]\nmodel = Kiosk\n  more\nkernel-key = \"k\" ; c\n[b\n=\n")
    put(DISK, "disk", b"\0" * 510 + b"\x55\xaa" + b"EFI PART" + bytes(4096))


if __name__ == "__main__":
    sys.exit(main())
