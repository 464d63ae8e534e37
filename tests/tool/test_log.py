"""lifeboat log: histories made here byte by byte, from docs/formats/boot-history.md."""
import os
import struct
import uuid
import zlib

import pytest

from lifeboat_tool import judge, run, run_json, write

CELL, CELLS = 4096, 64
START, RECOVERY, MODE = 2, 3, 1


def record(boot, update=0, stage=START, mode=0, reason=0, version=0x10002, floor=0x10001,
           slot=bytes(16), flags=0, started_as=0, behind=0, marking=()):
    """@marking: GUIDs of slots whose systems are known to write marks."""
    body = struct.pack("<8sQIBBHII16sBBxB12xI128x", b"LBHIST\0\1", boot, update, stage, mode,
                       reason, version, floor, slot, flags, started_as, len(marking), behind)
    body = (body + b"".join(struct.pack("<I", zlib.crc32(m)) for m in marking)).ljust(508, b"\0")
    return body + struct.pack("<I", zlib.crc32(body))


@pytest.fixture
def disk(signed, tmp_path):
    """An image with one slot; put(cell, bytes) writes into its history."""
    image = tmp_path / "d.img"
    sizes = ["--state", "1M", "-s", "efi.size=8M", "-s", "state.type=none"]
    kernel = signed("kernel")

    class Disk:
        path = image

        def make(self, sector=512):
            run("image", "-o", image, "-q", "--signed-a", kernel, "--sector-size", sector, *sizes)
            told = run_json("inspect", image)
            return told

        def place(self):
            content = image.read_bytes()
            sector = 4096 if content[4096:4104] == b"EFI PART" else 512
            for number in range(128):
                entry = content[2 * sector + 128 * number:][:128]
                if uuid.UUID(bytes_le=entry[:16]) == \
                        uuid.UUID("88f5c2b6-3339-4d83-a9f5-0b9eb08f6712"):
                    return struct.unpack_from("<Q", entry, 32)[0] * sector
            raise AssertionError("no history partition")

        def put(self, cell, content):
            with open(image, "r+b") as f:
                f.seek(self.place() + cell * CELL)
                f.write(content)

        def slot(self):
            return uuid.UUID(run_json("slots", image)["slots"][0]["guid"]).bytes_le

    made = Disk()
    made.make()
    return made


@pytest.mark.parametrize("sector", [512, 4096])
def test_three_boots(sector, disk):
    disk.make(sector)
    assert "no boot was recorded" in run("log", disk.path).stdout
    slot = disk.slot()
    disk.put(2, record(1, slot=slot, mode=0))
    disk.put(4, record(2, stage=RECOVERY, mode=0, reason=2))
    disk.put(6, record(3, 0, stage=RECOVERY, mode=1, reason=7, flags=1))
    disk.put(7, record(3, 1, stage=MODE, mode=1, flags=1))
    told = run_json("log", disk.path)["records"]
    assert [(r["boot"], r["update"]) for r in told] == [(1, 0), (2, 0), (3, 0), (3, 1)]
    assert told[0]["slot"] == "A" and told[0]["mode"] == "normal"
    assert told[0]["version"] == 0x10002 and told[0]["floor"] == 0x10001
    assert uuid.UUID(told[0]["guid"]).bytes_le == slot
    assert told[1]["reason_name"] == "key" and told[1]["guid"] is None
    assert told[3]["mode"] == "developer" and told[3]["developer_mode"]
    lines = run("log", disk.path).stdout.splitlines()
    assert lines[0].startswith("boot 1.0: slot started A (")
    assert "key version 1, kernel version 2" in lines[0]
    assert "reason 2: a key was pressed at power-on" in lines[1]


def test_deaths_and_missing_marks(disk):
    slot = disk.slot()
    disk.put(2, record(1, slot=slot))
    disk.put(4, record(2, slot=slot, flags=2))
    disk.put(6, record(3, slot=slot, flags=4))
    disk.put(8, record(4, slot=slot, flags=6))
    told = run_json("log", disk.path)["records"]
    assert [r["after_watchdog"] for r in told] == [False, True, False, True]
    assert [r["before_not_marked"] for r in told] == [False, False, True, True]
    lines = run("log", disk.path).stdout.splitlines()
    died, missed = "the watchdog ended the boot before", "the slot before was not marked good"
    assert [died in line for line in lines] == [False, True, False, True]
    assert [missed in line for line in lines] == [False, False, True, True]


def test_panics_last_resorts_and_slots_put_behind(disk):
    slot = disk.slot()
    disk.put(2, record(1, slot=slot, started_as=2, behind=0b1010))
    disk.put(3, record(1, 1, stage=4, slot=slot, flags=16, started_as=2, behind=0b1010))
    disk.put(4, record(2, slot=slot, flags=8, started_as=3))
    told = run_json("log", disk.path)["records"]
    assert [r["behind"] for r in told] == ["BD", "BD", ""]
    assert [r["started_as"] for r in told] == ["proven", "proven", "last-resort"]
    assert [r["marked"] for r in told] == [False, True, False]
    assert [r["after_panic"] for r in told] == [False, False, True]
    lines = run("log", disk.path).stdout.splitlines()
    assert "slot started A (" in lines[0] and "which went before slot BD" in lines[0]
    assert lines[1].startswith("boot 1.1: marked good A (")
    assert "as a last resort" in lines[2] and "left a crash dump" in lines[2]


def newest(disk):
    return run_json("log", disk.path)["records"][-1]


def test_mark_good_marks_the_start(disk):
    slot = disk.slot()
    disk.put(2, record(1, slot=slot, started_as=2))
    for _ in range(2):  # the second time nothing is written
        run("slots", disk.path, "mark-good", "A")
        told = newest(disk)
        assert (told["boot"], told["update"], told["stage_text"]) == (1, 1, "marked good")
        assert told["marked"] and told["slot"] == "A"
    run("slots", disk.path, "set", "A", "--priority", "3")
    told = newest(disk)
    assert (told["update"], told["stage_text"], told["marked"]) == (2, "set by hand", True)


def test_mark_good_of_a_slot_that_was_not_started(disk):
    """A person's word: what its starts were before does not count any more."""
    disk.put(2, record(1, slot=b"x" * 16, started_as=2))
    run("slots", disk.path, "mark-good", "A")
    assert newest(disk)["stage_text"] == "set by hand" and not newest(disk)["marked"]


@pytest.fixture
def two(signed, tmp_path):
    """A (priority 2) and B, both proven; the history is written by hand."""
    image = tmp_path / "two.img"
    kernel = signed("kernel")
    run("image", "-o", image, "-q", "--signed-a", kernel, "--signed-b", kernel, "--state", "1M",
        "-s", "efi.size=8M", "-s", "state.type=none")
    for letter, priority in ("A", 2), ("B", 1):
        run("slots", image, "set", letter, "--priority", priority, "--remaining-attempts", 0,
            "--bootable", "yes")
    return image


def test_slots_tells_who_goes_behind(two, disk):
    disk.path = two
    found = run_json("slots", two)["slots"]
    assert [s["order"] for s in found] == [1, 2] and not any(s["behind"] for s in found)
    put = {s["slot"]: uuid.UUID(s["guid"]).bytes_le for s in found}
    content = two.read_bytes()
    sector = 512
    for number in range(128):
        entry = content[2 * sector + 128 * number:][:128]
        if uuid.UUID(bytes_le=entry[:16]) == uuid.UUID("88f5c2b6-3339-4d83-a9f5-0b9eb08f6712"):
            start = struct.unpack_from("<Q", entry, 32)[0] * sector
    with open(two, "r+b") as f:
        for boot in range(1, 8):
            f.seek(start + 2 * boot * CELL)
            f.write(record(boot, slot=put["A"], started_as=2, flags=16 if boot == 1 else 0,
                           marking=[put["A"]]))
    found = run_json("slots", two)["slots"]
    assert [s["order"] for s in found] == [2, 1]
    assert [s["behind"] for s in found] == [True, False]
    assert [s["unmarked_starts"] for s in found] == [6, 0] and found[0]["writes_marks"]
    text = run("slots", two).stdout
    assert "A  " in text and "behind the others: its last 6 starts ended without" in text
    # In ChromeOS's order it does not count; and set by hand it is forgotten.
    assert [s["order"] for s in run_json("slots", two, "--order", "priority")["slots"]] == [1, 2]
    run("slots", two, "set", "A", "--priority", 2)
    assert [s["order"] for s in run_json("slots", two)["slots"]] == [1, 2]


def test_ring_and_order(disk):
    """Later boots take the place of earlier ones, 32 boots later."""
    slot = disk.slot()
    for boot in range(1, 41):
        disk.put(2 * (boot % 32), record(boot, slot=slot))
    told = run_json("log", disk.path)["records"]
    assert [r["boot"] for r in told] == list(range(9, 41))


def test_torn_and_strange_cells(disk):
    good = record(5, slot=disk.slot())
    disk.put(10, good)
    disk.put(12, good[:300] + record(6)[300:])  # torn in the middle
    disk.put(14, bytearray(good[:-1]) + bytes([good[-1] ^ 1]))
    disk.put(16, b"something else".ljust(512))
    disk.put(22, good)  # in another record's cell
    disk.put(63, record(2**64 - 1, 2**32 - 1, stage=77, mode=9, reason=999, version=2**32 - 1,
                        slot=b"\xff" * 16, flags=255))
    told = run_json("log", disk.path)
    assert [r["boot"] for r in told["records"]] == [5, str(2**64 - 1)] and told["torn_cells"] == 3
    odd = told["records"][1]
    assert odd["stage_text"] == "unknown" and odd["mode"] == "unknown"
    assert odd["reason_name"] == "unknown" and odd["slot"] is None
    assert "3 torn cells" in run("log", disk.path).stdout


def test_no_history(disk, tmp_path):
    judge("sgdisk", "-d", "6", disk.path)
    assert "no boot history" in run("log", disk.path, expect=1).stderr
    assert "partition table" in run("log", write(tmp_path / "x", bytes(10**6)), expect=2).stderr
    assert "/nonexistent" in run("log", "/nonexistent", expect=2).stderr
    run("log", disk.path, "--sector-size", "1000", expect=2)


def test_too_small_a_partition_is_none(disk):
    judge("sgdisk", "-d", "6", "-n", "7:0:+128K", "-t",
          "7:88F5C2B6-3339-4D83-A9F5-0B9EB08F6712", disk.path)
    run("log", disk.path, expect=1)


def test_in_the_running_system(disk, tmp_path):
    disk.put(0, record(32, slot=disk.slot()))
    guid = run_json("slots", disk.path)["slots"][0]["guid"]
    for path in "sys/firmware/efi/efivars", "sys/class/block/vda", "dev":
        (tmp_path / "root" / path).mkdir(parents=True)
    os.symlink(disk.path, tmp_path / "root/dev/vda")
    write(tmp_path / "root/sys/firmware/efi/efivars/"
          "LifeboatSlot-782ed91d-b444-4d76-abd7-3374f0779f89", b"\6\0\0\0A " + guid.encode())
    told = run_json("log", "--system-root", tmp_path / "root")
    assert told["records"][0]["boot"] == 32
    assert "not started by lifeboat" in run("log", "--system-root", tmp_path, expect=2).stderr
