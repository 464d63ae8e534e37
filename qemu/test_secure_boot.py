"""Secure Boot with own keys on whole machines: enrolled from Setup Mode by the stick; then
nothing starts but what they signed, whatever an attacker writes to disks, sticks, variables
and boot entries (docs/secure-boot.md, docs/threat-model.md)."""
import shutil
import struct
import uuid

import pytest

import conftest
import harness
import images
import recovery
import secure_boot
import variables
from test_developer import key_id

UEFI = ("aarch64-uefi", "x86_64-uefi")
NV, BS, RT = variables.NV, variables.BS, variables.RT
FORBIDDEN, ALLOWED, ALLOWED_SECURE_BOOT = 0, 1, 2
FULL = 1  # serial-input
CTRL_D = "\x04"
LOADER_INTERFACE = uuid.UUID("4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
SECURE_BOOT_ENABLE = uuid.UUID("f0a30bc7-af08-4556-99c4-001009c93a44")


@pytest.fixture(scope="session")
def owner(tmp_path_factory):
    return secure_boot.keys(tmp_path_factory.mktemp("owner"))


@pytest.fixture(scope="session")
def enrolled_arm(tmp_path_factory, owner):
    board = conftest.Board("aarch64-uefi", tmp_path_factory.mktemp("store"))
    return secure_boot.enrolled(board, owner)


@pytest.fixture
def store(board, enrolled_arm):
    """An own copy of a store with the owner's keys in it."""
    path = board.work / "vars.fd"
    shutil.copyfile(enrolled_arm, path)
    return path


def own_block(board):
    return images.keyblock(board.work, "own")


# --- enrolment --------------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_enrolled_machine_starts_only_what_the_owner_signed(board, owner, tmp_path):
    """Unsigned, signed by somebody else, and changed after it was signed: refused."""
    store = secure_boot.enrolled(board, owner)
    signed = bytearray(secure_boot.loader(board, owner))
    kernel = board.kernel("A", kind="pe")
    good = secure_boot.disk(board, kernel, bytes(signed))
    with board.machine(good, secure_boot=True, vars=store, limit_s=180) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(r"KERNEL start=efi .*slot=A ")
        vm.wait_end()
        vm.refuse("Access Denied")
    profile, _ = images.pe_section(signed, b".lbprof")
    signed[profile + 100] ^= 1
    other = secure_boot.keys(tmp_path, "other")
    loaders = {"unsigned": secure_boot.loader(board), "changed": bytes(signed),
               "other": secure_boot.loader(board, other)}
    disks = [harness.Disk(secure_boot.disk(board, kernel, data, f"{name}.img").path, boot=False)
             for name, data in loaders.items()]
    with board.machine(*disks, secure_boot=True, vars=store, limit_s=180) as vm:
        refused = {vm.expect(r"failed to load Boot.* from (\S+): Access Denied",
                             board.start_time())[1] for _ in loaders}
        assert len(refused) == len(loaders), refused
        vm.refuse(r"lifeboat \d")
        vm.refuse("KERNEL start=")


@pytest.mark.boards("aarch64-uefi")
def test_enrolment_needs_a_person(board, owner):
    """Another key than those asked for: nothing is written, not even a part."""
    store = secure_boot.setup_mode(board)
    with board.machine(secure_boot.stick(board, owner), secure_boot=True, vars=store) as vm:
        vm.expect("To go on, type enrol and press Enter", board.start_time())
        vm.send("enroz")
        vm.expect("Nothing was changed")
    for name, vendor in (("PK", secure_boot.GLOBAL), ("KEK", secure_boot.GLOBAL),
                         ("db", secure_boot.DATABASE)):
        assert variables.Store(store).get(name, vendor) is None


@pytest.mark.boards("aarch64-uefi")
def test_enrolment_leaves_a_machine_with_keys_alone(board, owner, store, tmp_path):
    """Secure Boot is off, so the unsigned program starts at all; the machine has keys."""
    variables.Store(store).put("SecureBootEnable", NV | BS, b"\0", SECURE_BOOT_ENABLE)
    before = variables.Store(store).get("PK", secure_boot.GLOBAL)
    with board.machine(secure_boot.stick(board, owner), secure_boot=True, vars=store) as vm:
        vm.expect("These keys are in this machine already; Secure Boot is off",
                  board.start_time())
    other = secure_boot.stick(board, secure_boot.keys(tmp_path, "other"), name="other")
    with board.machine(other, secure_boot=True, vars=store) as vm:
        vm.expect("This machine has a platform key already", board.start_time())
        vm.refuse("To go on")
    assert before and variables.Store(store).get("PK", secure_boot.GLOBAL) == before


@pytest.mark.boards("aarch64-uefi")
def test_option_roms_are_named_and_asked_about_by_another_word(board, owner):
    store = secure_boot.setup_mode(board)
    card = ["-device", "virtio-net-pci"]
    with board.machine(secure_boot.stick(board, owner), secure_boot=True, vars=store,
                       extra=card) as vm:
        vm.expect(r"option ROM", board.start_time())
        vm.expect(r"vendor 1af4, device 1000")
        vm.expect("To go on, type risk and press Enter")
        vm.send("enrol\r")
        vm.expect("Nothing was changed")
    microsoft = owner / "db.crt"  # any certificate more
    trusting = secure_boot.stick(board, owner, "--add-db", microsoft, name="trusting")
    with board.machine(trusting, secure_boot=True, vars=store, extra=card) as vm:
        vm.expect(r"Trusted signers of programs \(db\): 2", board.start_time())
        vm.expect("To go on, type enrol and press Enter")


# --- nothing unverified starts ------------------------------------------------------------------

@pytest.mark.boards("aarch64-uefi")
def test_odd_disks_and_sticks(board, owner, store):
    """Slots with a bare EFI program and with a self-signed kernel; unsigned programs, boot
    loader configuration and a start-up script beside the loader; a second disk and a stick
    of an attacker. Nothing of it runs."""
    program = images.test_kernel(board.arch).read_bytes()
    own = board.kernel("B", kind="pe", key_block=own_block(board))
    disk = images.Image(board.work / "odd.img",
                        [images.Slot(program), images.Slot(own)],
                        secure_boot.loader(board, owner), board.arch)
    bait = board.work / "bait.efi"
    bait.write_bytes(program)
    text = board.work / "startup.nsh"
    text.write_text("bait.efi\r\n")
    where = f"{disk.path}@@{images.MIB}"
    images.run("mmd", "-i", where, "::/EFI/Linux", "::/loader", "::/loader/entries",
               f"::/EFI/BOOT/{images.EFI_NAME[board.arch]}.extra.d")
    for source, target in ((bait, "bait.efi"), (bait, "EFI/BOOT/grubaa64.efi"),
                           (bait, "EFI/BOOT/fbaa64.efi"), (bait, "EFI/Linux/bait.efi"),
                           (text, "startup.nsh"), (text, "loader/entries/bait.conf")):
        images.run("mcopy", "-i", where, source, f"::/{target}")
    second = images.Image(board.work / "second.img",
                          [images.Slot(board.kernel("X", kind="pe",
                                                    key_block=images.keyblock(
                                                        board.work, "foreign",
                                                        signer="recovery_key")))],
                          program, board.arch)
    stick = recovery.stick(board, recovery.own_kernel(board, "stick", kind="pe"))
    with board.machine(disk, harness.Disk(second.path, bus="nvme"), stick, secure_boot=True,
                       vars=store) as vm:
        vm.expect(r"slot A: disk \S.* not-a-kernel", board.start_time())
        vm.expect(r"slot B: disk \S.* self-signed")
        vm.expect(r"slot A: disk \S.* key-unknown")
        vm.expect("This stick or card cannot be used")
        vm.refuse("KERNEL start=")
        vm.refuse("lockdown|starting slot")


@pytest.mark.boards("aarch64-uefi")
@pytest.mark.parametrize("words", [
    "init=/bin/sh lifeboat.mode=developer", "recovery init=/bin/sh", "RECOVERY", "developer"])
def test_load_options_say_nothing_but_recovery(board, owner, store, words):
    """A boot entry is writable by every system that ever ran here."""
    disk = secure_boot.disk(board, board.kernel("A", kind="pe"), secure_boot.loader(board, owner))
    secure_boot.start_with_options(store, disk, board.arch, secure_boot.utf16(words))
    with board.machine(harness.Disk(disk.path, boot=False), secure_boot=True, vars=store) as vm:
        vm.expect(r'starting Boot0077 "with options"', board.start_time())
        line = vm.expect(r"KERNEL start=efi .*cmdline=(.*)")[1]
        assert line.split() == ["slot=A", f"guid={disk.guid('A')}"]
        vm.refuse(r"recovery: reason|[Dd]eveloper mode")


@pytest.mark.boards("aarch64-uefi")
def test_load_option_recovery_leads_to_recovery_only(board, owner, store):
    """It is obeyed: there, only what the recovery key signed starts, and developer mode is
    not offered."""
    board.use_profile(developer_mode=ALLOWED_SECURE_BOOT, serial_input=FULL)
    disk = secure_boot.disk(board, board.kernel("A", kind="pe"), secure_boot.loader(board, owner))
    secure_boot.start_with_options(store, disk, board.arch, secure_boot.utf16("recovery"))
    stick = recovery.stick(board, recovery.own_kernel(board, "own", kind="pe"),
                           recovery.kernel(board, "normal", kind="pe",
                                           key_block=images.DEVKEYS / "kernel.keyblock",
                                           data_key="kernel_data_key"))
    with board.machine(harness.Disk(disk.path, boot=False), stick, secure_boot=True,
                       vars=store) as vm:
        vm.expect(r"recovery: reason \d+ ", board.start_time())
        vm.expect("This stick or card cannot be used")
        vm.send(CTRL_D)
        vm.expect("Keys: Esc = Start normally")
        vm.refuse("Developer mode|To switch it on")
        vm.send("\x1b")
        vm.expect(r"KERNEL start=efi .*slot=A ")


@pytest.mark.boards("aarch64-uefi")
def test_planted_variables(board, owner, store):
    """All that a system with every right could have left: ours by name, other loaders', the
    kernel's. The slot that is next starts, with its own command line, in normal mode."""
    board.use_profile(developer_mode=ALLOWED_SECURE_BOOT, serial_input=FULL)
    own = images.Slot(board.kernel("B", kind="pe", key_block=own_block(board)), 9)
    disk = images.Image(board.work / "planted.img",
                        [images.Slot(board.kernel("A", kind="pe")), own],
                        secure_boot.loader(board, owner), board.arch)
    kept = variables.Store(store)
    everywhere = NV | BS | RT
    for name, data in (("LifeboatState", recovery.state(1)),
                       ("LifeboatDevKeys", key_id("kernel_data_key")),
                       ("LifeboatFloor", struct.pack("<II", 0xffff0000, 0xffff0000)),
                       ("LifeboatRequest", b"\1\0"), ("LifeboatMode", b"developer"),
                       ("LifeboatSlot", b"B 0")):
        kept.put(name, everywhere, data)
    for name, text in (("LoaderEntryOneShot", "bait.efi"), ("LoaderEntryDefault", "slot-b"),
                       ("LoaderConfigTimeoutOneShot", "menu-force"),
                       ("LoaderSystemToken", "init=/bin/sh")):
        kept.put(name, everywhere, secure_boot.utf16(text), LOADER_INTERFACE)
    with board.machine(disk, secure_boot=True, vars=store) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(r"slot B: .* self-signed")
        line = vm.expect(r"KERNEL start=efi .*cmdline=(.*)")[1]
        vm.wait_end()
        assert line.split() == ["slot=A", f"guid={disk.guid('A')}"]
        for name in ("LifeboatState", "LifeboatDevKeys", "LifeboatFloor"):
            assert f"variables: {name} is not ours (attributes 0x7," in vm.text()
        vm.refuse(r"Developer mode is on|recovery: reason|cannot be deleted")
    after = variables.Store(store)
    for name in ("LifeboatRequest", "LifeboatMode", "LifeboatSlot"):
        assert after.get(name) is None
    assert after.get("LifeboatState") == (NV | BS, recovery.state(0))
    assert after.get("LifeboatDevKeys") == recovery.NO_KEYS
    assert after.get("LifeboatFloor")[0] == NV | BS


OWN, OTHER = "kernel_data_key", "recovery_kernel_data_key"


@pytest.mark.boards("aarch64-uefi")
@pytest.mark.parametrize("policy, trusted, starts", [
    (FORBIDDEN, None, "B"), (FORBIDDEN, OWN, "B"), (ALLOWED, None, "B"), (ALLOWED, OTHER, "B"),
    (ALLOWED_SECURE_BOOT, OTHER, "B"), (ALLOWED_SECURE_BOOT, OWN, "A")])
def test_developer_mode_under_each_policy(board, owner, store, policy, trusted, starts):
    """Developer mode is on in protected storage; a developer's own kernel is next, an
    official one behind it. What else may start is in test_developer.py."""
    board.use_profile(developer_mode=policy, serial_input=FULL)
    own = images.Slot(board.kernel("A", kind="pe", key_block=own_block(board)), 2)
    disk = images.Image(board.work / "policy.img",
                        [own, images.Slot(board.kernel("B", kind="pe"))],
                        secure_boot.loader(board, owner), board.arch)
    kept = variables.Store(store)
    kept.put("LifeboatState", NV | BS, recovery.state(1))
    if trusted:
        kept.put("LifeboatDevKeys", NV | BS, key_id(trusted))
    with board.machine(disk, secure_boot=True, vars=store) as vm:
        if policy != FORBIDDEN:
            vm.expect("Developer mode is on", board.start_time())
            vm.send(CTRL_D)
        vm.expect(rf"KERNEL start=efi .*slot={starts} ", board.start_time())
        vm.wait_end()
        assert vm.text().count("KERNEL start=") == 1
        if policy == FORBIDDEN:
            vm.refuse("Developer mode is on")
