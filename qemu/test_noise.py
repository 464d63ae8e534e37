"""Keys nobody typed, at whole machines: a receiver or a modem on the serial line, a scanner
that somebody leans on (cases a, b and c of what boards have met). A device that nobody asked
starts; one in recovery stays on and takes a good stick."""
import time

import pytest

import harness
import recovery

NMEA = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"
SCANNED = ("p", "a", "r", "t", "n", "e", "r", "7", "7", "ret")
SCAN_S = 0.05  # a key


def machine(board):
    """B is trying: a recovery by mistake would show in what starts, and in its attempts."""
    return board.image(board.slot("A", 2), board.slot("B", 1, attempts=5, bootable=0))


def scan(vm, *names):
    for name in names or SCANNED:
        try:
            vm.qmp("send-key", keys=[{"type": "qcode", "data": name}], hold_time=5)
        except (OSError, harness.Failure):
            return  # it has started, and switched off
        time.sleep(SCAN_S)


@pytest.mark.everywhere
@pytest.mark.parametrize("text", [NMEA, "RING\r\n", "rRpPlL"], ids=["nmea", "ring", "keys"])
def test_serial_noise_stops_no_boot(board, text):
    with board.machine(machine(board)) as vm:
        recovery.press_until(vm, lambda: vm.send_now(text), r"KERNEL start=.*slot=B ",
                             board.start_time())
        vm.refuse("recovery: reason")


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_scanner_stops_no_boot(board):
    with board.machine(machine(board), usb=True) as vm:
        recovery.press_until(vm, lambda: scan(vm), r"KERNEL start=.*slot=B ",
                             board.start_time())
        vm.refuse("recovery: reason")


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi", "aarch64-bare")
def test_noise_in_recovery_does_nothing(board):
    """Nothing can start: every letter of it once switched the machine off, or changed its
    language. Esc, typed by a person after it, still works."""
    disk = board.image(board.slot("A", 0, bootable=0), board.slot("B", 0, bootable=0))
    with board.machine(disk) as vm:
        vm.expect("Put it in here", board.start_time())
        until = time.monotonic() + 4 * harness.SLOWNESS
        while time.monotonic() < until:
            vm.send_now(NMEA + "RING\r\nlrp\r\n")
            time.sleep(0.1)
        vm.refuse("Switching off|Enter = Yes|>en<|screen: language \\w+:")
        time.sleep(1)
        vm.send("\t")
        vm.expect("Lifeboat .*Secure Boot")


# --- keyboard-input ----------------------------------------------------------------------------

FULL, RECOVERY, NONE = range(3)
UEFI = ("aarch64-uefi", "x86_64-uefi")


@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("taken", [FULL, RECOVERY], ids=["full", "recovery"])
def test_keyboard_input(board, taken):
    """A keyboard leads to recovery and through it; to developer mode only where the profile
    takes everything from it."""
    board.use_profile(developer_mode=1, keyboard_input=taken)
    board.random = True  # for the four characters
    with board.machine(machine(board), usb=True) as vm:
        recovery.ask(board, vm, lambda: recovery.keyboard_key(vm))
        vm.expect("Keys: Esc = Start normally")
        vm.key("tab")
        vm.expect("Ctrl D = Developer mode" if taken == FULL else "Lifeboat .*Secure Boot")
        time.sleep(1)  # as a person, who has to read first
        vm.key("ctrl", "d")
        if taken == FULL:
            vm.expect("To switch it on")
        else:
            vm.expect("mode changes are not taken from a keyboard")
            vm.refuse("To switch it on")
            vm.key("esc")
            time.sleep(1)
            vm.key("esc")
            vm.expect(r"KERNEL start=.*slot=B ")


@pytest.mark.boards(*UEFI)
def test_keyboard_input_none(board):
    """No key of it counts: not on the way to a boot, nor in the recovery that the serial line
    has asked for."""
    board.use_profile(keyboard_input=NONE)
    with board.machine(machine(board), usb=True) as vm:
        recovery.press_until(vm, lambda: scan(vm, "f8"), r"KERNEL start=.*slot=B ",
                             board.start_time())
        vm.refuse("recovery: reason")
    with board.machine(machine(board), usb=True) as vm:
        recovery.ask(board, vm)
        vm.expect("Put it in here")
        for _ in range(3):
            time.sleep(1)
            vm.key("esc")
        vm.refuse("KERNEL start=")
        vm.send("\x1b")
        vm.expect(r"KERNEL start=.*slot=B ")
