"""make run, without a terminal, and what it is put together from."""
import os
import subprocess

import pytest

import harness
import images
import linux

TOOLS = harness.ROOT / "tools/demo"


def run_demo(work, tool="run", **environment):
    """tools/demo/run in a build folder of its own that shares what was built."""
    env = dict(os.environ, LIFEBOAT_BUILD=str(work), **environment)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        env.pop(name, None)
    done = subprocess.run([TOOLS / tool], env=env, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=240 * harness.SLOWNESS)
    return done.returncode, done.stdout


@pytest.fixture
def folder(board, tmp_path):
    """The loaders and the command of the build, the fetched kernel, nothing else."""
    linux.parts(board.arch)
    for name in ("lifeboat", "x86_64", "aarch64"):
        (tmp_path / name).symlink_to(harness.BUILD / name)
    demo = tmp_path / "demo" / board.arch
    demo.mkdir(parents=True)
    for name in ("kernel", "initrd", "root.img"):
        (demo / name).symlink_to(harness.BUILD / "demo" / board.arch / name)
    return tmp_path


@pytest.mark.everywhere
def test_first_run_tries_b_and_the_next_finds_it_proven(board, folder):
    status, log = run_demo(folder, ARCH=board.arch, PLATFORM=board.platform)
    assert status == 0, log
    assert "slot B: priority 2, 5 attempts stored: ok" in log
    assert "USERSPACE: marked good" in log
    assert "USERSPACE: slot=B mode=normal root verified=yes" in log
    if board.arch == "x86_64" or not board.platform == "uefi":
        return
    status, log = run_demo(folder, ARCH=board.arch, PLATFORM=board.platform)
    assert status == 0, log
    assert "slot B: partition 4, priority 2, 0 attempts, bootable" in log
    assert "attempts stored" not in log
    assert "making the disk" not in log


@pytest.mark.boards("aarch64-uefi")
def test_recovery_without_a_window(board, folder):
    """make run-recovery: both slots break, and the stick brings the device back."""
    status, log = run_demo(folder, "run-recovery", ARCH=board.arch)
    assert status == 0, log
    assert log.rstrip().endswith("RECOVERED slot=A version=1.1 state=kept")
    for name in ("no-media", "installing", "pull"):
        assert (folder / "demo" / board.arch / f"recovery-{name}.png").stat().st_size > 1000


@pytest.mark.boards("aarch64-uefi")
def test_wrong_architecture_is_said(board, folder):
    status, log = run_demo(folder, ARCH="riscv")
    assert status != 0 and "ARCH is x86_64 or aarch64" in log


@pytest.mark.parametrize("tool,name", [("make-initramfs", "initrd"), ("make-root", "root.img")])
def test_same_inputs_same_bytes(tmp_path, tool, name):
    kernel = linux.parts("aarch64").kernel.parent
    made = [tmp_path / f"{n}-{name}" for n in "ab"]
    for out in made:
        images.run(TOOLS / tool, "aarch64", kernel, out)
    assert made[0].read_bytes() == made[1].read_bytes()
