"""What `make install` puts beside the command: systemd judges the unit, shells the scripts,
and the init script does what its words say (against a made-up command)."""
import os
import pathlib
import stat
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = "lib/systemd/system/lifeboat-mark-good.service"
GUIDS_UNIT = "lib/systemd/system/lifeboat-own-guids.service"
SCRIPT = "share/lifeboat/init/lifeboat-mark-good.sh"
OPENRC = "share/lifeboat/init/lifeboat-mark-good.openrc"


@pytest.fixture
def installed(tmp_path):
    """The folder PREFIX, with a command in it that says how it was called."""
    prefix = tmp_path / "usr"
    subprocess.run(["make", "-s", "-C", ROOT, "install-share", f"PREFIX={prefix}"], check=True,
                   env=os.environ | {"MAKEFLAGS": "", "MAKELEVEL": "", "DESTDIR": ""})
    command = prefix / "bin/lifeboat"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho "called: $*"\nexit "${STATUS:-0}"\n')
    command.chmod(0o755)
    return prefix


def verify(unit):
    return subprocess.run(["systemd-analyze", "verify", "--man=no", unit],
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("unit, action", [(UNIT, "mark-good"), (GUIDS_UNIT, "own-guids")])
def test_systemd_accepts_the_unit(unit, action, installed):
    done = verify(installed / unit)
    assert done.returncode == 0 and "lifeboat" not in done.stderr, done.stderr
    text = (installed / unit).read_text()
    assert f"ExecStart={installed}/bin/lifeboat slots {action}\n" in text
    assert "@" not in text


def test_systemd_would_refuse_a_wrong_one(installed):
    unit = installed / UNIT
    unit.write_text(unit.read_text().replace("bin/lifeboat", "bin/missing"))
    done = verify(unit)
    assert done.returncode != 0 and "missing is not executable" in done.stderr


def test_modes_and_shells(installed):
    for name, mode in ((UNIT, 0o644), (GUIDS_UNIT, 0o644), (SCRIPT, 0o755), (OPENRC, 0o755)):
        path = installed / name
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert "@" not in path.read_text()
    for shell in (["dash"], ["bash", "--posix"]):
        for name in (SCRIPT, OPENRC):
            subprocess.run([*shell, "-n", installed / name], check=True)


class Script:
    """The init script, in a system that Lifeboat has started or has not."""

    def __init__(self, installed, tmp_path):
        self.checks = tmp_path / "health.d"
        self.checks.mkdir()
        self.path = tmp_path / "script"
        told = tmp_path / "told"
        told.touch()
        # The two places under /sys and /proc are the only thing that is not as installed.
        self.path.write_text((installed / SCRIPT).read_text().replace(
            "/proc/device-tree/firmware/lifeboat/slot", str(told)))
        self.path.chmod(0o755)
        self.told = told

    def check(self, name, status, mode=0o755):
        path = self.checks / name
        path.write_text(f'#!/bin/sh\necho "check {name}"\nexit {status}\n')
        path.chmod(mode)

    def run(self, *words, **env):
        done = subprocess.run([self.path, *words], capture_output=True, text=True,
                              env=os.environ | {"LIFEBOAT_CHECKS": str(self.checks)} | env)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def script(installed, tmp_path):
    return Script(installed, tmp_path)


def test_start_marks_the_slot_after_the_checks(script):
    script.check("20-b", 0)
    script.check("10-a", 0)
    script.check("30-not-executable", 1, 0o644)
    assert script.run("start") == (0, "check 10-a\ncheck 20-b\ncalled: slots mark-good\n", "")


def test_a_failed_check_marks_nothing(script):
    script.check("10-a", 0)
    script.check("20-b", 3)
    script.check("30-c", 0)
    status, out, err = script.run("start")
    assert (status, out) == (1, "check 10-a\ncheck 20-b\n")
    assert "20-b failed: the slot is not marked good" in err


def test_no_checks_and_a_command_that_fails(script):
    assert script.run("start") == (0, "called: slots mark-good\n", "")
    assert script.run("start", STATUS="2")[0] == 1
    assert script.run("restart") == (0, "called: slots mark-good\n", "")


def test_a_system_that_another_loader_started_is_left_alone(script):
    script.told.unlink()
    script.check("10-a", 1)
    assert script.run("start") == (0, "", "")


def test_other_words(script):
    assert script.run("stop") == (0, "", "")
    assert script.run("status") == (0, "called: slots\n", "")
    assert script.run()[0] == 2 and script.run("nonsense")[0] == 2
