"""The random seed the loader leaves for the kernel: from a random source, from what loaders
keep, or none; never the same one twice (docs/decisions.md "Random seed")."""
import uuid

import pytest

import variables

SYSTEMD = uuid.UUID("4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
SOURCE = ["-device", "virtio-rng-pci"]
BOARDS = pytest.mark.boards("aarch64-uefi", "x86_64-uefi")


def seed_of(board, disk, store, extra=()):
    """One boot; gives the seed as hex and the serial log."""
    with board.machine(disk, vars=store, extra=extra) as vm:
        seed = vm.expect(r"KERNEL seed=(\w*)\n", board.start_time())[1]
        vm.wait_end()
        return seed, vm.text()


def kept(store):
    """What the loader keeps: exactly for loaders."""
    found = variables.Store(store).get("LifeboatSeed")
    if found is None:
        return None
    attributes, data = found
    assert attributes == variables.NV | variables.BS and len(data) == 32
    return data.hex() if any(data) else None  # made at the first start: zeros


@BOARDS
def test_with_a_source_each_boot_has_another_seed_and_the_store_is_not_worn(board):
    disk, store = board.image(board.slot("A")), board.work / "vars.fd"
    seeds, secrets = set(), set()
    for boot in range(2 if board.arch == "x86_64" else 3):
        seed, log = seed_of(board, disk, store, SOURCE)
        assert len(seed) == 64
        assert "seed: from the random source" in log
        seeds.add(seed)
        secrets.add(kept(store))
    assert len(seeds) == boot + 1
    assert len(secrets) == 1 and not secrets & (seeds | {None})


@BOARDS
def test_without_a_source_the_kept_secret_is_replaced_every_time(board):
    """The firmware has no source, nor has the CPU: first there is no seed; what the
    system's installer leaves (LoaderSystemToken) starts it."""
    disk, store = board.image(board.slot("A")), board.work / "vars.fd"
    seed, log = seed_of(board, disk, store)
    assert seed == "" and "seed: none for the kernel: no source" in log
    assert kept(store) is None

    variables.Store(store).put("LoaderSystemToken", 7, bytes(range(32)), SYSTEMD)
    values = set()
    boots = 2 if board.arch == "x86_64" else 3
    for boot in range(boots):
        seed, log = seed_of(board, disk, store)
        assert len(seed) == 64
        wanted = "LoaderSystemToken" if boot == 0 else "LifeboatSeed"
        assert f"seed: from {wanted}" in log
        values |= {seed, kept(store)}
    assert len(values) == 2 * boots and None not in values


@pytest.mark.boards("aarch64-uefi")
def test_a_secret_that_an_operating_system_planted_is_not_used(board):
    disk, store = board.image(board.slot("A")), board.work / "vars.fd"
    seed_of(board, disk, store)
    variables.Store(store).put("LifeboatSeed", 7, bytes(32))
    seed, log = seed_of(board, disk, store)
    assert "LifeboatSeed is not ours" in log
    assert seed == "" and kept(store) is None


@pytest.mark.boards("aarch64-uefi")
def test_a_bare_cpu_source_is_enough(board):
    """No device of the firmware's: RNDR of the CPU."""
    disk, store = board.image(board.slot("A")), board.work / "vars.fd"
    with board.machine(disk, vars=store, cpu="max") as vm:
        seed = vm.expect(r"KERNEL seed=(\w*)\n", board.start_time())[1]
        vm.wait_end()
    assert len(seed) == 64
