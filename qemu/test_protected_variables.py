"""What a running Linux with every right can do to the loader's variables, through efivarfs
and under Secure Boot: plant them (the loader deletes them), but neither see nor change the
true ones; and what the owner can do from there: revoke a loader (DESIGN 8)."""
import gzip
import shutil
import struct
import sys

import pytest

import conftest
import harness
import images
import linux
import recovery
import secure_boot
import variables
from test_developer import key_id

sys.path.insert(0, str(harness.ROOT / "tools/demo"))
from cpio import Cpio  # noqa: E402

NV, BS, RT = variables.NV, variables.BS, variables.RT
NAMES = ("LifeboatState", "LifeboatFloor", "LifeboatDevKeys")
MADE = ("LifeboatFloor", "LifeboatLoaderFloor", "LifeboatState", "LifeboatDevKeys",
        "LifeboatSeed")
USERSPACE_S = 60

# A full run says one GUEST line per step.
INIT = f"""#!/bin/sh
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module" 2>/dev/null; done </modules/order
efi=/sys/firmware/efi/efivars
mount -t efivarfs efivarfs $efi 2>/dev/null
[ -e $efi/SecureBoot-{secure_boot.GLOBAL} ] || echo "GUEST no efivarfs"
for name in {' '.join(NAMES)}; do
	[ -e $efi/$name-{variables.LIFEBOAT} ] &&
		echo "GUEST sees $name" || echo "GUEST misses $name"
done
for file in /attack/*; do
	name=${{file##*/}}
	[ ! -e $efi/$name ] || unlock $efi/$name
	if why=$(cat $file 2>&1 >$efi/$name); then echo "GUEST wrote $name"
	else echo "GUEST failed $name: $why"; fi
done
echo "GUEST lockdown $(cat /sys/kernel/security/lockdown 2>/dev/null)"
echo "GUEST done"
sync
/bin/busybox ACTION -f
"""


def unlock(board):
    """The program that makes files of efivarfs writable, for the guest."""
    out = board.work / "unlock"
    compiler = "gcc" if board.arch == "x86_64" else "aarch64-linux-gnu-gcc"
    images.run(compiler, "-static", "-Os", "-s", "-o", out, harness.ROOT / "qemu/guest/unlock.c")
    return out.read_bytes()


def slot(board, attack, action, **more):
    """Debian's kernel with an init that writes the variables @attack ({file name: attributes
    and data}) and then obeys @action."""
    found = linux.parts(board.arch)
    archive = Cpio()
    archive.folder("attack")
    archive.file("init", INIT.replace("ACTION", action).encode())
    archive.file("bin/unlock", unlock(board))
    for name, (attributes, data) in attack.items():
        archive.file(f"attack/{name}", struct.pack("<I", attributes) + data, 0o644)
    initrd = board.work / "attack.cpio.gz"
    initrd.write_bytes(found.initrd.read_bytes() + gzip.compress(archive.finish(), 1))
    tree = images.fit(board.work, board.arch, found.kernel, initrd)
    content = images.pack(board.work, tree, f"console={linux.CONSOLE[board.arch]} quiet",
                          {"x86_64": "amd64", "aarch64": "arm64"}[board.arch])
    return images.Slot(content, **more)


def ours(name):
    return f"{name}-{variables.LIFEBOAT}"


FORGED = {ours("LifeboatState"): (NV | BS | RT, recovery.state(1)),
          ours("LifeboatDevKeys"): (NV | BS | RT, key_id("kernel_data_key")),
          ours("LifeboatFloor"): (NV | BS | RT, struct.pack("<II", 0, 0))}


@pytest.fixture(scope="session")
def owner(tmp_path_factory):
    return secure_boot.keys(tmp_path_factory.mktemp("owner"))


@pytest.fixture(scope="session")
def enrolled_stores(tmp_path_factory, owner):
    """Stores with the owner's keys by board, each made when first asked for."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = secure_boot.enrolled(conftest.Board(name, tmp_path_factory.mktemp(name)), owner)
        return made[name]
    return get


@pytest.fixture
def store(board, enrolled_stores):
    path = board.work / "vars.fd"
    shutil.copyfile(enrolled_stores(board.name), path)
    return path


def machine(board, disk, store, **more):
    return board.machine(disk, secure_boot=True, vars=store, limit_s=180, memory=768, **more)


@pytest.mark.boards("aarch64-uefi")
def test_planted_by_a_running_linux(board, owner, store):
    """The first start of all, and nothing to store: the loader has made every name, so that
    Linux can take none. With the owner's signature Linux may take the platform key away as
    well: Secure Boot is off at the next start, and the names are the loader's still."""
    board.use_profile(developer_mode=2)
    files = board.work / "files"
    images.run(secure_boot.LIFEBOAT, "secure-boot", "enroll", owner, "--files", files)
    removal = {f"PK-{secure_boot.GLOBAL}": (0x27, (files / "remove-PK.auth").read_bytes())}
    disk = images.Image(board.work / "plant.img",
                        [slot(board, FORGED | removal, "reboot", attempts=6, bootable=0)],
                        secure_boot.loader(board, owner), board.arch)
    with machine(board, disk, store) as vm:
        for name in MADE:
            vm.expect(f"variables: {name} made: ok", board.start_time())
        vm.expect(r"lifeboat .*Secure Boot on", board.start_time())
        for name in NAMES:
            vm.expect(f"GUEST misses {name}", USERSPACE_S)
        for name in sorted(FORGED):
            vm.expect(f"GUEST failed {name}")
        vm.expect(f"GUEST wrote PK-{secure_boot.GLOBAL}")
        vm.expect("GUEST done")
        vm.expect(r"lifeboat .*Secure Boot off", board.start_time())
        vm.expect(r"boot: starting slot A", USERSPACE_S)
        vm.refuse("Developer mode is on|is not ours")
    kept = variables.Store(store)
    for name in MADE:
        assert kept.get(name)[0] == NV | BS


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_true_ones_are_out_of_reach_and_a_loader_is_revoked(board, owner, store):
    """The slot is proven, so the loader stores a floor; state and keys are there as well.
    Linux sees none of them and cannot write one. The owner's update of
    dbx it may hand in; from then on the firmware refuses this loader."""
    signed = secure_boot.loader(board, owner)
    loader = board.work / "revoked.efi"
    loader.write_bytes(signed)
    images.run(secure_boot.LIFEBOAT, "secure-boot", "revoke", loader, "--keys", owner, "-o",
               board.work / "dbx.auth")
    attack = dict(FORGED)
    attack[f"dbx-{secure_boot.DATABASE}"] = (0x67, (board.work / "dbx.auth").read_bytes())
    disk = images.Image(board.work / "true.img", [slot(board, attack, "poweroff")], signed,
                        board.arch)
    true = {"LifeboatState": recovery.state(0, b"de"),
            "LifeboatDevKeys": key_id("recovery_kernel_data_key")}
    kept = variables.Store(store)
    for name, data in true.items():
        kept.put(name, NV | BS, data)
    with machine(board, disk, store) as vm:
        for name in NAMES:
            vm.expect(f"GUEST misses {name}", USERSPACE_S)
        for name in sorted(FORGED):
            vm.expect(f"GUEST failed {name}")
        vm.expect(f"GUEST wrote dbx-{secure_boot.DATABASE}")
        vm.wait_end(30)
    kept = variables.Store(store)
    for name, data in true.items():
        assert kept.get(name) == (NV | BS, data)
    assert kept.get("LifeboatFloor") == (NV | BS, struct.pack("<II", 0x10001, 0))
    with machine(board, disk, store) as vm:
        vm.expect(r"failed to load Boot.*Access Denied", board.start_time())
        vm.refuse(r"lifeboat \d")
