"""A root file system in which Debian's systemd runs: its manager, systemd-analyze, bootctl
and, where it runs on this CPU, the lifeboat command with the unit that `make install` puts
in. What the tests look at is printed by one unit on the console; the machine then powers
off."""
import fcntl
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import uuid

import harness
import images
import linux

sys.path.insert(0, str(harness.ROOT / "tools/demo"))
import parts  # noqa: E402

PROGRAMS = ["lib/systemd/systemd", "bin/systemctl", "usr/bin/systemd-analyze",
            "usr/bin/bootctl"]
UNITS = [f"{name}.target" for name in
         "basic boot-complete final local-fs local-fs-pre multi-user network paths poweroff "
         "reboot shutdown sockets slices swap sysinit timers umount".split()]
APPLETS = ["cat", "echo", "env", "grep", "mount", "poweroff", "reboot", "sh", "sleep", "sed",
           "od", "dmesg", "sync"]
LOADER_GUID = uuid.UUID("4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
MARK_GOOD = "lifeboat-mark-good.service"

# The health check fails when the command line says so.
CHECK = """[Unit]
Description=A device's own health check
Before=boot-complete.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c "! grep -qw test.sick /proc/cmdline"
[Install]
RequiredBy=boot-complete.target
"""

REPORT = """[Unit]
Description=What the tests look at
[Service]
ExecStart=/bin/sh /usr/lib/report
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
"""

# systemd-analyze answers once nothing is left to start. With test.init the example for
# other init systems is tried as well: first with a health check that fails.
REPORT_SCRIPT = """#!/bin/sh
export SYSTEMD_PAGER= SYSTEMD_COLORS=0 LC_ALL=C TERM=dumb
until systemd-analyze time >/dev/null 2>&1 || [ $((tries += 1)) -gt 60 ]; do sleep 1; done
say() { name=$1; shift; "$@" 2>&1 | sed "s/^/REPORT $name: /"; }
say analyze systemd-analyze time
say bootctl bootctl status --no-pager
say unit systemctl show -p ActiveState -p Result -p ExecStart lifeboat-mark-good.service
say kernel sh -c "dmesg | grep 'random: crng'"
cd /sys/firmware/efi/efivars
for v in Lifeboat* Loader*; do say variable echo $v $(od -An -tx4 -N4 $v); done
if grep -qw test.init /proc/cmdline; then
	script=/usr/share/lifeboat/init/lifeboat-mark-good.sh
	say sick env LIFEBOAT_CHECKS=/usr/lib/sick sh $script start
	say slots lifeboat slots
	say init sh $script start
fi
echo REPORT END
sync
poweroff -f
"""
SICK_CHECK = "#!/bin/sh\nexit 1\n"


def put(tree, inside, source, mode=0o755):
    target = tree / inside.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, str):
        target.write_text(source)
    else:
        shutil.copyfile(source, target)
    target.chmod(mode)


def install_unit(tree):
    """The unit as `make install PREFIX=/usr` writes it, and the command it names."""
    with tempfile.TemporaryDirectory(prefix="lifeboat-install.") as out:
        images.run("make", "-C", harness.ROOT, "install-share", f"DESTDIR={out}", "PREFIX=/usr")
        shutil.copytree(out, tree, dirs_exist_ok=True)
    command = harness.BUILD / "lifeboat"
    put(tree, "usr/bin/lifeboat", command)
    listing = subprocess.check_output(["ldd", command], text=True)
    for word in listing.split():
        if word.startswith("/"):
            put(tree, word, pathlib.Path(word))


def enable(tree, unit, by, how="wants"):
    link = tree / f"etc/systemd/system/{by}.{how}/{unit}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"/usr/lib/systemd/system/{unit}")


def fill(tree, arch, demo):
    debian = demo / "systemd/sysroot"
    for folder in ("dev", "proc", "sys", "run", "tmp", "var", "etc/systemd/system", "root"):
        (tree / folder).mkdir(parents=True)
    for program in PROGRAMS:
        put(tree, program, debian / program)
        for inside, path in parts.libraries(debian / program, arch, debian).items():
            put(tree, inside, path)
    put(tree, "bin/busybox", demo / "kernel/sysroot/bin/busybox")
    for applet in APPLETS:
        (tree / "bin" / applet).symlink_to("busybox")
    (tree / "sbin").mkdir()
    (tree / "sbin/init").symlink_to("../lib/systemd/systemd")
    units = debian / "lib/systemd/system"
    for unit in UNITS:
        put(tree, f"usr/lib/systemd/system/{unit}", units / unit, 0o644)
    put(tree, "usr/lib/systemd/system/test-check.service", CHECK, 0o644)
    put(tree, "usr/lib/systemd/system/test-report.service", REPORT, 0o644)
    put(tree, "usr/lib/report", REPORT_SCRIPT)
    put(tree, "usr/lib/sick/10-fails", SICK_CHECK)
    put(tree, "etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0o444)
    put(tree, "etc/os-release", "NAME=test\nID=test\n", 0o644)
    (tree / "etc/systemd/system/default.target").symlink_to(
        "/usr/lib/systemd/system/multi-user.target")
    enable(tree, "test-check.service", "boot-complete.target", "requires")
    enable(tree, "test-report.service", "multi-user.target")
    if runs_lifeboat(arch):
        install_unit(tree)
        enable(tree, MARK_GOOD, "multi-user.target")


def runs_lifeboat(arch):
    return arch == platform.machine()


def root(arch, work):
    """The image (squashfs), in @work."""
    linux.parts(arch)
    demo = harness.BUILD / "demo" / arch
    with open(demo / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        images.run(harness.ROOT / "tools/demo/fetch-kernel", arch, "--out", demo, "--systemd")
    tree, out = pathlib.Path(work) / "tree", pathlib.Path(work) / "systemd.squashfs"
    tree.mkdir()
    fill(tree, arch, demo)
    images.run("mksquashfs", tree, out, "-all-root", "-noappend", "-no-progress", "-quiet",
               "-no-xattrs", "-comp", "gzip", "-Xcompression-level", 1)
    shutil.rmtree(tree)
    return out


def slot(board, words="", **more):
    """A slot with this root, checked by dm-verity."""
    return linux.slot(board, words, root=root(board.arch, board.work), **more)
