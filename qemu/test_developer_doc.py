"""docs/developer-mode.md and developer-stick.md, done as they stand there: each block of
commands is run by a shell, each machine is started, and its keys are pressed."""
import os
import re
import shutil
import subprocess
import time

import pytest

import harness
import images
import recovery

DOCS = harness.ROOT / "docs"
SEE_S = 90
CONTROL = {"Ctrl D": "\x04", "Ctrl S": "\x13", "Ctrl U": "\x15", "Enter": "\r", "Esc": "\x1b",
           "Tab": "\t"}


def blocks(page):
    """(kind, text) of every fenced block, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", (DOCS / page).read_text(), re.M | re.S)


class Shell:
    """Runs blocks one after the other; variables last from one to the next."""

    def __init__(self, folder):
        self.folder = folder
        self.kept = ""

    def command(self, text):
        return ["bash", "-c", f"set -eu\n{self.kept}\n{text}"]

    def environment(self):
        return dict(os.environ, PATH=f"{self.folder}/build:{os.environ['PATH']}")

    def run(self, text):
        done = subprocess.run(self.command(text), cwd=self.folder, env=self.environment(),
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        self.kept += "".join(f"{line}\n" for line in re.findall(r"^\w+=\S+$", text, re.M))
        return done.stdout


class Page(harness.Machine):
    """A machine whose command line is a block of the page."""

    def __init__(self, shell, text):
        super().__init__("x86_64", "bare", limit_s=300)
        self.shell = shell
        # No waiting for the firmware's own menu; the rest is the page's.
        self.argv = shell.command(f"exec {text.rstrip()} -boot menu=on,splash-time=0 -net none")

    def __enter__(self):
        here = os.getcwd()
        os.chdir(self.shell.folder)
        try:
            return super().__enter__()
        finally:
            os.chdir(here)


def ask(vm):
    """Who comes too late sees the kernel switch off, and tries again."""
    for tries_left in (2, 1, 0):
        try:
            return recovery.ask_by_serial(vm, 40)
        except (harness.Failure, BrokenPipeError):
            if not tries_left or not (vm.ended or vm.process.poll() is not None):
                raise
            vm.power_on_again()


def do_key(vm, verb, what, fingerprint):
    if verb == "ask":
        assert what == "Ctrl R, Ctrl E, Ctrl V"
        ask(vm)
    elif verb == "see":
        vm.expect(fingerprint if what == "the fingerprint" else re.escape(what), SEE_S)
    elif verb == "press":
        # What is typed while a screen comes up was not meant for it.
        time.sleep(harness.TYPING_S * harness.SLOWNESS)
        vm.send(CONTROL[what])
    else:
        assert (verb, what) == ("type", "the four letters")
        vm.send(vm.expect(r"\n([B-X]{4})\n", 10)[1])


def do_keys(vm, text, fingerprint):
    for line in text.splitlines():
        verb, what = line.split(None, 1)
        do_key(vm, verb, what, fingerprint)


def do_page(tmp_path, page):
    """Every block; how many there are of each kind."""
    (tmp_path / "build").symlink_to(harness.BUILD)
    shutil.copyfile(images.test_kernel("x86_64"), tmp_path / "vmlinuz")
    (tmp_path / "root.img").write_bytes(bytes(range(256)) * 4096)
    shell, vm, fingerprint, told = Shell(tmp_path), None, None, ""
    for kind, text in blocks(page):
        if vm is not None and kind != "keys":
            vm.wait_end()  # the test kernel switches off
            vm.__exit__()
            vm = None
        if kind == "sh":
            told = shell.run(text)
            found = re.search(r"sha256: +([0-9a-f]{64})", told)
            fingerprint = found[1] if found else fingerprint
        elif kind == "machine":
            vm = Page(shell, text).__enter__()
        else:
            assert kind == "keys"
            do_keys(vm, text, fingerprint)
    vm.wait_end()
    vm.__exit__()
    kinds = [kind for kind, _ in blocks(page)]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def test_every_step(tmp_path):
    did = do_page(tmp_path, "developer-mode.md")
    assert did["machine"] == 4 and did["sh"] >= 6 and did["keys"] >= 5


@pytest.mark.skipif(not os.environ.get("LIFEBOAT_LONG"), reason="only in make test-long")
def test_own_stick(tmp_path):
    """From own keys to an own system in both slots."""
    did = do_page(tmp_path, "developer-stick.md")
    assert did == {"machine": 2, "sh": 3, "keys": 2}
