"""Kernels that must not start: the next slot starts in the same run, the log says why,
and only what is certain to be damaged loses its attempts (DESIGN 2, 3)."""
import pytest

import harness
import images

HEADERS = 65536


def second_starts(board, disk, reason, first_after, **machine):
    """The trying slot B is refused for @reason, A starts without a reset; B is then
    (priority, attempts, bootable) = @first_after."""
    board.tool_agrees(disk, "A", B=reason)
    with board.machine(disk, **machine) as vm:
        vm.expect(rf"slot B: disk \S.* partition 4: {reason}: ", board.start_time())
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
        assert vm.text().count("boot: starting slot") == 1
    image = disk if isinstance(disk, images.Image) else None
    if image:
        assert image.attributes("B") == first_after
        assert image.attributes("A") == (1, 0, 1)
        assert image.table_good()


def with_trying_b(board, **more):
    return board.image(board.slot("A"), board.slot("B", 2, attempts=6, bootable=0, **more))


@pytest.mark.everywhere
def test_one_bit_of_the_body(board):
    disk = with_trying_b(board)
    disk.flip("B", HEADERS + 8192)
    second_starts(board, disk, "body-damaged", (2, 0, 0))


def test_last_byte_of_the_body(board):
    disk = with_trying_b(board)
    disk.flip("B", len(disk.slots[1].content) - 1)
    second_starts(board, disk, "body-damaged", (2, 0, 0))


def test_preamble_bit(board):
    disk = with_trying_b(board)
    disk.flip("B", 1208 + 40)  # kernel version, behind the packaged keyblock
    second_starts(board, disk, "preamble-signature", (2, 0, 0))


def test_erased_partition(board):
    disk = with_trying_b(board)
    disk.write(disk.start["B"], bytes(len(disk.slots[1].content)))
    second_starts(board, disk, "not-a-kernel", (2, 0, 0))


def test_truncated_kernel(board):
    disk = with_trying_b(board)
    size = len(disk.slots[1].content)
    disk.write(disk.start["B"] + size // 2, bytes(size - size // 2))
    second_starts(board, disk, "body-damaged", (2, 0, 0))


@pytest.mark.everywhere
def test_unknown_key_is_skipped_and_nothing_written(board):
    other = images.keyblock(board.work, "other", signer="recovery_key")
    disk = with_trying_b(board, key_block=other)
    second_starts(board, disk, "key-unknown", (2, 6, 0))


@pytest.mark.everywhere
def test_flags_of_another_mode_are_skipped(board):
    recovery = images.keyblock(board.work, "recovery", signer="kernel_subkey", flags=27)
    disk = with_trying_b(board, key_block=recovery)
    second_starts(board, disk, "keyblock-flags", (2, 6, 0))


def test_old_flags_without_minios_bits_are_accepted(board):
    old = images.keyblock(board.work, "old", signer="kernel_subkey", flags=7)
    board.boot(with_trying_b(board, key_block=old), "B")


def test_self_signed_is_skipped(board):
    mine = images.keyblock(board.work, "mine", flags=23)
    disk = with_trying_b(board, key_block=mine)
    second_starts(board, disk, "self-signed", (2, 6, 0))


@pytest.mark.everywhere
def test_kernel_for_the_other_cpu_is_skipped(board):
    other = {"aarch64": "x86_64", "x86_64": "aarch64"}[board.arch]
    content = images.signed_test_kernel(board.work, other, "B")
    disk = board.image(board.slot("A"), images.Slot(content, 2, 6, 0))
    second_starts(board, disk, "wrong-cpu", (2, 6, 0))


@pytest.mark.everywhere
def test_read_error_costs_one_attempt(board):
    disk = with_trying_b(board)
    bad = (disk.start["B"] + HEADERS + 16384) // images.SECTOR
    with board.machine(harness.Disk(disk.path, read_errors=[bad])) as vm:
        vm.expect(r"slot B: disk \S.* partition 4: read-error: ", board.start_time())
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    assert disk.attributes("B") == (2, 5, 0)
    assert disk.attributes("A") == (1, 0, 1)


def test_read_error_in_the_headers(board):
    disk = with_trying_b(board)
    bad = disk.start["B"] // images.SECTOR + 2
    with board.machine(harness.Disk(disk.path, read_errors=[bad])) as vm:
        vm.expect(r"slot B: disk \S.* partition 4: read-error: ", board.start_time())
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    assert disk.attributes("B") == (2, 5, 0)


def test_damaged_proven_slot_is_never_written(board):
    disk = board.image(board.slot("A", 1), board.slot("B", 2))
    disk.flip("B", HEADERS + 8192)
    board.boot(disk, "A")
    assert disk.attributes("B") == (2, 0, 1)


def test_no_valid_profile_boots_nothing(board):
    board.profile = bytes(16)
    disk = board.image(board.slot("A"))
    with board.machine(disk) as vm:
        vm.expect(r"no valid device profile", board.start_time())
        vm.refuse("KERNEL start=")


def test_damaged_profile_boots_nothing(board):
    broken = bytearray(board.profile)
    broken[40] ^= 1
    board.profile = bytes(broken)
    disk = board.image(board.slot("A"))
    with board.machine(disk) as vm:
        vm.expect(r"no valid device profile", board.start_time())
        vm.refuse("KERNEL start=")
