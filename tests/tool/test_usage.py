"""Every command: help, wrong usage, exit status, man page."""
import re
import subprocess

import pytest

from lifeboat_tool import ROOT, command, run

COMMANDS = ["keys new", "keys show", "keys import", "keys keyblock", "profile make",
            "profile install", "profile show", "sign", "image", "verify", "inspect", "slots", "log",
            "payload make", "payload show", "payload verify", "payload apply", "payload extract",
            "recovery-media make", "secure-boot keys", "secure-boot sign", "secure-boot enroll",
            "secure-boot revoke"]
GROUPS = ["", "keys", "profile", "payload", "recovery-media", "secure-boot"]


@pytest.mark.parametrize("name", [*GROUPS, *COMMANDS])
def test_help(name):
    done = run(*name.split(), "--help")
    assert done.stdout.startswith("Usage: lifeboat") and not done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("name", [*GROUPS, *COMMANDS])
def test_wrong_usage(name):
    assert "--help" in run(*name.split(), "--no-such-option", expect=2).stderr or name in GROUPS
    assert "--help" in run(*name.split(), "a", "b", "c", "d", "-o", expect=2).stderr
    if name not in ("slots", "inspect", "log"):
        assert "--help" in run(*name.split(), expect=2).stderr


def test_every_command_is_listed():
    listed = re.findall(r"^  (\S+)", run("--help").stdout, re.M)
    assert sorted(listed) == sorted({c.split()[0] for c in COMMANDS})


@pytest.mark.parametrize("name", COMMANDS)
def test_man_page_has_every_option(name):
    """The page of the first word tells every option that --help does."""
    page = (ROOT / f"docs/man/lifeboat-{name.split()[0]}.1").read_text().replace("\\-", "-")
    options = set(re.findall(r"^(?:  -\w, |      )--([a-z-]+)", run(*name.split(), "--help").stdout,
                             re.M))
    assert options
    for option in options - {"help"}:
        assert re.search(rf"--{option}\b", page), f"--{option} of {name} is not in its man page"


def test_man_pages_are_clean():
    pages = sorted((ROOT / "docs/man").glob("lifeboat*.1"))
    assert len(pages) >= 8
    for page in pages:
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", page], capture_output=True,
                              text=True)
        assert done.returncode == 0 and not done.stderr, f"{page}: {done.stderr}"


def test_version_and_full_output():
    assert run("--version").stdout.startswith("lifeboat ")
    with open("/dev/full", "w") as full:
        done = subprocess.run([command(), "--help"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
