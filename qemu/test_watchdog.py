"""The hardware watchdog: armed at the hand-off, and what follows when it ends a boot
(docs/watchdog.md)."""
import math
import time

import pytest

import harness
import images
import watched

ESB = ["-device", "i6300esb"]
TCO = ["-global", "ICH9-LPC.noreboot=false"]
RESET = ["-action", "watchdog=reset"]
SECONDS = math.ceil(4 * harness.SLOWNESS)
DIES_S = 3 * SECONDS + 15


def machine(board, disk, device, **more):
    """On aarch64 time is counted in instructions: a kernel that hangs costs none."""
    return board.machine(disk, extra=[*device, *RESET], icount=board.arch == "aarch64",
                         **more)


def starts(vm, slot, watchdog, timeout):
    vm.expect(rf"boot: starting slot {slot},", timeout)
    vm.expect(rf"watchdog: {watchdog} resets in \d+\.\d s")
    vm.expect(rf"KERNEL start=.*slot={slot} ")


def dies(vm, watchdog, board):
    vm.expect(rf"watchdog: {watchdog} timed out before this boot", DIES_S + board.start_time())
    vm.expect(r"watchdog: it ended the boot before")


def brings_back(board, watchdog, device):
    """B is trying and hangs before any driver is there: A comes back without a person."""
    board.use_profile(watchdog_s=SECONDS)
    hangs = board.slot("B", 2, words="test.hang", attempts=1, bootable=0)
    disk = board.image(board.slot("A", 1), hangs, history=True)
    with machine(board, disk, device) as vm:
        starts(vm, "B", watchdog, board.start_time())
        dies(vm, watchdog, board)
        vm.expect(r"slot B: the boot before started it and it was not marked good")
        starts(vm, "A", watchdog, 15)
        vm.wait_end()
    assert disk.attributes("B") == (2, 0, 0)
    log = images.run(harness.BUILD / "lifeboat", "log", disk.path).splitlines()
    assert "watchdog" not in log[0]
    assert "the watchdog ended the boot before, the slot before was not marked" in log[1]


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_i6300esb(board):
    brings_back(board, "i6300esb", ESB)


@pytest.mark.boards("x86_64-uefi")
def test_itco(board):
    brings_back(board, "iTCO", TCO)


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_three_deaths_of_a_proven_slot_put_it_behind_the_other(board):
    """Neither system writes marks: the watchdog alone tells. It lasts; nothing is written to
    the table for it."""
    board.use_profile(watchdog_s=SECONDS)
    disk = board.image(board.slot("A", 2, words="test.hang"), board.slot("B", 1),
                       history=True)
    with machine(board, disk, ESB, limit_s=180) as vm:
        for _ in range(3):
            starts(vm, "A", "i6300esb", board.start_time())
            dies(vm, "i6300esb", board)
        vm.expect(r"history: slot A: its last 3 starts ended without its system's mark, 3 of")
        starts(vm, "B", "i6300esb", 15)
        vm.wait_end()
    with machine(board, disk, ESB) as vm:
        starts(vm, "B", "i6300esb", board.start_time())
        vm.refuse("timed out")
    assert disk.attributes("A") == (2, 0, 1) and disk.attributes("B") == (1, 0, 1)
    told = images.run(harness.BUILD / "lifeboat", "slots", disk.path)
    assert "behind the others: its last 3 starts" in told


@pytest.mark.boards("aarch64-uefi")
def test_linux_whose_driver_takes_over_and_whose_userspace_hangs(board):
    """Fed for longer than the loader's time, so the driver has taken over; then the driver's
    own time brings the other slot back."""
    board.use_profile(watchdog_s=30)
    hangs = watched.slot(board, "i6300esb", "heartbeat=10", 40,
                         priority=2, attempts=1, bootable=0)
    disk = board.image(board.slot("A", 1), hangs, history=True)
    with machine(board, disk, ESB, limit_s=120) as vm:
        vm.expect(r"boot: starting slot B,", board.start_time())
        vm.expect(r"watchdog: i6300esb resets in 30\.\d s")
        vm.expect(r"WATCHED: fed for 40 s, hangs now", 60)
        dies(vm, "i6300esb", board)
        starts(vm, "A", "i6300esb", 15)
        vm.wait_end()


@pytest.mark.boards("aarch64-uefi")
def test_hand_off_that_returns_is_no_longer_guarded(board):
    """The program comes back at once; the screen that follows may wait as long as it likes."""
    board.use_profile(watchdog_s=1)
    disk = board.image(board.slot("A", words="test.return", kind="pe"))
    with board.machine(disk, extra=[*ESB, *RESET]) as vm:
        vm.expect(r"watchdog: i6300esb resets in 1\.\d s", board.start_time())
        vm.expect(r"KERNEL returns")
        vm.expect(r"boot: \w+ -> RECOVERY")
        time.sleep(3)
        vm.refuse("timed out before this boot")
        vm.quit()


@pytest.mark.boards("aarch64-uefi")
def test_without_a_watchdog_the_boot_goes_on(board):
    board.use_profile(watchdog_s=SECONDS)
    with board.machine(board.image(board.slot("A"))) as vm:
        vm.expect(r"watchdog: cannot be asked: not found", board.start_time())
        vm.expect(r"watchdog: not armed: not found")
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()


@pytest.mark.boards("aarch64-uefi")
def test_off_unless_the_profile_says_so(board):
    disk = board.image(board.slot("A"))
    with board.machine(disk, extra=[*ESB, *RESET]) as vm:
        vm.expect(r"KERNEL start=.*slot=A ", board.start_time())
        vm.refuse("watchdog")
