"""Boards the boot tests run on, and the loader under test on each.

A test that takes `board` runs on aarch64 under UEFI and on bare metal, where a boot takes
half a second; one marked `everywhere` also on x86_64 (three seconds); one marked
`boards("aarch64-uefi", ...)` on those named."""
import hashlib
import json
import pathlib
import re
import subprocess

import pytest

import harness
import images

# Name: CPU, platform, firmware.
BOARDS = {"aarch64-uefi": ("aarch64", "uefi", "edk2"),
          "aarch64-bare": ("aarch64", "bare", None),
          "x86_64-uefi": ("x86_64", "uefi", "edk2"),
          "aarch64-u-boot": ("aarch64", "uefi", "u-boot"),
          "aarch64-u-boot-2025": ("aarch64", "uefi", "u-boot-2025"),
          "aarch64-edk2-2025": ("aarch64", "uefi", "edk2-2025"),
          "x86_64-edk2-2025": ("x86_64", "uefi", "edk2-2025")}
QUICK = ["aarch64-uefi", "aarch64-bare"]
EVERYWHERE = [*QUICK, "x86_64-uefi"]


def pytest_configure(config):
    config.addinivalue_line("markers", "everywhere: run on every board")
    config.addinivalue_line("markers", "boards(*names): run on these boards")


def has_bare_metal():
    """Is boot/bare part of this tree?"""
    return any((harness.ROOT / "boot/bare").glob("*.c"))


def can_be_had(name):
    """Is the board's firmware here? What fetch-firmware brings may not be."""
    firmware = BOARDS[name][2]
    if firmware in harness.U_BOOT:
        return harness.U_BOOT[firmware].exists()
    return firmware != "edk2-2025" or harness.NEWER.exists()


def pytest_generate_tests(metafunc):
    if "board" not in metafunc.fixturenames:
        return
    named = metafunc.definition.get_closest_marker("boards")
    if named:
        names = list(named.args)
    elif metafunc.definition.get_closest_marker("everywhere"):
        names = EVERYWHERE
    else:
        names = QUICK
    names = [n for n in names if can_be_had(n)]
    if not has_bare_metal():
        names = [n for n in names if not n.endswith("-bare")]
    metafunc.parametrize("board", names, indirect=True)


class Board:
    """Where a test runs: makes its slots, disks and machines."""

    def __init__(self, name, work):
        self.name = name
        self.arch, self.platform, self.firmware = BOARDS[name]
        self.work = pathlib.Path(work)
        self.profile = images.profile()
        self.disks_made = 0

    # Machines made from now on have a source of randomness (the CPU's): the four characters
    # that confirm something need one, and qemu64 and Cortex-A57 have none.
    random = False

    def use_profile(self, **values):
        """The loader of disks and machines made from now on has this profile."""
        self.profile = images.profile(**values)

    def kernel(self, slot, words="", **more):
        """A signed test kernel that tells @slot."""
        return images.signed_test_kernel(self.work, self.arch, slot, words, **more)

    def slot(self, letter, priority=1, attempts=0, bootable=1, words="", **more):
        return images.Slot(self.kernel(letter, words, **more), priority, attempts, bootable)

    def image(self, *slots, loader=True, history=False):
        """A disk with these slots; with the loader on it, where UEFI reads it."""
        self.disks_made += 1
        data = None
        if loader and self.platform == "uefi":
            data = images.loader_with(self.profile, self.arch)
        return images.Image(self.work / f"disk{self.disks_made}.img", list(slots), data,
                            self.arch, history)

    def machine(self, *disks, **more):
        """A machine with these images or harness.Disks."""
        disks = [d if isinstance(d, harness.Disk) else harness.Disk(d.path) for d in disks]
        if self.platform == "bare":
            loader = self.work / "lifeboat.img"
            loader.write_bytes(images.bare_loader_with(self.profile))
            more.setdefault("kernel", loader)
        if self.firmware:
            more.setdefault("firmware", self.firmware)
        if self.random:
            more.setdefault("cpu", "max")
        more.setdefault("limit_s", 120 if self.arch == "x86_64" else 60)
        return harness.Machine(self.arch, self.platform, disks, **more)

    def start_time(self):
        """Seconds to allow from power-on to the loader's first line."""
        return 30 if self.arch == "x86_64" or self.firmware in harness.U_BOOT else 15

    def boot(self, image, slot, **more):
        """Power on, expect @slot's kernel, wait for power-off; gives the serial log."""
        with self.machine(image, **more) as vm:
            vm.expect(r"KERNEL start=", self.start_time())
            vm.expect(rf"slot={slot} ", 5)
            vm.wait_end()
            return vm.text()


    def tool_agrees(self, disk, boots, **verdicts):
        """`lifeboat verify` must say of @disk what the loader is about to: the slot that
        @boots and the verdict (a regular expression) of others."""
        profile = self.work / "verify.profile"
        profile.write_bytes(self.profile)
        done = subprocess.run(
            [harness.BUILD / "lifeboat", "verify", "--json", "--profile", profile,
             "--cpu", self.arch, "--platform", self.platform, disk.path],
            capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)
        assert told["slot"] == boots, done.stdout
        for slot in told["slots"]:
            wanted = verdicts.get(slot["slot"], "ok")
            assert re.fullmatch(wanted, slot["verdict"]), done.stdout


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@pytest.fixture
def board(request, tmp_path):
    return Board(request.param, tmp_path)
