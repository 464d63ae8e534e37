"""Inputs are sacred, and an interrupted run leaves nothing."""
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from lifeboat_tool import BUILD, MIB, command, run, write

LOADER = BUILD / "x86_64/lifeboat.efi"


@pytest.fixture(scope="module")
def things(keys, kernels, tmp_path_factory):
    """A folder with one of each input."""
    d = tmp_path_factory.mktemp("things")
    for name in "kernel.keyblock", "kernel_data_key.vbprivk", "kernel_key.vbpubk", \
            "recovery_key.vbpubk":
        shutil.copy(keys.folder / name, d / name)
    shutil.copy(kernels / "bzImage", d / "k")
    shutil.copy(LOADER, d / "l.efi")
    write(d / "root", random.Random(1).randbytes(40960))
    write(d / "initrd", b"bytes")
    write(d / "p.ini", "model = T 1\nkernel-key = kernel_key.vbpubk\nrecovery-key = "
                       "recovery_key.vbpubk\nrecovery-url = https://example.com/r\n")
    run("profile", "make", "p.ini", "-o", "p.profile", cwd=d)
    run("profile", "install", "p.profile", "l.efi", "-o", "p.efi", cwd=d)
    run("secure-boot", "keys", "sb", cwd=d)
    run("sign", "--kernel", "k", *SIGN, "-c", "quiet", "-o", "k.kp", cwd=d)
    return d


SIGN = ["--keyblock", "kernel.keyblock", "--data-key", "kernel_data_key.vbprivk"]
# A command without its -o, and the inputs it has.
COMMANDS = [
    (["sign", "--kernel", "k", "--initrd", "initrd", *SIGN, "--key", "kernel_key.vbpubk",
      "--cmdline", "panic=10", "--root", "root", "--root-output", "r2"],
     ["k", "initrd", "root", "kernel.keyblock", "kernel_data_key.vbprivk", "kernel_key.vbpubk"]),
    (["profile", "make", "p.ini"], ["p.ini", "kernel_key.vbpubk"]),
    (["profile", "install", "p.profile", "l.efi"], ["p.profile"]),
    (["secure-boot", "sign", "p.efi", "-k", "sb/db.key", "-c", "sb/db.crt"],
     ["sb/db.key", "sb/db.crt"]),
    (["secure-boot", "revoke", "--keys", "sb", "p.efi"], ["sb/KEK.key", "sb/KEK.crt", "p.efi"]),
    (["secure-boot", "enroll", "sb"], ["sb/PK.key", "sb/PK.crt", "sb/KEK.key", "sb/db.crt"]),
    (["keys", "keyblock", "--data-key", "kernel_key.vbpubk", "--flags", "23"],
     ["kernel_key.vbpubk"]),
    (["image", "--loader", "l.efi", "--profile", "p.profile", "--signed-a", "k.kp"],
     ["l.efi", "p.profile", "k.kp"]),
]


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("args, name", [(a, n) for a, names in COMMANDS for n in names])
@pytest.mark.parametrize("link", ["same", "hard", "soft"])
def test_no_output_over_an_input(things, args, name, link):
    output = name
    if link != "same":
        output = "another-name"
        (os.link if link == "hard" else os.symlink)(things / name, things / output)
    before = contents(things)
    done = run(*args, "-o", output, cwd=things, expect=2)
    after = contents(things)
    (things / output).unlink() if link != "same" else None
    assert "which is an input" in done.stderr and len(done.stderr.splitlines()) == 1
    assert before == after


def test_a_loader_may_be_replaced_by_itself(things, tmp_path):
    shutil.copy(LOADER, tmp_path / "l.efi")
    run("profile", "install", things / "p.profile", "l.efi", "-o", "l.efi", cwd=tmp_path)
    assert "T 1" in run("profile", "show", tmp_path / "l.efi").stdout


def test_two_outputs_are_two_files(things):
    before = contents(things)
    run("sign", "--kernel", "k", *SIGN, "--root", "root", "--root-output", "x", "-o", "x",
        cwd=things, expect=2)
    assert before == contents(things)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_interrupted_runs_leave_nothing(things, tmp_path, number):
    """At several moments, with a folder as root so that other programs run too."""
    temporary, out, root = tmp_path / "tmp", tmp_path / "out", tmp_path / "root"
    for folder in temporary, out, root:
        folder.mkdir()
    write(root / "file", random.Random(2).randbytes(2 * MIB))
    args = [command(), "image", "--loader", LOADER, "--profile", things / "p.profile", "--set",
            f"slot-a.kernel={things}/k", "--set", f"slot-a.keyblock={things}/kernel.keyblock",
            "--set", f"slot-a.data-key={things}/kernel_data_key.vbprivk", "--root-a", root, "-o",
            out / "d.img"]
    environment = dict(os.environ, TMPDIR=str(temporary), ASAN_OPTIONS="detect_leaks=0")
    stopped = 0
    for delay in 0.05, 0.15, 0.3, 0.6, 1.0:
        # Whoever runs the tests may have set signals aside: nohup, a shell's "&".
        with subprocess.Popen(args, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)) as p:
            time.sleep(delay)
            p.send_signal(number)
            p.communicate(timeout=60)
        stopped += p.returncode == -number
        assert not list(temporary.iterdir())
        # Whole or not there: the signal may have come behind the last step.
        assert {f.name for f in out.iterdir()} <= {"d.img"}
    assert stopped
