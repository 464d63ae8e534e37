"""lifeboat sign: vbutil_kernel and futility accept it, and it equals theirs."""
import hashlib
import re
import struct
import subprocess

import pytest

from lifeboat_tool import DEVKEYS, bzimage, judge, run, run_json, write

CMDLINE = "console=ttyS0 quiet"


@pytest.mark.parametrize("version", [0, 1, 65535])
def test_equals_vbutil_kernel(version, kernels, tmp_path):
    """The same bytes, and so the same signatures, as vbutil_kernel makes."""
    config, stub = write(tmp_path / "c", CMDLINE), write(tmp_path / "s", "stub")
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    judge("vbutil_kernel", "--pack", theirs, "--keyblock", DEVKEYS / "kernel.keyblock",
          "--signprivate", DEVKEYS / "kernel_data_key.vbprivk", "--version", version,
          "--vmlinuz", kernels / "bzImage", "--bootloader", stub, "--config", config,
          "--arch", "amd64")
    run("sign", "-k", kernels / "bzImage", "--config", config, "--bootloader", stub,
        "-b", DEVKEYS / "kernel.keyblock", "-d", DEVKEYS / "kernel_data_key.vbprivk",
        "--key", DEVKEYS / "kernel_subkey.vbpubk", "-v", version, "-o", ours)
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("algorithm", ["rsa2048-sha512", "rsa4096-sha256", "rsa4096-sha512"])
def test_each_algorithm(algorithm, kernels, tmp_path):
    run("keys", "new", "-a", "4", "--kernel-data-key", algorithm, tmp_path / "k")
    out = tmp_path / "out"
    run("sign", "-k", kernels / "bzImage", "-c", CMDLINE, "-b", tmp_path / "k/kernel.keyblock",
        "-d", tmp_path / "k/kernel_data_key.vbprivk", "-o", out)
    text = judge("vbutil_kernel", "--verify", out, "--signpubkey", tmp_path / "k/kernel_key.vbpubk",
                 "--verbose")
    assert "Body verification succeeded" in text


def test_recovery_and_versions(signed, keys):
    out = signed("r", "-v", "9", recovery=True)
    text = judge("vbutil_kernel", "--verify", out, "--signpubkey", keys.recovery_public, "--verbose")
    assert re.search(r"Kernel version: +9$", text, re.M)
    judge("vbutil_kernel", "--verify", out, "--signpubkey", keys.public, expect=1)


def test_command_line_is_cleaned(signed, tmp_path):
    config = write(tmp_path / "c", "a=1\nb=2\tc \n\n")
    assert judge("futility", "dump_kernel_config", signed("k", "--config", config)).strip() == \
        "a=1 b=2 c"
    padded = write(tmp_path / "p", b"x=1\n" + bytes(100))
    assert judge("futility", "dump_kernel_config", signed("p1", "--config", padded)).strip() == "x=1"


def test_kernel_comes_back(signed, kernels, tmp_path):
    out = tmp_path / "vmlinuz"
    judge("vbutil_kernel", "--get-vmlinuz", signed("k"), "--vmlinuz-out", out)
    original = (kernels / "bzImage").read_bytes()
    assert out.read_bytes()[:len(original)] == original


@pytest.mark.parametrize("what,words", [
    (["-c", "a" * 4096], "at most 4095"),
    (["-c", "a" * 3000], "the kernel takes 2047"),
    (["-c", "caf\u00e9"], "not allowed"),
    (["-c", "a\x01b"], "not allowed"),
    (["-c", "lifeboat.recovery-floor=1.2"], "lifeboat.recovery-floor is not a number"),
    (["-c", "lifeboat.recovery-floor=1 lifeboat.recovery-floor=1"], "is there twice"),
    (["-c", "root=/dev/sda2"], "nothing verifies"),
    (["-c", '"root=/dev/sda2"'], "nothing verifies"),  # Linux takes the quotes off
    (["-c", 'ro "root=PARTUUID=%U/PARTNROFF=1" quiet'], "nothing verifies"),
    (["-c", 'roothash=00 "root=/dev/sda2"'], "nothing verifies"),
    (["-c", "a", "--config", "/dev/null"], "exclude"),
    (["-v", "65536"], "65535"),
    (["--kind", "zip"], "no kind"),
    (["--initrd", "/nonexistent"], "/nonexistent"),
    (["--overlay", "/dev/null"], "no --dtb before it"),
    (["--compress", "gzip", "--kind", "cros-x86"], "--compress"),
    (["--root-output", "x"], "need --root"),
    (["--root", "/nonexistent"], "/nonexistent"),
    (["--kernel", "/dev/null"], "given twice"),
])
def test_refusals(what, words, keys, kernels, tmp_path):
    out = tmp_path / "out"
    done = run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "-o", out, *what, expect=None)
    assert words in done.stderr
    assert done.returncode == (1 if "the loader would refuse it" in done.stderr else 2)
    assert not list(tmp_path.iterdir()), "something was left behind"


def test_key_must_fit_keyblock(keys, kernels, tmp_path):
    out = tmp_path / "out"
    error = run("sign", "-k", kernels / "bzImage", "-b", keys.folder / "kernel.keyblock",
                "-d", keys.folder / "recovery_kernel_data_key.vbprivk", "-o", out, expect=2).stderr
    assert "is not the key that" in error
    error = run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "--key",
                keys.recovery_public, "-o", out, expect=1).stderr
    assert "a key this device does not know" in error and not out.exists()


@pytest.mark.parametrize("size", (65536, 65536 - 200, 65536 - 600))
def test_keyblock_leaves_room_for_a_preamble(size, keys, kernels, tmp_path):
    """A keyblock may say any size; the preamble behind it must fit in 64 KiB all the same."""
    block = bytearray((keys.folder / "kernel.keyblock").read_bytes().ljust(size, b"\0"))
    struct.pack_into("<I", block, 16, size)
    at, _, covered = struct.unpack_from("<QQQ", block, 48)
    block[48 + at:48 + at + 64] = hashlib.sha512(block[:covered]).digest()
    (tmp_path / "K").write_bytes(block)
    out = tmp_path / "out"
    error = run("sign", "-k", kernels / "bzImage", "-c", CMDLINE, "--no-verity", "-b",
                tmp_path / "K", "-d", keys.folder / "kernel_data_key.vbprivk", "-o", out,
                expect=2).stderr
    assert f"keyblock of {size} bytes" in error and not out.exists()


def test_what_the_loader_refuses_is_not_written(keys, tmp_path):
    old = bytearray(bzimage())
    old[0x206:0x208] = b"\x00\x02"  # boot protocol 2.0
    kernel, out = write(tmp_path / "old", bytes(old)), tmp_path / "out"
    error = run("sign", "-k", kernel, *keys.sign_args(), "-o", out, expect=1).stderr
    assert "boot protocol" in error and not out.exists()


def test_no_verity_is_explicit_and_told(signed):
    out = signed("k", "-c", "root=/dev/sda2", "--no-verity")
    assert run_json("inspect", out)["body"]["root"] == "NOT verified"
    assert run_json("verify", "-m", "developer", out)["slots"][0]["root"] == "NOT verified"


def test_report(keys, kernels, tmp_path):
    told = run_json("sign", "-k", kernels / "bzImage", "-c", CMDLINE, *keys.sign_args(), "-v", "5",
                    "-o", tmp_path / "k")
    assert told["kind"] == "cros-x86" and told["kernel_version"] == 5
    assert told["command_line"] == CMDLINE
    assert told["bytes"] == (tmp_path / "k").stat().st_size


def test_same_input_same_bytes(signed):
    assert signed("a", "-c", CMDLINE).read_bytes() == signed("b", "-c", CMDLINE).read_bytes()


def test_interrupted_write_leaves_nothing(keys, kernels, tmp_path):
    """The disk is full in the middle: neither the name nor a temporary file remains."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small],
                      capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        error = run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "-o", small / "k",
                    expect=2).stderr
        assert "No space left" in error and "offset" in error
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)


def test_failed_replacement_keeps_the_old_file(signed, keys, kernels, tmp_path):
    out = signed("k", "-c", "old")
    before = out.read_bytes()
    run("sign", "-k", kernels / "bzImage", "-c", "a\x01", *keys.sign_args(), "-o", out, expect=2)
    assert out.read_bytes() == before


def test_signal_removes_the_temporary_file(keys, kernels, tmp_path):
    """Stopped while it reads a pipe that never ends, and while nothing is written yet."""
    import os
    import signal
    import time
    from lifeboat_tool import command
    os.mkfifo(tmp_path / "pipe")
    root = write(tmp_path / "root", bytes(4096 * 64))
    process = subprocess.Popen([command(), "sign", "-k", tmp_path / "pipe", "--root", root,
                                *map(str, keys.sign_args()), "-o", tmp_path / "out"])
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pipe", "root"]


def test_refuses_a_device_as_output(keys, kernels):
    error = run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "-o", "/dev/null",
                expect=2).stderr
    assert "not a regular file" in error


@pytest.mark.parametrize("words,after,noted", [
    ("quiet", "stands", True), ("panic=0", "stands", True), ("panic=10", "restarts", False),
    ("panic=-1", "restarts", False), ("panic=10 panic=0", "stands", True),
    ("xpanic=10 panic_on_warn=1", "stands", True), ("-- panic=10", "stands", True),
    ("panic= panic=5s", "stands", True), ("panic=0x5", "restarts", False)])
def test_what_becomes_of_a_panic(words, after, noted, keys, kernels, tmp_path):
    """Said by sign, and by verify for the device with its watchdog, or without."""
    out = tmp_path / "k.bin"
    done = run("sign", "--kernel", kernels / "bzImage", "--cmdline", words, *keys.sign_args(),
               "-o", out)
    assert ("after a panic it stands still" in done.stderr) == noted
    for watchdog in 0, 60:
        ini = write(tmp_path / "p.ini", "model = M\nkernel-key = "
                    f"{keys.folder}/kernel_key.vbpubk\nrecovery-key = "
                    f"{keys.folder}/recovery_key.vbpubk\nwatchdog-s = {watchdog}\n")
        run("profile", "make", ini, "-o", tmp_path / "p")
        told = run_json("verify", "--profile", tmp_path / "p", out)["slots"][0]
        wanted = after if watchdog == 0 or after == "restarts" else "watchdog"
        assert told["after_panic"] == wanted
        text = run("verify", "--profile", tmp_path / "p", out).stdout
        assert ("after a panic it stands still" in text) == (wanted == "stands")
