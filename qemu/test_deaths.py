"""A proven slot that dies by itself, systems that are all drained, a panic that stands: what a
device does that nobody visits (docs/boot-flow.md, "Behind the others" and "The last resort")."""
import json
import os
import time

import pytest

import harness
import images
import linux

BOTH = ("aarch64-uefi", "x86_64-uefi")
ESB = ["-device", "i6300esb", "-action", "watchdog=reset"]
LONG = pytest.mark.skipif(not os.environ.get("LIFEBOAT_LONG"), reason="make test-long")
PANICS = "panic=-1 rdinit=/none root=/dev/none"


def lifeboat(*args):
    return images.run(harness.BUILD / "lifeboat", *args)


def slots(disk):
    return {s["slot"]: s for s in json.loads(lifeboat("slots", disk.path, "--json"))["slots"]}


def marked_disk(board):
    """A (priority 2) and B, both proven; A has run well once and said so."""
    disk = board.image(board.slot("A", 2), board.slot("B", 1), history=True)
    board.boot(disk, "A")
    lifeboat("slots", disk.path, "mark-good", "A")
    return disk


def now_dies(board, disk, words="test.reset"):
    """A's system is the same, and something else is not: it dies before its mark."""
    disk.write(disk.start["A"], board.kernel("A", words))


def comes_to_b(vm, board, starts):
    for _ in range(starts):
        vm.expect(r"boot: starting slot A,", board.start_time())
    vm.expect(r"history: slot A: its last \d starts ended without its system's mark",
              board.start_time())
    vm.expect(r"boot: starting slot B,")
    vm.expect(r"KERNEL start=.*slot=B ")
    vm.wait_end()


@pytest.mark.boards(*BOTH)
def test_a_proven_slot_that_restarts_by_itself(board):
    """cases/boot/04: six starts without a mark, then B, and it stays with B; the table is as
    it was."""
    disk = marked_disk(board)
    now_dies(board, disk)
    with board.machine(disk, limit_s=240) as vm:
        comes_to_b(vm, board, 6)
    lifeboat("slots", disk.path, "mark-good", "B")
    assert "slot=B " in board.boot(disk, "B")
    assert disk.attributes("A") == (2, 0, 1) and disk.attributes("B") == (1, 0, 1)
    told = slots(disk)
    assert told["A"]["behind"] and told["A"]["unmarked_starts"] == 6
    assert told["B"]["order"] == 1 and told["A"]["order"] == 2
    assert "which went before slot A" in lifeboat("log", disk.path)


@pytest.mark.boards("aarch64-uefi")
def test_power_cuts_alone_do_not_change_the_table(board):
    """A child at the switch: A is good. After six cuts B has its turn, nothing was written for
    it, and once somebody has set A by hand it is first again."""
    disk = marked_disk(board)
    before = disk.attributes("A"), disk.attributes("B")
    now_dies(board, disk, "test.hang")
    for _ in range(6):
        with board.machine(disk) as vm:
            vm.expect(r"boot: starting slot A,", board.start_time())
            vm.expect(r"KERNEL start=")
            vm.quit()
    board.boot(disk, "B")
    lifeboat("slots", disk.path, "mark-good", "B")
    assert (disk.attributes("A"), disk.attributes("B")) == before
    now_dies(board, disk, "")
    lifeboat("slots", disk.path, "set", "A", "--bootable", "yes")
    board.boot(disk, "A")


@pytest.mark.boards(*BOTH)
def test_all_drained_and_a_person_starts_normally(board):
    """cases/boot/05: both verify, both counters are used up. Escape on the screen starts one;
    the next time it is the other one's turn. Nothing is charged."""
    drained = {"attempts": 0, "bootable": 0}
    disk = board.image(board.slot("A", 1, **drained), board.slot("B", 2, **drained),
                       history=True)
    for letter in "BA":
        with board.machine(disk, limit_s=180) as vm:
            vm.expect(r"boot: \w+ -> RECOVERY", board.start_time())
            vm.expect(rf"recovery: slot {letter} is used up and still verifies")
            vm.expect(r"media: \w+ -> WAIT")
            time.sleep(1)
            vm.send("\x1b")
            vm.expect(r"boot: nothing else starts: a last resort", 30)
            vm.expect(rf"boot: starting slot {letter},")
            vm.expect(rf"KERNEL start=.*slot={letter} ")
            vm.wait_end()
    assert disk.attributes("A") == (1, 0, 0) and disk.attributes("B") == (2, 0, 0)
    assert "as a last resort" in lifeboat("log", disk.path)
    # The one that ran says that it is well, and is an ordinary slot again.
    lifeboat("slots", disk.path, "mark-good", "A")
    assert disk.attributes("A") == (1, 0, 1)
    board.boot(disk, "A")


@pytest.mark.boards("aarch64-uefi")
def test_all_drained_and_one_is_damaged(board):
    """Screen and serial line say when (the waiting itself is a test on the rig's clock,
    tests/unit/last_resort_test.c). The damaged one stays out."""
    drained = {"attempts": 0, "bootable": 0}
    disk = board.image(board.slot("A", 2, **drained), board.slot("B", 1, **drained),
                       history=True)
    disk.flip("A", 70000)
    with board.machine(disk, limit_s=120) as vm:
        vm.expect(r"recovery: slot A is used up and still verifies: tried again in 900 s",
                  board.start_time())
        vm.expect(r"slot A still verifies: tried again in 15 min")
        time.sleep(1)
        vm.send("\x1b")
        vm.expect(r"slot A: disk .*body-damaged", 30)
        vm.expect(r"boot: starting slot B,")
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.wait_end()
    assert disk.attributes("A") == (2, 0, 0) and disk.attributes("B") == (1, 0, 0)


@pytest.mark.boards(*BOTH)
def test_a_panic_that_stands_ends_by_the_watchdog(board):
    """cases/boot/06: a new system that stops for ever. With a watchdog in the profile it costs
    its attempt and A is back; `verify` tells the one case from the other."""
    board.use_profile(watchdog_s=int(4 * harness.SLOWNESS))
    hangs = board.slot("B", 2, words="test.hang", attempts=1, bootable=0)
    disk = board.image(board.slot("A", 1), hangs, history=True)
    with board.machine(disk, extra=ESB, icount=board.arch == "aarch64", limit_s=180) as vm:
        vm.expect(r"boot: starting slot B,", board.start_time())
        vm.expect(r"boot: starting slot A,", 60 + board.start_time())
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    for watchdog, told in ((60, "watchdog"), (0, "stands")):
        profile = board.work / "p"
        profile.write_bytes(images.profile(watchdog_s=watchdog))
        found = json.loads(lifeboat("verify", "--json", "--profile", profile, disk.path))
        assert [s["after_panic"] for s in found["slots"] if s["slot"] == "A"] == [told]


@LONG
@pytest.mark.boards(*BOTH)
def test_linux_that_panics(board):
    """A real kernel's panic; it restarts by itself."""
    disk = board.image(linux.slot(board, "", priority=2, attempts=0, bootable=1),
                       board.slot("B", 1), history=True)
    with board.machine(disk, limit_s=240) as vm:
        vm.expect(r"boot: starting slot A,", board.start_time())
        vm.quit()
    lifeboat("slots", disk.path, "mark-good", "A")
    bad = linux.slot(board, PANICS, priority=2, attempts=0, bootable=1, initrd=False)
    disk.write(disk.start["A"], bad.content)
    with board.machine(disk, limit_s=600) as vm:
        comes_to_b(vm, board, 6)


@LONG
@pytest.mark.boards(*BOTH)
def test_linux_whose_root_is_damaged(board):
    """dm-verity finds it, and the system never gets so far as to mark its start."""
    disk = board.image(linux.slot(board, "demo.poweroff", priority=2, attempts=0, bootable=1),
                       board.slot("B", 1), history=True)
    with board.machine(disk, limit_s=240) as vm:
        vm.expect(r"USERSPACE: slot=A .*verified=yes", 90)
        vm.wait_end(30)
    lifeboat("slots", disk.path, "mark-good", "A")
    for at in range(0, len(disk.slots[0].root) // 2, 4096):
        disk.write(disk.root_start["A"] + at, b"\xff" * 16)
    for _ in range(6):
        with board.machine(disk, limit_s=240) as vm:
            vm.expect(r"USERSPACE: root verified=no", 90)
            vm.wait_end(30)
    board.boot(disk, "B")
    assert slots(disk)["A"]["behind"]
