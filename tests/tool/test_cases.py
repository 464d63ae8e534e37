"""Cases that people reported, tried as they did it: each a script of its own, exit status 0
as a user expects, 1 the fault is there, 77 a tool is missing (tests/cases/lib.sh)."""
import os
import subprocess

import pytest

from lifeboat_tool import BUILD, ROOT, command

CASES = sorted((ROOT / "tests/cases").glob("*.sh"))
# Hundreds of starts, and a limit of time: the command as it is shipped.
PLAIN = {"slots-two-writers", "image-large-state"}


@pytest.mark.parametrize("name", [c.stem for c in CASES if c.stem != "lib"])
def test_case(name, tmp_path):
    tool = BUILD / "lifeboat" if name in PLAIN else command()
    environment = dict(os.environ, LIFEBOAT=str(tool), TMPDIR=str(tmp_path),
                       LOADER=str(BUILD / "x86_64/lifeboat.efi"),
                       ASAN_OPTIONS="detect_leaks=0")
    done = subprocess.run(["bash", ROOT / f"tests/cases/{name}.sh"], env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Sanitizer" not in done.stderr, done.stderr


def test_cases_are_there():
    assert len(CASES) >= 9
