"""Power cut at every write and flush of a charge, replayed on real firmware: whatever
reached the disk, a slot boots and no attempt was gained (DESIGN 1, promise 3)."""
import copy
import shutil

import pytest

import harness
import writelog


def recorded(board, bus, disk, slot):
    """The writes of one boot into @slot; @disk's own file is left as it was."""
    used = board.work / "recorded.img"
    shutil.copyfile(disk.path, used)
    log = board.work / "writes.log"
    with board.machine(harness.Disk(used, bus=bus, write_log=log)) as vm:
        vm.expect(rf"KERNEL start=.*slot={slot} ", board.start_time())
        vm.wait_end()
    return writelog.parse(log)


def sample(states, most):
    """At most @most of the states, evenly spread, first and last included."""
    if len(states) <= most:
        return states
    return [states[i * (len(states) - 1) // (most - 1)] for i in range(most)]


def cut_everywhere(board, bus):
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0))
    log = recorded(board, bus, disk, "B")
    kinds = "".join("F" if w.count == 0 else "W" for w in log)
    assert "F" in kinds and kinds.index("W") < kinds.index("F"), kinds

    states = list(writelog.states(log))
    for state in sample(states, 8):
        cut = board.work / "cut.img"
        writelog.cut(disk.path, cut, state)
        left = reopened(disk, cut).attributes("B")[1]
        assert left <= 6
        with board.machine(harness.Disk(cut, bus=bus)) as vm:
            vm.expect(r"KERNEL start=.*slot=B ", board.start_time())
            vm.wait_end()
        after = reopened(disk, cut)
        assert after.table_good()
        assert after.attributes("B") in ((2, 5, 0), (2, 4, 0))
        assert after.attributes("B")[1] < left
        assert after.attributes("A") == (1, 0, 1)


def test_charge(board):
    cut_everywhere(board, "virtio")


@pytest.mark.boards("aarch64-uefi")
def test_charge_on_nvme(board):
    cut_everywhere(board, "nvme")


def reopened(disk, path):
    """@disk's accessors on another file."""
    other = copy.copy(disk)
    other.path = path
    return other


def test_charge_is_on_the_disk_before_the_kernel_runs(board):
    """Power is cut the moment the kernel speaks; caches that were not flushed are lost."""
    disk = board.image(board.slot("A", 1), board.slot("B", 2, words="test.hang", attempts=6,
                                                      bootable=0))
    used = board.work / "recorded.img"
    shutil.copyfile(disk.path, used)
    log = board.work / "writes.log"
    with board.machine(harness.Disk(used, write_log=log)) as vm:
        vm.expect(r"KERNEL end", board.start_time())
        vm.process.kill()
        vm.wait_end()
    # QEMU brings the record's own entry count up to date at each flush.
    durable, pending = [], []
    for w in writelog.parse(log):
        if w.count:
            pending.append(w)
        if w.is_flush:
            durable, pending = durable + pending, []
    cut = board.work / "cut.img"
    writelog.cut(disk.path, cut, durable)
    assert reopened(disk, cut).attributes("B") == (2, 5, 0)
