"""What a person sees and can do, on whole machines: the display pixel by pixel, the serial
line alone, languages, details, boot entries (docs/screens.md)."""
import re
import struct
import time
import uuid

import pytest

import harness
import images
import recovery
import screens
import variables

UEFI = ("aarch64-uefi", "x86_64-uefi")
DEAD = {"attempts": 0, "bootable": 0}
URL = "https://example.com/recover"
ALLOWED = 1
CTRL_D, CTRL_S, ESC, ENTER, TAB = "\x04", "\x13", "\x1b", "\r", "\t"
SUPPORT = "Call +1 555 0199"
EVERYTHING = variables.NV | variables.BS | variables.RT


def dead_disk(board, **profile):
    """A disk on which nothing can be started, not even as a last resort."""
    board.use_profile(**{"recovery_url": URL} | profile)
    disk = board.image(board.slot("A", 2, **DEAD), board.slot("B", 1, **DEAD))
    disk.flip("A", 0)
    disk.flip("B", 0)
    return disk


def files_only(board, name="files"):
    """A stick that somebody has holiday pictures on."""
    path = board.work / f"{name}.img"
    images.run("mformat", "-C", "-i", path, "-T", 16384, "-h", 16, "-s", 63, "::")
    return harness.Disk(path, bus="usb", boot=False, removable=True, name=name)


# --- the display ----------------------------------------------------------------------------

PLACES = {
    "aarch64-uefi": [(640, 480, "en"), (3840, 2160, "ja")],
    "x86_64-uefi": [(640, 480, "ar"), (None, None, "hi")],
}


@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("place", [0, 1], ids=["smallest", "other"])
def test_recovery_screens_are_what_the_host_draws(board, place):
    """No medium, and a bad one put in then; the code is read from the real screen."""
    width, height, language = PLACES[board.name][place]
    disk = dead_disk(board, language=language, support=SUPPORT)
    with board.machine(disk, display=screens.card(board.arch, width, height), usb=True,
                       limit_s=120) as vm:
        size = screens.size(vm)
        assert width is None or size == f"{width}x{height}"
        vm.expect("Put it in here", board.start_time())
        known = {"url": URL, "model": "test machine", "support": SUPPORT}
        shot = screens.wait_for(vm, board.work, screens.draw(
            board.work, "no-media", size, language, reason=16, **known))
        assert screens.read_code(shot) == f"{URL}?m=test%20machine&r=16"
        vm.plug(files_only(board))
        vm.expect("This stick or card cannot be used")
        reason = vm.expect(r"Code: E(\d+), ")[1]
        detail = vm.expect(r"\n(usb.*)\n")[1]
        shot = screens.wait_for(vm, board.work, screens.draw(
            board.work, "bad-media-no-recovery", size, language, reason=reason, offer=0,
            detail=detail, **known))
        assert screens.read_code(shot) == f"{URL}?m=test%20machine&r={reason}"


@pytest.mark.boards(*UEFI)
def test_developer_screens_are_what_the_host_draws(board):
    board.use_profile(developer_mode=ALLOWED, serial_input=1, language="he")
    disk = board.image(board.slot("A"))
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1))
    with board.machine(disk, vars=vars_file, usb=True,
                       display=screens.card(board.arch, 640, 480)) as vm:
        size = screens.size(vm)
        vm.expect("Developer mode is on", board.start_time())
        screens.wait_for(vm, board.work, *[
            screens.draw(board.work, "dev-warning", size, "he", countdown=n)
            for n in range(30, 5, -1)])
        vm.send(ESC)
        vm.expect("> Start now")
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "menu", size, "he", selected=0))
        vm.send(ESC)
        vm.expect("Developer mode is on")
        vm.send(CTRL_S)
        vm.expect("Switch off developer mode")
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "dev-confirm-off", size, "he"))
        vm.send(ENTER)
        vm.expect(r"KERNEL start=.*slot=A ")


@pytest.mark.boards(*UEFI)
def test_a_language_is_chosen_and_remembered(board):
    disk = dead_disk(board)
    vars_file = recovery.formatted_store(board)
    known = {"url": URL, "model": "test machine", "reason": 16}
    with board.machine(disk, vars=vars_file, usb=True,
                       display=screens.card(board.arch, 640, 480)) as vm:
        vm.expect("language en", board.start_time())
        vm.expect("Put it in here")
        vm.send("l")
        vm.expect(">en< ar ")
        vm.send("+")
        vm.expect(" en >ar<")
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "language", "640x480", "en", selected=1))
        vm.send(ENTER)
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "language-confirm", "640x480", "ar"))
        vm.send(ENTER)
        vm.expect("screen: language ar: ok")
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "no-media", "640x480", "ar", **known))
    attributes, data = recovery.stored(board, recovery.STATE)
    assert attributes == variables.NV | variables.BS and data == recovery.state(0, b"ar")
    with board.machine(disk, vars=vars_file, usb=True,
                       display=screens.card(board.arch, 640, 480)) as vm:
        vm.expect("language ar", board.start_time())
        vm.expect("Put it in here")
        screens.wait_for(vm, board.work, screens.draw(
            board.work, "no-media", "640x480", "ar", **known))


# --- the serial line alone ------------------------------------------------------------------

DETAILS = [
    r"Lifeboat \S+, aarch64, Secure Boot off",
    r"Firmware: \S.*",
    r"Machine: \S.*",
    r"Model: test machine",
    r"Hardware id: TEST 1",
    r"Recovery reason: 2 \(a key was pressed at power-on\)",
    r"Mode: recovery; developer mode off",
    r"Floors: kernel 0\.0, recovery 0\.0",
    r"  variable: (kernel 0\.0, recovery 0\.0|unsupported)",
    r"  TPM: none",
    r"Kernel key: [0-9a-f]{16}\.\.\. version 1, RSA-",
    r"Recovery key: [0-9a-f]{16}\.\.\. version 1, RSA-",
    r"Enrolled developer keys: 0",
    r"  \S.*: \d+ MiB, 512-byte sectors, built in, internal, boot disk",
    r"    partition table: both copies good, 2 slots",
    r"    slot A: partition 2, priority 2, 0 attempts, bootable: booted correctly",
    r"      signed headers good, version 1\.1",
    r"    slot B: partition 4, priority 1, 5 attempts, not bootable: still trying",
    r"Recovery media: none",
    r"Earlier boots",
    r"Log:",
    r"  media: SCAN -> PICK",
]


def turn_pages(vm):
    """All of the details, page by page."""
    vm.send(TAB)
    told, pages = "", 0
    while "  media: SCAN -> PICK" not in told:
        found = vm.expect(r"\nDetails\n((?:.*\n)*?)Keys: Esc = Back, .*Space = Forward, .*")
        told += found[1]
        pages += 1
        assert pages < 10
        vm.send(" ")
    return told


@pytest.mark.boards("aarch64-uefi", "aarch64-bare")
def test_everything_by_serial_line(board):
    """A board without display: each screen is said once, and each of its keys does."""
    board.use_profile(recovery_url=URL, developer_mode=ALLOWED)
    disk = board.image(board.slot("A", 2), board.slot("B", 1, attempts=5, bootable=0))
    with board.machine(disk) as vm:
        recovery.ask(board, vm)
        vm.expect(r"Keys: Esc = Start normally, Tab = Details, L = Language(?=\n)")
        assert vm.text().count("Put it in here") == 1
        told = turn_pages(vm)
        missing = [line for line in DETAILS if not re.search(f"^{line}", told, re.M)]
        assert missing == [], told
        vm.send(TAB)
        vm.expect("Put it in here")
        vm.send("l")
        vm.expect(r">en< ar ")
        vm.expect(r"Keys: Enter = Choose, Esc = Back, \+ = Down, - = Up")
        vm.send("+")
        vm.expect(r" en >ar<")
        vm.send("-")
        vm.expect(r">en< ar ")
        vm.send(ESC)
        vm.expect("Put it in here")
        vm.send(CTRL_D)
        vm.expect("mode changes are not taken from a serial line")
        vm.send("p")
        vm.expect("Keys: Enter = Yes, Esc = Back")
        vm.refuse("Switching off")
        vm.send(ENTER)
        vm.expect("Switching off")
        vm.wait_end()
        assert vm.text().count("Switching off") == 1


SHA256_ANSWER = bytes.fromhex("1901da1c9f699b48636e65cbf73abf99")[:8]


@pytest.mark.boards("aarch64-uefi", "aarch64-bare")
def test_a_loader_that_fails_its_self_test_says_so(board, monkeypatch):
    """One wrong byte in a known answer, as of memory that cannot be trusted."""
    for name in ("loader_with", "bare_loader_with"):
        good = getattr(images, name)

        def damaged(*args, good=good):
            image = bytearray(good(*args))
            assert image.count(SHA256_ANSWER) == 1
            image[image.index(SHA256_ANSWER)] ^= 1
            return bytes(image)

        monkeypatch.setattr(images, name, damaged)
    with board.machine(board.image(board.slot("A")), no_reboot=True) as vm:
        vm.expect("Something went wrong", board.start_time())
        vm.expect("do not pass their self-test")
        vm.expect("Keys: R = Restart, P = Switch off, Tab = Details")
        vm.send(TAB)
        vm.expect("Profile: none that is valid")
        vm.send(TAB)
        vm.expect("Something went wrong")
        vm.send("r")
        vm.wait_end()
        vm.refuse("KERNEL start=")


# --- nobody there ---------------------------------------------------------------------------

@pytest.mark.boards("aarch64-uefi")
def test_sticks_are_noticed_and_a_repaired_disk_starts(board, record_property):
    """From plugged in to noticed: the firmware sets the stick up, of which its first read is
    the end (a quarter of a second with edk2 in QEMU); from there on the time is ours. At last
    the disk becomes good by itself, as a loose cable might: no key is pressed."""
    disk = dead_disk(board)
    with board.machine(disk, usb=True, limit_s=150) as vm:
        vm.expect("Put it in here", board.start_time())
        times = []
        for n in range(4):
            stick = files_only(board, f"files{n}")
            time.sleep(0.3 * n)  # at different moments of edk2's second
            start = time.monotonic()
            vm.plug(stick)
            while vm.bytes_read(stick) == 0:
                time.sleep(0.01)
            read = time.monotonic() - start
            vm.expect("This stick or card cannot be used")
            times.append((round(read, 2), round(time.monotonic() - start, 2)))
            vm.unplug(stick)
            vm.expect("Put it in here", 20)
        record_property("first read, noticed (s)", times)
        print("first read, noticed (s):", times)
        # A busy machine may be late once.
        assert sorted(noticed for _, noticed in times)[1] < 0.5 * harness.SLOWNESS, times
        disk.flip("A", 0)
        disk.set("A", priority=3, bootable=1)
        vm.expect(r"KERNEL start=.*slot=A ", 45)
        vm.wait_end()


# --- boot entries ---------------------------------------------------------------------------

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")


def boot_entry(disk, arch, options):
    """The bytes of a Boot#### variable that starts the loader on @disk."""
    start, sectors = (int(images.run("cgpt", "show", "-i", 1, flag, disk.path))
                      for flag in ("-b", "-s"))
    unique = uuid.UUID(images.run("cgpt", "show", "-i", 1, "-u", disk.path).strip())
    partition = struct.pack("<BBHIQQ16sBB", 4, 1, 42, 1, start, sectors, unique.bytes_le, 2, 2)
    name = f"\\EFI\\BOOT\\{images.EFI_NAME[arch]}\0".encode("utf-16-le")
    path = partition + struct.pack("<BBH", 4, 4, 4 + len(name)) + name + b"\x7f\xff\4\0"
    return (struct.pack("<IH", 1, len(path)) + "Lifeboat\0".encode("utf-16-le") + path +
            options)


OPTIONS = {
    "the word": ("recovery".encode("utf-16-le"), True),
    "with NUL": ("recovery\0".encode("utf-16-le"), True),
    "space behind": ("recovery ".encode("utf-16-le"), False),
    "other case": ("recoverY".encode("utf-16-le"), False),
    "more behind": ("recovery\0now".encode("utf-16-le"), False),
    "ASCII": (b"recovery", False),
}


@pytest.mark.boards("aarch64-uefi")
def test_boot_entries_that_ask_for_recovery(board):
    """By the firmware's own boot entries; anything but the one word is ignored."""
    disk = board.image(board.slot("A"))
    store = variables.Store(recovery.formatted_store(board))
    store.put("BootOrder", EVERYTHING, struct.pack("<H", 0x99), GLOBAL)
    for name, (options, asks) in OPTIONS.items():
        store = variables.Store(board.work / "vars.fd")
        store.put("Boot0099", EVERYTHING, boot_entry(disk, board.arch, options), GLOBAL)
        with board.machine(harness.Disk(disk.path, boot=False),
                           vars=board.work / "vars.fd") as vm:
            if asks:
                vm.expect(r"recovery: reason 4 ", board.start_time())
                vm.expect("Put it in here")
                vm.quit()
            else:
                vm.expect(r"KERNEL start=.*slot=A ", board.start_time())
                vm.wait_end()
                vm.refuse("recovery: reason")
            # The firmware really took this entry.
            assert "starting Boot0099" in vm.text(), name
