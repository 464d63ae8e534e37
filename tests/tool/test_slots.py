"""lifeboat slots: cgpt sees what it writes; power cuts are tests of gpt_store_attributes."""
import fcntl
import json
import os
import random
import struct
import subprocess
import time
import zlib

import pytest

from lifeboat_tool import MIB, command, judge, run, run_json, system, write


@pytest.fixture
def disk(tmp_path):
    """Made by cgpt alone: A proven, B trying, C dead."""
    image = tmp_path / "d.img"
    with open(image, "wb") as f:
        f.truncate(8 * MIB)
    judge("cgpt", "create", image)
    for i, (p, t, s) in enumerate([(2, 0, 1), (1, 5, 0), (3, 0, 0)]):
        start = 64 + 2048 * i
        judge("cgpt", "add", "-i", 2 * i + 2, "-b", start, "-s", 1024, "-t", "kernel",
              "-P", p, "-T", t, "-S", s, image)
        judge("cgpt", "add", "-i", 2 * i + 3, "-b", start + 1024, "-s", 1024, "-t", "rootfs", image)
    return image


def attributes(image, number):
    return judge("cgpt", "show", "-i", number, image).split("Attr:")[1].strip()


def test_words(disk):
    slots = run_json("slots", disk)["slots"]
    assert [s["words"] for s in slots] == ["booted correctly", "still trying", "booted incorrectly"]
    assert [s["state"] for s in slots] == ["proven", "trying", "dead"]
    assert [s["order"] for s in slots] == [2, 1, None]
    assert [(s["slot"], s["partition"], s["root_partition"]) for s in slots] == \
        [("A", 2, 3), ("B", 4, 5), ("C", 6, 7)]
    text = run("slots", disk).stdout
    assert "still trying, goes first" in text and "booted incorrectly, is not tried" in text
    slots = run_json("slots", disk, "--order", "priority")["slots"]
    assert [s["order"] for s in slots] == [1, 2, None]


def test_set(disk):
    before = judge("cgpt", "show", "-v", disk)
    run("slots", disk, "set", "C", "--priority", "9", "--remaining-attempts", "15",
        "--bootable", "yes")
    assert attributes(disk, 6) == "priority=9 tries=15 successful=1"
    run("slots", disk, "set", "c", "--bootable", "no")
    assert attributes(disk, 6) == "priority=9 tries=15 successful=0"
    run("slots", disk, "set", "6", "--priority", "3", "--remaining-attempts", "0")
    assert judge("cgpt", "show", "-v", disk) == before
    guid = run_json("slots", disk)["slots"][1]["guid"]
    run("slots", disk, "mark-good", guid)
    assert attributes(disk, 4) == "priority=1 tries=0 successful=1"
    assert "No problems found" in judge("sgdisk", "-v", disk)


def test_mark_good_after_the_last_attempt(disk):
    """Under the priority order the last attempt has taken the priority as well."""
    run("slots", disk, "set", "B", "--priority", "0", "--remaining-attempts", "0")
    run("slots", disk, "mark-good", "B")
    assert attributes(disk, 4) == "priority=4 tries=0 successful=1"
    assert attributes(disk, 2) == "priority=2 tries=0 successful=1"


@pytest.mark.parametrize("seed", range(10))
def test_cgpt_agrees_on_any_values(seed, disk):
    rng = random.Random(seed)
    for number in 2, 4, 6:
        p, t, s = rng.randrange(16), rng.randrange(16), rng.randrange(2)
        run("slots", disk, "set", number, "--priority", p, "--remaining-attempts", t,
            "--bootable", s)
        assert attributes(disk, number) == f"priority={p} tries={t} successful={s}"
    before = disk.read_bytes()
    judge("cgpt", "repair", disk)
    assert disk.read_bytes() == before, "cgpt found something to repair"


@pytest.mark.parametrize("copy", ["primary", "backup"])
def test_one_copy_is_enough(copy, disk):
    content = bytearray(disk.read_bytes())
    at = 512 if copy == "primary" else len(content) - 512
    content[at:at + 512] = bytes(512)
    write(disk, bytes(content))
    run("slots", disk, "mark-good", "B")
    assert [s["state"] for s in run_json("slots", disk)["slots"]] == ["proven", "proven", "dead"]


@pytest.mark.parametrize("source", ["variable", "property"])
def test_mark_good_finds_its_own_slot(source, disk, tmp_path):
    root = system(tmp_path, disk, source, "B")
    run("slots", "mark-good", "--system-root", root)
    assert attributes(disk, 4) == "priority=1 tries=0 successful=1"
    assert attributes(disk, 6) == "priority=3 tries=0 successful=0"
    assert run_json("slots", "--system-root", root)["disk"] == f"{root}/dev/vda"


@pytest.mark.parametrize("source", ["variable", "property"])
def test_a_recovery_system_has_no_slot(source, disk, tmp_path):
    root = system(tmp_path, disk, source, "B")
    fact = next(p for p in root.rglob("*") if p.name.startswith("LifeboatSlot") or
                p.name == "slot")
    mode = fact.with_name(fact.name.replace("Slot", "Mode").replace("slot", "mode"))
    write(mode, b"\6\0\0\0recovery" if source == "variable" else b"recovery\0")
    before = disk.read_bytes()
    assert "recovery system" in run("slots", "mark-good", "--system-root", root, expect=2).stderr
    assert disk.read_bytes() == before
    write(mode, b"\6\0\0\0normal" if source == "variable" else b"normal\0")
    run("slots", "mark-good", "--system-root", root)
    assert disk.read_bytes() != before


def test_what_the_loader_refused_is_told(disk, tmp_path):
    """An update whose attempt cannot be stored would wait for ever, and nobody knew why."""
    root = system(tmp_path, disk, "variable", "A")
    tell(root, "Refused", "B:slot-charge-failed C:body-damaged D:what-is-new")
    slots = run_json("slots", "--system-root", root)["slots"]
    assert [s["refused"] for s in slots] == [None, "slot-charge-failed", "body-damaged"]
    assert "still trying, goes first; refused at this start: the spent attempt could not be " \
        "stored" in run("slots", "--system-root", root).stdout
    assert [s["refused"] for s in run_json("slots", disk)["slots"]] == [None] * 3


def test_unknown_or_ambiguous_disks(disk, tmp_path):
    root = system(tmp_path, disk, "variable", "B")
    (root / "sys/class/block/vdb").mkdir()
    write(root / "dev/vdb", disk.read_bytes())
    before = disk.read_bytes()
    error = run("slots", "mark-good", "--system-root", root, expect=2).stderr
    assert "name the disk" in error
    os.unlink(root / "dev/vdb")
    os.unlink(root / "dev/vda")
    assert "no disk has slot B" in run("slots", "mark-good", "--system-root", root, expect=2).stderr
    assert disk.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\6\0\0\0", b"\6\0\0\0A", b"\6\0\0\0A not-a-guid" * 4,
                                     b"\6\0\0\0\xff\xfe" + bytes(60)])
def test_bad_handover(content, disk, tmp_path):
    root = system(tmp_path, disk, "variable")
    write(next((root / "sys/firmware/efi/efivars").iterdir()), content)
    assert "not a slot's letter" in run("slots", "mark-good", "--system-root", root,
                                        expect=2).stderr


@pytest.mark.parametrize("planted", [7, 0x27, 3, 2])
def test_a_planted_handover_is_not_believed(planted, disk, tmp_path):
    """Only what the loader writes has exactly boot-services and run-time access; the device
    tree's word counts all the same."""
    root = system(tmp_path, disk, "variable", "B")
    fact = next((root / "sys/firmware/efi/efivars").iterdir())
    write(fact, bytes([planted]) + fact.read_bytes()[1:])
    before = disk.read_bytes()
    error = run("slots", "mark-good", "--system-root", root, expect=2).stderr
    assert f"LifeboatSlot-782ed91d-b444-4d76-abd7-3374f0779f89: attributes 0x{planted:x}" in error
    assert disk.read_bytes() == before
    tree = root / "proc/device-tree/firmware/lifeboat"
    tree.mkdir(parents=True)
    guid = run_json("slots", disk)["slots"][1]["guid"]
    write(tree / "slot", f"B {guid}\0".encode())
    run("slots", "mark-good", "--system-root", root)
    assert attributes(disk, 4) == "priority=1 tries=0 successful=1"


def test_wrong_usage(disk, tmp_path):
    before = disk.read_bytes()
    for args in (["set"], ["set", "A"], ["set", "D", "--priority", "1"],
                 ["set", "A", "--priority", "16"], ["set", "A", "--remaining-attempts", "-1"],
                 ["set", "A", "--bootable", "maybe"], ["mark-good"], ["frob"],
                 ["set", "A", "B", "--priority", "1"], ["--priority", "1"],
                 ["mark-good", "A", "--priority", "1"], ["--order", "random"],
                 ["--sector-size", "513"]):
        run("slots", disk, *args, expect=2)
    run("slots", tmp_path / "nothing", expect=2)
    error = run("slots", write(tmp_path / "junk", bytes(MIB)), expect=2).stderr
    assert "no partition table" in error
    assert disk.read_bytes() == before


def test_one_writer_at_a_time(disk):
    """An updater and the mark-good service at the same moment: both are heard."""
    for i in range(1, 13):
        both = [subprocess.Popen([command(), "slots", disk, "set", *words], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
                for words in (["A", "--priority", str(i)],
                              ["B", "--remaining-attempts", str(i)])]
        for one in both:
            assert one.communicate()[1] == b"" and one.returncode == 0
        assert f"priority={i} " in attributes(disk, 2)
        assert f"tries={i} " in attributes(disk, 4)


def test_a_writer_waits_for_another_one(disk):
    before = disk.read_bytes()
    with open(disk, "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = subprocess.Popen([command(), "slots", disk, "set", "A", "--priority", "7"],
                                   stderr=subprocess.PIPE)
        time.sleep(0.5)
        assert waiting.poll() is None and disk.read_bytes() == before
        assert len(run_json("slots", disk)["slots"]) == 3  # reading waits for nobody
    assert waiting.communicate()[1] == b"" and waiting.returncode == 0
    assert "priority=7 " in attributes(disk, 2)


def test_a_writer_does_not_wait_for_ever(disk):
    before = disk.read_bytes()
    with open(disk, "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        error = run("slots", disk, "set", "A", "--priority", "7", expect=2).stderr
    assert 9 < time.monotonic() - began < 60
    assert str(disk) in error and "another program is writing" in error
    assert disk.read_bytes() == before


def test_read_only_disk(disk):
    if os.geteuid() == 0:
        done = subprocess.run(["chattr", "+i", disk], capture_output=True)
        if done.returncode != 0:
            pytest.skip("root writes any file, and this file system has no immutable flag")
    else:
        os.chmod(disk, 0o444)
    try:
        assert "d.img" in run("slots", disk, "mark-good", "A", expect=2).stderr
    finally:
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-i", disk], check=True)


# --- clones -----------------------------------------------------------------------------------

TAG = bytes(range(0xa0, 0xa8))


def history(disk):
    """Gives the disk a boot history; returns where it lies."""
    judge("cgpt", "add", "-i", 9, "-b", 8192, "-s", 512,
          "-t", "88f5c2b6-3339-4d83-a9f5-0b9eb08f6712", disk)
    return 8192 * 512


def put_record(disk, at, boot, tag=TAG):
    """As docs/formats/boot-history.md has it."""
    body = struct.pack("<8sQIBBHII16sB7s8s", b"LBHIST\0\1", boot, 0, 2, 0, 0, 0x10002, 0,
                       bytes(16), 0, bytes(7), tag).ljust(508, b"\0")
    with open(disk, "r+b") as f:
        f.seek(at + 4096 * 2 * (boot % 32))
        f.write(body + struct.pack("<I", zlib.crc32(body)))


def add_disk(root, name, image, place=None):
    """One more disk of that system, below a path in /sys/devices."""
    link = root / "sys/class/block" / name
    if place is not None:
        (root / "sys/devices" / place).mkdir(parents=True)
        if link.is_dir():
            link.rmdir()
        link.symlink_to(os.path.relpath(root / "sys/devices" / place, link.parent))
    else:
        link.mkdir()
    if image is not None:
        os.link(image, root / "dev" / name)


def tell(root, name, value):
    write(root / f"sys/firmware/efi/efivars/Lifeboat{name}-782ed91d-b444-4d76-abd7-3374f0779f89",
          b"\6\0\0\0" + value.encode())


def clone(disk):
    copy = disk.with_name("clone.img")
    write(copy, disk.read_bytes())
    return copy


def marked(root, *disks, names=True):
    """Which of the disks mark-good has written; its message when it was none."""
    before = [d.read_bytes() for d in disks]
    done = run("slots", "mark-good", "--system-root", root, expect=None)
    changed = [i for i, d in enumerate(disks) if d.read_bytes() != before[i]]
    assert (done.returncode == 0) == (len(changed) == 1), done.stderr
    return changed[0] if changed else done.stderr


@pytest.mark.parametrize("where", ["variable", "property", "command line"])
def test_the_record_tells_the_disk_from_its_clone(where, disk, tmp_path):
    """cases/boot/03: the stick that the image was written from is in the machine."""
    at = history(disk)
    put_record(disk, at, 6, bytes(8))
    copy = clone(disk)
    put_record(disk, at, 7)
    put_record(copy, at, 7, bytes(8))  # the same number, on another machine
    root = system(tmp_path, disk, "property" if where == "property" else "variable", "B")
    add_disk(root, "sdb", copy)
    value = f"7 {TAG.hex()} PciRoot(0x0)/Pci(0x4,0x0)"
    if where == "variable":
        tell(root, "Disk", value)
    elif where == "property":
        write(root / "proc/device-tree/firmware/lifeboat/disk", value.encode() + b"\0")
    else:
        slot = next((root / "sys/firmware/efi/efivars").iterdir())
        letter, guid = slot.read_bytes()[4:].decode().split()
        write(slot, b"\7" + slot.read_bytes()[1:])  # planted, and cannot be replaced
        (root / "proc").mkdir()
        write(root / "proc/cmdline", (f"quiet lifeboat.slot={letter}%20{guid} "
                                      f"lifeboat.disk={value.replace(' ', '%20')}\n").encode())
    assert marked(root, disk, copy) == 0
    if where == "variable":  # the other way round: the system was started from the clone
        put_record(copy, at, 8)
        tell(root, "Disk", f"8 {TAG.hex()} x")
        assert marked(root, disk, copy) == 1


WAYS = [  # the loader's path, the disk's place, is it there?
    ("PciRoot(0x0)/Pci(0x4,0x0)", "pci0000:00/0000:00:04.0/virtio1/block/vda", True),
    ("PciRoot(0x0)/Pci(0x4,0x0)", "pci0000:00/0000:00:05.0/virtio1/block/vda", False),
    ("PciRoot(0x0)/Pci(0x1C,0x2)/Pci(0x0,0x0)/NVMe(0x1,00-00-00-00-00-00-00-00)",
     "pci0000:00/0000:00:1c.2/0000:01:00.0/nvme/nvme0/nvme0n1", True),
    ("PciRoot(0x0)/Pci(0x1C,0x2)/Pci(0x0,0x0)/NVMe(0x2,00-00-00-00-00-00-00-00)",
     "pci0000:00/0000:00:1c.2/0000:01:00.0/nvme/nvme0/nvme0n1", False),
    ("PciRoot(0x0)/Pci(0x1C,0x2)/Pci(0x0,0x0)/NVMe(0x1,00)",
     "pci0000:00/0000:00:1c.2/nvme/nvme0/nvme0n1", False),
    ("PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0)",
     "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda", True),
    ("PciRoot(0x0)/Pci(0x2,0x0)/USB(0x0,0x0)",
     "pci0000:00/0000:00:02.0/usb1/1-1/1-1:1.0/host1/target1:0:0/1:0:0:0/block/sdb", True),
    ("/soc/mmc@7e300000", "platform/soc/7e300000.mmc/mmc_host/mmc0/block/mmcblk0", True),
    ("/soc/mmc@7e300001", "platform/soc/7e300000.mmc/mmc_host/mmc0/block/mmcblk0", False),
]


@pytest.mark.parametrize("path, place, there", WAYS, ids=[str(i) for i in range(len(WAYS))])
def test_without_a_history_the_place_tells(path, place, there, disk, tmp_path):
    copy = clone(disk)
    root = system(tmp_path, disk, "variable", "B")
    (root / "dev/vda").unlink()
    name = place.rsplit("/", 1)[1]
    add_disk(root, name, disk, place)
    add_disk(root, "sdx", copy, "pci0000:00/0000:00:1d.7/usb1/1-1/1-1:1.0/block/sdx")
    if "soc" in place:
        node = root / "sys/firmware/devicetree/base/soc/mmc@7e300000"
        node.mkdir(parents=True)
        (root / "sys/devices/platform/soc/7e300000.mmc/of_node").symlink_to(node)
        other = root / "sys/firmware/devicetree/base/soc/usb@1"
        other.mkdir(parents=True)
        (root / "sys/devices/pci0000:00/of_node").symlink_to(other)
    tell(root, "Disk", f"- - {path}")
    got = marked(root, disk, copy)
    assert got == 0 if there else "another disk" in str(got) or "name the disk" in str(got)
    # Alone it is believed where the two paths cannot be compared, and not where they differ.
    (root / "dev/sdx").unlink()
    if not there:
        assert "was started from another disk" in marked(root, disk)
    run("slots", "set", disk, "B", "--remaining-attempts", "3", expect=None)
    tell(root, "Disk", "- - Path(1,4,00)")
    assert run("slots", "--system-root", root).returncode == 0


def test_two_disks_with_the_record(disk, tmp_path):
    """A copy made of the running disk has the record too: then the place decides, or nobody."""
    put_record(disk, history(disk), 7)
    copy = clone(disk)
    root = system(tmp_path, disk, "variable", "B")
    add_disk(root, "sdb", copy, "pci0000:00/0000:00:1d.7/usb1/1-1/block/sdb")
    tell(root, "Disk", f"7 {TAG.hex()} PciRoot(0x0)/Pci(0x4,0x0)")
    (root / "sys/class/block/vda").rmdir()
    add_disk(root, "vda", None, "pci0000:00/0000:00:04.0/virtio1/block/vda")
    assert marked(root, disk, copy) == 0
    tell(root, "Disk", f"7 {TAG.hex()} Path(1,4,00)")
    assert "name the disk" in marked(root, disk, copy)


def test_a_record_that_is_missing(disk, tmp_path):
    """Its write failed, or it is 32 boots old: one disk alone is still the one."""
    put_record(disk, history(disk), 7)
    root = system(tmp_path, disk, "variable", "B")
    tell(root, "Disk", f"8 {TAG.hex()} PciRoot(0x0)/Pci(0x4,0x0)")
    assert marked(root, disk) == 0


@pytest.mark.parametrize("value", ["7", "7 a0a1", "x y z", f"7 {'0' * 15} p", f"7 {'0' * 17} p",
                                   f"-7 {'0' * 16} p", f"7 {'A' * 16} p", "7 " + "0" * 16,
                                   f"7 {'0' * 16} " + "p" * 192])
def test_bad_disk_facts(value, disk, tmp_path):
    root = system(tmp_path, disk, "variable", "B")
    tell(root, "Disk", value)
    assert "not a boot number" in marked(root, disk)


# --- GUIDs of its own -------------------------------------------------------------------------

@pytest.fixture
def fleet(signed, tmp_path):
    """An image as all devices get it."""
    image = tmp_path / "fleet.img"
    kernel = signed("kernel")
    done = run("image", "-o", image, "--signed-a", kernel, "--signed-b", kernel, "--state", "1M",
               "-s", "efi.size=8M", "-s", "state.type=none")
    assert "all devices that this image is written to have the same GUIDs" in done.stderr
    return image


def guids(image):
    text = judge("sgdisk", "-p", image)
    disk = text.split("Disk identifier (GUID): ")[1].split()[0]
    return [disk] + [judge("cgpt", "show", "-i", n, "-u", image).strip() for n in (2, 3, 4, 5, 6, 1,
                                                                                    12)]


def test_own_guids(fleet):
    one, two = fleet, clone(fleet)
    before, table = guids(one), run_json("slots", one)["slots"]
    run("slots", one, "own-guids")
    run("slots", two, "own-guids")
    after, other = guids(one), guids(two)
    changed = [0, 1, 3]  # disk, kernels
    for i, was in enumerate(before):
        assert (after[i] != was) == (i in changed) == (other[i] != after[i])
        assert i not in changed or after[i][14] == "4"
    assert "No problems found" in judge("sgdisk", "-v", one)
    now = run_json("slots", one)["slots"]
    assert [(s["slot"], s["priority"], s["state"]) for s in now] == \
        [(s["slot"], s["priority"], s["state"]) for s in table]
    content = one.read_bytes()
    run("slots", one, "own-guids")
    assert one.read_bytes() == content, "a second call has changed something"


def test_own_guids_of_others_stay(disk):
    """Made by cgpt, whose random ones say any version: 8, too, which images have."""
    for number in 2, 3, 4, 5, 6, 7:
        judge("cgpt", "add", "-i", number, "-u", f"0badcafe-0000-8000-8000-00000000000{number}",
              disk)
    before = disk.read_bytes()
    run("slots", disk, "own-guids")
    assert disk.read_bytes() == before
    run("slots", disk, "own-guids", "A", expect=2)


def test_marked_good_after_own_guids(fleet, tmp_path):
    """In one start: the loader named the old GUID, the record tells the disk."""
    at = next(p for p in json.loads(judge("sfdisk", "-J", fleet))["partitiontable"]["partitions"]
              if p["type"] == "88F5C2B6-3339-4D83-A9F5-0B9EB08F6712")["start"] * 512
    put_record(fleet, at, 7)
    root = system(tmp_path, fleet, "variable", "B")
    tell(root, "Disk", f"7 {TAG.hex()} x")
    run("slots", fleet, "set", "B", "--bootable", "no", "--remaining-attempts", "6")
    run("slots", "own-guids", "--system-root", root)
    run("slots", "mark-good", "--system-root", root)
    assert run_json("slots", fleet)["slots"][1]["state"] == "proven"
