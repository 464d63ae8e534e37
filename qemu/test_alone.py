"""Machines that are odd in themselves: a clone of the disk inside, a disk or a variable that
cannot be written, crash dumps in the firmware's store (cases/boot/03; docs/boot-flow.md)."""
import json
import shutil
import uuid

import pytest

import harness
import images
import variables

UEFI = pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
CRASH = uuid.UUID("cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0")
AUTHENTICATED = 0x20


def lifeboat(*args):
    return images.run(harness.BUILD / "lifeboat", *args)


def trying_b(board):
    return board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0),
                       history=True)


def clone(board, disk, number=0):
    path = board.work / f"clone{number}.img"
    shutil.copyfile(disk.path, path)
    return harness.Disk(path, boot=False, name=f"clone{number}")


@UEFI
def test_a_clone_is_neither_charged_nor_recorded(board):
    """The disk that was started from is charged, and only its history has this boot's tag."""
    disk = trying_b(board)
    other = clone(board, disk)
    before = other.path.read_bytes()
    with board.machine(harness.Disk(disk.path, boot=True), other) as vm:
        vm.expect(r"boot: starting slot B,", board.start_time())
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.wait_end()
    assert disk.attributes("B") == (2, 5, 0)
    assert other.path.read_bytes() == before
    assert len(json.loads(lifeboat("log", "--json", disk.path))["records"]) == 1


@UEFI
def test_a_charge_that_cannot_be_stored(board):
    """The update is not started, the proven slot is, and says why."""
    disk = trying_b(board)
    with board.machine(harness.Disk(disk.path, read_only=True)) as vm:
        vm.expect(r"slot B: disk .*: slot-charge-failed", board.start_time())
        vm.expect(r"boot: starting slot A,")
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    assert disk.attributes("B") == (2, 6, 0)


@pytest.mark.boards("aarch64-uefi")
def test_a_variable_that_cannot_be_written(board):
    """Somebody holds its name for good: the system finds the fact on its command line."""
    store = board.work / "kept.fd"
    disk = board.image(board.slot("A", 1), history=True)
    assert "lifeboat." not in board.boot(disk, "A", vars=store)
    taken = variables.NV | variables.BS | variables.RT | AUTHENTICATED
    variables.Store(store).put("LifeboatSlot", taken, b"Z")
    log = board.boot(disk, "A", vars=store)
    assert f"lifeboat.slot=A%20{disk.guid('A')}" in log


@UEFI
def test_crash_dumps_in_the_store(board):
    """A marks its start, then leaves a dump at each of three: B goes first, and is told so."""
    store = board.work / "kept.fd"
    disk = board.image(board.slot("A", 2), board.slot("B", 1), history=True)
    board.boot(disk, "A", vars=store)
    lifeboat("slots", disk.path, "mark-good", "A")
    for number in range(3):
        board.boot(disk, "A", vars=store)
        for part in (1, 2):
            variables.Store(store).put(f"dump-type0-{part}-1-17000000{number}-C",
                                       variables.NV | variables.BS | variables.RT, b"panic",
                                       vendor=CRASH)
    log = board.boot(disk, "B", vars=store)
    assert "history: the boot before left a crash dump" in log
    assert "its last 3 starts ended without its system's mark, 3 of them by a panic" in log
    assert disk.attributes("A") == (2, 0, 1)
