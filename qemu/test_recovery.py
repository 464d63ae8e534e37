"""Recovery on whole machines: who gets there, which stick starts, what is shown and what is
written (DESIGN 5, 6, 8)."""
import re
import struct
import subprocess
import time
import zlib

import pytest

import harness
import images
import recovery
import variables
from conftest import digest

UEFI = ("aarch64-uefi", "x86_64-uefi")
SCREEN = {"aarch64": "virtio-gpu-pci", "x86_64": "VGA"}
DEAD = {"attempts": 0, "bootable": 0}
URL = "example.com/recover"


@pytest.fixture
def dead(board):
    """A disk on which nothing can be started."""
    board.use_profile(recovery_url=URL)
    return board.image(board.slot("A", 2, **DEAD), board.slot("B", 1, **DEAD))


def is_blank(path):
    """True for a PNG of one colour (all rows are the same after the PNG's filters)."""
    data = path.read_bytes()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    return not any(zlib.decompress(packed)[1 + 3 * 8:])


# --- no stick -------------------------------------------------------------------------------

@pytest.mark.everywhere
def test_no_stick_says_how_to_recover(board, dead):
    before = digest(dead.path)
    with board.machine(dead) as vm:
        vm.expect(r"recovery: reason 1 ", board.start_time())
        vm.expect("No system on this device can be started")
        vm.expect("Open this address")
        vm.expect(URL)
        vm.expect("Put it in here")
        vm.expect("Keys: Esc = Start normally")
        vm.refuse("KERNEL start=")
        assert vm.text().count("Put it in here") == 1  # by the log or the terminal, not both
        vm.quit()
    assert digest(dead.path) == before


@pytest.mark.boards(*UEFI)
def test_the_screen_shows_the_address_as_a_code(board, dead):
    shot = board.work / "screen.png"
    with board.machine(dead, display=SCREEN[board.arch]) as vm:
        vm.expect("Put it in here", board.start_time())
        for _ in range(20):
            time.sleep(0.5)
            vm.screenshot(shot)
            done = subprocess.run(["zbarimg", "-q", "--raw", shot], capture_output=True,
                                  text=True)
            if done.returncode == 0:
                break
        vm.quit()
    assert done.stdout.strip().startswith(URL), done.stdout
    assert "m=test" in done.stdout  # the model


# --- good sticks ----------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_good_stick_starts_and_nothing_is_displayed(board, dead):
    """What the firmware left on the screen is there when the recovery kernel runs."""
    stick = recovery.stick(board, recovery.kernel(board, "R", words="test.hang"))
    before, after = board.work / "before.png", board.work / "after.png"
    hashes = digest(dead.path), digest(stick.path)
    with board.machine(dead, stick, display=SCREEN[board.arch]) as vm:
        vm.expect(r"lifeboat \S+ on ", board.start_time())
        vm.screenshot(before)
        vm.expect(r"KERNEL start=.*slot=R ")
        vm.screenshot(after)
        vm.refuse("Put it in here")
        vm.quit()
    assert before.read_bytes() == after.read_bytes()
    assert not is_blank(before), "the firmware's screen is empty: nothing could be seen"
    assert (digest(dead.path), digest(stick.path)) == hashes


@pytest.mark.boards(*UEFI)
def test_good_stick_put_in_later(board, dead):
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    with board.machine(dead, usb=True) as vm:
        vm.expect("Put it in here", board.start_time())
        time.sleep(1)
        start = time.monotonic()
        vm.plug(stick)
        vm.expect(r"media: trying ")
        noticed = time.monotonic() - start
        vm.expect(r"KERNEL start=.*slot=R ")
        vm.wait_end()
    # Half a second, and as much again for the bus; QEMU's machine time is slower than ours.
    assert noticed < 3 * harness.SLOWNESS


@pytest.mark.boards("aarch64-uefi")
@pytest.mark.parametrize("sector", [512, 4096])
def test_sector_sizes(board, dead, sector):
    stick = recovery.stick(board, recovery.kernel(board, "R"), sector=sector)
    with board.machine(dead, stick) as vm:
        vm.expect(r"KERNEL start=.*slot=R ", board.start_time())


@pytest.mark.boards("aarch64-uefi")
def test_stick_that_claims_to_be_a_fixed_disk(board, dead):
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    stick.removable = False
    with board.machine(dead, stick) as vm:
        vm.expect(r"KERNEL start=.*slot=R ", board.start_time())


@pytest.mark.boards(*UEFI)
def test_stick_for_both_processors(board, dead):
    both = [recovery.kernel(board, f"R-{arch}", arch=arch, version=version)
            for arch, version in (("x86_64", 3), ("aarch64", 3))]
    stick = recovery.stick(board, *both)
    with board.machine(dead, stick) as vm:
        vm.expect(rf"KERNEL start=.*slot=R-{board.arch} ", board.start_time())
        vm.refuse("wrong-cpu")  # its name told before it was read


@pytest.mark.boards("aarch64-uefi")
def test_stick_for_the_other_processor(board, dead):
    stick = recovery.stick(board, recovery.kernel(board, "R", arch="x86_64"))
    with board.machine(dead, stick) as vm:
        vm.expect("It was made for another processor", board.start_time())
        vm.refuse("KERNEL start=")


@pytest.mark.boards(*UEFI)
def test_newest_version_of_two_sticks(board, dead):
    one = recovery.stick(board, recovery.kernel(board, "old", version=4), name="one")
    two = recovery.stick(board, recovery.kernel(board, "new", version=7), name="two")
    with board.machine(dead, one, two) as vm:
        vm.expect(r"KERNEL start=.*slot=new ", board.start_time())


@pytest.mark.boards("aarch64-uefi")
def test_damaged_newest_version(board, dead):
    one = recovery.stick(board, recovery.kernel(board, "old", version=4), name="one")
    two = recovery.stick(board, recovery.kernel(board, "new", version=7), name="two")
    flip(two.path, 2, 100_000)
    with board.machine(dead, one, two) as vm:
        vm.expect(r"body-damaged", board.start_time())
        vm.expect(r"KERNEL start=.*slot=old ")


@pytest.mark.boards("aarch64-uefi")
def test_loader_on_the_stick_with_an_empty_disk(board, tmp_path):
    """A machine whose own disk is empty starts from the stick."""
    loader = tmp_path / "loader.efi"
    loader.write_bytes(images.loader_with(board.profile, board.arch))
    path = tmp_path / "whole.img"
    images.run(harness.BUILD / "lifeboat", "recovery-media", "make", "-q", "-o", path,
               "--kernel", recovery.kernel(board, "R"), "--loader", loader)
    empty = tmp_path / "empty.img"
    empty.write_bytes(bytes(8 << 20))
    before = digest(path)
    with board.machine(harness.Disk(empty, boot=False),
                       harness.Disk(path, bus="usb", removable=True, boot=True)) as vm:
        vm.expect(r"KERNEL start=.*slot=R ", board.start_time())
    assert digest(path) == before


# --- sticks that are refused ----------------------------------------------------------------

def flip(path, number, offset):
    """One bit in partition @number of a stick."""
    start = int(images.run("cgpt", "show", "-i", number, "-b", path)) * 512
    with open(path, "r+b") as f:
        f.seek(start + offset)
        byte = f.read(1)[0]
        f.seek(start + offset)
        f.write(bytes([byte ^ 1]))


def wrong_key(board):
    block = images.keyblock(board.work, "stranger", signer="firmware_data_key", flags=27,
                            data_key="recovery_kernel_data_key")
    return recovery.kernel(board, "R", key_block=block)


def normal_kernel(board):
    block = images.keyblock(board.work, "normal", signer="recovery_key", flags=23,
                            data_key="recovery_kernel_data_key")
    return recovery.kernel(board, "R", key_block=block)


REFUSALS = {
    "wrong-key": (wrong_key, "It was made for another device", "key-unknown"),
    "normal-kernel": (normal_kernel, "It was not made for this purpose", "keyblock-flags"),
    "self-signed": (lambda b: recovery.own_kernel(b, "R"), "It was not made for this purpose",
                    "self-signed"),
    "old": (lambda b: recovery.kernel(b, "R", version=3), "It is older than this device allows",
            "version-too-old"),
}


@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("what", REFUSALS)
def test_refused_stick_then_a_good_one(board, what):
    """A refused stick has its own screen; a good one put in beside it starts."""
    make, words, name = REFUSALS[what]
    board.use_profile(recovery_floor=0x10005)
    disk = board.image(board.slot("A", **DEAD))
    bad = recovery.stick(board, make(board), name="bad")
    good = recovery.stick(board, recovery.kernel(board, "good", version=5), name="good")
    before = digest(bad.path), digest(disk.path)
    with board.machine(disk, bad, usb=True) as vm:
        vm.expect("This stick or card cannot be used", board.start_time())
        vm.expect(words)
        vm.expect(name)
        if what == "old":
            vm.expect(r"key 1 kernel 3 < key 1 kernel 5")
        vm.plug(good)
        vm.expect(r"KERNEL start=.*slot=good ")
        vm.wait_end()
    assert (digest(bad.path), digest(disk.path)) == before


@pytest.mark.boards("aarch64-uefi")
def test_damaged_stick(board, dead):
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    flip(stick.path, 2, 70_000)
    with board.machine(dead, stick) as vm:
        vm.expect("What is on it is damaged", board.start_time())


@pytest.mark.boards("aarch64-uefi")
def test_stick_with_files_only(board, dead, tmp_path):
    path = tmp_path / "files.img"
    images.run("mformat", "-C", "-i", path, "-T", 16384, "-h", 16, "-s", 63, "::")
    with board.machine(dead, harness.Disk(path, bus="usb", boot=False)) as vm:
        vm.expect("There is no recovery system on it", board.start_time())


@pytest.mark.boards(*UEFI)
def test_stick_pulled_while_it_is_read(board, dead):
    """The loader says so, goes on waiting, and takes the stick when it comes again.

    With QEMU's USB controller a transfer to a device that is gone is never answered: edk2
    waits 20 to 40 s for it. Real controllers report an error at once."""
    big = board.work / "big"
    big.write_bytes(bytes(range(256)) * (96 * 4096))  # 96 MiB: some seconds by USB
    fit = images.fit(board.work, board.arch, images.test_kernel(board.arch), initrd=big)
    part = board.work / "big.part"
    part.write_bytes(images.pack(board.work, fit, "slot=R guid=%U", "arm64",
                                 key_block=recovery.RECOVERY_KEYBLOCK,
                                 data_key="recovery_kernel_data_key"))
    stick = recovery.stick(board, part)
    with board.machine(dead, usb=True, memory=1024, limit_s=240) as vm:
        vm.expect("Put it in here", board.start_time())
        vm.plug(stick)
        vm.expect(r"media: PICK -> VERIFY")
        vm.unplug(stick)
        vm.expect(r"media: \S+.* partition 2: (disk-removed|read-error)", 90)
        # edk2's attempts to reset the port may make it forget that the stick went away:
        # then it is still listed, but answers no more.
        vm.expect("It was pulled out too early", 90)
        vm.expect("Put it in here")
        again = harness.Disk(stick.path, bus="usb", name="again", removable=True)
        vm.plug(again)
        vm.expect(r"KERNEL start=.*slot=R ", 40)
        vm.wait_end()


@pytest.mark.boards(*UEFI)
def test_slow_stick(board, dead):
    """cases/boot/07: the screen says that it is read, and how long it takes."""
    big = board.work / "big"
    big.write_bytes(bytes(range(256)) * (12 * 4096))  # 12 MiB
    fit = images.fit(board.work, board.arch, images.test_kernel(board.arch), initrd=big)
    part = board.work / "big.part"
    part.write_bytes(images.pack(board.work, fit, "slot=R guid=%U", "arm64",
                                 key_block=recovery.RECOVERY_KEYBLOCK,
                                 data_key="recovery_kernel_data_key"))
    stick = recovery.stick(board, part)
    with board.machine(dead, usb=True, memory=1024, limit_s=120, extra=[
            "-object", "throttle-group,id=slow,x-bps-read=1500000"]) as vm:
        vm.expect("Put it in here", board.start_time())
        vm.qmp("blockdev-add", driver="throttle", node_name="slow-stick",
               throttle_group="slow", file={"driver": "raw", "file": {
                   "driver": "file", "filename": str(stick.path), "locking": "off"}})
        vm.qmp("device_add", driver="usb-storage", bus="xhci.0", drive="slow-stick",
               id="dev-slow", removable=True)
        vm.expect("The stick or card is being read", 40)
        vm.expect("Leave it in")
        vm.expect(r"media: reading, \d+ %, \d+ s left")
        vm.expect(r"KERNEL start=.*slot=R ", 60)
        vm.wait_end()


@pytest.mark.boards(*UEFI)
def test_a_system_on_a_stick_is_called_that(board, dead):
    """The wrong download; and a USB disk that the device's own system lies on."""
    image = board.image(board.slot("A"), loader=False, history=True)
    with board.machine(dead, harness.Disk(image.path, bus="usb", boot=False)) as vm:
        vm.expect("It is a system image, not a recovery image", board.start_time())
        vm.expect("E59, system-image")
        vm.quit()
    own = board.image(board.slot("A"), history=True)
    before = digest(own.path)
    with board.machine(harness.Disk(own.path, bus="usb", boot=True)) as vm:
        vm.expect("It holds this device's own system", board.start_time())
        prefix = vm.expect(r"partition 2: internal-disk = (\S+)")[1]
        vm.quit()
    assert digest(own.path) == before
    board.use_profile(recovery_url=URL, internal_disk=prefix)
    again = board.image(board.slot("A"), history=True)
    with board.machine(harness.Disk(again.path, bus="usb", boot=True)) as vm:
        vm.expect(r"KERNEL start=.*slot=A ", board.start_time())
        vm.wait_end()


# --- who gets to recovery -------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("how", ["keyboard", "serial"])
def test_key_at_power_on(board, how):
    disk = board.image(board.slot("A", 1, attempts=6, bootable=0))
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    before = digest(disk.path)
    with board.machine(disk, stick, usb=True) as vm:
        recovery.ask(board, vm, (lambda: recovery.keyboard_key(vm)) if how == "keyboard" else None)
        vm.expect(r"KERNEL start=.*slot=R ")
        vm.wait_end()
    assert digest(disk.path) == before  # no attempt was spent


@pytest.mark.boards("aarch64-uefi")
def test_serial_key_does_not_count_where_the_profile_says_so(board):
    board.use_profile(serial_input=2)
    disk = board.image(board.slot("A"))
    with board.machine(disk) as vm:
        recovery.press_until(vm, lambda: vm.send_now("\x12"), r"KERNEL start=.*slot=A ",
                             board.start_time())


@pytest.mark.boards(*UEFI)
def test_request_of_the_os_counts_once(board):
    rt = variables.NV | variables.BS | variables.RT
    vars_file = recovery.plant(board, "LifeboatRequest", b"\1", rt)
    disk = board.image(board.slot("A"))
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    with board.machine(disk, stick, vars=vars_file) as vm:
        vm.expect(r"KERNEL start=.*slot=R ", board.start_time())
        vm.wait_end()
    assert recovery.stored(board, "LifeboatRequest") is None
    board.boot(disk, "A", vars=vars_file)


@pytest.mark.boards("aarch64-uefi")
@pytest.mark.parametrize("request_bytes", [b"\0", b"\2", b"\1\1", b"x" * 100])
def test_odd_requests_are_no_requests(board, request_bytes):
    rt = variables.NV | variables.BS | variables.RT
    vars_file = recovery.plant(board, "LifeboatRequest", request_bytes, rt)
    board.boot(board.image(board.slot("A")), "A", vars=vars_file)
    assert recovery.stored(board, "LifeboatRequest") is None


# --- planted variables ----------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_state_that_the_os_planted_is_deleted(board):
    """Developer mode by a variable with runtime access: anybody could have written it."""
    board.use_profile(developer_mode=1)
    rt = variables.NV | variables.BS | variables.RT
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1), rt)
    disk = board.image(board.slot("A", 2, key_block=images.keyblock(board.work, "own")),
                       board.slot("B", 1))
    log = board.boot(disk, "B", vars=vars_file)
    assert "Developer mode is on" not in log
    assert recovery.stored(board, recovery.STATE) == (variables.NV | variables.BS,
                                                      recovery.state(0))


@pytest.mark.boards("aarch64-uefi")
def test_floor_that_the_os_planted_is_deleted(board):
    """Else the OS could lock every version out, or claim that a floor is lower."""
    rt = variables.NV | variables.BS | variables.RT
    vars_file = recovery.plant(board, "LifeboatFloor", struct.pack("<II", 0x7fffffff, 9), rt)
    board.boot(board.image(board.slot("A")), "A", vars=vars_file)
    attributes, _ = recovery.stored(board, "LifeboatFloor")
    assert attributes == variables.NV | variables.BS


@pytest.mark.boards("aarch64-uefi")
def test_state_that_only_loaders_could_write_counts(board):
    board.use_profile(developer_mode=1)
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1))
    disk = board.image(board.slot("A"))
    with board.machine(disk, vars=vars_file) as vm:
        vm.expect("Developer mode is on", board.start_time())


# --- what is remembered ---------------------------------------------------------------------

@pytest.mark.boards("aarch64-uefi")
def test_boot_history(board, tmp_path):
    """A normal boot and a recovery, as `lifeboat log` tells them; nothing else is written."""
    lifeboat = harness.BUILD / "lifeboat"
    part, loader = tmp_path / "a.part", tmp_path / "loader.efi"
    part.write_bytes(board.kernel("A"))
    loader.write_bytes(images.loader_with(board.profile, board.arch))
    path = tmp_path / "disk.img"
    images.run(lifeboat, "image", "-q", "-o", path, "--signed-a", part, "--loader", loader,
               "--state", "1M", "-s", "state.type=none")
    disk = harness.Disk(path)
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    for expected in "A", "R":
        with board.machine(disk, *([stick] if expected == "R" else [])) as vm:
            if expected == "R":
                recovery.ask(board, vm)
            vm.expect(rf"KERNEL start=.*slot={expected} ", board.start_time())
            vm.wait_end()
    log = images.run(lifeboat, "log", path).splitlines()
    assert len(log) == 2
    assert re.match(r"boot 1\.0: slot started A \(.*kernel version 1, normal mode", log[0])
    assert re.match(r"boot 2\.0: recovery, reason 2: a key was pressed", log[1])
