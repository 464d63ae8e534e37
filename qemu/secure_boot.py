"""Machines with own Secure Boot keys, for the tests of Secure Boot."""
import pathlib
import shutil
import struct
import uuid

import harness
import images
import variables

LIFEBOAT = harness.BUILD / "lifeboat"
TEMPLATE = {"x86_64": "/usr/share/OVMF/OVMF_VARS_4M.fd",
            "aarch64": "/usr/share/AAVMF/AAVMF_VARS.fd"}


def setup_mode(board, name="setup.fd"):
    """A variable store without any key: firmware that enforces is in Setup Mode."""
    path = board.work / name
    shutil.copyfile(TEMPLATE[board.arch], path)
    return path


def keys(folder, name="keys"):
    """A set of owner's keys."""
    out = pathlib.Path(folder) / name
    images.run(LIFEBOAT, "secure-boot", "keys", out)
    return out


def stick(board, owner, *more, name="enrol"):
    """The enrolment stick for these keys, both CPUs' programs on it."""
    path = board.work / f"{name}.img"
    programs = [a for arch in ("x86_64", "aarch64")
                for a in ("--program", harness.BUILD / arch / "enroll.efi")]
    images.run(LIFEBOAT, "secure-boot", "enroll", owner, "-o", path, *programs, *more)
    return harness.Disk(path, bus="usb", boot=True, removable=True, name=name)


def enrol(board, vm, word="enrol"):
    """Answers the enrolment program's question."""
    vm.expect(rf"To go on, type {word} and press Enter", board.start_time() + 15)
    vm.send(word + "\r")


def enrolled(board, owner, *more):
    """A store into which the stick has put the keys."""
    store = setup_mode(board)
    with board.machine(stick(board, owner, *more), secure_boot=True, vars=store,
                       limit_s=180) as vm:
        enrol(board, vm)
        for name in ("db", "KEK", "PK"):
            vm.expect(f"{name}: stored")
        vm.expect("Done. Secure Boot is on from the next start")
    return store


def loader(board, owner=None):
    """The board's loader with its profile; signed with db of these keys."""
    plain, out = board.work / "plain.efi", board.work / "signed.efi"
    plain.write_bytes(images.loader_with(board.profile, board.arch))
    if owner is None:
        return plain.read_bytes()
    images.run(LIFEBOAT, "secure-boot", "sign", plain, "--key", owner / "db.key", "--cert",
               owner / "db.crt", "-o", out)
    images.run("sbverify", "--cert", owner / "db.crt", out)
    return out.read_bytes()


def disk(board, content, loader_bytes, name="secure.img"):
    """A disk whose slot A has this content."""
    return images.Image(board.work / name, [images.Slot(content)], loader_bytes, board.arch)


# --- boot entries -----------------------------------------------------------------------------

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
DATABASE = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
ENTRY = 0x77


def utf16(text):
    return (text + "\0").encode("utf-16-le")


def device_path(image, file):
    """A file in partition 1 of a disk, in the short form that firmware completes."""
    def shown(flag):
        return images.run("cgpt", "show", "-i", 1, flag, image.path).strip()

    part = struct.pack("<BBHIQQ16sBB", 4, 1, 42, 1, int(shown("-b")), int(shown("-s")),
                       uuid.UUID(shown("-u")).bytes_le, 2, 2)
    name = utf16(file)
    return part + struct.pack("<BBH", 4, 4, 4 + len(name)) + name + b"\x7f\xff\4\0"


def start_with_options(store, image, arch, options):
    """The next start takes the loader of @image by a boot entry with these load options
    (bytes)."""
    path = device_path(image, rf"\EFI\BOOT\{images.EFI_NAME[arch]}")
    entry = struct.pack("<IH", 1, len(path)) + utf16("with options") + path + options
    kept = variables.Store(store)
    everywhere = variables.NV | variables.BS | variables.RT
    kept.put(f"Boot{ENTRY:04X}", everywhere, entry, GLOBAL)
    kept.put("BootNext", everywhere, struct.pack("<H", ENTRY), GLOBAL)
