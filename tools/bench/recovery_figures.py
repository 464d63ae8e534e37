"""Figures of the recovery system, for tools/bench/run."""
import os
import statistics
import time

import harness
import images
import installer

BUILD = harness.BUILD
MIB = 1 << 20
FIT_LIMIT = 18 * MIB  # without drivers for wireless networks
ROOT_MIB = 64
REPS = 5


class Board:
    """As much of a board of the tests as a Kit needs."""

    def __init__(self, arch, work):
        self.arch, self.work, self.profile = arch, work, images.profile()

    def use_profile(self, **values):
        self.profile = images.profile(**values)

    def kernel(self, name):
        return images.signed_test_kernel(self.work, self.arch, name, "")


def bench_fit(figures, _work):
    for arch in "x86_64", "aarch64":
        figures.add(f"recovery.fit.{arch}", (BUILD / arch / "recovery.fit").stat().st_size,
                    "bytes", f"<={FIT_LIMIT}", count=True)


def peak_of(argv):
    """Seconds, and bytes of memory, of a program that keeps what it takes to its end."""
    began, peak = time.perf_counter(), 0
    pid = os.posix_spawn(argv[0], [str(a) for a in argv], os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, used = os.wait4(pid, 0)
    peak = used.ru_maxrss * 1024
    if status:
        raise RuntimeError(f"{argv[0]} failed")
    return time.perf_counter() - began, peak


def bench_apply(figures, work):
    """A full payload of noise and text against dd of the same bytes, both flushed."""
    kit = installer.Kit(Board("x86_64", work))
    root = work / "big.root"
    with open(root, "wb") as f:
        for n in range(ROOT_MIB):
            f.write(os.urandom(MIB) if n % 2 else (b"a line of text %08d\n" % n) * (MIB // 24))
        f.truncate(ROOT_MIB * MIB)
    kernel, payload, disk = work / "K", work / "P", work / "disk.img"
    kernel.write_bytes(images.signed_test_kernel(work, "x86_64", "B", version=2))
    images.run(BUILD / "lifeboat", "payload", "make", "--kernel", kernel, "--root", root,
               "--data-key", images.DEVKEYS / "kernel_data_key.vbprivk", "--profile",
               kit.profile, "--level", 1, "-o", payload)
    images.run(BUILD / "lifeboat", "image", "-o", disk, "--signed-a", kernel, "--root-a", root,
               "--signed-b", kernel, "--root-b", root, "--set", "slot-a.no-verity=yes",
               "--set", "slot-b.no-verity=yes")
    ours, theirs, peak = [], [], 0
    for _ in range(REPS):
        with open(disk, "r+b") as f:  # so that there is something to install
            start = images.run("cgpt", "show", "-i", 4, "-b", disk)
            f.seek(int(start.split()[-1]) * 512)
            f.write(b"\xff" * 65536)
        taken, memory = peak_of([BUILD / "lifeboat", "payload", "apply", payload, "--to", disk,
                                 "--slot", "B", "-p", kit.profile])
        ours.append(taken)
        peak = max(peak, memory)
        began = time.perf_counter()
        images.run("dd", f"if={root}", f"of={work}/copy", "bs=1M", "conv=fsync")
        theirs.append(time.perf_counter() - began)
    figures.add("recovery.apply.against-dd",
                statistics.median(ours) / statistics.median(theirs), "x")
    figures.add("recovery.apply.MiB-a-second", ROOT_MIB / statistics.median(ours), "MiB/s")
    figures.add("recovery.apply.peak-memory", peak, "bytes")


def bench_screen(figures, work, arch):
    """From a stick that is put in at the loader's screen to the program's own."""
    kit = installer.Kit(Board(arch, work))
    device = kit.broken()
    stick = kit.stick(kit.payload("NEW", 2))
    with kit.machine(device.disk(), display="VGA" if arch == "x86_64" else "ramfb") as vm:
        vm.expect("media: PICK -> WAIT", 120)
        began = time.monotonic()
        vm.plug(stick)
        vm.expect("installer: model ", 120)
        figures.add(f"recovery.first-screen.{arch}", time.monotonic() - began, "s")
        vm.quit()
