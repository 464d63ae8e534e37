"""Measured boot with a TPM (swtpm): PCR 8 as docs/formats/measurements.md has it, the event
log as Linux gets it, and a TPM that fails."""
import pytest

import harness
import images
import measured
import recovery

UEFI = ["aarch64-uefi", "x86_64-uefi"]
DEVELOPER_ALLOWED = 1


@pytest.fixture
def tpm(board):
    return harness.Tpm(board.work / "tpm")


def boot(board, tpm, disk, **more):
    with board.machine(disk, tpm=tpm, memory=1024, **more) as vm:
        vm.expect(r"measure: PCR 8 names this start", board.start_time())
        vm.expect(r"boot: starting slot A")
        seen = measured.told(vm)
        vm.wait_end()
    return seen


@pytest.mark.boards(*UEFI)
def test_pcr_8_and_the_log(board, tpm):
    """Twice the same, and as computed from what was signed."""
    content = measured.content(board)
    disk = board.image(images.Slot(content))
    events = measured.expected(board.profile, "normal", content, disk.guid("A"))
    store = board.work / "vars.fd"
    first = boot(board, tpm, disk, vars=store)
    measured.check(first, events)
    second = boot(board, tpm, disk, vars=store)
    measured.check(second, events)
