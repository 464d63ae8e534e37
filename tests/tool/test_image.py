"""lifeboat image: whole disks, judged by cgpt, sgdisk, veritysetup, fsck and mtools."""
import os
import re
import subprocess

import pytest

from lifeboat_tool import BUILD, MIB, cut, judge, partitions, run, run_json, write

LOADER = BUILD / "x86_64/lifeboat.efi"


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "rootdir"
    (folder / "bin").mkdir(parents=True)
    (folder / "etc").mkdir()
    write(folder / "etc/motd", "hello\n")
    write(folder / "bin/thing", os.urandom(500_000))
    os.symlink("bin", folder / "sbin")
    return folder


@pytest.fixture
def loader(keys, tmp_path):
    """A loader with a profile; without a built one the disk has none."""
    if not LOADER.exists():
        return []
    write(keys.folder / "p.ini", "model = m\nkernel-key = kernel_key.vbpubk\n"
          "recovery-key = recovery_key.vbpubk\n")
    run("profile", "make", keys.folder / "p.ini", "-o", tmp_path / "profile")
    run("profile", "install", tmp_path / "profile", LOADER, "-o", tmp_path / "loader.efi")
    return [f"loader = {tmp_path}/loader.efi"]


@pytest.fixture
def ini(keys, kernels, root, loader, tmp_path):
    def make(*more, slot_b="copy = yes"):
        efi = "\n".join(loader)
        return write(tmp_path / "disk.ini", f"""[efi]
{efi}
size = 36M
[slot-a]
kernel = {kernels}/bzImage
cmdline = console=ttyS0
keyblock = {keys.folder}/kernel.keyblock
data-key = {keys.folder}/kernel_data_key.vbprivk
key = {keys.public}
version = 3
root = {root}
[slot-b]
{slot_b}
[state]
size = 8M
""" + "\n".join(more))
    return make


def test_complete_disk(ini, keys, loader, tmp_path):
    image = tmp_path / "d.img"
    told = run_json("image", ini(), "-o", image)
    assert image.stat().st_size == told["bytes"]
    assert image.stat().st_blocks * 512 < told["bytes"] // 2, "not sparse"
    assert "No problems found" in judge("sgdisk", "-v", image)
    text = judge("cgpt", "show", image)
    assert "INVALID" not in text and text.count("ChromeOS kernel") == 2
    assert "priority=2 tries=0 successful=1" in text and "priority=1 tries=0 successful=1" in text
    for part in told["partition"]:
        assert part["offset"] % MIB == 0 and part["bytes"] % MIB == 0
    parts = partitions(image)
    for number, key in (2, keys.public), (4, keys.public):
        judge("vbutil_kernel", "--verify", cut(image, parts[number], tmp_path / "k"),
              "--signpubkey", key)
    verdict = run_json("verify", "-k", keys.public, image)
    assert verdict["would_boot"] and verdict["slot"] == "A"
    assert [s["verdict"] for s in verdict["slots"]] == ["ok", "ok"]
    assert {s["root"] for s in verdict["slots"]} == {"verified (dm-verity)"}
    if loader:
        efi = cut(image, parts[12], tmp_path / "efi")
        judge("mcopy", "-i", efi, "::EFI/BOOT/BOOTX64.EFI", tmp_path / "l")
        assert (tmp_path / "l").read_bytes() == (tmp_path / "loader.efi").read_bytes()
        assert run_json("verify", "-l", tmp_path / "l", image)["would_boot"]
        judge("mcopy", "-i", efi, "::EFI/BOOT/BOOTIA32.EFI", tmp_path / "w")
        assert (tmp_path / "w").read_bytes() == (BUILD / "ia32/BOOTIA32.EFI").read_bytes()
        judge("fsck.vfat", "-n", efi)
    judge("fsck.ext4", "-fn", cut(image, parts[1], tmp_path / "state"))
    history = cut(image, parts[6], tmp_path / "history").read_bytes()
    assert len(history) >= 256 * 1024 and not any(history)
    assert "88F5C2B6-3339-4D83-A9F5-0B9EB08F6712" in text


@pytest.mark.parametrize("kind", ["squashfs", "ext4"])
def test_root_from_folder(kind, ini, root, tmp_path):
    image = tmp_path / "d.img"
    run("image", ini(), "-o", image, "-q", "-s", f"slot-a.root-type={kind}")
    parts = partitions(image)
    assert judge("cmp", cut(image, parts[3], tmp_path / "a"), cut(image, parts[5], tmp_path / "b")) \
        == ""
    line = judge("futility", "dump_kernel_config", cut(image, parts[2], tmp_path / "k"))
    blocks, digest = re.search(r"4096 4096 (\d+) \d+ sha256 ([0-9a-f]{64})", line).groups()
    judge("veritysetup", "verify", tmp_path / "a", tmp_path / "a", digest,
          f"--hash-offset={int(blocks) * 4096}")
    if kind == "ext4":
        judge("fsck.ext4", "-fn", tmp_path / "a")
        assert "hello" in judge("debugfs", "-R", "cat /etc/motd", tmp_path / "a")
    else:
        judge("unsquashfs", "-d", tmp_path / "out", tmp_path / "a")
        assert (tmp_path / "out/etc/motd").read_text() == "hello\n"
        assert (tmp_path / "out/bin/thing").read_bytes() == (root / "bin/thing").read_bytes()


@pytest.mark.parametrize("kind", ["squashfs", "ext4"])
def test_reproducible(kind, ini, root, tmp_path):
    """Also when somebody has read the files."""
    images, folder = [], tmp_path / "tmp"
    folder.mkdir()
    for name in "1", "2":
        for path in [p for p in root.rglob("*") if p.is_file()] if name == "2" else []:
            read = path.stat()
            os.utime(path, ns=(read.st_atime_ns + 10 ** 10, read.st_mtime_ns))
        run("image", ini(), "-o", tmp_path / name, "-q", "-s", f"slot-a.root-type={kind}",
            env={"TZ": "Asia/Tokyo" if name == "1" else "UTC", "TMPDIR": str(folder)})
        images.append(tmp_path / name)
        subprocess.run(["sleep", "2.1"], check=True)  # FAT counts in two seconds
    judge("cmp", *images)
    run("image", ini(), "-o", tmp_path / "3", "-q", "--seed", "other")
    one, three = (judge("cgpt", "show", "-i", "2", "-u", p) for p in (images[0], tmp_path / "3"))
    assert one != three
    assert not list(folder.iterdir()), "temporary files were left"


def test_4096_byte_sectors(ini, keys, tmp_path):
    image = tmp_path / "d.img"
    told = run_json("image", ini(), "-o", image, "--sector-size", "4096")
    assert told["sector_bytes"] == 4096
    content = image.read_bytes()
    assert content[4096:4104] == b"EFI PART" and content[-4096:-4088] == b"EFI PART"
    verdict = run_json("verify", "-k", keys.public, image)
    assert verdict["would_boot"] and len(verdict["slots"]) == 2
    efi = next(p for p in told["partition"] if p["name"] == "EFI-SYSTEM")
    fat = write(tmp_path / "efi", content[efi["offset"]:efi["offset"] + efi["bytes"]])
    assert int.from_bytes(fat.read_bytes()[11:13], "little") == 4096
    if LOADER.exists():
        judge("mcopy", "-i", fat, "::EFI/BOOT/BOOTX64.EFI", tmp_path / "l")


def test_ready_parts(signed, keys, tmp_path):
    root = write(tmp_path / "root", os.urandom(300_000))
    kernel = signed("k", "--root", root)
    image = tmp_path / "d.img"
    args = ["image", "-o", image, "-q", "--signed-a", kernel, "--root-a", root, "--state", "2M",
            "-s", "efi.size=8M"]
    run(*args)
    slots = run_json("verify", "-k", keys.public, image)["slots"]
    assert slots[0]["verdict"] == "ok"
    assert slots[1]["state"] == "dead" and slots[1]["verdict"] == "slot-dead"
    other = write(tmp_path / "other", os.urandom(300_000))
    error = run(*args[:-4], "-s", f"slot-a.root={other}", "-o", tmp_path / "x", expect=2).stderr
    assert "given twice" in error
    error = run("image", "-o", tmp_path / "x", "--signed-a", kernel, "--root-a", other,
                expect=2).stderr
    assert "does not carry the root hash" in error
    assert not (tmp_path / "x").exists()
    assert len(other.read_bytes()) == 300_000, "the given root was changed"


def test_slot_attributes(ini, tmp_path):
    image = tmp_path / "d.img"
    run("image", ini(), "-o", image, "-q", "-s", "slot-b.priority=3",
        "-s", "slot-b.remaining-attempts=6")
    assert "priority=3 tries=6 successful=0" in judge("cgpt", "show", "-i", "4", image)
    run("image", ini(), "-o", image, "-q", "-s", "slot-a.remaining-attempts=6",
        "-s", "slot-a.bootable=yes", "-s", "slot-a.priority=15")
    assert "priority=15 tries=6 successful=1" in judge("cgpt", "show", "-i", "2", image)


def test_sizes(ini, tmp_path):
    image = tmp_path / "d.img"
    write(tmp_path / "no-state.ini", ini().read_text().replace("size = 8M\n", ""))
    told = run_json("image", tmp_path / "no-state.ini", "-o", image, "--size", "300M",
                    "-s", "slots.kernel-size=32M", "-s", "slots.root-size=40M")
    sizes = {p["name"]: p["bytes"] // MIB for p in told["partition"]}
    assert told["bytes"] == 300 * MIB
    assert sizes["KERN-A"] == sizes["KERN-B"] == 32 and sizes["ROOT-A"] == sizes["ROOT-B"] == 40
    assert sizes["STATE"] == 300 - 2 - 36 - 144 - 1
    assert "No problems found" in judge("sgdisk", "-v", image)


def test_empty_state_costs_nothing(ini, tmp_path):
    """Read through, 256 GiB of holes take longer than run() allows."""
    image = tmp_path / "d.img"
    run("image", ini(), "-o", image, "--size", "256G")
    assert image.stat().st_size == 256 * 1024 * MIB
    assert image.stat().st_blocks * 512 < 1024 * MIB, "not sparse"


@pytest.mark.parametrize("setting,words", [
    ("slots.kernel-size=4K", None),
    ("slots.root-size=1K", None),
    ("disk.size=10M", "at least"),
    ("disk.sector-size=1000", "512 or 4096"),
    ("disk.colour=red", "no key 'colour'"),
    ("nothing", "not SECTION.KEY=VALUE"),
    ("slot-a.version=70000", "65535"),
    ("slot-a.root-type=zfs", "neither squashfs nor ext4"),
    ("slot-a.priority=16", "0 to 15"),
    ("slot-a.bootable=maybe", "neither yes nor no"),
    ("slot-a.root=/nonexistent", "/nonexistent"),
    ("slot-a.copy=yes", "for slot B"),
    ("state.type=btrfs", "neither ext4 nor none"),
    ("slot-a.fit=/dev/null", "one of"),
    ("efi.loader=/etc/hostname", "not a lifeboat loader"),
    ("efi.file=/etc/hostname", "FILE=TARGET"),
])
def test_refusals(setting, words, ini, tmp_path):
    image = tmp_path / "d.img"
    if words is None:  # rounded up to a MiB, which is enough here
        run("image", ini(), "-o", image, "-q", "-s", setting)
        return
    error = run("image", ini(), "-o", image, "-s", setting, expect=2).stderr
    assert words in error
    assert not image.exists() and not list(tmp_path.glob("d.img*"))


def test_two_files_of_one_name(ini, tmp_path):
    """Said by name; mcopy would ask on the terminal, unseen."""
    note = write(tmp_path / "note", "words")
    error = run("image", ini(), "-o", tmp_path / "d.img", "-s", f"efi.file={note}=docs/A.TXT",
                "-s", f"efi.file={note}=docs/a.txt", expect=2).stderr
    assert "docs/a.txt: two files of that name" in error
    assert not (tmp_path / "d.img").exists()


def test_bad_ini_names_file_and_line(tmp_path):
    bad = write(tmp_path / "bad.ini", "[disk]\nseed = a\nseed = b\n")
    assert "bad.ini:3: seed is given in line 2" in run("image", bad, "-o", "x", expect=2).stderr
    bad = write(tmp_path / "bad.ini", "[disk]\ncolour = a\n")
    assert "bad.ini:2: there is no key 'colour'" in run("image", bad, "-o", "x", expect=2).stderr
    assert "nothing to boot" in run("image", "-o", tmp_path / "x", expect=2).stderr


@pytest.mark.skipif(not LOADER.exists(), reason="no loader was built")
def test_loader_without_profile_is_refused(ini, keys, tmp_path):
    text = ini().read_text().replace(f"{tmp_path}/loader.efi", str(LOADER))
    bare = write(tmp_path / "bare.ini", text)
    error = run("image", bare, "-o", tmp_path / "x", expect=2).stderr
    assert "would boot nothing" in error
    run("image", bare, "-o", tmp_path / "x", "-q", "--profile", tmp_path / "profile")
    error = run("image", ini(), "-o", tmp_path / "y", "--loader", tmp_path / "loader.efi",
                expect=2).stderr
    assert "second loader" in error


@pytest.mark.skipif(not LOADER.exists(), reason="no loader was built")
def test_kernels_that_the_loader_beside_them_refuses_are_said(signed, keys, tmp_path):
    """Said and not forbidden: a developer's own image may be meant."""
    write(keys.folder / "one.ini", "kernel-key = kernel_key.vbpubk\n"
          "recovery-key = recovery_key.vbpubk\n")
    run("profile", "make", keys.folder / "one.ini", "-o", tmp_path / "one")
    args = ["-q", "-o", tmp_path / "d.img", "--loader", LOADER, "--profile", tmp_path / "one"]
    good, other = signed("good"), signed("other", recovery=True)
    assert run("image", *args, "--signed-a", good, "--signed-b", good).stderr == ""
    told = run("image", *args, "--signed-a", good, "--signed-b", other).stderr
    assert "slot B does not start in normal mode with this profile: signed with a key" in told
    assert "slot A" not in told
    assert (tmp_path / "d.img").exists()


def test_other_files_in_the_efi_partition(ini, tmp_path):
    image = tmp_path / "d.img"
    note = write(tmp_path / "note", "read me")
    run("image", ini(), "-o", image, "-q", "-s", f"efi.file={note}=docs/en/README.TXT",
        "-s", f"efi.file={note}=docs/NOTE.TXT")
    efi = cut(image, partitions(image)[12], tmp_path / "efi")
    assert judge("mtype", "-i", efi, "::docs/en/README.TXT") == "read me"
    assert judge("mtype", "-i", efi, "::docs/NOTE.TXT") == "read me"


def test_an_image_without_a_root_says_so(tmp_path, signed, keys):
    write(tmp_path / "p.ini", f"model = T 1\nkernel-key = {keys.public}\nrecovery-key = "
                              f"{keys.recovery_public}\nrecovery-url = https://example.com/r\n")
    run("profile", "make", tmp_path / "p.ini", "-o", tmp_path / "p")
    told = run_json("image", "--loader", BUILD / "x86_64/lifeboat.efi", "--profile", tmp_path / "p",
                    "--signed-a", signed("k", "-c", "quiet"), "-o", tmp_path / "d.img")
    root = next(p for p in told["partition"] if p["name"] == "ROOT-A")
    assert not root["filled"] and "no root was given" in root["note"]
