#!/usr/bin/python3
"""Random and damaged partition tables: what cgpt makes of them, and what the loader does.

usage: tests/differential/cgpt_diff.py [--cases N] [--seed N] [--keep DIR]

Every table that cgpt accepts must be read the same way: same copy's header, same copy's
entries, the same partitions. After `cgpt repair` and ours the disks must be the same
bytes. What differs by design is in LESS, MORE and the function wanted_repair below, each
with its reason; anything else is a failure, and --keep stores the image.

What cgpt cannot judge (4096-byte sectors, other entry counts) is compared with tables
made by fdisk and sgdisk and with tables made here.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))
JUDGE = BUILD / "asan" / "differential" / "gpt_judge"

KERNEL = uuid.UUID("FE3A2A5D-4F32-41A7-B725-ACCC3285A309").bytes_le
ROOTFS = uuid.UUID("3CB8E202-3B7E-47DD-8A3C-7FF2A13CFCEC").bytes_le
DATA = uuid.UUID("0FC63DAF-8483-4772-8E79-3D69D8477DE4").bytes_le
TYPES = [KERNEL, KERNEL, ROOTFS, DATA]
ONE_IGNORED, FOREIGN = 9, 10  # enum gpt_state

# Header fields: offset and size.
FIELDS = {"signature": (0, 8), "revision": (8, 4), "size": (12, 4), "crc": (16, 4),
          "reserved": (20, 4), "my_lba": (24, 8), "alternate": (32, 8),
          "first_usable": (40, 8), "last_usable": (48, 8), "disk_guid": (56, 16),
          "entries_lba": (72, 8), "count": (80, 4), "entry_bytes": (84, 4),
          "entries_crc": (88, 4)}


class Disk:
    """A disk image and the places of its two tables."""

    def __init__(self, sectors, sector=512):
        self.sector = sector
        self.data = bytearray(sectors * sector)

    @property
    def last(self):
        return len(self.data) // self.sector - 1

    def copy(self):
        other = Disk(0, self.sector)
        other.data = bytearray(self.data)
        return other

    def header_at(self, copy):
        return (1 if copy == 0 else self.last) * self.sector

    def get(self, copy, field):
        at, size = FIELDS[field]
        at += self.header_at(copy)
        return int.from_bytes(self.data[at:at + size], "little")

    def put(self, copy, field, value):
        at, size = FIELDS[field]
        at += self.header_at(copy)
        if isinstance(value, int):
            value = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        self.data[at:at + size] = value

    def signature(self, copy):
        at = self.header_at(copy)
        return bytes(self.data[at:at + 8])

    def header_crc(self, copy):
        size = self.get(copy, "size")
        at = self.header_at(copy)
        header = bytearray(self.data[at:at + min(size, self.sector)])
        header[16:20] = bytes(4)
        return zlib.crc32(header)

    def fix_header(self, copy):
        self.put(copy, "crc", self.header_crc(copy))

    def table_range(self, copy):
        """Where the header says its table is, or None when that is not on the disk."""
        at = self.get(copy, "entries_lba") * self.sector
        size = self.get(copy, "count") * self.get(copy, "entry_bytes")
        return (at, at + size) if at + size <= len(self.data) else None

    def table(self, copy):
        where = self.table_range(copy)
        return None if where is None else bytes(self.data[where[0]:where[1]])

    def put_table(self, copy, table, fix=True):
        where = self.table_range(copy)
        if where is None:
            return
        self.data[where[0]:where[0] + len(table)] = table
        if fix:
            self.fix_table(copy)

    def fix_table(self, copy):
        table = self.table(copy)
        if table is not None:
            self.put(copy, "entries_crc", zlib.crc32(table))
            self.fix_header(copy)

    def fix_links(self):
        """As UEFI wants it and cgpt does not care: each header names the other."""
        for copy, other in ((0, self.last), (1, 1)):
            if self.get(copy, "alternate") != other:
                self.put(copy, "alternate", other)
                self.fix_header(copy)


def entry(type_guid, guid, first, last, attributes=0, name=""):
    return (type_guid + guid + struct.pack("<QQQ", first, last, attributes) +
            name.encode("utf-16-le").ljust(72, b"\0"))


def make_disk(rng, sectors=512, sector=512, count=128, entry_bytes=128, padding=0):
    """A good table with some partitions in random order, each 1 to 12 sectors long."""
    disk = Disk(sectors, sector)
    table_sectors = -(-count * entry_bytes // sector)
    first, end = 2 + padding + table_sectors, disk.last - table_sectors
    table = bytearray(count * entry_bytes)
    places = rng.sample(range(min(count, 16)), rng.randint(1, min(8, count)))
    at = first + rng.randint(0, 4)
    for place in places:
        last = at + rng.randint(0, 11)
        if last >= end:
            break
        attributes = rng.choice([0, 1, 4, rng.getrandbits(9) << 48, rng.getrandbits(64)])
        made = entry(rng.choice(TYPES), rng.randbytes(16), at, last, attributes,
                     rng.choice(["KERN-A", "ROOT-A", "", "x" * 36]))
        table[place * entry_bytes:place * entry_bytes + 128] = made
        at = last + 1 + rng.randint(0, 3)
    guid = rng.randbytes(16)
    for copy in (0, 1):
        disk.put(copy, "signature", b"EFI PART")
        disk.put(copy, "revision", 0x10000)
        disk.put(copy, "size", 92)
        disk.put(copy, "my_lba", 1 if copy == 0 else disk.last)
        disk.put(copy, "alternate", disk.last if copy == 0 else 1)
        disk.put(copy, "first_usable", first)
        disk.put(copy, "last_usable", end - 1)
        disk.put(copy, "disk_guid", guid)
        disk.put(copy, "entries_lba", 2 + padding if copy == 0 else end)
        disk.put(copy, "count", count)
        disk.put(copy, "entry_bytes", entry_bytes)
        disk.put_table(copy, table)
    return disk


# --- damage: each takes the generator and a disk and changes it -------------------------

def some_copies(rng):
    return rng.choice([(0,), (1,), (0, 1)])


def number(rng, disk):
    last = disk.last
    return rng.choice([0, 1, 2, 3, 33, 34, 35, 64, 91, 92, 93, 127, 128, 129, 256, 512, 513,
                       last - 34, last - 33, last - 32, last - 31, last - 1, last, last + 1,
                       1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, rng.getrandbits(64)])


def field_damage(rng, disk):
    field = rng.choice(list(FIELDS))
    for copy in some_copies(rng):
        old = disk.get(copy, field)
        disk.put(copy, field, rng.choice([number(rng, disk), old + 1, old - 1]))
        if field != "crc" and rng.random() < 0.9:
            disk.fix_header(copy)


def tail_damage(rng, disk):
    for copy in some_copies(rng):
        disk.data[disk.header_at(copy) + 92 + rng.randrange(disk.sector - 92)] ^= 0x55
        if rng.random() < 0.5:
            disk.put(copy, "size", rng.choice([93, 96, 128, 512]))
            disk.fix_header(copy)


def put_u64(table, at, value):
    struct.pack_into("<Q", table, at, value & (1 << 64) - 1)


def pick_entry(rng, table):
    used = [i for i in range(0, len(table), 128) if any(table[i:i + 16])]
    if used and rng.random() < 0.9:
        return rng.choice(used)
    return rng.randrange(len(table) // 128) * 128


def entry_damage(rng, disk):
    table = disk.table(0)
    if not table:
        return
    table = bytearray(table)
    at, other = pick_entry(rng, table), pick_entry(rng, table)
    kind = rng.randrange(9)
    first, last = struct.unpack_from("<QQ", table, at + 32)
    if kind == 0:
        put_u64(table, at + 32, rng.choice([first - 1, first + 1, last, last + 1,
                                            number(rng, disk)]))
    elif kind == 1:
        put_u64(table, at + 40, rng.choice([first - 1, first, last + 1, last + 4,
                                            number(rng, disk)]))
    elif kind == 2:
        table[at + 16:at + 32] = table[other + 16:other + 32]
    elif kind == 3:
        table[at + 32:at + 48] = table[other + 32:other + 48]
    elif kind == 4:
        table[at:at + 128] = bytes(128)
    elif kind == 5:
        table[at:at + 16] = rng.choice([bytes(16), bytes(15) + b"\1", rng.randbytes(16)])
    elif kind == 6:
        put_u64(table, at + 48, rng.getrandbits(64))
    elif kind == 7:
        table[other:other + 128] = table[at:at + 128]
    else:
        put_u64(table, at + 32, disk.get(0, "first_usable"))
        put_u64(table, at + 40, disk.get(0, "last_usable"))
    fix = rng.random() < 0.85
    for copy in some_copies(rng):
        disk.put_table(copy, table, fix)


def stale_copy(rng, disk):
    """One copy is whole but from another time."""
    copy = rng.randrange(2)
    table = disk.table(copy)
    if not table:
        return
    table = bytearray(table)
    put_u64(table, pick_entry(rng, table) + 48, rng.getrandbits(9) << 48)
    disk.put_table(copy, table)


def torn_write(rng, disk):
    """Entries written and the header not, or the other way round."""
    copy = rng.randrange(2)
    table = disk.table(copy)
    if not table:
        return
    new = bytearray(table)
    put_u64(new, pick_entry(rng, new) + 48, rng.getrandbits(9) << 48)
    disk.put_table(copy, new)
    if rng.random() < 0.5:
        disk.put_table(copy, table, fix=False)
    else:
        disk.put(copy, "entries_crc", zlib.crc32(table))
        disk.fix_header(copy)


def cross(rng, disk):
    """Header of one state with entries of the other, on both copies."""
    old, new = disk.table(0), disk.table(1)
    if not old or not new:
        return
    new = bytearray(old)
    put_u64(new, pick_entry(rng, new) + 48, rng.getrandbits(9) << 48)
    choices = [old, bytes(new), rng.randbytes(len(old))]
    for copy in (0, 1):
        disk.put_table(copy, rng.choice(choices), fix=False)
        disk.put(copy, "entries_crc", zlib.crc32(rng.choice(choices)))
        disk.fix_header(copy)


def zero_part(rng, disk):
    for copy in some_copies(rng):
        where = disk.table_range(copy)
        if rng.random() < 0.5 or where is None:
            at = disk.header_at(copy)
            disk.data[at:at + disk.sector] = bytes(disk.sector)
        else:
            disk.data[where[0]:where[1]] = bytes(where[1] - where[0])


def flip(rng, disk):
    for _ in range(rng.randint(1, 3)):
        where = rng.choice([disk.sector, len(disk.data) - disk.sector])
        at = where + rng.randrange(92)
        if rng.random() < 0.4:
            table = rng.choice([2, disk.last - 32])
            at = max(table, 0) * disk.sector + rng.randrange(512)
        disk.data[at] ^= 1 << rng.randrange(8)


def signature(rng, disk):
    for copy in some_copies(rng):
        disk.put(copy, "signature", rng.choice([b"CHROMEOS", b"CHROMEOS", b"IGNOREME",
                                                b"EFI TRAP", b"EFI PART"]))
        if rng.random() < 0.8:
            disk.fix_header(copy)
        if rng.random() < 0.3:
            disk.put_table(copy, bytes(len(disk.table(copy) or b"")), fix=False)


def swapped(rng, disk):
    one = rng.randrange(2)
    at, other = disk.header_at(one), disk.header_at(1 - one)
    disk.data[at:at + disk.sector] = disk.data[other:other + disk.sector]
    if rng.random() < 0.5:
        disk.put(one, "my_lba", at // disk.sector)
        disk.fix_header(one)


def grown(rng, disk):
    disk.data += bytes(disk.sector * rng.choice([1, 2, 31, 32, 33, 34, 100]))


def truncated(rng, disk):
    sectors = min(rng.choice([1, 2, 32, 33, 40, 300]), disk.last - 4)
    del disk.data[len(disk.data) - disk.sector * sectors:]


def moved_table(rng, disk):
    copy = rng.randrange(2)
    table = disk.table(copy)
    if not table:
        return
    disk.put(copy, "entries_lba", rng.choice([3, 34, 40, 100, disk.last - 70, disk.last - 33,
                                              disk.last - 32]))
    disk.put_table(copy, table)


DAMAGE = [field_damage, field_damage, field_damage, tail_damage, entry_damage, entry_damage,
          stale_copy, torn_write, cross, cross, zero_part, zero_part, flip, signature,
          swapped, grown, truncated, moved_table]


# --- the judges -------------------------------------------------------------------------

class Verdict:
    def __init__(self, accepted=False, header=0, entries=0, parts=(), state=-1, words=""):
        self.accepted, self.header, self.entries = accepted, header, entries
        self.parts, self.state, self.words = list(parts), state, words

    def key(self):
        return (self.header, self.entries, self.parts) if self.accepted else None

    def __str__(self):
        return (f"header {self.header}, entries {self.entries}, {self.parts} {self.words}"
                if self.accepted else f"refused {self.words}")


PART = re.compile(r"^ +(\d+) +(\d+) +(\d+)  Label: ")
PLACE = re.compile(r"^ +\d+ +\d+ (INVALID|IGNORED)? *(Pri|Sec) GPT (header|table)$")
DETAIL = re.compile(r"^ +(Type|UUID|Attr): (.*)$")


def cgpt(*args):
    done = subprocess.run(["cgpt", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          close_fds=False, check=False)
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def ask_cgpt(path):
    status, out, err = cgpt("show", "-v", "-n", str(path))
    if status != 0:
        return Verdict(words=err.strip().splitlines()[-1] if err.strip() else "")
    good, parts = set(), []
    for line in out.splitlines():
        if place := PLACE.match(line):
            if place[1] is None:
                good.add((place[2], place[3]))
        elif part := PART.match(line):
            first, count = int(part[1]), int(part[2])
            parts.append([int(part[3]) - 1, first, first + count - 1])
        elif parts and (detail := DETAIL.match(line)):
            if detail[1] == "Attr":
                parts[-1].append(int(detail[2].strip("[]"), 16))
            else:
                parts[-1].append(uuid.UUID(detail[2]).bytes_le.hex())
    return Verdict(True, 0 if ("Pri", "header") in good else 1,
                   0 if ("Pri", "table") in good else 1, parts)


class Judge:
    def __init__(self):
        self.process = subprocess.Popen([JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, *command):
        print(*command, file=self.process.stdin, flush=True)
        lines = []
        while (line := self.process.stdout.readline()) != "end\n":
            if line == "":
                raise RuntimeError(f"gpt_judge died on {command}")
            lines.append(line.rstrip("\n"))
        head, _, words = lines[0].partition("\t")
        if head.startswith("bad"):
            return Verdict(words=f"{head} {words}"), ""
        header, entries, state = map(int, head.split()[1:])
        done = [line for line in lines[1:] if line.startswith("done")]
        parts = []
        for line in lines[1:len(lines) - len(done)]:
            index, first, last, kind, guid, attributes, _ = line.split(" ")
            parts.append([int(index), int(first), int(last), kind, guid, int(attributes) >> 48])
        return Verdict(True, header, entries, parts, state, words), "".join(done)


# --- what differs by design -------------------------------------------------------------

def valid_header(disk, copy):
    return (disk.signature(copy) in (b"EFI PART", b"CHROMEOS") and
            92 <= disk.get(copy, "size") <= 512 and
            disk.get(copy, "crc") == disk.header_crc(copy))


def nothing_there(disk):
    """A header vouches for a table of zeros, and its own is not that."""
    return any(valid_header(disk, copy) and
               disk.get(copy, "entries_crc") == zlib.crc32(bytes(128 * 128)) for copy in (0, 1))


def other_format(disk):
    return any(valid_header(disk, copy) and
               (disk.get(copy, "count"), disk.get(copy, "entry_bytes")) != (128, 128)
               for copy in (0, 1))


def backup_elsewhere(disk):
    return (valid_header(disk, 1) and
            disk.get(1, "entries_lba") != disk.last - 32)


def table_off_disk(disk):
    return valid_header(disk, 0) and disk.table_range(0) is None


def grown_disk(disk):
    return valid_header(disk, 0) and disk.get(0, "alternate") < disk.last


# Accepted by cgpt, refused or read otherwise by us.
LESS = [
    (nothing_there, "cgpt takes zeros for the entries of a copy whose header is bad; when "
                    "the good header's checksum is that of an empty table it then finds an "
                    "empty table that is nowhere on the disk"),
]
# Refused by cgpt, accepted by us.
MORE = [
    (other_format, "UEFI allows other entry counts and sizes"),
    (backup_elsewhere, "UEFI allows the backup's entries anywhere behind the usable range"),
    (table_off_disk, "cgpt gives the disk up when one table cannot be read; the other copy "
                     "is enough"),
    (grown_disk, "the backup is also looked for where the primary says it is"),
]


def explained(table, disk):
    return any(applies(disk) for applies, _ in table)


def wanted_repair(before, ours, after, by_cgpt):
    """The disk that our repair must leave, from the one that `cgpt repair` left.

    @after is what it did leave: only looked at for which header it wrote.

    Ours never writes a table without a kernel partition (not ours to repair), one with a
    CHROMEOS or ignored copy, or one whose entries lie among the partitions. It also
    corrects where the headers say the other copy is. And when it writes a header, it
    takes the reserved bytes behind it from the good one, where cgpt leaves the old ones.
    """
    if (ours.state in (ONE_IGNORED, FOREIGN) or
            not any(part[3] == KERNEL.hex() for part in ours.parts)):
        return before.data
    wanted = by_cgpt.copy()
    good, other = wanted.header_at(ours.header), wanted.header_at(1 - ours.header)
    if after[other:other + 512] != before.data[other:other + 512]:
        wanted.data[other + 92:other + 512] = wanted.data[good + 92:good + 512]
        wanted.fix_header(1 - ours.header)
    wanted.fix_links()
    return wanted.data


# --- the comparison ---------------------------------------------------------------------

class Run:
    def __init__(self, folder, keep):
        self.judge = Judge()
        self.folder, self.keep = folder, keep
        self.passed = self.failed = 0
        self.counts = {}

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def verdict(self, good, name, disk, *words):
        if good:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {name}:", *words, sep="\n    ")
        if self.keep and disk is not None:
            os.makedirs(self.keep, exist_ok=True)
            (pathlib.Path(self.keep) / f"{name}.img").write_bytes(disk.data)

    def write(self, disk, name):
        path = self.folder / name
        path.write_bytes(disk.data)
        return path

    def compare(self, name, disk, more=0):
        path = self.write(disk, "case.img")
        theirs = ask_cgpt(path)
        ours, _ = self.judge.ask("show", 512, path)
        if theirs.accepted:
            self.count("accepted by both" if ours.accepted else "accepted by cgpt only")
            if disk.table(0) == disk.table(1):
                theirs.entries = ours.entries  # the same bytes; both judges may take either
            good = ours.key() == theirs.key() or explained(LESS, disk)
        else:
            self.count("accepted by us only" if ours.accepted else "refused by both")
            good = not ours.accepted or explained(MORE, disk)
        self.verdict(good, name, disk, f"cgpt: {theirs}", f"ours: {ours}")
        if theirs.accepted and ours.accepted and ours.key() == theirs.key():
            if more % 3 == 0:
                self.compare_repair(name, disk, ours)
            if more % 5 == 0:
                self.compare_find(name, disk, path, ours)

    def compare_find(self, name, disk, path, ours):
        _, out, _ = cgpt("find", "-t", "kernel", str(path))
        theirs = sorted(int(line[len(str(path)):]) for line in out.splitlines())
        kernels = sorted(p[0] + 1 for p in ours.parts if p[3] == KERNEL.hex())
        self.count("find")
        self.verdict(theirs == kernels, name + "-find", disk, f"cgpt: {theirs}", f"ours: {kernels}")

    def compare_repair(self, name, disk, ours):
        path = self.write(disk, "cgpt.img")
        # Twice: where the primary's entries are not at sector 2, cgpt's first run makes a
        # header that says they are, and only the second puts them there.
        status = cgpt("repair", str(path))[0] or cgpt("repair", str(path))[0]
        by_cgpt = disk.copy()
        by_cgpt.data = bytearray(path.read_bytes())
        path = self.write(disk, "ours.img")
        _, done = self.judge.ask("repair", 512, path)
        after = path.read_bytes()
        wanted = wanted_repair(disk, ours, after, by_cgpt)
        self.count("repair" if wanted != disk.data else "repair of nothing")
        self.verdict(status == 0 and after == wanted, name + "-repair", disk,
                     f"state {ours.words}; {done}; cgpt's status {status}",
                     f"differs at {differences(after, wanted)}")

    def alone(self, name, disk, wanted_parts):
        """A table that cgpt cannot judge: ours must find exactly @wanted_parts."""
        path = self.write(disk, "alone.img")
        ours, _ = self.judge.ask("show", disk.sector, path)
        self.verdict(ours.accepted and ours.parts == wanted_parts, name, disk, f"ours: {ours}",
                     f"wanted: {wanted_parts}")
        for copy in (0, 1):
            hurt = disk.copy()
            at = hurt.header_at(copy)
            hurt.data[at:at + disk.sector] = bytes(disk.sector)
            path = self.write(hurt, "alone.img")
            ours, done = self.judge.ask("repair", disk.sector, path)
            kernel = any(part[3] == KERNEL.hex() for part in wanted_parts)
            self.verdict(ours.parts == wanted_parts and
                         (path.read_bytes() == disk.data) == kernel,
                         f"{name}-repair-{copy}", hurt, f"ours: {ours}; {done}")


def differences(a, b):
    return [f"{i // 512}:{i % 512}" for i in range(min(len(a), len(b))) if a[i] != b[i]][:12]


def random_cases(run, rng, cases):
    for n in range(cases):
        disk = make_disk(rng, sectors=rng.choice([512, 512, 300]), padding=rng.choice([0, 0, 0, 5]))
        for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
            rng.choice(DAMAGE)(rng, disk)
        run.compare(f"case-{n}", disk, n)


def every_field(run, rng):
    """Every header field with every interesting number, in either or both copies."""
    n = 0
    for field in FIELDS:
        for copies in ((0,), (1,), (0, 1)):
            for delta in (-1, 1, None):
                disk = make_disk(rng)
                for copy in copies:
                    value = 0 if delta is None else disk.get(copy, field) + delta
                    disk.put(copy, field, value)
                    if field != "crc":
                        disk.fix_header(copy)
                run.compare(f"field-{field}-{copies}-{delta}", disk, n)
                n += 1


def made_by_cgpt(run, folder):
    """The modes cgpt itself can set."""
    path = folder / "made.img"
    make = [["create"], ["add", "-i", "2", "-b", "64", "-s", "8", "-t", "kernel", "-l", "KERN-A",
             "-P", "2", "-T", "3", "-S", "0"],
            ["add", "-i", "3", "-b", "80", "-s", "8", "-t", "rootfs", "-l", "ROOT-A"]]
    modes = {"plain": [], "boot": [["boot", "-p"]], "prioritized": [["prioritize", "-i", "2"]],
             "legacy": [["legacy"]], "ignored": [["legacy", "-p"]],
             "efi-again": [["legacy"], ["legacy", "-e"]]}
    for name, extra in modes.items():
        path.write_bytes(bytes(512 * 512))
        for command in make + extra:
            status, _, err = cgpt(*command, str(path))
            if status != 0:
                raise RuntimeError(f"cgpt {command}: {err}")
        disk = Disk(512)
        disk.data = bytearray(path.read_bytes())
        run.compare(f"cgpt-{name}", disk, 0)


def parts_of(disk):
    """The partitions in the primary table, decoded here."""
    table, size = disk.table(0), disk.get(0, "entry_bytes")
    parts = []
    for n in range(disk.get(0, "count")):
        e = table[n * size:n * size + 128]
        if any(e[:16]):
            first, last, attributes = struct.unpack_from("<QQQ", e, 32)
            parts.append([n, first, last, e[:16].hex(), e[16:32].hex(), attributes >> 48])
    return parts


def other_formats(run, rng):
    for sector in (512, 1024, 2048, 4096):
        for count, size in ((128, 128), (1, 128), (4, 128), (5, 256), (64, 128), (100, 128),
                            (256, 128), (128, 512), (1024, 128), (16, 1024), (8, 4096)):
            if size <= sector:
                disk = make_disk(rng, 2048, sector, count, size)
                run.alone(f"own-{sector}-{count}x{size}", disk, parts_of(disk))


def made_by_sgdisk(run, folder):
    path = folder / "sgdisk.img"
    for count in (4, 64, 128, 256, 1024):
        path.write_bytes(bytes(1 << 20))
        subprocess.run(["sgdisk", "-S", str(count), "-a", "1", "-n", "2:600:700", "-t",
                        "2:fe3a2a5d-4f32-41a7-b725-accc3285a309", "-c", "2:KERN-A", "-n",
                        "3:701:1000", "-A", "2:set:56", str(path)], check=True,
                       stdout=subprocess.DEVNULL)
        disk = Disk(0)
        disk.data = bytearray(path.read_bytes())
        run.alone(f"sgdisk-{count}", disk, parts_of(disk))


def made_by_fdisk(run, folder):
    path = folder / "fdisk.img"
    for sector in (512, 1024, 2048, 4096):
        path.write_bytes(bytes(8 << 20))
        script = ("g\nn\n\n\n+40\nn\n\n\n+50\nt\n1\n"
                  "FE3A2A5D-4F32-41A7-B725-ACCC3285A309\nw\n")
        subprocess.run(["fdisk", "-b", str(sector), str(path)], input=script, text=True,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        disk = Disk(0, sector)
        disk.data = bytearray(path.read_bytes())
        parts = parts_of(disk)
        run.verdict(len(parts) == 2 and parts[0][3] == KERNEL.hex(), f"fdisk-{sector}-made", disk,
                    f"fdisk did not make what was asked for: {parts}")
        run.alone(f"fdisk-{sector}", disk, parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=2500, help="random tables (2500)")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--keep", metavar="DIR", help="store the images of failures there")
    args = parser.parse_args()
    for tool in ("cgpt", "sgdisk", "fdisk"):
        if shutil.which(tool) is None:
            sys.exit(f"cgpt_diff: {tool} is not installed (tools/setup/packages)")
    rng = random.Random(args.seed)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cgpt_diff.") as folder:
        run = Run(pathlib.Path(folder), args.keep)
        made_by_cgpt(run, run.folder)
        every_field(run, rng)
        random_cases(run, rng, args.cases)
        other_formats(run, rng)
        made_by_sgdisk(run, run.folder)
        made_by_fdisk(run, run.folder)
    print(f"seed {args.seed}, {time.monotonic() - start:.1f} s:",
          ", ".join(f"{n} {what}" for what, n in sorted(run.counts.items())))
    for what in ("accepted by both", "refused by both", "repair", "find"):
        run.verdict(run.counts.get(what, 0) > 0, f"coverage-{what}", None, "never happened")
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
