"""Disks made wholly by the lifeboat command boot, and the packaged tools agree about
them."""
import pytest

import harness
import images
import linux

LIFEBOAT = harness.BUILD / "lifeboat"


def lifeboat(*argv):
    return images.run(LIFEBOAT, *argv)


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """A whole key set: made once, it takes seconds."""
    folder = tmp_path_factory.mktemp("keys") / "keys"
    lifeboat("keys", "new", folder)
    return folder


@pytest.fixture
def made(board, keys):
    """A loader with a profile, and a function that makes a disk."""
    ini = board.work / "profile.ini"
    ini.write_text("model = made by lifeboat\nhardware-id = LB 1\n"
                   f"kernel-key = {keys}/kernel_key.vbpubk\n"
                   f"recovery-key = {keys}/recovery_key.vbpubk\n")
    profile = board.work / "profile"
    lifeboat("profile", "make", ini, "-o", profile)
    name = "lifeboat.efi" if board.platform == "uefi" else "lifeboat.img"
    loader = board.work / f"made-{name}"
    lifeboat("profile", "install", profile, harness.BUILD / board.arch / name, "-o", loader)

    def make(*settings):
        out = board.work / "made.img"
        argv = ["image", "-o", out, "--set", "slots.root-size=1048576"]
        argv += ["--loader", loader] if board.platform == "uefi" else []
        defaults = [f"slot-{s}.{k}={v}" for s in "ab" for k, v in {
            "kernel": images.test_kernel(board.arch), "keyblock": keys / "kernel.keyblock",
            "data-key": keys / "kernel_data_key.vbprivk", "no-verity": "yes",
            "cmdline": f"slot={s.upper()} guid=%U"}.items()]
        for setting in [*defaults, *settings]:
            argv += ["--set", setting]
        lifeboat(*argv)
        return out

    make.machine = lambda disk, **more: board.machine(
        harness.Disk(disk, **{k: v for k, v in more.items() if k in ("sector", "bus")}),
        **({"kernel": loader} if board.platform == "bare" else {}))
    return make


TRYING_B = ["slot-a.priority=1", "slot-a.remaining-attempts=0", "slot-a.bootable=yes",
            "slot-b.priority=2", "slot-b.remaining-attempts=6", "slot-b.bootable=no"]


@pytest.mark.everywhere
def test_disk_boots_and_is_charged(board, made):
    disk = made(*TRYING_B)
    with made.machine(disk) as vm:
        vm.expect(r"profile: model made by lifeboat", board.start_time())
        vm.expect(r"KERNEL start=.*slot=B guid=")
        vm.wait_end()
    shown = images.run("cgpt", "show", disk)
    assert "priority=2 tries=5 successful=0" in shown
    assert "priority=1 tries=0 successful=1" in shown
    assert "INVALID" not in shown


@pytest.mark.boards("x86_64-uefi")
@pytest.mark.parametrize("cpu", ["qemu64", "coreduo"])
def test_firmware_of_32_bits_says_why(board, made, cpu):
    """cases/boot/08c: it finds BOOTIA32.EFI, says why in words and goes on after a key."""
    disk = made(*TRYING_B)
    before = disk.read_bytes()
    with board.machine(harness.Disk(disk), firmware="edk2-ia32", cpu=cpu) as vm:
        vm.expect(r"Lifeboat cannot start here: this computer's firmware", board.start_time())
        vm.expect(r"can do 64 bits, the firmware cannot" if cpu == "qemu64" else
                  r"Its processor is for 32 bits, too")
        vm.expect(r"Press a key")
        vm.send("x")
        vm.expect(r"BdsDxe: failed to start .*Unsupported")
        vm.refuse(r"KERNEL")
    assert disk.read_bytes() == before


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_guids_of_ones_own(board, made):
    """One image for a fleet: after own-guids the device's disk and slots have names that no
    other has, and it starts as before."""
    disk = made("slot-a.bootable=yes", "slot-a.remaining-attempts=0")

    def boots(guid):
        with made.machine(disk) as vm:
            vm.expect(rf"KERNEL start=.*slot=A guid={guid}", board.start_time())
            vm.wait_end()

    def told():
        return images.run("cgpt", "show", "-i", 2, "-u", disk).strip().lower()

    first = told()
    boots(first)
    lifeboat("slots", disk, "own-guids")
    assert told() != first and "INVALID" not in images.run("cgpt", "show", disk)
    boots(told())


@pytest.mark.boards("aarch64-uefi")
def test_disk_with_sectors_of_4096_bytes(board, made):
    disk = made("disk.sector-size=4096", *TRYING_B)
    with made.machine(disk, sector=4096, bus="nvme") as vm:
        vm.expect(r"KERNEL start=.*slot=B guid=", board.start_time())
        vm.wait_end()
    assert images.attributes_of(disk, 4) == (2, 5, 0)
    assert images.attributes_of(disk, 2) == (1, 0, 1)


@pytest.mark.everywhere
def test_verified_root_of_a_real_system(board, made):
    """The tree that lifeboat appends is the one the kernel checks."""
    parts = linux.parts(board.arch)
    real = [f"slot-a.{k}={v}" for k, v in {
        "kernel": parts.kernel, "initrd": parts.initrd, "root": parts.root,
        "no-verity": "no", "cmdline": f"console={linux.CONSOLE[board.arch]} quiet "
                                      "demo.poweroff"}.items()]
    disk = made("slots.root-size=16777216", *real, "slot-b.remaining-attempts=0",
                "slot-b.bootable=no")
    with made.machine(disk) as vm:
        vm.expect(r"boot: starting slot A", board.start_time() + 30)
        vm.expect(r"USERSPACE: marked good", 60)
        vm.expect(r"USERSPACE: slot=A mode=normal root verified=yes")
        vm.wait_end(30)
