"""What only bare metal has: the ways in (Image protocol, reset from flash, every exception
level), the device tree, virtio's variants, resets without firmware."""

import re
import socket
import subprocess

import harness
import images
import linux
import pytest

pytestmark = pytest.mark.boards("aarch64-bare")

# name: how the loader is started, more machine options, levels entered and run at
WAYS = {
    "kernel-el1": ("kernel", "", 1, 1),
    "kernel-el2": ("kernel", "virtualization=on", 2, 2),
    "kernel-below-el3": ("kernel", "secure=on", 1, 1),
    "flash-el1": ("bios", "", 1, 1),
    "flash-el2": ("bios", "virtualization=on", 2, 2),
    "flash-el3": ("bios", "secure=on", 3, 1),
    "flash-el3-gicv3": ("bios", "secure=on,gic-version=3", 3, 1),
    "flash-el3-el2": ("bios", "secure=on,virtualization=on", 3, 2),
    "flash-el3-el2-gicv3": ("bios", "secure=on,virtualization=on,gic-version=3", 3, 2),
}
# Both kinds of interrupt controller, both levels to go down to.
WITH_A_REAL_KERNEL = ["kernel-el2", "flash-el1", "flash-el3", "flash-el3-el2-gicv3"]


def machine(board, disk, name, **more):
    way, options, _, _ = WAYS[name]
    loader = board.work / "loader.img"
    loader.write_bytes(images.bare_loader_with(board.profile))
    extra = ["-machine", options] if options else []
    start = {"kernel": None, way: loader}
    disks = disk if isinstance(disk, list) else [disk]
    return board.machine(*disks, extra=extra + list(more.pop("extra", ())), **start, **more)


@pytest.mark.parametrize("name", WAYS)
def test_way_in(board, name):
    """From every start the kernel is reached, with the tree's command line. More than one
    core: at EL3 in flash they all start, and only one may run the loader."""
    _, _, entered, running = WAYS[name]
    disk = board.image(board.slot("A"))
    with machine(board, disk, name, extra=["-smp", "2"]) as vm:
        vm.expect(rf"bare: entered at EL{entered}, running at EL{running}, ")
        vm.expect(rf"KERNEL start=arm64 .*slot=A guid={disk.guid('A')}")
        vm.expect(r"KERNEL end")
        assert vm.text().count("bare: entered") == 1


@pytest.mark.parametrize("name", WITH_A_REAL_KERNEL)
def test_real_kernel(board, name):
    """Interrupts, timer and disk work for a kernel started from every level."""
    disk = board.image(linux.slot(board, "demo.poweroff"))
    with machine(board, disk, name, limit_s=120) as vm:
        vm.expect(r"boot: starting slot A")
        vm.expect(r"USERSPACE: marked good", 60)
        vm.expect(r"USERSPACE: slot=A mode=normal root verified=yes", 60)
    assert disk.attributes("A") == (1, 0, 1)


def test_legacy_disk_is_named_and_not_used(board):
    disk = board.image(board.slot("A"))
    legacy = ["-global", "virtio-mmio.force-legacy=true"]
    with machine(board, disk, "kernel-el1", extra=legacy) as vm:
        vm.expect(r"bare: /virtio_mmio@a000000: a disk with virtio transport version 1, "
                  r"only version 2 is known")
        vm.expect(r"no-disk: no disk found")
        vm.refuse(r"KERNEL")


def test_boot_disk_is_the_first_that_works(board):
    """A first disk whose sectors are too large for anybody does not start: the second one
    is the boot disk, and no other is looked at for it."""
    first = harness.Disk(board.image(board.slot("A")).path, sector=8192)
    disk = board.image(board.slot("B"))
    with machine(board, [first, disk], "kernel-el1") as vm:
        vm.expect(r"bare: /virtio_mmio@a000000: the disk does not start: ")
        vm.expect(r"disk virtio1: 1 slots")
        vm.expect(r"KERNEL start=arm64 .*slot=B guid=" + disk.guid("A"))
        vm.refuse(r"connecting the other disks")


def test_read_only_disk_boots_a_proven_slot_only(board):
    """The trying slot could not be charged, so it is not booted."""
    disk = board.image(board.slot("A"), board.slot("B", 2, 3, 0))
    with machine(board, harness.Disk(disk.path, read_only=True), "kernel-el1") as vm:
        vm.expect(r"slot B: .*read-only")
        vm.expect(r"KERNEL start=arm64 .*slot=A ")


def test_much_and_little_memory(board):
    """Beyond 4 GiB, and hardly more than the loader needs."""
    disk = board.image(board.slot("A"))
    for memory in (8192, 96):
        with machine(board, disk, "flash-el1", memory=memory) as vm:
            vm.expect(r"KERNEL start=arm64 .*slot=A ")
            vm.wait_end()


def test_too_little_memory_is_said(board):
    disk = board.image(linux.slot(board, "demo.poweroff"))
    with machine(board, disk, "kernel-el1", memory=48) as vm:
        vm.expect(r"too-little-memory|not enough memory")
        vm.refuse(r"starting slot")
    assert disk.attributes("A") == (1, 6, 0)


def test_cpu_with_everything(board):
    """Features that the traps of EL3 and EL2 must let through; random seeds by RNDR."""
    disk = board.image(board.slot("A"))
    with machine(board, disk, "flash-el3-el2", cpu="max") as vm:
        vm.expect(r"KERNEL start=arm64 .*slot=A ")


def test_restarts_and_boots_again(board):
    """A reset in the same machine finds the loader's memory as the kernel left it."""
    disk = board.image(board.slot("A", 1, 2, 0, words="test.reset"))
    with machine(board, disk, "flash-el1") as vm:
        for _ in range(2):
            vm.expect(r"KERNEL start=arm64 .*slot=A ")
        vm.expect(r"no system on this device can be started")
    assert disk.attributes("A") == (1, 0, 0)


def set_pc(path, address):
    """Makes the machine go on at another address, by QEMU's debugger socket. QEMU takes
    single registers only from those who have asked for their description."""
    commands = (("qXfer:features:read:target.xml:0,ff", rb"\$[lm][^#]*#.."),
                (f"P20={address.to_bytes(8, 'little').hex()}", rb"\$OK#.."))
    with socket.socket(socket.AF_UNIX) as gdb:
        gdb.connect(str(path))
        gdb.settimeout(10)
        for command, answer in commands:
            gdb.sendall(f"${command}#{sum(command.encode()) % 256:02x}".encode())
            reply = b""
            while not re.search(answer, reply):
                reply += gdb.recv(4096)
            gdb.sendall(b"+")
        gdb.sendall(b"$c#63")


def constant_offset():
    """Where a constant of the loader lies, from the start of its image."""
    elf = harness.BUILD / "aarch64/lifeboat-bare.elf"
    symbols = subprocess.run(["aarch64-linux-gnu-nm", elf], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    return int(re.search(r"^([0-9a-f]+) R gpt_type_kernel$", symbols, re.M).group(1), 16)


@pytest.mark.parametrize("name", ["kernel-el1", "kernel-el2", "flash-el3"])
def test_exception_is_reported_and_the_machine_restarts(board, name):
    """Page 0 is not mapped, and the loader's constants cannot be executed."""
    disk = board.image(board.slot("A", attempts=0, bootable=0))
    level = WAYS[name][3]
    gdb = board.work / "gdb"
    with machine(board, disk, name, extra=["-gdb", f"unix:{gdb},server=on,wait=off"]) as vm:
        image = int(vm.expect(r"image at ([0-9a-f]+)").group(1), 16)
        for address in (0x10, image + constant_offset()):
            vm.expect(r"media: PICK -> WAIT")
            set_pc(gdb, address)
            vm.expect(rf"bare: synchronous exception at EL{level}: instruction abort")
            vm.expect(rf"elr {address:x} .*far {address:x} ")
            vm.expect(r"bare: entered at EL")
