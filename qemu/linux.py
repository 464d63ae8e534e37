"""The demo's Debian kernel, initramfs and root, as the boot tests use them."""
import fcntl
import pathlib

import harness
import images

CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}


class Parts:
    def __init__(self, arch):
        folder = harness.BUILD / "demo" / arch
        self.kernel = folder / "kernel/vmlinuz"
        self.initrd = folder / "initrd"
        self.root = folder / "root.img"


def parts(arch):
    """Fetched and made on first use; tests in other processes wait."""
    folder = harness.BUILD / "demo" / arch
    folder.mkdir(parents=True, exist_ok=True)
    tools = harness.ROOT / "tools/demo"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        images.run(tools / "fetch-kernel", arch, "--out", folder)
        found = Parts(arch)
        sources = [p for p in pathlib.Path(tools).iterdir() if p.is_file()]
        newest = max(p.stat().st_mtime for p in [*sources, found.kernel.parent / "release"])
        for out, tool in ((found.initrd, "make-initramfs"), (found.root, "make-root")):
            if not out.exists() or out.stat().st_mtime < newest:
                images.run(tools / tool, arch, folder / "kernel", out)
    return found


def slot(board, words, *, priority=1, attempts=6, bootable=0, initrd=True, root=None):
    """A slot with Debian's kernel in a FIT made by mkimage and a root (the demo's unless
    another is given) checked by a tree made by veritysetup."""
    found = parts(board.arch)
    root, create = images.verified_root(board.work, root or found.root)
    tree = images.fit(board.work, board.arch, found.kernel, found.initrd if initrd else None)
    cmdline = f"console={CONSOLE[board.arch]} quiet {words} {create}"
    cpu = {"x86_64": "amd64", "aarch64": "arm64"}[board.arch]
    content = images.pack(board.work, tree, cmdline, cpu)
    return images.Slot(content, priority, attempts, bootable, root)
