"""A real Linux with a watchdog driver: Debian's kernel for every machine (the cloud kernel
has none) and an initramfs whose one program feeds the watchdog for a while and then hangs."""
import fcntl
import gzip
import sys

import harness
import images
import linux

sys.path.insert(0, str(harness.ROOT / "tools/demo"))
from cpio import Cpio  # noqa: E402  (the demo's own)

INIT = """#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
insmod /{module}.ko {options}
exec 3>/dev/watchdog || poweroff -f
n=0
while [ $n -lt {feeds_s} ]; do
	echo . >&3
	sleep 1
	n=$((n + 1))
done
echo "WATCHED: fed for {feeds_s} s, hangs now"
while :; do
	sleep 1000
done
"""


def kernel(arch):
    """The folder with vmlinuz and modules, fetched on first use; other tests wait."""
    folder = harness.BUILD / "demo" / arch
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        images.run(harness.ROOT / "tools/demo/fetch-kernel", arch, "--full", "--out", folder)
    return folder / "kernel-full"


def initramfs(board, module, options, feeds_s):
    busybox = linux.parts(board.arch).kernel.parent / "sysroot/bin/busybox"
    archive = Cpio()
    for name in ("dev", "proc"):
        archive.folder(name)
    archive.node("dev/console", 5, 1)
    archive.file("init", INIT.format(module=module, options=options, feeds_s=feeds_s).encode())
    archive.file("bin/busybox", busybox.read_bytes())
    for applet in ("insmod", "mount", "poweroff", "sh", "sleep"):
        archive.link("bin/" + applet, "busybox")
    found = list(kernel(board.arch).glob(f"modules/**/{module}.ko"))
    assert len(found) == 1, found
    archive.file(f"{module}.ko", found[0].read_bytes())
    out = board.work / "watched.initrd"
    out.write_bytes(gzip.compress(archive.finish(), 1, mtime=0))
    return out


def slot(board, module, options, feeds_s, **attributes):
    """A slot whose system feeds the watchdog for @feeds_s and then hangs."""
    tree = images.fit(board.work, board.arch, kernel(board.arch) / "vmlinuz",
                      initramfs(board, module, options, feeds_s))
    content = images.pack(board.work, tree, f"console={linux.CONSOLE[board.arch]} quiet",
                          {"x86_64": "amd64", "aarch64": "arm64"}[board.arch])
    return images.Slot(content, **attributes)
