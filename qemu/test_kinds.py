"""Kinds of kernels and how each is started; what is wrong with one is told, and another
slot starts instead, with nothing charged (DESIGN 3)."""
import gzip
import pathlib
import random
import struct

import pytest

import harness
import images
import linux

UEFI = ["aarch64-uefi", "x86_64-uefi"]
START = {"aarch64-uefi": "efi", "aarch64-bare": "arm64", "x86_64-uefi": "linux64"}


@pytest.fixture
def initrd(tmp_path):
    path = tmp_path / "initrd"
    path.write_bytes(random.Random(3).randbytes(300001))
    return path


def told(path):
    """How the test kernel tells an initrd."""
    data = path.read_bytes()
    return f"initrd={len(data):x}:{sum(data):x} "


def signed_fit(board, cmdline="slot=B guid=%U", kernel=None, **more):
    tree = images.fit(board.work, board.arch, kernel or images.test_kernel(board.arch), **more)
    return images.pack(board.work, tree, cmdline, "arm64")


def starts(board, content, line, **machine):
    """A trying slot B with this content starts and tells @line."""
    disk = board.image(board.slot("A"), images.Slot(content, 2, 6, 0))
    with board.machine(disk, **machine) as vm:
        vm.expect(r"boot: starting slot B", board.start_time())
        vm.expect(line)
        vm.wait_end()
        log = vm.text()
    assert disk.attributes("B") == (2, 5, 0)
    return log


def refused(board, content, reason, words="", tool_knows=True, **machine):
    """B is refused and not charged; A starts in the same run."""
    disk = board.image(board.slot("A"), images.Slot(content, 2, 6, 0))
    if tool_knows:
        board.tool_agrees(disk, "A", B=reason)
    with board.machine(disk, **machine) as vm:
        vm.expect(rf"slot B: disk \S.* partition 4: {reason}: .*{words}", board.start_time())
        vm.expect(r"KERNEL start=.*slot=A ")
        vm.wait_end()
    assert disk.attributes("B") == (2, 6, 0)


# --- flattened image trees -------------------------------------------------------------------

@pytest.mark.everywhere
def test_fit_with_initrd(board, initrd):
    log = starts(board, signed_fit(board, initrd=initrd),
                 f"KERNEL start={START[board.name]} {told(initrd)}cmdline=slot=B guid=")
    if board.arch == "x86_64":
        assert "KERNEL zero page efi=34364c45" in log


def test_fit_with_compressed_kernel(board, initrd):
    packed = board.work / "kernel.gz"
    packed.write_bytes(gzip.compress(images.test_kernel(board.arch).read_bytes()))
    starts(board, signed_fit(board, kernel=packed, compression="gzip", initrd=initrd),
           f"KERNEL start={START[board.name]} {told(initrd)}")


@pytest.mark.everywhere
def test_configuration_for_this_machine_wins_over_the_default(board, initrd):
    name = "linux,dummy-virt" if board.platform == "bare" else "TEST 1"
    content = signed_fit(board, configurations=[
        ("conf-other", {"compatible": "maker,other-board"}),
        ("conf-this", {"compatible": ["maker,third", name], "ramdisk": initrd})],
        default="conf-other")
    starts(board, content, told(initrd))


@pytest.mark.boards("aarch64-uefi")
def test_configuration_by_the_firmware_s_device_tree(board, initrd):
    content = signed_fit(board, configurations=[
        ("conf-other", {"compatible": "TEST 1"}),
        ("conf-this", {"compatible": "linux,dummy-virt", "ramdisk": initrd})],
        default="conf-other")
    starts(board, content, told(initrd), extra=["-machine", "acpi=off"])


@pytest.mark.everywhere
def test_no_configuration_for_this_machine(board):
    content = signed_fit(board, configurations=[
        ("conf-1", {"compatible": "maker,other"}), ("conf-2", {"compatible": "maker,third"})],
        default=None)
    refused(board, content, "no-configuration")


def test_truncated_gzip(board):
    packed = board.work / "kernel.gz"
    packed.write_bytes(gzip.compress(images.test_kernel(board.arch).read_bytes())[:-100])
    refused(board, signed_fit(board, kernel=packed, compression="gzip"), "decompression")


def test_inflate_bomb(board):
    packed = board.work / "kernel.gz"
    data = images.test_kernel(board.arch).read_bytes()
    packed.write_bytes(gzip.compress(data + bytes(512 * images.MIB), 1))
    refused(board, signed_fit(board, kernel=packed, compression="gzip"), "decompression")


def test_kernel_that_wants_more_memory_than_there_is(board):
    """By the arm64 header's image_size on bare metal, by the PE header's under UEFI."""
    kernel = board.work / "kernel.huge"
    data = bytearray(images.test_kernel(board.arch).read_bytes())
    struct.pack_into("<Q", data, 16, 1 << 30)
    struct.pack_into("<I", data, struct.unpack_from("<I", data, 0x3c)[0] + 80, 1 << 30)
    kernel.write_bytes(data)
    refused(board, signed_fit(board, kernel=kernel),
            "(too-little-memory|firmware-refused|prepare-failed)", tool_knows=False)


def compiled_tree(board, name, text):
    source, out = board.work / f"{name}.dts", board.work / f"{name}.dtb"
    source.write_text(text)
    images.run("dtc", "-@", "-I", "dts", "-O", "dtb", "-o", out, source)
    return out


def test_overlay_that_fits_nothing(board):
    base = compiled_tree(board, "base", '/dts-v1/; / { compatible = "linux,dummy-virt"; '
                                        '#address-cells = <2>; #size-cells = <2>; };')
    over = compiled_tree(board, "over", '/dts-v1/; /plugin/; &nowhere { broken; };')
    content = signed_fit(board, trees=[("fdt-1", base), ("fdt-2", over)],
                         configurations=[("conf-1", {"fdt": ["fdt-1", "fdt-2"]})])
    refused(board, content, "overlay", "fdt-2")


@pytest.mark.boards("aarch64-bare")
def test_device_tree_of_the_fit_with_an_overlay(board):
    """The kernel gets the FIT's tree with the overlay's bootargs replaced by ours."""
    base = compiled_tree(board, "base",
                         '/dts-v1/; / { compatible = "linux,dummy-virt"; #address-cells = <2>; '
                         '#size-cells = <2>; chosen: chosen { }; };')
    over = compiled_tree(board, "over", '/dts-v1/; /plugin/; &chosen { bootargs = "bad"; };')
    content = signed_fit(board, trees=[("fdt-1", base), ("fdt-2", over)],
                         configurations=[("conf-1", {"fdt": ["fdt-1", "fdt-2"]})])
    starts(board, content, "KERNEL start=arm64 initrd=0:0 cmdline=slot=B guid=")


# --- EFI applications --------------------------------------------------------------------------

@pytest.mark.boards(*UEFI)
def test_pe(board):
    log = starts(board, board.kernel("B", kind="pe"), "KERNEL start=efi .*slot=B guid=")
    assert "KERNEL has file system=no" in log


@pytest.mark.boards("aarch64-bare")
def test_pe_needs_firmware(board):
    """A plain EFI program; the test kernel would pass for an arm64 Image as well."""
    program = board.work / "app.efi"
    data = bytearray(images.test_kernel(board.arch).read_bytes())
    data[56:60] = bytes(4)
    program.write_bytes(data)
    refused(board, images.pack(board.work, program, "slot=B", "arm64"), "kind-unsupported")


def uki(board, sections):
    """A unified kernel image from Debian's stub; @sections: {name: file}."""
    suffix = {"x86_64": "x64", "aarch64": "aa64"}[board.arch]
    stub = (linux.parts(board.arch).kernel.parent /
            f"sysroot/usr/lib/systemd/boot/efi/linux{suffix}.efi.stub")
    objcopy = "objcopy" if board.arch == "x86_64" else "aarch64-linux-gnu-objcopy"
    objdump = objcopy.replace("objcopy", "objdump")
    last = 0
    for line in images.run(objdump, "-h", "-w", stub).splitlines():
        words = line.split()
        if words and words[0].isdigit():
            last = max(last, int(words[3], 16) + int(words[2], 16))
    argv, at = [], -(-last // 4096) * 4096
    for name, path in sections.items():
        argv += ["--add-section", f"{name}={path}", "--change-section-vma", f"{name}={at:#x}"]
        at += -(-path.stat().st_size // 4096) * 4096
    out = board.work / "uki.efi"
    images.run(objcopy, *argv, stub, out)
    return out


def unified(board, initrd, cmdline, page):
    """A signed UKI with this command line of its own and this one in the signed page."""
    words = board.work / "cmdline"
    words.write_text(cmdline)
    release = board.work / "osrel"
    release.write_text("ID=test\n")
    sections = {".osrel": release, ".cmdline": words, ".initrd": initrd,
                ".linux": images.test_kernel(board.arch)}
    if not cmdline:
        del sections[".cmdline"]
    return images.pack(board.work, uki(board, sections), page, "arm64")


@pytest.mark.boards(*UEFI)
def test_unified_kernel_image(board, initrd):
    starts(board, unified(board, initrd, "slot=B own words", ""),
           f"KERNEL start=efi {told(initrd)}cmdline=slot=B own words")


@pytest.mark.boards("aarch64-uefi")
def test_unified_kernel_image_with_two_command_lines(board, initrd):
    refused(board, unified(board, initrd, "slot=B own words", "slot=B page"),
            "two-command-lines")


# --- Secure Boot ---------------------------------------------------------------------------------

SNAKEOIL = {"edk2": pathlib.Path("/usr/share/ovmf/PkKek-1-snakeoil"),
            "edk2-2025": harness.NEWER / "share/ovmf/PkKek-1-snakeoil"}  # key and certificate
ACCESS_DENIED = "800000000000000f"


def signed_loader(board):
    """The loader signed with the key that the snakeoil firmware trusts."""
    key, plain, out = (board.work / n for n in ("key.pem", "loader.efi", "loader.signed"))
    images.run("openssl", "rsa", "-in", f"{SNAKEOIL[board.firmware]}.key", "-passin", "pass:snakeoil",
               "-out", key)
    plain.write_bytes(images.loader_with(board.profile, board.arch))
    images.run("sbsign", "--key", key, "--cert", f"{SNAKEOIL[board.firmware]}.pem", "--output", out, plain)
    return out.read_bytes()


def secure_disk(board, content, loader):
    board.disks_made += 1
    return images.Image(board.work / f"secure{board.disks_made}.img",
                        [images.Slot(content)], loader, board.arch)


@pytest.mark.boards(*UEFI)
def test_secure_boot_starts_what_was_verified_and_nothing_else(board):
    """An unsigned EFI kernel starts because its slot verifies; it then asks the firmware
    to load an unsigned image (itself) and must be refused."""
    disk = secure_disk(board, board.kernel("A", kind="pe"), signed_loader(board))
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(rf"KERNEL has file system=no unsigned image gives {ACCESS_DENIED}")
        vm.expect(r"KERNEL start=efi .*slot=A ")
        vm.wait_end()


@pytest.mark.boards("aarch64-uefi")
def test_secure_boot_starts_the_kernel_of_a_fit(board, initrd):
    """Decompressed, so what is approved is not the verified body itself."""
    packed = board.work / "kernel.gz"
    packed.write_bytes(gzip.compress(images.test_kernel(board.arch).read_bytes()))
    content = signed_fit(board, "slot=A guid=%U", kernel=packed, compression="gzip",
                         initrd=initrd)
    disk = secure_disk(board, content, signed_loader(board))
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(rf"KERNEL has file system=no unsigned image gives {ACCESS_DENIED}")
        vm.expect(rf"KERNEL start=efi {told(initrd)}cmdline=slot=A ")
        vm.wait_end()


@pytest.mark.boards(*UEFI)
def test_secure_boot_starts_an_unsigned_unified_kernel_image(board, initrd):
    """The stub inside loads its kernel by itself; the loader's approval is gone by then."""
    content = unified(board, initrd, "slot=A own words", "")
    disk = secure_disk(board, content, signed_loader(board))
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(rf"KERNEL start=efi {told(initrd)}cmdline=slot=A own words")
        vm.wait_end()


@pytest.mark.boards("x86_64-uefi")
def test_secure_boot_is_told_to_a_kernel_started_directly(board):
    disk = secure_disk(board, board.kernel("A"), signed_loader(board))
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"KERNEL zero page efi=34364c45 e820=\w+ secure_boot=3", board.start_time())
        vm.wait_end()


@pytest.mark.boards("aarch64-uefi")
def test_secure_boot_refuses_the_unsigned_loader(board):
    """So that the test above means something."""
    loader = images.loader_with(board.profile, board.arch)
    disk = secure_disk(board, board.kernel("A", kind="pe"), loader)
    with board.machine(disk, secure_boot=True) as vm:
        with pytest.raises(harness.Failure):
            vm.expect(r"lifeboat .*Secure Boot", 5)
        vm.refuse("KERNEL start=")


@pytest.mark.boards("aarch64-uefi")
def test_secure_boot_refuses_a_changed_kernel(board):
    disk = secure_disk(board, board.kernel("A", kind="pe"), signed_loader(board))
    disk.flip("A", 65536 + 8192)
    with board.machine(disk, secure_boot=True) as vm:
        vm.expect(r"body-damaged", board.start_time())
        vm.expect(r"no system on this device can be started")
        vm.refuse("KERNEL start=")
