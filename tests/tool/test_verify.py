"""lifeboat verify: its answers on partitions and disks, and vbutil_kernel's beside them."""
import hashlib
import random
import subprocess

import pytest

from lifeboat_tool import BUILD, DEVKEYS, MIB, judge, run, run_json, write


def verdict(*args, expect=0):
    told = run_json("verify", *args, expect=expect)
    assert set(told) >= {"would_boot", "slot", "slots"}
    assert told["would_boot"] == (expect == 0)
    for slot in told["slots"]:
        assert set(slot) >= {"partition", "guid", "state", "verdict", "detail"}
    return told


def test_each_mode(signed, keys):
    normal, recovery = signed("n"), signed("r", recovery=True)
    assert verdict("-k", keys.public, normal)["slots"][0]["verdict"] == "ok"
    assert verdict("-k", keys.public, "-m", "developer", normal)
    assert verdict("-k", keys.recovery_public, "-m", "recovery", recovery)
    told = verdict("-k", keys.public, "-m", "recovery", normal, expect=1)
    assert told["slots"][0]["verdict"] == "keyblock-flags"
    told = verdict("-k", keys.recovery_public, recovery, expect=1)
    assert told["slots"][0]["verdict"] == "keyblock-flags"
    told = verdict("-k", keys.recovery_public, normal, expect=1)
    assert told["slots"][0]["verdict"] == "key-unknown"


def test_self_signed(kernels, tmp_path, keys):
    run("keys", "new", "--dev", tmp_path)
    out = tmp_path / "k"
    run("sign", "-k", kernels / "bzImage", "-b", tmp_path / "developer.keyblock",
        "-d", tmp_path / "developer_key.vbprivk", "-o", out)
    assert verdict("-m", "developer", out)
    assert verdict("-k", keys.public, out, expect=1)["slots"][0]["verdict"] == "self-signed"
    assert verdict("-k", keys.recovery_public, "-m", "recovery", out, expect=1)
    judge("vbutil_kernel", "--verify", out)


def test_self_signed_under_secure_boot(kernels, tmp_path, keys):
    """As the loader: `allowed` is not enough for hash-only keyblocks there (DESIGN 5)."""
    run("keys", "new", "--dev", tmp_path)
    out = tmp_path / "k"
    run("sign", "-k", kernels / "bzImage", "-b", tmp_path / "developer.keyblock",
        "-d", tmp_path / "developer_key.vbprivk", "-o", out)
    for allowed, status in (("allowed", 1), ("allowed-secure-boot", 0)):
        write(keys.folder / "sb.ini", "kernel-key = kernel_key.vbpubk\n"
              f"recovery-key = recovery_key.vbpubk\ndeveloper-mode = {allowed}\n")
        profile = tmp_path / allowed
        run("profile", "make", keys.folder / "sb.ini", "-o", profile)
        assert verdict("-m", "developer", "-p", profile, out)
        told = verdict("-m", "developer", "-p", profile, "--secure-boot", out, expect=status)
        assert told["slots"][0]["verdict"] == ("self-signed" if status else "ok")


def test_generation(signed, keys, tmp_path):
    """Would a loader with this profile start on a device that has seen a newer one? As the
    loader decides it: no slot and no developer mode, recovery all the same."""
    normal, recovery = signed("n"), signed("r", recovery=True)
    for mine, told in ((3, "generation = 3\n"), (0, "")):
        write(keys.folder / "g.ini", "kernel-key = kernel_key.vbpubk\ndeveloper-mode = allowed\n"
              f"recovery-key = recovery_key.vbpubk\n{told}")
        profile = tmp_path / f"g{mine}"
        run("profile", "make", keys.folder / "g.ini", "-o", profile)
        for seen in (mine, mine + 1, 0xffffffff):
            old = seen > mine
            for mode in ("normal", "developer"):
                told = verdict("-p", profile, "-g", seen, "-m", mode, normal, expect=int(old))
                slot = told["slots"][0]
                assert slot["verdict"] == ("loader-too-old" if old else "ok")
                assert slot["detail"] == (f"generation {mine} < {seen}" if old else "")
                assert (told["loader_generation"], told["device_generation"]) == (mine, seen)
            assert verdict("-p", profile, "-g", seen, "-m", "recovery", recovery)
    out = run("verify", "-p", profile, "-g", "7", normal, expect=1).stdout
    assert "generation 0 < 7 [loader-too-old]" in out
    assert verdict("-k", keys.public, normal)["loader_generation"] is None
    for bad in (("-k", keys.public, "-g", 1), ("-p", profile, "-g", 1 << 32)):
        assert "--generation" in run("verify", *bad, normal, expect=2).stderr


def test_floor(signed, keys):
    part = signed("k", "-v", "4")
    assert verdict("-k", keys.public, "-f", "0x10004", part)
    told = verdict("-k", keys.public, "-f", "0x10005", part, expect=1)["slots"][0]
    assert told["verdict"] == "version-too-old" and "4 <" in told["detail"]


def test_key_is_needed(signed):
    part = signed("k")
    for args in [], ["-m", "normal"], ["-m", "recovery"], ["-m", "sideways"], \
            ["-k", "/nonexistent"], ["-k", part]:
        run("verify", part, *args, expect=2)
    run("verify", "-m", "developer", "/nonexistent", expect=2)
    run("verify", "-m", "developer", expect=2)
    assert run("verify", "-m", "developer", part)


def test_one_field_changes_as_vbutil_kernel_sees_them(signed, keys, tmp_path):
    """Flip one bit anywhere: ours accepts only what vbutil_kernel accepts."""
    part = signed("k", "-c", "quiet")
    original, rng = part.read_bytes(), random.Random(11)
    keyblock_bytes = int.from_bytes(original[16:20], "little")
    places = [rng.randrange(0, keyblock_bytes) for _ in range(20)]
    places += [keyblock_bytes + rng.randrange(0, 372) for _ in range(20)]
    places += [65536 + rng.randrange(0, len(original) - 65536) for _ in range(20)]
    bad = tmp_path / "bad"
    for at in places:
        content = bytearray(original)
        content[at] ^= 1 << rng.randrange(8)
        write(bad, bytes(content))
        theirs = subprocess.run(["vbutil_kernel", "--verify", bad, "--signpubkey", keys.public],
                                capture_output=True).returncode
        ours = run("verify", "-k", keys.public, bad, expect=0 if theirs == 0 else 1)
        assert theirs == 0 or "refused" in ours.stdout, at
    for size in 0, 100, 4096, 65536, len(original) - 1:
        write(bad, original[:size])
        run("verify", "-k", keys.public, bad, expect=1)


@pytest.fixture
def disk(signed, tmp_path):
    """Two slots on a disk made by cgpt and dd."""
    def make(*kernels, attributes=((2, 0, 1), (1, 0, 1))):
        image = tmp_path / "d.img"
        content = bytearray(8 * MIB)
        write(image, bytes(content))
        judge("cgpt", "create", image)
        judge("cgpt", "boot", "-p", image)
        for i, kernel in enumerate(kernels):
            p, t, s = attributes[i]
            judge("cgpt", "add", "-i", 2 + 2 * i, "-b", 2048 + 4096 * i, "-s", 4096, "-t", "kernel",
                  "-P", p, "-T", t, "-S", s, image)
            judge("dd", f"if={kernel}", f"of={image}", "bs=512", f"seek={2048 + 4096 * i}",
                  "conv=notrunc")
        return image
    return make


def test_disk(disk, signed, keys, tmp_path):
    good, other = signed("good", "-v", "2"), signed("other", recovery=True)
    image = disk(good, good)
    told = verdict("-k", keys.public, image)
    assert told["slot"] == "A" and [s["partition"] for s in told["slots"]] == [2, 4]
    assert [s["state"] for s in told["slots"]] == ["proven", "proven"]
    told = verdict("-k", keys.public, disk(other, good))
    assert told["slot"] == "B" and told["slots"][0]["verdict"] == "key-unknown"
    told = verdict("-k", keys.public, disk(good, good, attributes=((1, 0, 1), (1, 3, 0))))
    assert told["slot"] == "B" and told["slots"][1]["state"] == "trying"
    told = verdict("-k", keys.public, disk(good, good, attributes=((1, 0, 1), (1, 3, 0))),
                   "--order", "priority")
    assert told["slot"] == "A"
    told = verdict("-k", keys.public, disk(good, good, attributes=((2, 0, 0), (0, 0, 1))))
    assert told["slot"] == "B" and told["slots"][0]["verdict"] == "slot-dead"
    told = verdict("-k", keys.public, disk(good, good, attributes=((2, 0, 0), (0, 0, 1))),
                   "--order", "priority", expect=1)
    assert told["slots"][1]["verdict"] == "slot-priority-zero"
    told = verdict("-k", keys.public, disk(other, other), expect=1)
    assert told["slot"] is None


def test_trying_slot_that_cannot_be_charged(disk, signed, keys):
    """The loader never writes a CHROMEOS table, and starts no trying slot uncharged."""
    good = signed("good")
    image = disk(good, good, attributes=((1, 0, 1), (2, 6, 0)))
    assert verdict("-k", keys.public, image)["slot"] == "B"
    judge("cgpt", "legacy", image)
    told = verdict("-k", keys.public, image)
    assert told["slot"] == "A"
    assert [s["verdict"] for s in told["slots"]] == ["ok", "slot-charge-failed"]
    assert "never written" in told["slots"][1]["detail"]
    run("slots", image, "mark-good", "B", expect=2)


def test_recovery_takes_the_newest(disk, signed, keys):
    old = signed("old", "-v", "1", recovery=True)
    new = signed("new", "-v", "2", recovery=True)
    image = disk(old, new, attributes=((15, 0, 1), (0, 0, 0)))
    assert verdict("-k", keys.recovery_public, "-m", "recovery", image)["slot"] == "B"


def test_damaged_disks(disk, signed, keys, tmp_path):
    image = disk(signed("k"), signed("k2"))
    content = bytearray(image.read_bytes())
    content[512:1024] = bytes(512)
    write(image, bytes(content))
    assert verdict("-k", keys.public, image)["slot"] == "A"
    content[-512:] = bytes(512)
    write(image, bytes(content))
    told = verdict("-k", keys.public, image, expect=1)
    assert told["slots"] == [] and told["verdict"] in ("no-gpt", "gpt-damaged")
    empty = write(tmp_path / "e.img", bytes(4 * MIB))
    judge("cgpt", "create", empty)
    assert verdict("-k", keys.public, empty, expect=1)["verdict"] == "no-kernel-partition"


def test_profile_and_loader_decide(signed, keys, tmp_path):
    part = signed("k", "-v", "2")
    recovery = signed("r", "-v", "2", recovery=True)
    for name, text in (("one", "recovery-floor = 0x10003\nmatch = a,b\n"),
                       ("two", "developer-mode = allowed\nmatch = v/p\n")):
        write(keys.folder / f"{name}.ini", "kernel-key = kernel_key.vbpubk\n"
              "recovery-key = recovery_key.vbpubk\n" + text)
    profile = tmp_path / "p"
    run("profile", "make", keys.folder / "one.ini", keys.folder / "two.ini", "-o", profile)
    run("verify", "-p", profile, part, expect=2)  # which of the two?
    assert verdict("-p", profile, "--board", "a,b", part)
    assert "forbids developer mode" in run("verify", "-p", profile, "--board", "a,b", "-m",
                                           "developer", part, expect=2).stderr
    assert verdict("-p", profile, "--board", "v/p", "-m", "developer", part)
    assert verdict("-p", profile, "--board", "v/p", "-m", "recovery", recovery)
    told = verdict("-p", profile, "--board", "a,b", "-m", "recovery", recovery, expect=1)
    assert told["slots"][0]["verdict"] == "version-too-old"
    run("verify", "-p", profile, "--board", "c,d", part, expect=2)
    run("verify", "-p", part, part, expect=2)
    run("verify", "-l", part, part, expect=2)
    run("verify", "-l", profile, "-p", profile, part, expect=2)


def test_cpu(signed, keys):
    arm = signed("arm", kernel="Image")
    assert verdict("-k", keys.public, arm)
    assert verdict("-k", keys.public, "--cpu", "aarch64", arm)
    told = verdict("-k", keys.public, "--cpu", "x86_64", arm, expect=1)
    assert told["slots"][0]["verdict"] == "wrong-cpu"


def test_vboots_own_partitions(kernels, tmp_path):
    """Made by vbutil_kernel with the packaged keys."""
    config, stub = write(tmp_path / "c", "quiet"), write(tmp_path / "s", "stub")
    for kind, key, mode in (("kernel", "kernel_subkey", "normal"),
                            ("recovery_kernel", "recovery_key", "recovery")):
        out = tmp_path / kind
        judge("vbutil_kernel", "--pack", out, "--keyblock", DEVKEYS / f"{kind}.keyblock",
              "--signprivate", DEVKEYS / f"{kind}_data_key.vbprivk", "--version", "1",
              "--vmlinuz", kernels / "bzImage", "--bootloader", stub, "--config", config,
              "--arch", "amd64")
        assert verdict("-k", DEVKEYS / f"{key}.vbpubk", "-m", mode, out)
        assert verdict("-k", DEVKEYS / "installer_kernel_data_key.vbpubk", "-m", mode, out, expect=1)


def test_words_for_people(signed, keys):
    text = run("verify", "-k", keys.public, signed("k")).stdout
    assert "good, key version 1, kernel version 1, root none (in the initrd)" in text
    text = run("verify", "-k", keys.recovery_public, signed("k"), expect=1).stdout
    assert "refused: signed with a key this device does not know" in text


# --- what measured boot will say -----------------------------------------------------------------

def pcr_8(bank, profile, mode, part, guid):
    """docs/formats/measurements.md once more, from the bytes of the signed partition."""
    hash_of = getattr(hashlib, bank)

    def number(data, at, size=8):
        return int.from_bytes(data[at:at + size], "little")

    key_at, key_bytes = 80 + number(part, 80), number(part, 88)
    preamble = part[number(part, 16, 4):]
    body = preamble[number(preamble, 0):][:number(preamble, 88)]
    page = body[number(preamble, 56) - number(preamble, 48) - 8192:][:4096]
    text = page[:page.index(0)].rstrip().replace(b"%U", guid.encode())
    value = bytes(hash_of().digest_size)
    for data in (profile, mode.encode(), part[key_at:key_at + key_bytes],
                 preamble[:number(preamble, 24)], hashlib.sha256(body).digest(),
                 text + b"\0", bytes(4)):
        value = hash_of(value + hash_of(data).digest()).digest()
    return value.hex()


def test_measurements(signed, keys, tmp_path):
    guid = "01234567-89ab-cdef-0123-456789abcdef"
    part = signed("k", "-c", "slot=%U quiet")
    write(keys.folder / "m.ini", "model = M\nkernel-key = kernel_key.vbpubk\n"
          "recovery-key = recovery_key.vbpubk\ndeveloper-mode = allowed\n")
    profile = tmp_path / "profile"
    run("profile", "make", keys.folder / "m.ini", "-o", profile)
    seen = set()
    for mode in "normal", "developer":
        told = verdict("-p", profile, "-m", mode, "--measurements", "--guid", guid, part)
        values = told["slots"][0]["pcr8"]
        assert set(values) == {"sha1", "sha256", "sha384", "sha512"}
        for bank, value in values.items():
            assert value == pcr_8(bank, profile.read_bytes(), mode, part.read_bytes(), guid)
            seen.add(value)
        text = run("verify", "-p", profile, "-m", mode, "--measurements", "--guid", guid,
                   part).stdout
        assert f"  PCR 8 sha256: {values['sha256']}\n" in text
    assert len(seen) == 8
    assert "pcr8" not in verdict("-p", profile, part)["slots"][0]


def test_measurements_of_a_disk(signed, keys, tmp_path):
    """By a loader's profile, which is padded there; the GUID is the partition's."""
    part = signed("k", "-c", "slot %U")
    write(keys.folder / "m.ini", "kernel-key = kernel_key.vbpubk\n"
          "recovery-key = recovery_key.vbpubk\n")
    profile, loader = tmp_path / "profile", tmp_path / "loader.efi"
    run("profile", "make", keys.folder / "m.ini", "-o", profile)
    run("profile", "install", profile, BUILD / "x86_64/lifeboat.efi", "-o", loader)
    image = write(tmp_path / "d.img", bytes(4 * MIB))
    judge("cgpt", "create", image)
    judge("cgpt", "add", "-i", "2", "-b", "64", "-s", "2048", "-t", "kernel", "-l", "KERN-A",
          "-P", "3", "-T", "2", "-S", "0", image)
    judge("dd", f"if={part}", f"of={image}", "bs=512", "seek=64", "conv=notrunc")
    slot = verdict("-l", loader, "--measurements", image)["slots"][0]
    assert slot["pcr8"]["sha256"] == pcr_8("sha256", profile.read_bytes(), "normal",
                                           part.read_bytes(), slot["guid"])
    bad = bytearray(image.read_bytes())
    bad[64 * 512 + 70000] ^= 1
    slot = verdict("-l", loader, "--measurements", write(image, bytes(bad)), expect=1)["slots"][0]
    assert slot["pcr8"] is None


def test_measurements_need_a_profile(signed, keys):
    part = signed("k")
    run("verify", "-k", keys.public, "--measurements", part, expect=2)
    run("verify", "-m", "developer", "--measurements", part, expect=2)
    run("verify", "-k", keys.public, "--guid", "no-guid", part, expect=2)


def test_the_roots_of_a_disk_are_read(keys, kernels, tmp_path):
    """One changed byte in data or tree, and another root: the disk does not start well."""
    write(tmp_path / "root", random.Random(7).randbytes(100_000))
    args = ["image", "--loader", BUILD / "x86_64/lifeboat.efi", "-o", tmp_path / "d.img"]
    write(tmp_path / "p.ini", f"model = T 1\nkernel-key = {keys.public}\nrecovery-key = "
                              f"{keys.recovery_public}\nrecovery-url = https://example.com/r\n")
    run("profile", "make", tmp_path / "p.ini", "-o", tmp_path / "p")
    run("sign", "--kernel", kernels / "bzImage", *keys.sign_args(), "--root", tmp_path / "root",
        "--root-output", tmp_path / "r", "-c", "quiet", "-o", tmp_path / "k")
    run(*args, "--profile", tmp_path / "p", "--signed-a", tmp_path / "k", "--root-a", tmp_path / "r")
    verify = ["verify", "--profile", tmp_path / "p", tmp_path / "d.img"]
    text = run(*verify).stdout
    assert "root partition: matches its tree" in text and "boot entries and signature" in text
    assert run_json(*verify)["slots"][0]["root_tree"] == "matches"
    part = next(p for p in run_json("inspect", tmp_path / "d.img")["partition"]
                if p["name"] == "ROOT-A")
    image = bytearray((tmp_path / "d.img").read_bytes())
    at = part["first_lba"] * 512
    for offset in 0, 99_999, 25 * 4096 + 4096 + 5:
        image[at + offset] ^= 1
        write(tmp_path / "d.img", bytes(image))
        image[at + offset] ^= 1
        done = run(*verify, expect=1)
        assert "DOES NOT MATCH" in done.stdout and "offset" in done.stderr
        assert run_json(*verify, expect=1)["slots"][0]["root_tree"] == "differs"
        assert "not looked at: root partitions" in run(*verify, "--quick").stdout


# --- the loaders on the disk ---------------------------------------------------------------------

BOOT = "EFI/BOOT/BOOTX64.EFI"


@pytest.fixture
def whole(keys, kernels, tmp_path):
    """A disk with a loader, and that loader."""
    def profile(name, kernel_key, more=""):
        write(tmp_path / f"{name}.ini", f"model = {name}\nkernel-key = {kernel_key}\nrecovery-key "
              f"= {keys.recovery_public}\nrecovery-url = https://example.com/r\n{more}")
        run("profile", "make", tmp_path / f"{name}.ini", "-o", tmp_path / f"{name}.p")
        run("profile", "install", tmp_path / f"{name}.p", BUILD / "x86_64/lifeboat.efi", "-o",
            tmp_path / f"{name}.efi")
        return tmp_path / f"{name}.efi"
    profile("ours", keys.public, "generation = 3\ndeveloper-mode = allowed\n")
    profile("theirs", DEVKEYS / "kernel_subkey.vbpubk")
    run("sign", "--kernel", kernels / "bzImage", *keys.sign_args(), "-c", "quiet", "-o",
        tmp_path / "k")
    run("image", "--loader", tmp_path / "ours.efi", "--signed-a", tmp_path / "k", "-o",
        tmp_path / "d.img")
    return tmp_path / "d.img"


def fat(image):
    at = next(p for p in run_json("inspect", image)["partition"] if p["type_name"] == "EFI system")
    return f"{image}@@{at['first_lba'] * 512}"


def put(image, file, name=BOOT):
    judge("mcopy", "-o", "-i", fat(image), file, f"::{name}")


def loader_of(told, name=BOOT):
    return next(one for one in told["loaders"] if one["path"] == name)


def test_the_loader_is_judged_by_the_key_in_use(whole, keys, tmp_path):
    told = verdict("-k", keys.public, whole)
    assert loader_of(told)["good"] and told["efi_partition"] == 12
    text = run("verify", "-k", keys.public, whole).stdout
    assert f"loader {BOOT} (partition 12, x86_64): profile 'ours' with the key in use" in text
    assert "not looked at: root partitions, boot entries" in text
    put(whole, tmp_path / "theirs.efi")
    told = verdict("-k", keys.public, whole, expect=1)
    assert told["slots"][0]["verdict"] == "ok" and not loader_of(told)["good"]
    text = run("verify", "-k", keys.public, whole, expect=1).stdout
    assert "kernel-key is " in text and "does not boot: the loader that firmware" in text
    # One that only a boot entry could name does not mend it; alone it would do.
    judge("mmd", "-i", fat(whole), "::EFI/lifeboat")
    put(whole, tmp_path / "ours.efi", "EFI/lifeboat/A.efi")
    told = verdict("-k", keys.public, whole, expect=1)
    assert loader_of(told, "EFI/LIFEBOAT/A.EFI")["good"]
    judge("mdel", "-i", fat(whole), f"::{BOOT}")
    assert verdict("-k", keys.public, whole)["slot"] == "A"


def test_loaders_that_start_nothing(whole, keys, tmp_path):
    good = (tmp_path / "ours.efi").read_bytes()
    at = run_json("inspect", tmp_path / "ours.efi")["profile_offset"]
    damaged = bytearray(good)
    damaged[at + 40] ^= 1
    for content, words in ((good[:at] + bytes(65536) + good[at + 65536:], "no profile in it"),
                           (bytes(damaged), "its profile is damaged at offset"),
                           (good[:200], "damaged"), (b"", "no program for UEFI")):
        put(whole, write(tmp_path / "x", content))
        told = verdict("-k", keys.public, whole, expect=1)
        assert words in loader_of(told)["words"]
    put(whole, write(tmp_path / "x", good))
    assert verdict("-p", tmp_path / "ours.p", "-g", 3, whole)
    told = verdict("-p", tmp_path / "ours.p", "-g", 4, whole, expect=1)
    assert "the device has seen 4" in loader_of(told)["words"]
    assert "forbids developer mode" not in loader_of(verdict("-m", "developer", whole))["words"]
    put(whole, tmp_path / "theirs.efi")
    told = verdict("-m", "developer", whole, expect=1)
    assert "forbids developer mode" in loader_of(told)["words"]


def test_a_program_for_another_processor_is_not_judged(whole, keys, tmp_path):
    """32-bit firmware has one of its own, with headers of another form."""
    other = bytearray((tmp_path / "ours.efi").read_bytes())
    at = int.from_bytes(other[60:64], "little")
    other[at + 4:at + 6], other[at + 24:at + 26] = b"\x4c\x01", b"\x0b\x01"
    put(whole, write(tmp_path / "x", bytes(other)), "EFI/BOOT/BOOTIA32.EFI")
    done = run("verify", "-k", keys.public, whole)
    assert "BOOTIA32.EFI (partition 12): not judged: for another processor (0x14c)" in done.stdout
    assert not done.stderr
    put(whole, tmp_path / "x")
    told = verdict("-k", keys.public, whole, expect=1)
    assert "another processor" in loader_of(told)["words"]


def test_signatures_of_loaders(whole, keys, tmp_path):
    """sbsign and this command's own; a byte changed behind either; firmware that asks for one."""
    run("secure-boot", "keys", tmp_path / "sb")
    args = ["--key", tmp_path / "sb/db.key", "--cert", tmp_path / "sb/db.crt"]
    judge("sbsign", *args, "--output", tmp_path / "s1.efi", tmp_path / "ours.efi")
    run("secure-boot", "sign", *args, tmp_path / "ours.efi", "-o", tmp_path / "s2.efi")
    told = loader_of(verdict("-k", keys.public, whole))
    assert (told["signature"], told["signer"]) == ("none", "")
    told = verdict("-k", keys.public, "--secure-boot", whole, expect=1)
    assert "Secure Boot refuses it" in loader_of(told)["words"]
    for name in "s1.efi", "s2.efi":
        put(whole, tmp_path / name)
        told = loader_of(verdict("-k", keys.public, "--secure-boot", whole))
        assert told["signature"] == "good" and told["signer"]
        content = bytearray((tmp_path / name).read_bytes())
        content[0x1000] ^= 1
        put(whole, write(tmp_path / "x", bytes(content)))
        assert loader_of(verdict("-k", keys.public, whole))["signature"] == "of other bytes"
        verdict("-k", keys.public, "--secure-boot", whole, expect=1)
        content = bytearray((tmp_path / name).read_bytes())
        content[-20] ^= 1
        put(whole, write(tmp_path / "x", bytes(content)))
        assert loader_of(verdict("-k", keys.public, whole))["signature"] == "damaged"


def test_an_efi_partition_that_is_none(whole, keys):
    place = int(fat(whole).split("@@")[1])
    with open(whole, "r+b") as f:
        f.seek(place)
        f.write(bytes(512))
    told = verdict("-k", keys.public, whole, expect=1)
    assert "no FAT file system" in told["loaders_error"]
    assert "cannot be read" in told["loader_fault"]


def test_recovery_media_are_no_disk_of_a_device(signed, keys, tmp_path):
    stick = tmp_path / "r.img"
    run("recovery-media", "make", "--kernel", signed("r", recovery=True), "--key",
        keys.recovery_public, "-o", stick)
    text = run("verify", "-k", keys.recovery_public, "-m", "recovery", stick).stdout
    assert "starts the recovery kernel of partition 2" in text and "slot" not in text
    told = run_json("verify", "-k", keys.recovery_public, "-m", "recovery", stick)
    assert told["recovery_media"] and told["would_boot"]
    assert "recovery media, and no disk of a device" in run("verify", "-k", keys.public, stick,
                                                            expect=1).stdout
    assert run_json("inspect", stick)["kind"] == "recovery media"
    assert "slot" not in run_json("inspect", stick)["partition"][1]
    assert "recovery kernel, no slot" in run("slots", stick).stdout
    before = stick.read_bytes()
    for args in ["own-guids"], ["mark-good", "A"], ["set", "A", "--priority", "3"]:
        assert "recovery media" in run("slots", stick, *args, expect=2).stderr
    assert stick.read_bytes() == before
