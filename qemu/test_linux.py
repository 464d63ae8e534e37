"""Debian's kernel to userspace, on a root whose every block is checked."""
import pytest

import linux

USERSPACE_S = 60


@pytest.mark.everywhere
def test_debian_kernel_to_userspace_and_marked_good(board):
    disk = board.image(linux.slot(board, "demo.poweroff demo.report"))
    with board.machine(disk, limit_s=120) as vm:
        vm.expect(r"boot: starting slot A", board.start_time())
        vm.expect(r"REPORT: cmdline .*" + disk.guid("A"), USERSPACE_S)
        vm.expect(r"REPORT: LifeboatModel test machine")
        vm.expect(r"REPORT: LifeboatHardwareId TEST 1")
        vm.expect(r"REPORT: LifeboatMode normal")
        vm.expect(r"REPORT: LifeboatSlot A " + disk.guid("A"))
        vm.expect(r"REPORT: LifeboatReason 0")
        vm.expect(r"USERSPACE: marked good")
        vm.expect(r"USERSPACE: slot=A mode=normal root verified=yes")
        vm.wait_end(30)
    assert disk.attributes("A") == (1, 0, 1)
    assert disk.table_good()


def test_changed_root_does_not_start(board):
    """One block of the root is changed: the kernel is good and starts, the root is not
    used, and the slot is not marked good."""
    disk = board.image(linux.slot(board, "demo.poweroff"))
    start = disk.root_start["A"]
    for block in range(0, len(disk.slots[0].root) // 2, 4096):
        disk.write(start + block, b"\xff" * 16)
    with board.machine(disk, limit_s=120) as vm:
        vm.expect(r"boot: starting slot A", board.start_time())
        vm.expect(r"USERSPACE: root verified=no error: cannot mount", USERSPACE_S)
        vm.refuse("root verified=yes")
        vm.wait_end(30)
    assert disk.attributes("A") == (1, 5, 0)


@pytest.mark.everywhere
def test_update_that_does_not_start_falls_back_to_the_running_system(board):
    """B panics at once (no root, no initrd) and restarts; after six times A is back."""
    good = linux.slot(board, "demo.poweroff", priority=1, attempts=0, bootable=1)
    bad = linux.slot(board, "panic=-1 root=/dev/nothing", priority=2, attempts=2,
                     initrd=False)
    disk = board.image(good, bad)
    with board.machine(disk, limit_s=180) as vm:
        for left in (1, 0):
            vm.expect(rf"slot B: priority 2, {left} attempts stored: ok", USERSPACE_S)
        vm.expect(r"USERSPACE: slot=A mode=normal root verified=yes", USERSPACE_S)
        vm.wait_end(30)
    assert disk.attributes("B") == (2, 0, 0)
