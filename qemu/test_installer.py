"""The recovery program on whole machines: what it finds, asks, writes and says (DESIGN 12)."""
import os
import struct
import time

import pytest

import images
import installer
import recovery
from installer import Kit

UEFI = ("aarch64-uefi", "x86_64-uefi")
long = pytest.mark.skipif(not os.environ.get("LIFEBOAT_LONG"),
                          reason="only in make test-long")


@pytest.mark.boards(*UEFI)
def test_broken_slots_come_back_and_the_state_is_kept(board):
    """A proves itself at the first start and B at the next, when A has failed."""
    kit = Kit(board)
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2))
    with kit.machine(device.disk(), stick) as vm:
        installer.installs(vm, "1.2", "kept")
        installer.starts(vm, "NEW")
        installer.ends(vm)
    assert device.saved()
    assert device.attributes("A")[1:] == (5, 0) and device.attributes("B")[1:] == (6, 0)
    device.write(device.kernel["A"][0], b"\xff" * 65536)
    with kit.machine(device.disk()) as vm:
        installer.starts(vm, "NEW")
        installer.ends(vm)
    assert device.attributes("B")[1:] == (5, 0)


def windows_like(device):
    """An MBR with a partition of somebody else's, encrypted."""
    entry = b"\x80\x20\x21\x00\x07\xfe\xff\xff" + (2048).to_bytes(4, "little") + \
        (100000).to_bytes(4, "little")
    device.write(446, entry)
    device.write(510, b"\x55\xaa")
    device.write(2048 * 512, b"LUKS\xba\xbe\0\1")


@pytest.mark.boards("aarch64-uefi")
def test_a_foreign_disk_is_erased_by_a_person_only(board):
    """No keyboard: the question stands there. One is plugged in: what types by itself is no
    answer, wrong letters are none, the right ones are."""
    kit = Kit(board, serial_input=2)  # none
    device = kit.empty()
    windows_like(device)
    before = device.path.read_bytes()
    stick = kit.stick(kit.payload("NEW", 2))
    with kit.machine(device.disk(), stick, start_from_stick=True, usb=False) as vm:
        vm.expect(r"nobody can answer: erase .* dos, crypto_LUKS", 120)
        assert device.path.read_bytes() == before
        vm.qmp("device_add", driver="usb-kbd", bus="xhci.0", id="keys")
        vm.expect("Erase this disk", 30)
        letters = vm.expect(r"To confirm, type:\n([A-Z]{4})\n", 30)[1]
        for letter in letters:  # at once, as a device does
            vm.qmp("send-key", keys=[{"type": "qcode", "data": letter.lower()}], hold_time=5)
        for letter in "ZZZZ":
            vm.key(letter.lower())
        vm.expect("wrong characters, try 1 of 3", 30)
        assert device.path.read_bytes() == before
        time.sleep(2.5)  # in which nothing counts
        installer.type_challenge(vm)
        installer.installs(vm, "1.2", "new")
        vm.quit()
    assert device.find() and device.attributes("A")[1:] == (6, 0)
    with kit.machine(device.disk()) as vm:  # by the loader that was installed
        installer.starts(vm, "NEW")
        installer.ends(vm)


@pytest.mark.boards("aarch64-uefi")
def test_two_disks_are_asked_about_by_serial_line(board):
    kit = Kit(board)
    one, two = kit.empty(name="one"), kit.empty(name="two")
    stick = kit.stick(kit.payload("NEW", 2))
    with kit.machine(one.disk(name="one"), two.disk(name="two"), stick,
                     start_from_stick=True) as vm:
        vm.expect(r"Which disk\?\n> vda, 104 MB, empty\n  vdb, 104 MB, empty", 120)
        vm.send("+")
        vm.expect("> vdb", 20)
        vm.send("\r")
        installer.type_challenge(vm, by_key=False)
        installer.installs(vm, "1.2", "new")
        vm.quit()
    assert not any(one.path.read_bytes())
    assert two.find() and two.attributes("A")[1] == 6


@long
@pytest.mark.boards("aarch64-uefi")
def test_of_two_clones_the_loaders_own_is_taken(board):
    """Nobody is asked: the loader has written this boot into its disk's history."""
    kit = Kit(board)
    device, clone = kit.broken(), kit.empty(name="clone")
    clone.path.write_bytes(device.path.read_bytes())
    with kit.machine(device.disk(), clone.disk(name="clone"),
                     kit.stick(kit.payload("NEW", 2))) as vm:
        installer.installs(vm, "1.2", "kept")
        installer.starts(vm, "NEW")
        vm.quit()
    assert device.attributes("A")[1] == 5 and clone.attributes("A")[1] != 6


@long
@pytest.mark.boards("aarch64-uefi")
def test_refusals_have_names_and_numbers_and_a_log_on_the_stick(board):
    kit = Kit(board)
    device = kit.broken()
    before = device.path.read_bytes()
    vars_store = recovery.plant(board, "LifeboatFloor", struct.pack("<II", 0x10005, 0))
    stick = kit.stick(kit.payload("OTHER", 9, model="Kiosk 3"), kit.payload("OLD", 2))
    for run in range(1, 3):
        with kit.machine(device.disk(), stick, vars=vars_store, usb=False,
                         display="ramfb") as vm:
            vm.expect(r"OLD.payload refused: older than this .*kernel 2 < key 1 kernel 5", 120)
            vm.expect(r"OTHER.payload refused: made for another model: .*Kiosk 3.*test machine")
            assert vm.expect(installer.FAILED, 20)[1] == "P35"
            vm.expect(rf"log on the medium: .*test_machine-{run}\.txt: written", 30)
            if run == 1:
                installer.reads_code(vm, "test machine P35 ")
            vm.quit()
    # The loader's own record of being in recovery is all that was written.
    after = device.path.read_bytes()
    first, size = device.history[:2]
    assert before[:first] == after[:first] and before[first + size:] == after[first + size:]
    text = images.run("mtype", "-i", kit.data_offset(stick),
                      "::/lifeboat-log-test_machine-2.txt")
    assert "result: P35" in text and "OLD.payload refused" in text


@long
@pytest.mark.boards("aarch64-uefi")
def test_a_pulled_stick_is_put_in_again(board):
    """While it is read: nothing was written, the device shows recovery, and goes on with the
    stick. At the end the saved data are erased, because somebody asks for that."""
    kit = Kit(board)
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2, blocks=4000), words="")
    with kit.machine(device.disk(), stick) as vm:
        vm.expect("installer: checking the payload", 120)
        vm.unplug(stick)
        assert vm.expect(installer.FAILED, 60)[1] == "P1"
        vm.expect("restarting: the medium was pulled", 30)
        vm.expect("media: PICK -> WAIT", 60)
        stick.name = "again"
        vm.plug(stick)
        vm.expect("Pull out the stick", 120)
        assert device.saved()
        vm.key("w")
        vm.expect("Erase your data", 20)
        time.sleep(1)
        installer.type_challenge(vm)
        vm.expect("the saved data are erased", 60)
        vm.unplug(stick)
        installer.starts(vm, "NEW")
        installer.ends(vm)
    assert not any(device.read(*device.state[:2]))
