"""Machines with own Secure Boot keys, for the tests of Secure Boot."""
import pathlib
import shutil

import harness
import images

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
