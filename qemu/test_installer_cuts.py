"""Power is cut while the recovery program writes: what the device makes of it, and whether
the next insertion ends well. A seeded sample; all cuts with LIFEBOAT_LONG=1."""
import json
import os
import random
import shutil
import subprocess

import pytest

import harness
import installer
import writelog
from installer import Kit

LONG = bool(os.environ.get("LIFEBOAT_LONG"))
LOOKED_AT, GONE_ON_WITH = (4000, 12) if LONG else (60, 1)


def judged(kit, image):
    """The slot that would start, by the loader's own code; None: recovery."""
    done = subprocess.run(
        [harness.BUILD / "lifeboat", "verify", "--json", "--profile", kit.profile, "--cpu",
         kit.board.arch, image], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    told = json.loads(done.stdout)
    for slot in told["slots"]:
        if slot["slot"] == told["slot"]:
            assert slot["verdict"] == "ok", done.stdout
    return told["slot"]


def recorded(kit, device, stick):
    """One installation, as the list of its writes."""
    log = kit.work / "writes"
    with kit.machine(device.disk(write_log=log), stick) as vm:
        installer.installs(vm, "1.2", "kept")
        vm.quit()
    return writelog.parse(log)


def torn(write, r):
    """A write whose end was not stored."""
    return writelog.Write(write.sector, write.count, write.flags,
                          write.data[:r.randrange(1, write.count + 1) * 512 - 1])


@pytest.mark.boards("aarch64-uefi")
def test_cut_at_any_write(board):
    kit = Kit(board)
    device = kit.broken()
    image = kit.work / "cut.img"
    shutil.copyfile(device.path, image)
    stick = kit.stick(kit.payload("NEW", 2, blocks=300))
    writes = [w for w in recorded(kit, device, stick) if w.count]
    assert len(writes) > 10
    r = random.Random(13)
    chosen = sorted(r.sample(range(len(writes)), min(LOOKED_AT, len(writes))))
    again = set(r.sample(chosen[1:-1], min(GONE_ON_WITH, len(chosen) - 2)))
    cut, seen = installer.Device(image), set()
    at = 0
    for n in chosen:
        writelog.apply(image, writes[at:n])
        at = n
        writelog.apply(image, [torn(writes[n], r)])
        seen.add(judged(kit, image))
        assert cut.saved(), f"write {n}"
        if n not in again:
            continue
        copy = kit.work / "again.img"
        shutil.copyfile(image, copy)
        with kit.machine(harness.Disk(copy, name="internal"), stick,
                         start_from_stick=True, vars=None) as vm:
            if judged(kit, copy) is None:
                installer.installs(vm, "1.2", "kept")
            installer.starts(vm, "NEW")
            installer.ends(vm)
        assert installer.Device(copy).saved()
    # B alone: between the two entries of the table, A being the last.
    assert {None, "A"} <= seen <= {None, "A", "B"}, seen
