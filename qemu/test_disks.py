"""Disks: both copies of the table, other disks and buses, sector sizes, and what happens
when there is nothing to start (DESIGN 2, 5)."""
import pytest

import harness
import images
from conftest import digest


# --- partition table -----------------------------------------------------------------------

@pytest.mark.everywhere
@pytest.mark.parametrize("copy", ["primary", "backup"])
def test_one_lost_copy_is_repaired(board, copy):
    disk = board.image(board.slot("A"))
    whole = digest(disk.path)
    getattr(disk, f"wipe_{copy}")()
    log = board.boot(disk, "A")
    if board.platform == "bare":  # edk2 repairs it before the loader runs
        assert "GPT repair" in log
    assert disk.table_good()
    assert digest(disk.path) == whole


def test_torn_attributes_in_the_primary_copy_are_repaired(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0))
    disk.write(2 * images.SECTOR + 128 * 3 + 54, b"\x55")  # B's entry, its CRC is now wrong
    board.boot(disk, "B")
    assert disk.attributes("B") == (2, 5, 0)
    assert disk.table_good()


def test_grown_disk_gets_its_backup_at_the_new_end(board):
    disk = board.image(board.slot("A"))
    with open(disk.path, "r+b") as f:
        f.truncate(disk.path.stat().st_size + 4 * images.MIB)
    board.boot(disk, "A")
    assert disk.table_good()


@pytest.mark.boards("aarch64-bare")
def test_both_copies_lost_without_firmware(board):
    disk = board.image(board.slot("A"))
    disk.wipe_primary()
    disk.wipe_backup()
    with board.machine(disk) as vm:
        vm.expect(r"disk \S.*: (no-gpt|gpt-damaged): ", board.start_time())
        vm.expect(r"no system on this device can be started")
        vm.refuse("KERNEL start=")


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_both_copies_lost(board):
    """The loader comes from a stick, since firmware finds none on the damaged disk."""
    stick = board.image()
    disk = board.image(board.slot("A"), loader=False)
    disk.wipe_primary()
    disk.wipe_backup()
    before = digest(disk.path)
    with board.machine(harness.Disk(disk.path, boot=False),
                       harness.Disk(stick.path, bus="usb", boot=True)) as vm:
        vm.expect(r"disk \S.*: (no-gpt|gpt-damaged): ", board.start_time())
        vm.expect(r"no system on this device can be started")
        vm.refuse("KERNEL start=")
        vm.quit()
    assert digest(disk.path) == before


# --- which disk ------------------------------------------------------------------------------

def test_second_disk_when_the_boot_disk_has_nothing(board):
    first = board.image(board.slot("A", 1, attempts=0, bootable=0))
    second = board.image(board.slot("A", 1, words="disk=second"), loader=False)
    with board.machine(first, second) as vm:
        vm.expect(r"KERNEL start=.*disk=second", board.start_time())
        vm.wait_end()
        log = vm.text()
    assert "slot-dead" in log


def test_second_disk_cannot_take_over(board):
    first = board.image(board.slot("A", 1))
    second = board.image(board.slot("A", 15, attempts=6, bootable=0, words="disk=second"),
                         loader=False)
    before = digest(second.path)
    with board.machine(first, second) as vm:
        vm.expect(r"KERNEL start=", board.start_time())
        vm.wait_end()
        vm.refuse("disk=second")
    assert digest(second.path) == before


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_usb_disk_is_never_taken_as_internal(board):
    """Whatever its removable bit says."""
    internal = board.image(board.slot("A", 1, attempts=0, bootable=0))
    stick = board.image(board.slot("A", 15, words="disk=usb"), loader=False)
    before = digest(stick.path)
    with board.machine(internal, harness.Disk(stick.path, bus="usb")) as vm:
        vm.expect(r"boot: \w+ -> RECOVERY", board.start_time())
        vm.expect(r"no system on this device can be started")
        vm.refuse("KERNEL start=")
        vm.quit()
    assert digest(stick.path) == before


@pytest.mark.boards("aarch64-uefi")
def test_loader_started_from_usb_still_boots_the_internal_disk(board):
    stick = board.image(board.slot("A", 15, words="disk=usb"))
    internal = board.image(board.slot("A", 1, words="disk=internal"), loader=False)
    before = digest(stick.path)
    with board.machine(harness.Disk(internal.path, boot=False),
                       harness.Disk(stick.path, bus="usb", boot=True)) as vm:
        vm.expect(r"KERNEL start=.*disk=internal", board.start_time())
        vm.wait_end()
    assert digest(stick.path) == before


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_nvme(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0))
    with board.machine(harness.Disk(disk.path, bus="nvme")) as vm:
        vm.expect(r"KERNEL start=.*slot=B ", board.start_time())
        vm.wait_end()
    assert disk.attributes("B") == (2, 5, 0) and disk.table_good()


@pytest.mark.boards("x86_64-uefi")
def test_ahci(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0))
    with board.machine(harness.Disk(disk.path, bus="ahci")) as vm:
        vm.expect(r"KERNEL start=.*slot=B ", board.start_time())
        vm.wait_end()
    assert disk.attributes("B") == (2, 5, 0) and disk.table_good()


@pytest.mark.parametrize("bus", ["virtio", "nvme"])
@pytest.mark.boards("aarch64-uefi")
def test_sectors_of_4096_bytes(board, bus):
    small = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0))
    big = board.work / "big.img"
    images.with_big_sectors(small.path, big)
    with board.machine(harness.Disk(big, bus=bus, sector=4096)) as vm:
        vm.expect(r"KERNEL start=.*slot=B ", board.start_time())
        vm.wait_end()
    assert images.attributes_of(big, small.number("B")) == (2, 5, 0)
    assert images.attributes_of(big, small.number("A")) == (1, 0, 1)


# --- nothing to start --------------------------------------------------------------------------

def dead_disk(board):
    return board.image(board.slot("A", 1, attempts=0, bootable=0))


@pytest.mark.everywhere
def test_a_key_looks_again(board):
    """The slot is damaged as well: else it would be started as a last resort."""
    disk = dead_disk(board)
    disk.flip("A", 0)
    with board.machine(disk) as vm:
        vm.expect(r"Esc = Start normally", board.start_time())
        vm.send("\x1b")
        vm.expect(r"boot: RECOVERY -> SCAN", 10)
        vm.expect(r"media: PICK -> WAIT")


def test_looks_again_every_thirty_seconds(board):
    with board.machine(dead_disk(board)) as vm:
        vm.expect(r"media: PICK -> WAIT", board.start_time())
        start = vm.seconds()
        vm.expect(r"boot: RECOVERY -> SCAN", 45)
        assert 25 <= vm.seconds() - start <= 40 * harness.SLOWNESS
        vm.expect(r"media: PICK -> WAIT")


def test_a_slot_that_becomes_good_is_started(board):
    """The image file is changed behind the machine, as if a cable had been put back."""
    disk = dead_disk(board)
    with board.machine(disk) as vm:
        vm.expect(r"Esc = Start normally", board.start_time())
        disk.set("A", attempts=0, bootable=1)
        vm.send("\x1b")
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()


# --- CPUs --------------------------------------------------------------------------------------

@pytest.mark.boards("x86_64-uefi")
def test_cpu_without_crypto_instructions(board):
    assert "SHA-256 by plain code" in board.boot(board.image(board.slot("A")), "A",
                                                 cpu="qemu64")


def test_cpu_with_crypto_instructions(board):
    assert "SHA-256 by CPU" in board.boot(board.image(board.slot("A")), "A")
