"""Devices, payloads and recovery sticks for tests of the recovery program on whole machines.

The payloads' kernels are the small test kernel, which tells its slot and powers off; the
recovery system is the real one, build/ARCH/recovery.fit."""
import pathlib
import random
import subprocess
import time

import harness
import images
import linux

DEAD = {"attempts": 0, "bootable": 0}
URL = "example.com/recover"
NOISE_BLOCKS = 1000  # larger roots are noise, so that their payloads are as large
# Words of the program.
ASKED = r"installer: asking: "
DONE = r"installer: INSTALLED version=(\S+) disk=(.*) state=(\w+)"
FAILED = r"installer: failed: (\S+): (.*)"


class Kit:
    """What one test puts on its stick, and the device it is for."""

    def __init__(self, board, model="test machine", **profile):
        self.board, self.work = board, board.work
        board.use_profile(recovery_url=URL, model=model, **profile)
        self.profile = self.work / "device.profile"
        self.profile.write_bytes(board.profile)
        self.count = 0

    def root(self, seed=1, blocks=64):
        path = self.work / f"root-{seed}-{blocks}"
        if not path.exists():
            r = random.Random(seed)
            pattern = bytes((i * 7 + seed * 13 + i // 251) % 256 for i in range(4096))
            path.write_bytes(b"".join(
                bytes([b % 256]) + pattern[1:] if blocks < NOISE_BLOCKS else r.randbytes(4096)
                for b in range(blocks)))
        return path

    def payload(self, name, version=1, *, model=None, seed=1, blocks=64, words="",
                key_block=None, data_key="kernel_data_key", firmware=True, arch=None,
                more=()):
        """A payload file whose kernel says slot=@name; @model: for another one."""
        arch = arch or self.board.arch
        kernel = self.work / f"{name}.kernel"
        kernel.write_bytes(images.signed_test_kernel(
            self.work, arch, name, words, version=version, key_block=key_block,
            data_key=data_key))
        out = self.work / f"{name}.payload"
        for_whom = ["--profile", self.profile]
        if key_block:
            for_whom = ["--model", "test machine"]
        elif model:
            for_whom = ["--model", model, "--key", images.DEVKEYS / "kernel_subkey.vbpubk"]
        if firmware:
            for_whom += ["--firmware", self.loader()]
        images.run(harness.BUILD / "lifeboat", "payload", "make", "--kernel", kernel,
                   "--root", self.root(seed, blocks), "--data-key",
                   images.DEVKEYS / f"{data_key}.vbprivk", *for_whom, "--release", name,
                   "--level", 1, "--kernel-size", "2M", "--root-size", "20M", "--efi-size",
                   "8M", "--state-size", "8M", *more, "-o", out)
        return out

    def loader(self):
        path = self.work / "lifeboat-with-profile.efi"
        if not path.exists():
            path.write_bytes(images.loader_with(self.board.profile, self.board.arch))
        return path

    def recovery_kernel(self, words="lifeboat.no-pull"):
        path = self.work / f"recovery-{len(words)}.part"
        if not path.exists():
            console = linux.CONSOLE[self.board.arch]
            images.run(harness.BUILD / "lifeboat", "sign", "--fit",
                       harness.BUILD / self.board.arch / "recovery.fit", "--no-verity",
                       "--cmdline", f"console={console} quiet fbcon=map:1 {words}".strip(),
                       "--keyblock", images.DEVKEYS / "recovery_kernel.keyblock",
                       "--data-key", images.DEVKEYS / "recovery_kernel_data_key.vbprivk",
                       "-o", path)
        return path

    def stick(self, *payloads, developer=(), words="lifeboat.no-pull", loader=True,
              size="48M", manufacturing=None, more=()):
        """A recovery stick; with the loader, so that a machine whose disk has none starts
        from it."""
        self.count += 1
        path = self.work / f"installer-stick{self.count}.img"
        given = ["--loader", self.loader()] if loader else []
        if manufacturing:
            given += ["--manufacturing", manufacturing]
        images.run(harness.BUILD / "lifeboat", "recovery-media", "make", "-q", "-o", path,
                   "--kernel", self.recovery_kernel(words), "--data-size", size,
                   *[a for p in payloads for a in ("--payload", p)],
                   *[a for p in developer for a in ("--developer-payload", p)], *given,
                   *more)
        return harness.Disk(path, bus="usb", boot=False, removable=True, name="stick")

    def manufacturing(self, words, keys=images.DEVKEYS):
        """A signed manufacturing file with these words."""
        text, out = self.work / "words.ini", self.work / "manufacturing"
        text.write_text(words)
        images.run(harness.BUILD / "lifeboat", "recovery-media", "manufacturing", text,
                   "--keyblock", keys / "recovery_kernel.keyblock", "--data-key",
                   keys / "recovery_kernel_data_key.vbprivk", "--key",
                   keys / "recovery_key.vbpubk", "-o", out)
        return out

    def data_offset(self, stick):
        """Where the stick's FAT begins, in bytes, as mtools wants it."""
        start = images.run("cgpt", "show", "-i", 1, "-b", stick.path)
        return f"{stick.path}@@{int(start.split()[-1]) * 512}"

    def broken(self, size=None):
        """A device that ran once: both slots have no kernel that verifies any more, its
        state holds a file system and its history is there."""
        disk = self.work / "device.img"
        good = self.work / "old.kernel"
        good.write_bytes(self.board.kernel("OLD"))
        images.run(harness.BUILD / "lifeboat", "image", "-o", disk, "--loader", self.loader(),
                   "--profile", self.profile, "--signed-a", good, "--root-a", self.root(9),
                   "--signed-b", good, "--root-b", self.root(9), "--set",
                   "slots.kernel-size=2M", "--set", "slots.root-size=20M", "--set",
                   "efi.size=8M", "--set", "state.size=8M", "--set",
                   "slot-a.no-verity=yes", "--set", "slot-b.no-verity=yes",
                   *(["--set", f"disk.size={size}"] if size else []))
        device = Device(disk)
        device.write_state(b"what people have saved")
        for letter in "AB":
            device.write(device.kernel[letter][0], b"\xff" * 65536)
        return device

    def empty(self, size=100 * images.MIB, name="empty"):
        path = self.work / f"{name}.img"
        with open(path, "wb") as f:
            f.truncate(size)
        return Device(path)

    def machine(self, *disks, **more):
        more.setdefault("limit_s", 150)
        more.setdefault("usb", True)
        more.setdefault("vars", self.work / "vars.fd")
        if more.pop("start_from_stick", False):
            disks[-1].boot = True
        return harness.Machine(self.board.arch, "uefi", list(disks), **more)


class Device:
    """The image of a device's internal disk, as cgpt sees it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.find()

    def find(self):
        self.kernel, self.root, self.state, self.history, self.efi = {}, {}, None, None, None
        try:
            table = images.run("cgpt", "show", "-q", self.path)
        except RuntimeError:
            return False
        kernels, roots = [], []
        for line in table.splitlines():
            words = line.split()
            place = int(words[0]) * 512, int(words[1]) * 512, int(words[2])
            kind = " ".join(words[3:]).lower()
            if "kernel" in kind:
                kernels.append(place)
            elif "rootfs" in kind:
                roots.append(place)
            elif "efi" in kind:
                self.efi = place
            elif images.TYPE_HISTORY in kind:
                self.history = place
            else:
                self.state = place
        by_number = dict(key=lambda p: p[2])
        for letter, k, r in zip("AB", sorted(kernels, **by_number), sorted(roots, **by_number)):
            self.kernel[letter], self.root[letter] = k, r
        return True

    def disk(self, **more):
        more.setdefault("name", "internal")
        return harness.Disk(self.path, **more)

    def read(self, offset, size):
        with open(self.path, "rb") as f:
            f.seek(offset)
            return f.read(size)

    def write(self, offset, data):
        with open(self.path, "r+b") as f:
            f.seek(offset)
            f.write(data)

    def write_state(self, data):
        """A mark far behind the superblock."""
        self.write(self.state[0] + (4 << 20), data)

    def saved(self, data=b"what people have saved"):
        return self.read(self.state[0] + (4 << 20), len(data)) == data

    def attributes(self, letter):
        """(priority, remaining attempts, bootable)."""
        number = self.kernel[letter][2]
        return tuple(int(images.run("cgpt", "show", "-i", number, flag, self.path).split()[-1])
                     for flag in ("-P", "-T", "-S"))

    def guids(self):
        text = images.run("cgpt", "show", "-v", self.path)
        return sorted(w for line in text.splitlines() if "UUID" in line
                      for w in line.split()[-1:])


def type_challenge(vm, by_key=True):
    """Types the four letters that the question shows, as a person does."""
    letters = vm.expect(r"To confirm, type:\n([A-Z]{4})\n", 30)[1]
    for letter in letters:
        if by_key:
            vm.key(letter.lower())
        else:
            vm.send(letter.lower())
    return letters


def installs(vm, version, state, timeout=120):
    found = vm.expect(DONE, timeout)
    assert (found[1], found[3]) == (version, state), found[0]
    return found


def starts(vm, name, timeout=90):
    """The installed system, by the device's own loader."""
    vm.expect(rf"slot={name} ", timeout)


def ends(vm):
    vm.wait_end(60)


def reads_code(vm, begin):
    """A phone reads the screen's QR code."""
    shot = vm.work / "code.png"
    for _ in range(10):
        time.sleep(1)
        vm.screenshot(shot)
        text = subprocess.run(["zbarimg", "-q", "--raw", shot], capture_output=True, text=True,
                              check=False).stdout
        if text.startswith(begin):
            return text
    raise harness.Failure(f"no code that begins with {begin!r}, but {text!r}\n{vm.tail()}")
