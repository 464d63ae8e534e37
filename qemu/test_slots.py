"""Which slot starts, and what is stored about it (DESIGN 2)."""
import pytest

import images
from conftest import digest

DEAD = {"attempts": 0, "bootable": 0}
TRYING = {"attempts": 6, "bootable": 0}


@pytest.mark.everywhere
def test_proven_slot_boots_and_nothing_is_written(board):
    disk = board.image(board.slot("A", 2), board.slot("B", 1))
    before = digest(disk.path)
    log = board.boot(disk, "A")
    assert f"guid={disk.guid('A')}" in log
    assert "boot: CHARGE -> MEASURE" in log and "boot: starting slot A" in log
    assert digest(disk.path) == before


@pytest.mark.everywhere
def test_trying_slot_goes_first_and_is_charged(board):
    disk = board.image(board.slot("A", 2), board.slot("B", 1, **TRYING))
    log = board.boot(disk, "B")
    assert "slot B: priority 1, 5 attempts stored: ok" in log
    assert disk.attributes("B") == (1, 5, 0)
    assert disk.attributes("A") == (2, 0, 1)
    assert disk.table_good()


@pytest.mark.everywhere
def test_slot_never_marked_good_fails_six_times_then_the_old_one_comes_back(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, words="test.reset", **TRYING))
    with board.machine(disk) as vm:
        for left in (5, 4, 3, 2, 1, 0):
            vm.expect(rf"slot B: priority 2, {left} attempts stored: ok", board.start_time())
            vm.expect(r"KERNEL start=.*slot=B ")
        vm.expect(r"KERNEL start=.*slot=A ", board.start_time())
        vm.wait_end()
    assert disk.attributes("B") == (2, 0, 0)
    assert disk.attributes("A") == (1, 0, 1)
    assert disk.table_good()


@pytest.mark.everywhere
def test_attempts_count_beside_bootable(board):
    disk = board.image(board.slot("A", 2), board.slot("B", 1, attempts=2, bootable=1))
    board.boot(disk, "B")
    assert disk.attributes("B") == (1, 1, 1)


def test_marked_good_slot_is_no_longer_charged(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, **TRYING))
    board.boot(disk, "B")
    disk.set("B", attempts=0, bootable=1)
    before = digest(disk.path)
    board.boot(disk, "B")
    assert digest(disk.path) == before


def test_priority_zero_is_only_the_lowest(board):
    disk = board.image(board.slot("A", 0), board.slot("B", 1))
    board.boot(disk, "B")
    disk.set("B", attempts=0, bootable=0)
    board.boot(disk, "A")


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_floor_rises_with_proven_slots_and_stays(board):
    """Kept by the firmware over power-offs; a fall-back that still needs less holds it."""
    kept = board.work / "vars.fd"

    def line(disk, want):
        with board.machine(disk, vars=kept) as vm:
            vm.expect(want, board.start_time())
            vm.wait_end()
            return vm.text()

    new, old = board.slot("A", 2, version=3), board.slot("B", 1, version=2)
    assert "floors: kernel 0.0 -> 1.2: ok" in line(board.image(new, old), "KERNEL start=")
    trying = board.slot("A", attempts=6, bootable=0, version=9)
    assert "floors: kernel 1.2 ->" not in line(board.image(trying), "floors: kernel 1.2,")
    assert "floors: kernel 1.2 -> 1.3: ok" in line(board.image(new), "KERNEL start=")
    disk = board.image(new, board.slot("B", 2, attempts=6, bootable=0, version=2))
    log = line(disk, r"slot B: disk \S.* partition 4: version-too-old: .*"
               r"key 1 kernel 2 < key 1 kernel 3")
    assert "slot=A " in log
    assert disk.attributes("B") == (2, 6, 0)


def test_equal_priority_goes_by_table_order(board):
    board.boot(board.image(board.slot("A", 3), board.slot("B", 3)), "A")


def test_priority_decides_between_proven_slots(board):
    board.boot(board.image(board.slot("A", 3), board.slot("B", 14), board.slot("C", 4)), "B")


def test_dead_slot_is_passed_over(board):
    disk = board.image(board.slot("A", 9, **DEAD), board.slot("B", 1))
    assert "slot A: disk" in board.boot(disk, "B")
    assert disk.attributes("A") == (9, 0, 0)


@pytest.mark.everywhere
def test_no_slot_left_says_why(board):
    disk = board.image(board.slot("A", 9, **DEAD), board.slot("B", 3, **DEAD))
    before = digest(disk.path)
    with board.machine(disk) as vm:
        vm.expect(r"slot A: .*partition \d+: slot-dead: no attempts left", board.start_time())
        vm.expect(r"slot B: .*partition \d+: slot-dead: no attempts left")
        vm.expect(r"boot: \w+ -> RECOVERY")
        vm.expect(r"No system on this device can be started")
        vm.expect(r"Code: E16, slot-dead")
        vm.refuse("KERNEL start=")
        vm.quit()
    assert digest(disk.path) == before


# --- slot-order = priority: disks that ChromeOS tools manage ------------------------------

def test_priority_order_ignores_attempts_of_a_bootable_slot(board):
    board.use_profile(slot_order=images.PRIORITY)
    disk = board.image(board.slot("A", 2), board.slot("B", 1, attempts=3, bootable=1))
    board.boot(disk, "A")
    assert disk.attributes("B") == (1, 3, 1)


def test_priority_order_never_boots_priority_zero(board):
    board.use_profile(slot_order=images.PRIORITY)
    disk = board.image(board.slot("A", 0))
    with board.machine(disk) as vm:
        vm.expect(r"slot-priority-zero", board.start_time())
        vm.expect(r"boot: \w+ -> RECOVERY")
        vm.refuse("KERNEL start=")


def test_priority_order_takes_the_priority_with_the_last_attempt(board):
    board.use_profile(slot_order=images.PRIORITY)
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=1, bootable=0))
    board.boot(disk, "B")
    assert disk.attributes("B") == (0, 0, 0)
    board.boot(disk, "A")
