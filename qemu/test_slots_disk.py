"""The loader comes from somewhere else than the slots: by network, from a CD, from another
disk; and disks that a GUID does not tell apart (DESIGN 2, 8)."""
import json
import struct
import subprocess

import pytest

import harness
import images

BOARDS = pytest.mark.boards("aarch64-uefi", "x86_64-uefi")


def esp(board):
    """A disk with an EFI system partition and nothing else."""
    return board.image()


def history(disk):
    done = subprocess.run([harness.BUILD / "lifeboat", "log", "--json", disk.path],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["records"]


def cd(board):
    """An El Torito disc with the loader, written by the standard: volume descriptors from
    sector 16 on, boot catalog, the image."""
    part, out = board.work / "efi.img", board.work / "cd.iso"
    loader = board.work / "cd.efi"
    loader.write_bytes(images.loader_with(board.profile, board.arch))
    with open(part, "wb") as f:
        f.truncate(4 * images.MIB)
    images.run("mformat", "-i", part, "-v", "LOADER", "-h", 16, "-s", 32, "-T",
               4 * images.MIB // 512, "::")
    images.run("mmd", "-i", part, "::/EFI", "::/EFI/BOOT")
    images.run("mcopy", "-i", part, loader, f"::/EFI/BOOT/{images.EFI_NAME[board.arch]}")
    content = part.read_bytes()
    sectors = 20 + len(content) // 2048
    primary = bytearray(b"\1CD001\1".ljust(2048, b"\0"))
    struct.pack_into("<I", primary, 80, sectors)
    struct.pack_into(">I", primary, 84, sectors)
    struct.pack_into("<H2xH", primary, 128, 2048, 0)
    boot = b"\0CD001\1" + b"EL TORITO SPECIFICATION".ljust(64, b"\0") + struct.pack("<I", 19)
    check = bytearray(struct.pack("<BBH24sHH", 1, 0xef, 0, b"", 0, 0xaa55))
    total = sum(struct.unpack("<16H", check)) & 0xffff
    struct.pack_into("<H", check, 28, -total & 0xffff)
    entry = struct.pack("<BBHBBHI20x", 0x88, 0, 0, 0, 0, len(content) // 512 & 0xffff, 20)
    out.write_bytes(bytes(16 * 2048) + primary + boot.ljust(2048, b"\0") +
                    b"\xffCD001\1".ljust(2048, b"\0") +
                    (bytes(check) + entry).ljust(2048, b"\0") + content)
    return out


def machine(board, how, disk):
    """A machine with @disk, whose loader comes by @how."""
    slots = harness.Disk(disk.path, boot=False, name="slots")
    if how == "disk":
        return board.machine(slots, harness.Disk(esp(board).path, boot=True))
    if how == "cd":
        return board.machine(slots, extra=[
            "-device", "virtio-scsi-pci,id=scsi", "-drive",
            f"if=none,id=cd,format=raw,readonly=on,media=cdrom,file={cd(board)}",
            "-device", "scsi-cd,drive=cd,bus=scsi.0,bootindex=0"])
    folder = board.work / "tftp"
    folder.mkdir(exist_ok=True)
    (folder / "loader.efi").write_bytes(images.loader_with(board.profile, board.arch))
    vm = board.machine(slots, extra=[
        "-netdev", f"user,id=n,tftp={folder},bootfile=loader.efi",
        "-device", "virtio-net-pci,netdev=n,bootindex=0"])
    at = vm.argv.index("-net")  # "-net none" would take the card away
    del vm.argv[at:at + 2]
    return vm


@BOARDS
@pytest.mark.parametrize("how", ["network", "cd", "disk"])
def test_what_is_said_and_recorded(how, board):
    """cases/boot/02: good slots leave a record; damaged ones are what the device is about."""
    disk = board.image(board.slot("A", 1), board.slot("B", 2, attempts=6, bootable=0),
                       loader=False, history=True)
    with machine(board, how, disk) as vm:
        vm.expect(r"KERNEL start=.*slot=B ", 2 * board.start_time())
        vm.wait_end()
    records = history(disk)
    assert [(r["stage"], r["slot"]) for r in records] == [(2, "B")]
    for letter in "AB":
        disk.flip(letter, len(disk.slots[0].content) - 4000)
    with machine(board, how, disk) as vm:
        vm.expect(r"slot A: disk .*: body-damaged", 2 * board.start_time())
        vm.expect(r"no system on this device can be started")
        vm.expect(r"[Cc]ode:? E80", 20)
        vm.refuse(r"1 sectors of 1 bytes")
        vm.quit()
    records = history(disk)
    assert [(r["stage"], r["reason_name"]) for r in records][1:] == [(3, "no-slot")]


@BOARDS
def test_a_table_for_another_sector_size_is_named(board):
    """cases/boot/08 b: the image is right, the disk has other sectors."""
    disk = board.image(board.slot("A"), loader=False)
    with board.machine(harness.Disk(disk.path, bus="nvme", sector=4096, boot=False),
                       harness.Disk(esp(board).path, bus="usb", boot=True)) as vm:
        vm.expect(r"sector-size: .*the table is for sectors of 512 bytes, the disk has 4096",
                  board.start_time())
        vm.expect(r"[Cc]ode:? E8\b", 20)
        vm.quit()
