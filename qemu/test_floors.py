"""Rollback floors in the TPM and in the firmware's variables (DESIGN 8), with swtpm as the
TPM and tpm2-tools as the operating system that owns it."""
import os
import re
import signal
import struct
import time

import pytest

import harness
import variables

INDEX = "0x01804c42"
ATTRIBUTES = "policywrite|authread|writeall|write_stclear|no_da"
BY_ANYBODY = ATTRIBUTES.replace("policywrite", "authwrite")  # as loaders without the policy did
TOO_OLD = r"slot A: disk \S.* partition 2: version-too-old: .*key 1 kernel {} < key 1 kernel {}"
POLICY = "2a90ac03196573f129e70a9e04485bff581d2890fe5882d3c2667290d84b497b"
QUICK = pytest.mark.boards("aarch64-uefi")


class Device:
    """One machine over its life: TPM, variables, and disks that come and go."""

    def __init__(self, board):
        self.board = board
        self.tpm = harness.Tpm(board.work / "tpm")
        self.vars = board.work / "vars.fd"
        self.disks = {}

    def disk(self, version, words="", **more):
        key = version, words, tuple(more)
        if key not in self.disks:
            slot = self.board.slot("A", version=version, words=words, **more)
            self.disks[key] = self.board.image(slot)
        return self.disks[key]

    def boots(self, version, words="", tpm=True, **more):
        """Power on with this version in the only slot; it must start. Gives the log."""
        with self.board.machine(self.disk(version, words, **more), vars=self.vars,
                                tpm=self.tpm if tpm else None) as vm:
            vm.expect(r"KERNEL start=", self.board.start_time())
            vm.wait_end()
            return vm.text()

    def refuses(self, version, floor, tpm=True):
        """It must not start, and both numbers are shown."""
        with self.board.machine(self.disk(version), vars=self.vars,
                                tpm=self.tpm if tpm else None) as vm:
            vm.expect(TOO_OLD.format(version, floor), self.board.start_time())
            vm.expect(r"-> RECOVERY")
            vm.refuse("KERNEL start=")
            return vm.text()

    def paused(self, version):
        """A machine that has a TPM and waits for qmp("cont")."""
        return self.board.machine(self.disk(version), vars=self.vars, tpm=self.tpm,
                                  extra=["-S"])

    def boots_with_dead_tpm(self, version):
        """The TPM stops for good before the firmware's first command."""
        with self.paused(version) as vm:
            vm.qmp("query-status")
            self.tpm.process.kill()
            self.tpm.process.wait()
            vm.qmp("cont")
            vm.expect(r"KERNEL start=", 60)
            vm.wait_end()
            return vm.text()

    def forget_variables(self):
        self.vars.unlink()

    def variable(self):
        found = variables.Store(self.vars).get("LifeboatFloor")
        return struct.unpack("<II", found[1]) if found else None

    def index(self):
        """(kernel, recovery) as tpm2-tools read it, None when there is no index."""
        with self.tpm.tools() as run:
            done = run("nvread", INDEX, "-s", 8, check=False)
            return struct.unpack("<II", done.stdout) if done.returncode == 0 else None

    def plant(self, attributes, kernel, recovery=0, password=None, measured=False):
        """What an owner can do with tpm2-tools: before anything was measured (instead of the
        loader), or after it. Gives whether the value could be written."""
        policy, session = self.board.work / "policy", self.board.work / "session"
        with self.tpm.tools() as run:
            run("startauthsession", "-S", session)
            run("policypcr", "-S", session, "-l", "sha256:8", "-L", policy)
            run("flushcontext", session)
            if measured:
                run("pcrextend", f"8:sha256={'ab' * 32}")
            by_policy = "policywrite" in attributes
            run("nvundefine", INDEX, "-C", "o", check=False)
            run("nvdefine", INDEX, "-C", "o", "-s", 8, "-a", attributes,
                *(("-L", policy) if by_policy else ()), *(("-p", password) if password else ()))
            if by_policy:
                run("startauthsession", "--policy-session", "-S", session)
                run("policypcr", "-S", session, "-l", "sha256:8")
            auth = f"session:{session}" if by_policy else password
            done = run("nvwrite", INDEX, "-i", "-", *(("-P", auth) if auth else ()),
                       stdin=struct.pack("<II", kernel, recovery), check=False)
            if by_policy:
                run("flushcontext", session, check=False)
            return done.returncode == 0


@pytest.fixture
def device(board):
    return Device(board)


def v(kernel):
    return 0x10000 + kernel


STORED = "ok (variable: ok, TPM: ok)"


def fill(tpm):
    with tpm.tools() as run:
        for size in (2048, 8):
            for n in range(200):
                done = run("nvdefine", hex(0x01810000 + n + size), "-C", "o", "-s", size,
                           "-a", "ownerread|ownerwrite", check=False)
                if done.returncode != 0:
                    break
            assert done.returncode != 0


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_life_of_a_device(device):
    """Its floor never sinks, and nothing that happens to its TPM keeps a good system from
    starting: one device through all of it, one power-on a state."""
    # The first start of a proven system; what it boots cannot write the index any more.
    log = device.boots(2, "test.tpm test.plant", kind="pe")
    assert "floors: TPM: index 0x1804c42 is not there" in log
    assert f"floors: kernel 0.0 -> 1.2: {STORED}" in log
    assert "floors: TPM: locked until the next reset" in log
    assert "KERNEL writing the floors gives 12f reading 0 kernel floor 10002" in log
    # It owns the TPM: it can remove the index and make it anew, and give it no value.
    assert ("KERNEL planting: undefine=0 define=0 write=12f session=0 policy=1c4 write=99d "
            "read=14a." in log)
    assert device.index() is None and device.variable() == (v(2), 0)
    assert f"floors: kernel stored again as 1.2: {STORED}" in device.boots(2)
    assert device.index() == device.variable() == (v(2), 0)

    # The variables are wiped, the TPM holds: an old system is refused, with both numbers.
    device.forget_variables()
    assert "floors: TPM: kernel 1.2, recovery 0.0" in device.refuses(1, 2)
    assert device.variable() == (0, 0)

    # The lock was of that boot only. Both stores have it again.
    assert f"floors: kernel 1.2 -> 1.3: {STORED}" in device.boots(3)
    assert device.index() == device.variable() == (v(3), 0)

    # The TPM is wiped, the variable holds.
    device.tpm.wipe()
    assert "floors: TPM: index 0x1804c42 is not there" in device.refuses(2, 3)
    assert f"floors: kernel stored again as 1.3: {STORED}" in device.boots(3)
    assert device.index() == (v(3), 0)

    # The system takes the TPM over. Then it deletes the index.
    with device.tpm.tools() as run:
        run("changeauth", "-c", "o", "ownerpassword")
    assert f"floors: kernel 1.3 -> 1.4: {STORED}" in device.boots(4)
    with device.tpm.tools() as run:
        run("nvundefine", INDEX, "-C", "o", "-P", "ownerpassword")
    log = device.boots(5)
    assert "-> 1.5: ok (variable: ok, TPM: its owner's password is set)" in log

    # No room for the index.
    device.tpm.wipe()
    fill(device.tpm)
    assert "-> 1.6: ok (variable: ok, TPM: it is full)" in device.boots(6)

    # The TPM fails; it is taken out.
    assert re.search("floors: TPM: (there is none|cannot be read)", device.boots_with_dead_tpm(7))
    assert "floors: TPM: there is none" in device.boots(8, tpm=False)
    assert device.variable() == (v(8), 0)


@QUICK
def test_index_as_documented(device):
    """As docs/formats/floors.md says, in the words of tpm2-tools."""
    device.boots(2)
    with device.tpm.tools() as run:
        told = run("nvreadpublic", INDEX).stdout.decode()
    assert "friendly: policywrite|writeall|write_stclear|authread|no_da|written" in told
    assert "size: 8" in told and "friendly: sha256" in told
    assert POLICY in told.lower()


@QUICK
def test_trying_slot_raises_nothing_and_is_locked_out_too(device):
    device.plant(ATTRIBUTES, v(1))
    slot = device.board.slot("A", version=3, attempts=3, bootable=0, words="test.tpm")
    with device.board.machine(device.board.image(slot), vars=device.vars,
                              tpm=device.tpm) as vm:
        vm.expect(r"KERNEL writing the floors gives 12f .* kernel floor 10001",
                  device.board.start_time())
        vm.wait_end()
    assert device.index() == (v(1), 0)


@QUICK
def test_index_planted_by_the_system(device):
    device.boots(3)
    device.plant(ATTRIBUTES, v(1))  # as ours, but lower: the variable holds
    assert "floors: TPM: kernel 1.1" in device.refuses(2, 3)
    for attributes, password in ((ATTRIBUTES + "|ownerread", None), (BY_ANYBODY, "secret"),
                                 (BY_ANYBODY, None), (ATTRIBUTES, "secret")):
        assert device.plant(attributes, v(9), password=password)
        log = device.boots(3)
        assert "is not ours" in log and "floors: TPM: locked until the next reset" in log
        assert device.index() == (v(3), 0)


@QUICK
def test_planted_height_goes_when_the_tpm_is_cleared(device):
    """A system with the owner's rights can make the index and give it no value; what runs
    instead of the loader, before anything was measured, can keep the device from starting
    until a person clears the TPM - and no longer."""
    device.boots(2)
    assert not device.plant(ATTRIBUTES, 0xffffffff, 0xffffffff, measured=True)
    assert "index 0x1804c42 was never written" in device.boots(2)
    assert device.index() == (v(2), 0)
    assert device.plant(BY_ANYBODY, 0xffffffff, 0xffffffff, measured=True)
    assert "index 0x1804c42 is not ours" in device.boots(2)
    assert device.plant(ATTRIBUTES, 0xffffffff, 0xffffffff)
    with device.board.machine(device.disk(2), vars=device.vars, tpm=device.tpm) as vm:
        vm.expect(r"version-too-old: .*key 1 kernel 2 < key 65535 kernel 65535")
        vm.expect(r"-> RECOVERY")
    device.tpm.wipe()
    device.boots(2)
    assert device.index() == device.variable() == (v(2), 0)


@QUICK
def test_slow_tpm_is_waited_for(device):
    """swtpm answers nothing for two seconds."""
    with device.paused(2) as vm:
        vm.qmp("query-status")
        os.kill(device.tpm.process.pid, signal.SIGSTOP)
        vm.qmp("cont")
        time.sleep(2)
        vm.refuse("floors:")
        os.kill(device.tpm.process.pid, signal.SIGCONT)
        vm.expect(rf"floors: kernel 0.0 -> 1.2: {re.escape(STORED)}", 60)
        vm.wait_end()
    assert device.index() == (v(2), 0)


@QUICK
def test_recovery_floor_by_signed_parameter(device):
    log = device.boots(2, "lifeboat.recovery-floor=0x10007")
    assert f"floors: recovery 0.0 -> 1.7: {STORED}" in log
    assert device.index() == device.variable() == (v(2), v(7))
    log = device.boots(2, "lifeboat.recovery-floor=65537")  # never lowered
    assert "floors: recovery" not in log
    assert device.index() == (v(2), v(7))


@pytest.mark.boards("aarch64-bare")
def test_bare_metal(device):
    """No variable there: the TPM alone keeps the floor."""
    assert "TPM: locked until the next reset" in device.boots(2)
    device.refuses(1, 2)
    device.boots(3)
    device.refuses(2, 3)


@pytest.mark.boards("aarch64-bare")
def test_bare_metal_index_planted_at_its_maximum(device):
    """The loader is the machine's first code: what the owner of the TPM makes under its numbers
    does not count and goes, and what it makes itself the owner cannot touch."""
    device.plant(ATTRIBUTES, 0xffffffff, 0xffffffff)
    log = device.boots(2)
    assert f"floors: TPM: index {INDEX.replace('0x0', '0x')} is not ours" in log
    assert "floors: kernel 0.0 -> 1.2: ok (variable: none, TPM: ok)" in log
    assert "floors: TPM: platform hierarchy closed" in log
    with device.tpm.tools() as run:
        assert run("nvundefine", INDEX, "-C", "o", check=False).returncode != 0
        told = run("nvreadpublic", INDEX).stdout.decode()
    assert "platformcreate" in told
    device.refuses(1, 2)
    assert "TPM: kernel 1.2, recovery 0.0" in device.boots(2)


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_older_loader_started_by_hand(device):
    """A loader of generation 4 was here: one of generation 3 starts no slot, recovery stays."""
    board = device.board
    board.use_profile(generation=4)
    log = device.boots(2)
    assert "floors: loader generation 0 -> 4 (variable: ok, TPM: ok)" in log
    assert variables.Store(device.vars).get("LifeboatLoaderFloor")[1] == struct.pack("<I", 4)
    device.disks.clear()
    board.use_profile(generation=3)
    with board.machine(device.disk(2), vars=device.vars, tpm=device.tpm) as vm:
        vm.expect(r"floors: this loader has generation 3, the device has seen 4",
                  board.start_time())
        vm.expect(r"loader: loader-too-old: .*generation 3 < 4")
        vm.expect(r"-> RECOVERY")
        vm.refuse("KERNEL start=")
    device.disks.clear()
    board.use_profile(generation=5)
    assert "TPM: loader generation 4" in device.boots(2)
