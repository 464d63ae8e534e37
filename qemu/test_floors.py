"""Rollback floors in the TPM and in the firmware's variables (DESIGN 8), with swtpm as the
TPM and tpm2-tools as the operating system that owns it."""
import shutil
import struct

import pytest

import harness
import variables

INDEX = "0x01804c42"
ATTRIBUTES = "authwrite|authread|writeall|write_stclear|no_da"
TOO_OLD = r"slot A: disk \S.* partition 2: version-too-old: .*key 1 kernel {} < key 1 kernel {}"
UEFI = pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
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

    def plant(self, attributes, kernel, recovery=0, password=None):
        """What an operating system with the owner's rights can do."""
        with self.tpm.tools() as run:
            run("nvundefine", INDEX, "-C", "o", check=False)
            run("nvdefine", INDEX, "-C", "o", "-s", 8, "-a", attributes,
                *(("-p", password) if password else ()))
            run("nvwrite", INDEX, "-i", "-", *(("-P", password) if password else ()),
                stdin=struct.pack("<II", kernel, recovery))


@pytest.fixture
def device(board):
    return Device(board)


def v(kernel):
    return 0x10000 + kernel


@UEFI
def test_raised_kept_and_the_old_one_refused(device):
    """Over power-offs, in both stores; either alone is enough; the OS cannot lower it."""
    log = device.boots(2)
    assert "floors: TPM: index 0x1804c42 is not there" in log
    assert "floors: kernel 0.0 -> 1.2: ok (variable: ok, TPM: ok)" in log
    assert "floors: TPM: locked until the next reset" in log
    assert device.index() == (v(2), 0)
    assert device.variable() == (v(2), 0)
    with device.tpm.tools() as run:  # exactly as docs/formats/floors.md says
        told = run("nvreadpublic", INDEX).stdout.decode()
        assert "friendly: authwrite|writeall|write_stclear|authread|no_da|written" in told
        assert "size: 8" in told and "friendly: sha256" in told
    log = device.refuses(1, 2)
    assert "floors: TPM: kernel 1.2, recovery 0.0" in log
    shutil.copy(device.vars, device.board.work / "kept.fd")
    device.forget_variables()
    assert "floors: TPM: kernel 1.2" in device.refuses(1, 2)
    shutil.copy(device.board.work / "kept.fd", device.vars)
    device.tpm.wipe()
    device.refuses(1, 2)
    log = device.boots(2)
    assert "floors: kernel 1.2 -> 1.2: ok" in log or "stored again from the variable: ok" in log
    assert device.index() == (v(2), 0)


@UEFI
def test_booted_system_cannot_lower_it(device):
    log = device.boots(3, "test.tpm", kind="pe")
    assert "KERNEL writing the floors gives 148 reading 0 kernel floor 10003" in log
    # The lock is of this boot; the index is written again in the next one.
    log = device.boots(4, "test.tpm", kind="pe")
    assert "floors: kernel 1.3 -> 1.4: ok (variable: ok, TPM: ok)" in log
    assert "KERNEL writing the floors gives 148 reading 0 kernel floor 10004" in log
    assert device.index() == (v(4), 0)


@QUICK
def test_trying_slot_raises_nothing_and_is_locked_out_too(device):
    device.plant(ATTRIBUTES, v(1))
    slot = device.board.slot("A", version=3, attempts=3, bootable=0, words="test.tpm")
    with device.board.machine(device.board.image(slot), vars=device.vars,
                              tpm=device.tpm) as vm:
        vm.expect(r"KERNEL writing the floors gives 148 .* kernel floor 10001",
                  device.board.start_time())
        vm.wait_end()
    assert device.index() == (v(1), 0)


@QUICK
def test_index_deleted_lowered_and_replaced(device):
    device.boots(3)
    with device.tpm.tools() as run:
        run("nvundefine", INDEX, "-C", "o")
    assert "floors: TPM: index 0x1804c42 is not there" in device.refuses(2, 3)
    device.plant(ATTRIBUTES, v(1))  # as ours, but lower: the variable holds
    assert "floors: TPM: kernel 1.1" in device.refuses(2, 3)
    for attributes, password in ((ATTRIBUTES + "|ownerread", None), (ATTRIBUTES, "secret")):
        device.plant(attributes, v(9), password=password)
        log = device.boots(3)
        assert "is not ours" in log and "floors: TPM: locked until the next reset" in log
        assert device.index() == (v(3), 0)


@QUICK
def test_variable_wiped_the_tpm_holds(device):
    device.boots(3)
    device.forget_variables()
    device.refuses(2, 3)
    assert device.variable() is None
    device.boots(3)  # and now it is in both again
    assert device.variable() == (v(3), 0)


@QUICK
def test_owned_by_the_system(device):
    device.boots(2)
    with device.tpm.tools() as run:
        run("changeauth", "-c", "o", "ownerpassword")
    assert "floors: kernel 1.2 -> 1.3: ok (variable: ok, TPM: ok)" in device.boots(3)
    with device.tpm.tools() as run:
        run("nvundefine", INDEX, "-C", "o", "-P", "ownerpassword")
    log = device.boots(4)
    assert "-> 1.4: ok (variable: ok, TPM: its owner's password is set)" in log
    device.refuses(3, 4)


@QUICK
def test_full(device):
    with device.tpm.tools() as run:
        for size in (2048, 8):
            for n in range(200):
                done = run("nvdefine", hex(0x01810000 + n + size), "-C", "o", "-s", size,
                           "-a", "ownerread|ownerwrite", check=False)
                if done.returncode != 0:
                    break
            assert done.returncode != 0
    log = device.boots(2)
    assert "floors: kernel 0.0 -> 1.2: ok (variable: ok, TPM: it is full)" in log
    device.refuses(1, 2)


@UEFI
def test_absent_dead_and_wiped(device):
    """No state of the TPM keeps a good system from starting."""
    assert "floors: TPM: there is none" in device.boots(2, tpm=False)
    device.refuses(1, 2, tpm=False)
    log = device.boots(2)  # one was put in
    assert "floors: TPM: stored again from the variable: ok" in log or \
        "(variable: ok, TPM: ok)" in log
    device.tpm.wipe()
    device.refuses(1, 2)


@QUICK
def test_tpm_dies_while_the_loader_runs(device):
    """swtpm is ended behind the firmware's back: the floor of the variable holds, and the
    system starts."""
    device.boots(2)
    disk = device.disk(3)
    with device.board.machine(disk, vars=device.vars, tpm=device.tpm,
                              extra=["-S"]) as vm:
        device.tpm.process.kill()
        device.tpm.process.wait()
        vm.qmp("cont")
        vm.expect(r"floors: TPM: (there is none|cannot be read: .*)", 60)
        vm.expect(r"KERNEL start=.*slot=A ", 60)
        vm.wait_end()
    assert device.variable() == (v(3), 0)


@QUICK
def test_recovery_floor_by_signed_parameter(device):
    log = device.boots(2, "lifeboat.recovery-floor=0x10007")
    assert "floors: recovery 0.0 -> 1.7: ok (variable: ok, TPM: ok)" in log
    assert device.index() == (v(2), v(7)) and device.variable() == (v(2), v(7))
    log = device.boots(2, "lifeboat.recovery-floor=65537")  # never lowered
    assert "floors: recovery" not in log
    assert device.index() == (v(2), v(7))
