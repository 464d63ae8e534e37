"""Secure Boot with own keys on whole machines: enrolled from Setup Mode by the stick; then
nothing starts but what they signed (docs/secure-boot.md)."""
import pytest

import harness
import images
import secure_boot
import variables

UEFI = ("aarch64-uefi", "x86_64-uefi")
GLOBAL = variables.uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
DATABASE = variables.uuid.UUID("d719b2cb-3a3d-4596-a3bc-dad00e67656f")


@pytest.fixture(scope="session")
def owner(tmp_path_factory):
    return secure_boot.keys(tmp_path_factory.mktemp("owner"))


def enrol(board, vm, word="enrol"):
    """Answers the enrolment program's question."""
    vm.expect(rf"To go on, type {word} and press Enter", board.start_time() + 15)
    vm.send(word + "\r")


@pytest.mark.boards(*UEFI)
def test_enrol_and_start(board, owner):
    """From Setup Mode to a machine that starts our loader."""
    store = secure_boot.setup_mode(board)
    board.use_profile()
    signed = secure_boot.loader(board, owner)
    disk = secure_boot.disk(board, board.kernel("A", kind="pe"), signed)
    with board.machine(secure_boot.stick(board, owner), secure_boot=True, vars=store,
                       limit_s=180) as vm:
        enrol(board, vm)
        vm.expect("PK: stored")
        vm.expect("Done. Secure Boot is on from the next start")
    with board.machine(disk, secure_boot=True, vars=store, limit_s=180) as vm:
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        vm.expect(r"KERNEL start=efi .*slot=A ")
        vm.wait_end()
