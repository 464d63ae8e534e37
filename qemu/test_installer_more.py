"""The recovery program on whole machines: what a stick brings back, what it refuses, and
manufacturing. A sample; all of it with LIFEBOAT_LONG=1."""
import json
import os

import pytest

import harness
import images
import installer
import linux
import recovery
import secure_boot
from installer import Kit

UEFI = ("aarch64-uefi", "x86_64-uefi")
SAMPLE = UEFI if os.environ.get("LIFEBOAT_LONG") else UEFI[:1]
long = pytest.mark.skipif(not os.environ.get("LIFEBOAT_LONG"),
                          reason="only in make test-long")


def starts_alone(kit, device, name="NEW"):
    """By its own loader, from its own disk, without a stick."""
    with kit.machine(device.disk()) as vm:
        installer.starts(vm, name)
        installer.ends(vm)


# --- what it brings back -----------------------------------------------------------------


@pytest.mark.boards(*SAMPLE)
def test_a_blank_machine_starts_from_the_stick(board):
    """Nothing of ours was ever on it; nobody touches a key. 256 MiB, the oldest CPU."""
    kit = Kit(board)
    device = kit.empty()
    stick = kit.stick(kit.payload("NEW", 2))
    with kit.machine(device.disk(), stick, start_from_stick=True, usb=False, memory=256,
                     cpu={"aarch64": "cortex-a53", "x86_64": "qemu64"}[board.arch]) as vm:
        installer.installs(vm, "1.2", "new")
        vm.quit()
    assert device.find() and device.attributes("B")[1:] == (6, 0)
    starts_alone(kit, device)


@long
@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("what", ["table", "loader", "esp"])
def test_what_was_lost_comes_back(board, what):
    """Both slots broken, and: no table at all, no loader's file, no file system for it."""
    kit = Kit(board)
    device = kit.broken()
    efi = device.efi[:2]
    if what == "table":
        size = device.path.stat().st_size
        device.write(0, bytes(34 * 512))
        device.write(size - 33 * 512, bytes(33 * 512))
    elif what == "loader":
        images.run("mdel", "-i", f"{device.path}@@{efi[0]}",
                   f"::EFI/BOOT/{images.EFI_NAME[board.arch]}")
    else:
        device.write(efi[0], bytes(efi[1]))
    with kit.machine(device.disk(), kit.stick(kit.payload("NEW", 2)),
                     start_from_stick=True) as vm:
        installer.installs(vm, "1.2", "kept")
        vm.quit()
    assert device.find() and device.saved()
    starts_alone(kit, device)


@long
@pytest.mark.boards(*UEFI)
def test_a_foreign_disk_on_both_cpus(board):
    kit = Kit(board)
    device = kit.empty()
    device.write(510, b"\x55\xaa")
    device.write(446, bytes.fromhex("80202100 07feffff 00080000 00080100"))
    device.write(2048 * 512, b"\xeb\x52\x90NTFS    \0\2\x08")
    with kit.machine(device.disk(), kit.stick(kit.payload("NEW", 2)),
                     start_from_stick=True) as vm:
        vm.expect("Erase this disk", 120)
        installer.type_challenge(vm)
        installer.installs(vm, "1.2", "new")
        vm.quit()
    assert device.find()
    starts_alone(kit, device)


@long
@pytest.mark.boards(*UEFI)
def test_each_slot_proves_itself(board):
    """A at the first start; once the system has marked it, B at the next."""
    kit = Kit(board)
    device = kit.broken()
    with kit.machine(device.disk(), kit.stick(kit.payload("NEW", 2))) as vm:
        installer.installs(vm, "1.2", "kept")
        vm.quit()
    for letter, other, others in ("A", "B", (6, 0)), ("B", "A", (0, 1)):
        starts_alone(kit, device)
        assert device.attributes(letter)[1:] == (5, 0)
        assert device.attributes(other)[1:] == others
        images.run("cgpt", "add", "-i", device.kernel[letter][2], "-T", 0, "-S", 1,
                   device.path)
    starts_alone(kit, device)
    assert device.attributes("A")[1:] == device.attributes("B")[1:] == (0, 1)


@long
@pytest.mark.boards(*UEFI)
def test_a_disk_that_errs_half_way(board):
    """The write of slot B's root fails: said, nothing of it starts, and on a disk that is
    whole again the next run ends well."""
    kit = Kit(board)
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2, blocks=1200))
    bad = device.root["B"][0] // 512 + 5000
    with kit.machine(device.disk(write_errors=[bad]), stick) as vm:
        assert vm.expect(installer.FAILED, 120)[1] == "P50"
        vm.quit()
    assert device.saved()
    assert not any(device.attributes(letter)[1] for letter in "AB")
    with kit.machine(device.disk(), stick) as vm:
        installer.installs(vm, "1.2", "kept")
        vm.quit()
    starts_alone(kit, device)


@long
@pytest.mark.boards(*UEFI)
def test_a_stick_pulled_in_the_middle(board):
    """While slot A is written. What was read before is in memory, and the run may end well
    from there; else the device shows recovery, and goes on with the stick."""
    kit = Kit(board)
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2, blocks=4000), words="")
    with kit.machine(device.disk(), stick) as vm:
        vm.expect("installer: writing slot A", 120)
        vm.unplug(stick)
        found = vm.expect(rf"{installer.FAILED}|{installer.DONE}", 120)
        assert found[1] in (None, "P1")
        if found[1]:
            vm.expect("media: PICK -> WAIT", 90)
            assert device.saved()
            stick.name = "again"
            vm.plug(stick)
            installer.installs(vm, "1.2", "kept")
            vm.unplug(stick)
        installer.starts(vm, "NEW")
        installer.ends(vm)
    assert device.saved() and device.attributes("B")[1:] == (6, 0)


@long
@pytest.mark.boards("aarch64-uefi")
def test_a_new_state_gets_its_file_system_from_the_system(board):
    """The demo on a disk whose state is zeros, as a new disk's is: made once, kept then."""
    slot = linux.slot(board, "demo.poweroff demo.state demo.version=1.0")
    kernel, root, disk = board.work / "K", board.work / "R", board.work / "demo.img"
    kernel.write_bytes(slot.content)
    root.write_bytes(slot.root)
    kit = Kit(board)
    images.run(harness.BUILD / "lifeboat", "image", "-o", disk, "--loader", kit.loader(),
               "--profile", kit.profile, "--signed-a", kernel, "--root-a", root, "--signed-b",
               kernel, "--root-b", root, "--set", "state.type=none", "--set",
               "state.size=16M", "--set", "slot-a.no-verity=yes", "--set",
               "slot-b.no-verity=yes")  # the tree is veritysetup's, and signed
    for start in 1, 2:
        with kit.machine(harness.Disk(disk, name="internal")) as vm:
            vm.expect(rf"USERSPACE: version=1\.0 starts={start}", 120)
            assert ("made a file system" in vm.text()) == (start == 1)
            installer.ends(vm)


# --- what it refuses ---------------------------------------------------------------------


@long
@pytest.mark.boards(*UEFI)
def test_a_disk_that_is_too_small(board):
    kit = Kit(board)
    device = kit.empty(40 * images.MIB)
    with kit.machine(device.disk(), kit.stick(kit.payload("NEW", 2)),
                     start_from_stick=True) as vm:
        vm.expect(r"failed: no disk to install on: .*too small: 40 MiB, \d+ are needed", 120)
        vm.quit()
    assert not any(device.path.read_bytes())


@long
@pytest.mark.boards("aarch64-uefi")
def test_damaged_at_ten_places(board):
    """Nine of the payloads are damaged where that is seen at once, the one that is left in
    its data: the device is what it was."""
    kit = Kit(board)
    device = kit.broken()
    good = kit.payload("NEW", 2, blocks=1200).read_bytes()
    manifest = int.from_bytes(good[12:20], "big")
    places = [0, 11, 19, 23, 30, 60, 200, manifest // 2, 24 + manifest + 40]
    paths = [kit.work / f"bad{n}.payload" for n in range(len(places) + 1)]
    for path in paths:
        path.write_bytes(good)
    stick = kit.stick(*paths, size="128M")  # it takes no damaged ones
    for path, at in zip(paths, [*places, len(good) * 2 // 3]):
        path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
        images.run("mcopy", "-o", "-i", kit.data_offset(stick), path,
                   f"::payload/{path.name}")
    before = device.path.read_bytes()
    with kit.machine(device.disk(), stick) as vm:
        for n in range(len(places)):
            vm.expect(rf"bad{n}\.payload refused: ", 120)
        found = vm.expect(installer.FAILED, 60)
        assert found[1] == "P6" and "bad9.payload" in found[2]
        vm.quit()
    after = device.path.read_bytes()
    first, size = device.history[:2]
    assert before[:first] == after[:first] and before[first + size:] == after[first + size:]


@long
@pytest.mark.boards(*UEFI)
@pytest.mark.parametrize("developer", [False, True])
def test_a_developers_payload(board, developer):
    """Counts in developer mode only, and the screen says whose it is."""
    kit = Kit(board, developer_mode=1)
    device = kit.broken()
    store = recovery.plant(board, recovery.STATE, recovery.state(int(developer)))
    block = images.keyblock(board.work, "own", data_key="kernel_data_key")
    own = kit.payload("OWN", 3, key_block=block, firmware=False)
    with kit.machine(device.disk(), kit.stick(developer=[own]), vars=store) as vm:
        if not developer:
            assert vm.expect(installer.FAILED, 120)[1] == "P36"
            vm.quit()
            return
        vm.expect("signed by a developer", 120)
        installer.installs(vm, "1.3", "kept")
        vm.expect("Developer mode is on", 90)
        vm.send("\x04")
        installer.starts(vm, "OWN")
        installer.ends(vm)


# --- Secure Boot -------------------------------------------------------------------------


@long
@pytest.mark.boards("x86_64-uefi")
def test_secure_boot_with_own_keys(board, tmp_path):
    """The signed stick's loader starts a blank machine, the recovery system starts, a loader
    that db does not know is not put onto the disk, and one that it knows is."""
    kit = Kit(board)
    owner, other = secure_boot.keys(tmp_path), secure_boot.keys(tmp_path, "other")
    store = secure_boot.enrolled(board, owner)
    device = kit.empty()
    for keys, want in (other, "db does not know"), (owner, None):
        kit.loader().write_bytes(secure_boot.loader(board, keys))
        payload = kit.payload("NEW", 2)
        kit.loader().write_bytes(secure_boot.loader(board, owner))
        with kit.machine(device.disk(), kit.stick(payload), start_from_stick=True,
                         secure_boot=True, vars=store) as vm:
            if want:
                assert want in vm.expect(installer.FAILED, 120)[2]
            else:
                installer.installs(vm, "1.2", "new")
            vm.quit()
        assert any(device.read(0, 1 << 20)) == (want is None)
    with kit.machine(device.disk(), secure_boot=True, vars=store) as vm:
        installer.starts(vm, "NEW")
        installer.ends(vm)


# --- manufacturing -----------------------------------------------------------------------


def report_of(kit, stick, number=1):
    return json.loads(images.run("mtype", "-i", kit.data_offset(stick),
                                 f"::/lifeboat-report-test_machine-{number}.json"))


@pytest.mark.boards(*SAMPLE)
def test_manufacturing_without_a_key_pressed(board):
    """From a foreign disk to a ready device that is switched off, with a report."""
    kit = Kit(board)
    device = kit.broken()  # of somebody before
    device.write(512, bytes(512))
    stick = kit.stick(kit.payload("NEW", 2), words="", manufacturing=kit.manufacturing(
        "model = other\nmodel = test machine\nwipe = any\nend = off\n"))
    with kit.machine(device.disk(bus="nvme"), stick, start_from_stick=True, usb=False) as vm:
        vm.expect("manufacturing without questions, whatever is on the disk", 120)
        installer.installs(vm, "1.2", "new")
        vm.expect("switching off, as the manufacturing file says", 30)
        vm.wait_end(60)
        vm.refuse(installer.ASKED)
    assert device.find() and not device.saved()
    report = report_of(kit, stick)
    assert (report["result"], report["version"], report["model"], report["disk-serial"]) == (
        "ok", "1.2", "test machine", "internal")
    starts_alone(kit, device)


@long
@pytest.mark.boards("aarch64-uefi")
def test_manufacturing_of_a_disk_that_is_not_empty(board):
    """Without wipe = any nothing is written, nobody is asked, and the report says so."""
    kit = Kit(board)
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2), manufacturing=kit.manufacturing(
        "model = test machine\nend = restart\n"))
    before = device.path.read_bytes()
    with kit.machine(device.disk(), stick, start_from_stick=True) as vm:
        assert vm.expect(installer.FAILED, 120)[1] == "I8"
        vm.expect("report on the medium", 30)
        vm.quit()
    first, size = device.history[:2]
    after = device.path.read_bytes()
    assert before[:first] == after[:first] and before[first + size:] == after[first + size:]
    assert report_of(kit, stick)["code"] == "I8"


@long
@pytest.mark.boards("aarch64-uefi")
@pytest.mark.parametrize("kind", ["unsigned", "other-model", "other-keys"])
def test_manufacturing_files_that_do_not_count(board, kind, tmp_path):
    """People are asked as ever; nothing of the file is believed."""
    kit = Kit(board)
    device = kit.empty()
    device.write(510, b"\x55\xaa")
    device.write(446, bytes.fromhex("80202100 07feffff 00080000 00080100"))
    words, keys = "model = test machine\nwipe = any\nend = off\n", images.DEVKEYS
    if kind == "other-model":
        words = words.replace("test machine", "another")
    if kind == "other-keys":
        images.run(harness.BUILD / "lifeboat", "keys", "new", "--algorithm",
                   "rsa2048-sha256", tmp_path / "keys")
        keys = tmp_path / "keys"
    file = kit.manufacturing(words, keys)
    stick = kit.stick(kit.payload("NEW", 2), manufacturing=file)
    if kind == "unsigned":
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        images.run("mcopy", "-o", "-i", kit.data_offset(stick), file,
                   "::lifeboat/manufacturing")
    want = {"unsigned": "not signed by its keyblock's data key",
            "other-model": "it is not for test machine",
            "other-keys": "made for devices with another recovery key"}[kind]
    with kit.machine(device.disk(), stick, start_from_stick=True) as vm:
        vm.expect(f"manufacturing file refused: {want}", 120)
        vm.expect(installer.ASKED, 60)
        vm.quit()
    assert device.read(2048 * 512, 4096) == bytes(4096)
