"""Runs the lifeboat command under test, and makes small inputs for it.

The command is the one built with the sanitizers when it is there (LIFEBOAT_BUILD)."""
import json
import os
import pathlib
import random
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))
DEVKEYS = pathlib.Path("/usr/share/vboot/devkeys")
MIB = 1 << 20


def command():
    """The command's file: the one with the sanitizers, else the plain one."""
    for path in BUILD / "asan/lifeboat", BUILD / "lifeboat":
        if path.exists():
            return path
    raise FileNotFoundError(f"no lifeboat command in {BUILD}: run make")


def run(*args, expect=0, cwd=None, env=None):
    """Runs the command; checks the exit status (None: the caller does), and that no error
    comes without words."""
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", **(env or {}))
    done = subprocess.run([command(), *map(str, args)], cwd=cwd, env=environment,
                          capture_output=True, text=True, timeout=300)
    assert expect in (None, done.returncode), f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Sanitizer" not in done.stderr, done.stderr
    if expect == 2:
        assert done.stderr.strip(), f"{args}: exit status 2 without a word"
    return done


def run_json(*args, expect=0, **more):
    return json.loads(run(*args, "--json", expect=expect, **more).stdout)


def judge(*args, expect=0):
    """Another project's tool; its output."""
    done = subprocess.run(list(map(str, args)), capture_output=True, text=True, timeout=120)
    text = done.stdout + done.stderr
    assert (done.returncode == 0) == (expect == 0), f"{args}: {done.returncode}\n{text}"
    return text


def bzimage(size=200_000, seed=1, init_size=0x400000):
    """A file with a true bzImage header and random bytes for a kernel."""
    setup = bytearray(512 * 5)
    body = random.Random(seed).randbytes(size // 16 * 16)
    setup[0x1f1] = 4
    struct.pack_into("<I", setup, 0x1f4, len(body) // 16)
    struct.pack_into("<H", setup, 0x1fe, 0xaa55)
    setup[0x200:0x202] = b"\xeb\x6a"
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", setup, 0x206, 0x20f)
    setup[0x211] = 1
    struct.pack_into("<I", setup, 0x22c, 0x7fffffff)
    struct.pack_into("<I", setup, 0x230, 0x200000)
    setup[0x234], setup[0x235] = 1, 21
    struct.pack_into("<H", setup, 0x236, 3)
    struct.pack_into("<I", setup, 0x238, 2047)
    struct.pack_into("<Q", setup, 0x258, 0x1000000)
    struct.pack_into("<I", setup, 0x260, init_size)
    return bytes(setup) + body


def arm64_image(size=100_000, seed=2):
    """A file with a true arm64 Image header."""
    image = bytearray(random.Random(seed).randbytes(size))
    struct.pack_into("<IIQQQQQQ", image, 0, 0x14000010, 0, 0, size + 0x1000, 0xa, 0, 0, 0)
    image[56:60] = b"ARM\x64"
    struct.pack_into("<I", image, 60, 0)
    return bytes(image)


def write(path, content):
    path = pathlib.Path(path)
    if isinstance(content, str):
        path.write_text(content)
    else:
        path.write_bytes(content)
    return path


class Keys:
    """A set made by `lifeboat keys new`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.public = self.folder / "kernel_key.vbpubk"
        self.recovery_public = self.folder / "recovery_key.vbpubk"

    def sign_args(self, recovery=False):
        kind = "recovery_kernel" if recovery else "kernel"
        return ["--keyblock", self.folder / f"{kind}.keyblock",
                "--data-key", self.folder / f"{kind}_data_key.vbprivk"]


def partitions(image):
    """cgpt's view: {number: (start, sectors)}, in sectors of 512 bytes."""
    found = {}
    for number in 1, 2, 3, 4, 5, 6, 12:
        start = int(judge("cgpt", "show", "-i", number, "-b", image))
        found[number] = (start, int(judge("cgpt", "show", "-i", number, "-s", image)))
    return found


def cut(image, part, out):
    """One partition as a file of its own."""
    start, sectors = part
    with open(image, "rb") as f:
        f.seek(start * 512)
        return write(out, f.read(sectors * 512))


def system(tmp_path, disk, source, slot="A", guid=None):
    """A folder that stands for a running system's /."""
    root = tmp_path / "system"
    (root / "dev").mkdir(parents=True)
    (root / "sys/class/block/vda1").mkdir(parents=True)
    (root / "sys/class/block/vda").mkdir()
    (root / "sys/class/block/vdz").mkdir()  # listed, but not there
    write(root / "sys/class/block/vda1/partition", "1\n")
    os.link(disk, root / "dev/vda")
    write(root / "dev/vda1", b"")
    guid = guid or run_json("slots", disk)["slots"]["ABC".index(slot)]["guid"]
    if source == "variable":
        name = "LifeboatSlot-782ed91d-b444-4d76-abd7-3374f0779f89"
        folder = root / "sys/firmware/efi/efivars"
        content = b"\6\0\0\0" + f"{slot} {guid}".encode()
    else:
        name, folder = "slot", root / "proc/device-tree/firmware/lifeboat"
        content = f"{slot} {guid}\0".encode()
    folder.mkdir(parents=True)
    write(folder / name, content)
    return root
