"""Other firmware than this release's EDK2: U-Boot's UEFI, which most ARM boards have, and a
newer EDK2 (DESIGN 8; docs/porting.md says what holds on each)."""
import pytest

import images
import recovery
from conftest import digest
from harness import Tpm
from test_kinds import ACCESS_DENIED, secure_disk, signed_fit, signed_loader, starts

U_BOOTS = ("aarch64-u-boot", "aarch64-u-boot-2025")
NEWER_EDK2 = ("aarch64-edk2-2025", "x86_64-edk2-2025")
DEAD = {"attempts": 0, "bootable": 0}
ALLOWED, FULL = 1, 1


@pytest.mark.boards(*U_BOOTS, *NEWER_EDK2)
def test_trying_slot_is_charged_and_starts(board):
    disk = board.image(board.slot("A", 2), board.slot("B", 1, attempts=6, bootable=0),
                       history=True)
    log = board.boot(disk, "B")
    assert "slot B: priority 1, 5 attempts stored: ok" in log
    assert disk.attributes("B") == (1, 5, 0)
    assert disk.table_good()


@pytest.mark.boards(*U_BOOTS)
def test_damaged_slot_falls_back_at_once(board):
    disk = board.image(board.slot("A", 1), images.Slot(bytes(65536), 2, 6, 0))
    board.boot(disk, "A")


@pytest.mark.boards(*U_BOOTS, *NEWER_EDK2)
def test_both_bad_says_how_to_recover(board):
    board.use_profile(recovery_url="example.com/recover")
    disk = board.image(board.slot("A", 2, **DEAD), board.slot("B", 1, **DEAD))
    before = digest(disk.path)
    with board.machine(disk) as vm:
        vm.expect(r"recovery: reason 1 ", board.start_time())
        vm.expect("No system on this device can be started")
        vm.expect("example.com/recover")
        vm.expect("Put it in, then switch off and on" if "u-boot" in board.name else
                  "Put it in here")
        vm.expect("Keys: Esc = Start normally")
        assert vm.text().count("Put it in") == 1  # said once, not by two consoles
        if "u-boot" in board.name:
            year = "2025.01" if "2025" in board.name else "2023.01"
            vm.send("\t")
            vm.expect(rf"Firmware: Das U-Boot {year}, UEFI 2\.10")
            vm.expect("variable: unsupported")
            vm.expect(r"(virtio|disk) \d: .* internal, boot disk")
        vm.quit()
    if "u-boot" not in board.name:  # U-Boot itself writes to the EFI system partition
        assert digest(disk.path) == before


@pytest.mark.boards(*U_BOOTS)
def test_developer_mode_lasts_for_one_boot(board):
    """Its variables lie in a plain file: an OS could write them, so nothing is kept there."""
    board.use_profile(developer_mode=ALLOWED, serial_input=FULL)
    board.random = True
    own = board.slot("A", 2, key_block=images.keyblock(board.work, "own"))
    disk = board.image(own, board.slot("B", 1))
    with board.machine(disk, extra=["-device", "virtio-rng-pci"]) as vm:
        # A key before that would stop U-Boot instead.
        vm.expect(r"Booting .*(bootaa64\.efi|efi_mgr)", board.start_time())
        recovery.ask(board, vm)
        vm.expect("Keys: Esc = Start normally")
        vm.send("\x04")
        vm.expect(r"To switch it on, type:")
        challenge = vm.expect(r"\n([B-X]{4})\n")[1]
        vm.send(challenge.lower())
        vm.expect("developer mode: on, stored: unsupported; it lasts for this boot")
        vm.expect("Developer mode is on")
        vm.send("\x04")
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    board.boot(disk, "B")


@pytest.mark.boards(*U_BOOTS)
def test_floors_are_in_the_tpm(board):
    """Which is the only place there that an OS cannot write."""
    tpm = Tpm(board.work / "tpm")
    new = board.image(board.slot("A", 2, version=3), board.slot("B", 1, version=2))
    old = board.image(board.slot("A", 2, version=1), board.slot("B", 1, version=2))
    log = board.boot(new, "A", tpm=tpm)
    assert "floors: kernel 0.0 -> 1.2" in log
    log = board.boot(old, "B", tpm=tpm)
    assert "too-old" in log


@pytest.mark.boards(*NEWER_EDK2)
def test_secure_boot_with_strict_memory_protection(board):
    """No memory is both writable and executable there, and Secure Boot is on."""
    disk = secure_disk(board, board.kernel("A", kind="pe"), signed_loader(board))
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(rf"KERNEL has file system=no unsigned image gives {ACCESS_DENIED}")
        vm.expect(r"KERNEL start=efi .*slot=A ")
        vm.wait_end()


@pytest.mark.boards("aarch64-u-boot-2025", *NEWER_EDK2)
def test_stick_that_is_in_at_power_on(board):
    disk = board.image(board.slot("A", 2, **DEAD), board.slot("B", 1, **DEAD))
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    stick.boot = None
    with board.machine(disk, stick, usb=True) as vm:
        vm.expect(r"KERNEL start=.*slot=R", board.start_time() + 10)
        vm.wait_end()


@pytest.mark.boards(*U_BOOTS)
@pytest.mark.parametrize("kind", ["pe", "fit"])
def test_kinds(board, kind):
    """Started by the firmware's own LoadImage, verified by us."""
    content = signed_fit(board) if kind == "fit" else board.kernel("B", kind="pe")
    starts(board, content, r"KERNEL start=efi .*slot=B ")
