"""Measured boot with a TPM (swtpm): PCR 8 as docs/formats/measurements.md has it, the event
log as Linux gets it, and a TPM that fails."""
import json
import re

import pytest

import harness
import images
import measured
import recovery
from test_kinds import signed_loader

UEFI = ["aarch64-uefi", "x86_64-uefi"]
ALL = [*UEFI, "aarch64-bare"]
CTRL_D = "\x04"
ESCAPE = "\x1b"
DEVELOPER_ALLOWED = 1
EV_BOOT_APPLICATION = 0x80000003
# The device path that the loader gives to images (boot/uefi/efi.h, UEFI_LIFEBOAT_IMAGE_GUID).
OUR_PATH = bytes.fromhex("b52a9d3c520e0f4f9d6b214ce597306a")


@pytest.fixture
def tpm(board):
    return harness.Tpm(board.work / "tpm")


def boot(board, tpm, *disks, before=None, **more):
    """A power-on that comes to userspace; gives what the system told. @before: done with the
    machine once its loader runs."""
    with board.machine(*disks, tpm=tpm, memory=1024, **more) as vm:
        if before:
            before(vm)
        vm.expect(r"measure: PCR 8 names this start", board.start_time())
        seen = measured.told(vm)
        vm.wait_end()
    return seen


def foretold(board, disk):
    """PCR 8 as `lifeboat verify` foretells it for slot A."""
    profile = board.work / "foretell.profile"
    profile.write_bytes(board.profile)
    text = images.run(harness.BUILD / "lifeboat", "verify", "--json", "--measurements",
                      "--profile", profile, "--cpu", board.arch, "--platform",
                      board.platform, disk.path)
    return json.loads(text)["slots"][0]["pcr8"]


@pytest.mark.boards(*ALL)
def test_pcr_8_and_the_log(board, tpm):
    """As computed from what was signed, and at every boot the same; the log replays."""
    content = measured.content(board)
    disk = board.image(images.Slot(content, attempts=6, bootable=0))
    events = measured.expected(board.profile, "normal", content, disk.guid("A"))
    assert foretold(board, disk) == {b: measured.replay(events, b) for b in measured.BANKS}
    for _ in range(2):
        store = {"vars": board.work / "vars.fd"} if board.platform == "uefi" else {}
        measured.check(boot(board, tpm, disk, **store), events)


@pytest.mark.boards("aarch64-uefi")
def test_developer_mode_gives_other_values(board, tpm):
    board.use_profile(developer_mode=DEVELOPER_ALLOWED)
    content = measured.content(board)
    disk = board.image(images.Slot(content))
    store = recovery.plant(board, recovery.STATE, recovery.state(1))

    def start_now(vm):
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_D)

    seen = boot(board, tpm, disk, vars=store, before=start_now)
    measured.check(seen, measured.expected(board.profile, "developer", content, disk.guid("A")))
    normal = measured.expected(board.profile, "normal", content, disk.guid("A"))
    assert seen.pcrs["sha256"][8] != measured.replay(normal, "sha256")


@pytest.mark.boards("aarch64-uefi")
def test_recovery(board, tpm):
    """From a stick, with a key whose digests have 64 bytes."""
    content = measured.content(board, key_block=recovery.RECOVERY_KEYBLOCK,
                               data_key="recovery_kernel_data_key")
    path = board.work / "recovery.part"
    path.write_bytes(content)
    stick = recovery.stick(board, path)
    number = re.search(r"(\d+)\s*$", images.run("cgpt", "find", "-n", "-t", "kernel",
                                               stick.path).strip().splitlines()[-1])[1]
    guid = images.run("cgpt", "show", "-i", number, "-u", stick.path).strip().lower()
    seen = boot(board, tpm, board.image(board.slot("A")), stick,
                before=lambda vm: recovery.ask(board, vm))
    events = measured.expected(board.profile, "recovery", content, guid)
    assert len(events[4][1]) == 64
    measured.check(seen, events)


def started_images(seen):
    """Digests of the images that were loaded by our device path."""
    return [found["sha256"] for pcr, kind, found, data in seen.events
            if pcr == 4 and kind == EV_BOOT_APPLICATION and OUR_PATH in data]


@pytest.mark.boards("aarch64-uefi")
def test_secure_boot(board, tpm):
    """The kernel's image, which the firmware does not authenticate and so does not measure,
    is in PCR 4 as if it had done both."""
    content = measured.content(board)
    plain = board.image(images.Slot(content))
    secure = images.Image(board.work / "secure.img", [images.Slot(content)],
                          signed_loader(board), board.arch)
    by_firmware = started_images(boot(board, tpm, plain))
    seen = boot(board, harness.Tpm(board.work / "tpm2"), secure, secure_boot=True)
    measured.check(seen, measured.expected(board.profile, "normal", content,
                                           secure.guid("A")))
    assert len(by_firmware) == 1 and started_images(seen) == by_firmware


# --- a TPM that fails ---------------------------------------------------------------------------


@pytest.mark.boards(*ALL)
def test_normal_mode_starts_without_its_tpm(board, tpm):
    disk = board.image(board.slot("A"))
    with board.machine(disk, tpm=tpm) as vm:
        recovery.ask(board, vm)
        vm.expect("Esc = Start normally")
        tpm.fail()
        vm.send(ESCAPE)
        vm.expect(r"measure: failed: PCR 8, profile: ", 30)
        vm.expect(r"KERNEL start=.*slot=A ", 30)
        vm.wait_end()


@pytest.mark.boards(*UEFI)
def test_developer_mode_does_not(board, tpm):
    """Nor does it cost an attempt; and normal mode is a way out."""
    board.use_profile(developer_mode=DEVELOPER_ALLOWED, serial_input=1)
    disk = board.image(board.slot("A", attempts=6, bootable=0))
    store = recovery.plant(board, recovery.STATE, recovery.state(1))
    with board.machine(disk, tpm=tpm, vars=store) as vm:
        vm.expect("Developer mode is on", board.start_time())
        tpm.fail()
        vm.send(CTRL_D)
        vm.expect(r"slot A: .*: not-measured: the TPM did not measure this start: ", 30)
        vm.expect(r"No system on this device can be started")
        vm.refuse("KERNEL start=")
        assert disk.attributes("A") == (1, 6, 0)
        vm.send("\x13")
        vm.expect("Switch off developer mode\\?")
        vm.send("\r")
        vm.expect("developer mode: off")
        vm.send(ESCAPE)
        vm.expect(r"KERNEL start=.*slot=A ", 20)
        vm.wait_end()
    assert disk.attributes("A") == (1, 5, 0)


@pytest.mark.boards("aarch64-uefi")
def test_recovery_does_not(board, tpm):
    stick = recovery.stick(board, recovery.kernel(board, "rec"))
    with board.machine(board.image(board.slot("A")), tpm=tpm, usb=True) as vm:
        recovery.ask(board, vm)
        vm.expect("Esc = Start normally")
        tpm.fail()
        vm.plug(stick)
        vm.expect(r"media: usb \S+ partition \d+: not-measured: ", 30)
        vm.expect("not-measured: the TPM did not measure this start")
        vm.refuse("KERNEL start=")


@pytest.mark.boards("aarch64-uefi")
def test_without_a_tpm_everything_starts(board):
    log = board.boot(board.image(board.slot("A")), "A")
    assert "measure: no TPM" in log
