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


def scan(vm):
    for name in SCANNED:
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
