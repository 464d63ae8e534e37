"""Developer mode on whole machines: on, off, forbidden, sticks, trusted keys; with keys by
keyboard and by serial line (DESIGN 5, 8)."""
import hashlib
import re
import struct
import time

import pytest

import harness
import images
import recovery
import variables
from test_kinds import secure_disk, signed_loader

UEFI = ("aarch64-uefi", "x86_64-uefi")
ALLOWED, ALLOWED_SECURE_BOOT = 1, 2
FULL = 1  # serial-input
CTRL_D, CTRL_S, CTRL_U, ESC = "\x04", "\x13", "\x15", "\x1b"


def own_slot(board, letter, priority=1, **more):
    """A slot with a kernel that a developer signed."""
    return board.slot(letter, priority, key_block=images.keyblock(board.work, "own"), **more)


@pytest.fixture(autouse=True)
def random_source(board):
    board.random = True


@pytest.fixture
def disk(board):
    """A developer's own kernel in slot A, an official one in slot B; developer mode allowed,
    and off."""
    board.use_profile(developer_mode=ALLOWED, serial_input=FULL)
    return board.image(own_slot(board, "A", 2), board.slot("B", 1))


def type_challenge(vm, send, text="To switch it on, type:"):
    vm.expect(text)
    challenge = vm.expect(r"\n([B-X]{4})\n")[1]
    for letter in challenge.lower():
        send(letter)


def confirm(vm):
    """The four characters that a key or a start from a stick asks for."""
    type_challenge(vm, vm.send, "To confirm, type:")


def switch_on(board, vm):
    """From power-on to the warning, all by serial line."""
    recovery.ask(board, vm)
    vm.expect("Keys: Esc = Start normally")
    vm.send("\t")  # it is offered behind the details
    vm.expect("Ctrl D = Developer mode")
    vm.send(CTRL_D)
    type_challenge(vm, vm.send)
    vm.expect("Developer mode is on")


def key_id(name):
    """SHA-256 of a packed key's data, as the loader names it."""
    packed = (images.DEVKEYS / f"{name}.vbpubk").read_bytes()
    offset, size = struct.unpack_from("<QQ", packed)
    return hashlib.sha256(packed[offset:offset + size]).digest()


# --- on and off -----------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_on_and_off_by_keyboard(board, disk):
    """Nothing comes by serial line here: the profile takes nothing from it."""
    board.use_profile(developer_mode=ALLOWED, serial_input=2)
    disk = board.image(own_slot(board, "A", 2), board.slot("B", 1))
    vars_file = recovery.formatted_store(board)
    with board.machine(disk, vars=vars_file, usb=True) as vm:
        recovery.ask(board, vm, lambda: recovery.keyboard_key(vm))
        vm.expect("Keys: Esc = Start normally")
        vm.key("tab")
        vm.expect("Ctrl D = Developer mode")
        vm.key("ctrl", "d")
        type_challenge(vm, vm.key)
        vm.expect("Developer mode is on")
        vm.key("ctrl", "d")
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    attributes, data = recovery.stored(board, recovery.STATE)
    assert attributes == variables.NV | variables.BS and data == recovery.state(1)
    # It stays, with a warning at each start; Ctrl-S and Enter lead back.
    with board.machine(disk, vars=vars_file, usb=True) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.key("ctrl", "s")
        vm.expect("Switch off developer mode?")
        vm.key("ret")
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.wait_end()
    assert recovery.stored(board, recovery.STATE)[1] == recovery.state(0)
    assert "Developer mode" not in board.boot(disk, "B", vars=vars_file)


@pytest.mark.everywhere
def test_on_by_serial_line_where_the_profile_lets_it(board, disk):
    """On bare metal without protected storage it lasts for this boot."""
    with board.machine(disk) as vm:
        switch_on(board, vm)
        vm.send(CTRL_D)
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
        stored = "stored: ok" in vm.text()
    assert stored == (board.platform == "uefi")
    if not stored:
        board.boot(disk, "B")


@pytest.mark.boards("aarch64-uefi", "aarch64-bare")
def test_not_by_serial_line_as_profiles_are(board):
    board.use_profile(developer_mode=ALLOWED)
    disk = board.image(own_slot(board, "A", 2), board.slot("B", 1))
    with board.machine(disk) as vm:
        recovery.ask(board, vm)
        vm.expect("Keys: Esc = Start normally")
        vm.send(CTRL_D)
        vm.expect("mode changes are not taken from a serial line")
        vm.send(ESC)
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.refuse("To switch it on")


@pytest.mark.boards("aarch64-uefi", "aarch64-bare")
def test_forbidden(board):
    board.use_profile(serial_input=FULL)
    disk = board.image(own_slot(board, "A", 2), board.slot("B", 1))
    with board.machine(disk) as vm:
        recovery.ask(board, vm)
        vm.expect("Put it in here")
        vm.send(CTRL_D)
        time.sleep(1)
        vm.send(ESC)
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.refuse("[Dd]eveloper mode")


@pytest.mark.boards("aarch64-uefi")
def test_not_offered_when_the_os_asked(board, disk):
    rt = variables.NV | variables.BS | variables.RT
    vars_file = recovery.plant(board, "LifeboatRequest", b"\1", rt)
    with board.machine(disk, vars=vars_file) as vm:
        vm.expect("Put it in here", board.start_time())
        vm.send(CTRL_D)
        time.sleep(1)
        vm.send(ESC)
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.refuse("To switch it on")


# --- the warning ----------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_nobody_and_no_keyboard(board, disk):
    """The warning passes by itself, after 30 seconds of the machine's time."""
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1))
    with board.machine(disk, vars=vars_file, limit_s=150) as vm:
        vm.expect("Developer mode is on", board.start_time())
        start = time.monotonic()
        vm.expect(r"KERNEL start=.*slot=A ", 80)
        assert time.monotonic() - start > 25
        vm.wait_end()


@pytest.mark.boards("aarch64-uefi")
def test_menu_leads_to_recovery(board, disk):
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1))
    stick = recovery.stick(board, recovery.kernel(board, "R"))
    with board.machine(disk, stick, vars=vars_file) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(ESC)
        vm.expect("> Start now")  # a terminal waits for more
        vm.send("n")
        vm.send("n")
        vm.send("\r")
        vm.expect(r"recovery: reason 7 ")
        vm.expect(r"KERNEL start=.*slot=R ")


@pytest.mark.boards("aarch64-uefi")
def test_own_kernels_need_developer_mode(board, disk):
    log = board.boot(disk, "B")
    assert "slot A" in log and "self-signed" in log


# --- sticks ---------------------------------------------------------------------------------

@pytest.fixture
def developer(board, disk):
    """The same disk, and developer mode is on: gives machine(*sticks)."""
    vars_file = recovery.plant(board, recovery.STATE, recovery.state(1))

    def machine(*sticks, **more):
        return board.machine(disk, *sticks, vars=vars_file, **more)
    return machine


def official(board, name):
    return recovery.kernel(board, name, key_block=images.DEVKEYS / "kernel.keyblock",
                           data_key="kernel_data_key")


@pytest.mark.boards(*UEFI)
def test_official_kernel_on_a_stick_beats_an_own_one(board, developer):
    stick = recovery.stick(board, recovery.own_kernel(board, "own", version=9),
                           official(board, "official"))
    with developer(stick) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect(r"KERNEL start=.*slot=official ")


@pytest.mark.boards("aarch64-uefi")
def test_stick_put_in_after_ctrl_u(board, developer):
    stick = recovery.stick(board, official(board, "official"))
    with developer(usb=True) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect("No stick or card found")
        vm.plug(stick)
        vm.expect(r"KERNEL start=.*slot=official ")


@pytest.mark.boards(*UEFI)
def test_trusting_a_key(board, developer):
    """Asked once; afterwards only that key's kernels start, from sticks and from slots."""
    own = recovery.stick(board, recovery.own_kernel(board, "own"), name="own")
    other = recovery.stick(board, recovery.own_kernel(
        board, "other", data_key="recovery_kernel_data_key"), name="other")
    with developer(own) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect("Trust this developer key?")
        vm.expect(key_id("kernel_data_key").hex())
        vm.send("\r")
        confirm(vm)
        vm.expect(r"KERNEL start=.*slot=own ")
        vm.wait_end()
    attributes, data = recovery.stored(board, "LifeboatDevKeys")
    assert attributes == variables.NV | variables.BS and data == key_id("kernel_data_key")
    with developer(own) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect(r"KERNEL start=.*slot=own ")
        vm.refuse("Trust this developer key?")
    with developer(other) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect("Trust this developer key?")
        vm.send(ESC)
        vm.expect("This stick or card cannot be used")
        vm.send(ESC)
        vm.expect("Developer mode is on")
        vm.send(CTRL_D)
        vm.expect(r"KERNEL start=.*slot=A ")


@pytest.mark.boards("aarch64-uefi")
def test_starting_once_without_trusting(board, developer):
    stick = recovery.stick(board, recovery.own_kernel(board, "own"))
    with developer(stick) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_U)
        vm.expect("Trust this developer key?")
        vm.send(CTRL_D)
        confirm(vm)
        vm.expect(r"KERNEL start=.*slot=own ")
        vm.wait_end()
    assert recovery.stored(board, "LifeboatDevKeys") == recovery.NO_KEYS


@pytest.mark.boards("aarch64-uefi")
def test_switching_off_forgets_the_keys(board, developer, disk):
    path = recovery.formatted_store(board)
    variables.Store(path).put("LifeboatDevKeys", variables.NV | variables.BS,
                              key_id("kernel_data_key"))
    with developer() as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_S)
        vm.expect("Switch off developer mode?")
        vm.send("\r")
        vm.expect(r"KERNEL start=.*slot=B ")
        vm.wait_end()
    assert recovery.stored(board, "LifeboatDevKeys") == recovery.NO_KEYS


@pytest.mark.boards("aarch64-uefi")
def test_keys_that_the_os_planted_are_deleted(board, developer):
    path = recovery.formatted_store(board)
    variables.Store(path).put("LifeboatDevKeys", variables.NV | variables.BS | variables.RT,
                              key_id("recovery_kernel_data_key"))
    with developer() as vm:
        vm.expect(r"LifeboatDevKeys", board.start_time())
        vm.expect(r"KERNEL start=", 80)
        vm.wait_end()
    assert recovery.stored(board, "LifeboatDevKeys") == recovery.NO_KEYS


# --- Secure Boot ----------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("mode", [ALLOWED, ALLOWED_SECURE_BOOT])
def test_own_kernels_under_secure_boot(board, mode):
    """Without a trusted key only where the profile says allowed-secure-boot."""
    board.use_profile(developer_mode=mode, serial_input=FULL)
    content = board.kernel("A", kind="pe", key_block=images.keyblock(board.work, "own"))
    disk = secure_disk(board, content, signed_loader(board))
    with board.machine(disk, secure_boot=True, limit_s=180) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        switch_on_from_nothing(board, vm)
        vm.send(CTRL_D)
        if mode == ALLOWED_SECURE_BOOT:
            vm.expect(r"KERNEL start=efi .*slot=A ")
        else:
            vm.expect(r"slot A: .* self-signed")
            vm.expect("Put it in here")
            vm.refuse("KERNEL start=")


def switch_on_from_nothing(board, vm):
    """No slot starts: recovery comes by itself, which does not offer developer mode; from
    there the machine is reset, and the key for recovery pressed."""
    vm.expect(r"recovery: reason 1 ", board.start_time())
    vm.expect("Keys: Esc = Start normally")
    vm.send("\t")
    vm.expect("Keys: Esc = Back, P = Switch off")  # where it would be offered
    vm.refuse("Ctrl D = Developer mode")
    vm.qmp("system_reset")
    switch_on(board, vm)


@pytest.mark.boards("aarch64-uefi")
def test_trusted_key_under_secure_boot(board):
    board.use_profile(developer_mode=ALLOWED, serial_input=FULL)
    block = images.keyblock(board.work, "own")
    disk = secure_disk(board, board.kernel("A", kind="pe", key_block=block),
                       signed_loader(board))
    stick = recovery.stick(board, recovery.kernel(board, "stick", kind="pe", key_block=block,
                                                  data_key="kernel_data_key"))
    vars_file = board.work / "secure-vars.fd"
    with board.machine(disk, stick, secure_boot=True, vars=vars_file, limit_s=180) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        switch_on_from_nothing(board, vm)
        vm.send(CTRL_U)
        vm.expect("Trust this developer key?")
        vm.refuse(r"Enter = Yes, Esc = No, Ctrl D")
        vm.send("\r")
        confirm(vm)
        vm.expect(r"KERNEL start=efi .*slot=stick ")
        vm.wait_end()
    with board.machine(disk, secure_boot=True, vars=vars_file) as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_D)
        vm.expect(r"KERNEL start=efi .*slot=A ")


@pytest.mark.boards("aarch64-uefi")
def test_what_the_system_is_told(board, developer):
    with developer() as vm:
        vm.expect("Developer mode is on", board.start_time())
        vm.send(CTRL_D)
        vm.expect(r"boot: starting slot A")
        vm.expect(r"KERNEL start=")
        assert not re.search("hand-over: .*error", vm.text())
