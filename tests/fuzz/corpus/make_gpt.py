#!/usr/bin/python3
"""Writes the seeds of tests/fuzz/gpt_fuzz.c into tests/fuzz/corpus/gpt.

Small disks, each a kind of table and one kind of damage. The first two bytes control the
fuzz target (see there). Run again only when the target changes.
"""

import pathlib
import struct
import uuid
import zlib

HERE = pathlib.Path(__file__).resolve().parent / "gpt"
KERNEL = uuid.UUID("FE3A2A5D-4F32-41A7-B725-ACCC3285A309").bytes_le
ROOTFS = uuid.UUID("3CB8E202-3B7E-47DD-8A3C-7FF2A13CFCEC").bytes_le
REPAIR, STORE, PRIORITY, BIG = 2, 4, 8, 1


def entry(kind, number, first, last, attributes):
    return kind + bytes([number]) * 16 + struct.pack("<QQQ", first, last, attributes) + bytes(72)


def header(sectors, lba, entries_lba, tables, table, count, size, signature=b"EFI PART"):
    other = sectors - 1 if lba == 1 else 1
    h = bytearray(struct.pack("<8sIIIIQQQQ16sQIII", signature, 0x10000, 92, 0, 0, lba, other,
                              2 + tables, sectors - 2 - tables, b"\x77" * 16, entries_lba,
                              count, size, zlib.crc32(table)))
    struct.pack_into("<I", h, 16, zlib.crc32(h))
    return bytes(h)


def disk(sectors=16, sector=512, count=4, size=128, attributes=0x0062 << 48, signature=b"EFI PART"):
    tables = -(-count * size // sector)
    parts = [entry(KERNEL, 1, 2 + tables, 2 + tables, attributes),
             entry(ROOTFS, 2, 3 + tables, 4 + tables, 0),
             entry(KERNEL, 3, 5 + tables, 5 + tables, 0x0101 << 48)]
    table = b"".join(p.ljust(size, b"\0") for p in parts).ljust(count * size, b"\0")[:count * size]
    image = bytearray(sectors * sector)
    for lba, at in ((1, 2), (sectors - 1, sectors - 1 - tables)):
        h = header(sectors, lba, at, tables, table, count, size, signature)
        image[lba * sector:lba * sector + 92] = h
        image[at * sector:at * sector + len(table)] = table
    return image


def zero(image, sector, size=512):
    image[sector * size:(sector + 1) * size] = bytes(size)
    return image


SEEDS = {
    "good": (REPAIR | STORE, 0, disk()),
    "good-priority": (REPAIR | STORE | PRIORITY, 0, disk()),
    "sums-fixed": (REPAIR | STORE, 15, disk()),
    "only-load": (0, 0, disk()),
    "sectors-4096": (REPAIR | STORE | BIG, 0, disk(15, 4096)),
    "entries-128": (REPAIR | STORE, 0, disk(90, 512, 128)),
    "entries-64": (REPAIR | STORE, 0, disk(60, 512, 64)),
    "entry-512": (REPAIR | STORE, 0, disk(30, 512, 8, 512)),
    "one-entry": (REPAIR | STORE, 0, disk(9, 512, 1)),
    "no-primary": (REPAIR | STORE, 0, zero(disk(), 1)),
    "no-backup": (REPAIR | STORE, 0, zero(disk(), 15)),
    "no-primary-entries": (REPAIR | STORE, 0, zero(disk(), 2)),
    "no-backup-entries": (STORE, 0, zero(disk(), 14)),
    "different": (REPAIR | STORE, 0, disk()[:8 * 512] + disk(attributes=0x0011 << 48)[8 * 512:]),
    "grown": (REPAIR | STORE, 0, disk() + bytes(6 * 512)),
    "truncated": (REPAIR, 0, disk()[:13 * 512]),
    "legacy": (REPAIR | STORE, 0, disk(signature=b"CHROMEOS")),
    "ignored": (REPAIR | STORE, 0, disk()[:512] + disk(signature=b"IGNOREME")[512:1024] +
                disk()[1024:]),
    "empty": (REPAIR, 0, bytes(16 * 512)),
}


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    for name, (control, sums, image) in SEEDS.items():
        data = bytes([control, sums]) + bytes(image)
        if len(data) >= 65536:
            raise SystemExit(f"{name} is too large: {len(data)} bytes")
        (HERE / name).write_bytes(data)
    print(f"{len(SEEDS)} seeds in {HERE}")


if __name__ == "__main__":
    main()
