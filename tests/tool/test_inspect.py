"""lifeboat inspect: the fields, against what the files are known to hold."""
import os
import random
import subprocess
import sys

import pytest

from lifeboat_tool import BUILD, DEVKEYS, MIB, ROOT, command, judge, run, run_json, write


def test_partition(signed, keys):
    part = signed("k", "-c", "a=1", "-v", "6")
    told = run_json("inspect", part)
    show = judge("futility", "show", part)
    assert told["kind"] == "kernel partition" and told["combined_version"] == 0x10006
    assert told["keyblock"]["flags"] == 23 and told["keyblock"]["hash_good"]
    preamble = told["preamble"]
    assert f"Bootloader address:    {preamble['bootloader_address']}" in show
    assert f"Body size:             {preamble['body_bytes']:#x}" in show
    assert f"Size:                  {preamble['bytes']:#x}" in show
    assert (preamble["version_major"], preamble["version_minor"]) == (2, 2)
    assert told["body"]["command_line"] == "a=1" and told["body"]["kind"] == "cros-x86"
    text = run("inspect", part).stdout
    assert "command line:" in text and "kernel version:" in text


def test_text_and_json_have_the_same_fields(signed):
    part = signed("k", "-c", "a=1")

    def leaves(value):
        if isinstance(value, dict):
            return [x for k, v in value.items() for x in [k.replace("_", " "), *leaves(v)]]
        return []
    text = run("inspect", part).stdout
    for name in leaves(run_json("inspect", part)):
        assert f"{name}:" in text


def test_disk(signed, tmp_path):
    image = write(tmp_path / "d.img", bytes(4 * MIB))
    judge("cgpt", "create", image)
    judge("cgpt", "add", "-i", "2", "-b", "64", "-s", "2048", "-t", "kernel", "-l", "KERN-A",
          "-P", "3", "-T", "2", "-S", "0", image)
    judge("dd", f"if={signed('k')}", f"of={image}", "bs=512", "seek=64", "conv=notrunc")
    told = run_json("inspect", image)
    assert told["in_use"] == "primary" and not told["copies_differ"]
    assert told["primary"]["entry_count"] == 128 and told["backup"]["my_lba"] == 8191
    part = told["partition"][0]
    assert (part["number"], part["name"], part["slot"], part["priority"]) == (2, "KERN-A", "A", 3)
    assert part["guid"].upper() in judge("cgpt", "show", image)
    assert part["kernel"]["keyblock"]["flags"] == 23
    content = bytearray(image.read_bytes())
    content[512] ^= 1
    write(image, bytes(content))
    told = run_json("inspect", image)
    assert told["in_use"] == "backup" and told["primary"]["status"] != "ok"


def test_keys_and_keyblocks(keys):
    for path in DEVKEYS / "kernel_subkey.vbpubk", keys.public:
        assert run_json("inspect", path)["public_key"] == run_json("keys", "show", path)["key"][0][
            "public_key"]
    assert run_json("inspect", DEVKEYS / "recovery_kernel.keyblock")["keyblock"]["flags"] == 27


def test_damage_is_told(signed, tmp_path):
    content = bytearray(signed("k").read_bytes())
    content[3000] ^= 1
    told = run_json("inspect", write(tmp_path / "x", bytes(content)))
    assert "error" in told or told["preamble"]
    keyblock = bytearray(content[:4])
    run("inspect", write(tmp_path / "y", bytes(keyblock)), expect=2)
    run("inspect", write(tmp_path / "z", b"nothing known" * 1000), expect=2)
    run("inspect", tmp_path / "none", expect=2)
    run("inspect", tmp_path, expect=2)


def test_hostile_files_do_no_harm(signed, kernels, keys, tmp_path):
    """Random damage in all formats: an answer or a refusal, never a crash, no raw bytes."""
    rng = random.Random(13)
    sources = [signed("k"), signed("f", "-i", kernels / "initrd"), keys.folder / "kernel.keyblock",
               keys.public, signed("a", kernel="Image")]
    fit = write(tmp_path / "fit", signed("f2", "-i", kernels / "initrd").read_bytes()[65536:])
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    for source in [*sources, fit]:
        original = source.read_bytes()
        for _ in range(40):
            bad = bytearray(original)
            for _ in range(rng.randrange(1, 8)):
                bad[rng.randrange(min(len(bad), rng.choice([64, 512, 4096, 1 << 30])))] = \
                    rng.randrange(256)
            path = write(tmp_path / "bad", bytes(bad[:rng.choice([len(bad)] * 4 + [len(bad) // 2])]))
            for args in ["inspect", path], ["inspect", "--json", path], \
                    ["verify", "-m", "developer", path]:
                done = subprocess.run([command(), *map(str, args)], capture_output=True, env=env)
                assert done.returncode in (0, 1, 2), done.stderr
                assert b"\x1b" not in done.stdout


MINI = ROOT / "tests/cases/mini.py"


@pytest.mark.parametrize("kind, words", [
    ("gpt-entry", ["entry 3", "576 to 9000", "usable are 34 to 4062"]),
    ("gpt-zero-guids", ["entries 1 and 2", "same unique GUID 00000000", "sgdisk"]),
    ("gpt-cut", ["4096 sectors", "has 2048", "cut short", "2097152 bytes"])])
def test_refused_table_says_field_and_value(tmp_path, kind, words):
    disk = tmp_path / "d.img"
    subprocess.run([sys.executable, MINI, kind, disk], check=True)
    for refused in run("slots", disk, expect=2).stderr, run("inspect", disk).stdout:
        for word in words:
            assert word in refused, refused


def test_damaged_headers_are_shown_with_what_is_wrong(tmp_path):
    disk = tmp_path / "d.img"
    subprocess.run([sys.executable, MINI, "gpt", disk], check=True)
    image = bytearray(disk.read_bytes())
    image[512 + 40] ^= 1
    disk.write_bytes(image)
    shown = run_json("inspect", disk)
    assert shown["in_use"] == "backup" and shown["primary"]["first_usable_lba"] == 35
    assert "header checksum is 0x" in shown["primary"]["fault"]
    assert "fault" not in shown["backup"]
    image[-512 + 8] ^= 1
    disk.write_bytes(image)
    shown = run_json("inspect", disk)
    assert shown["kind"] == "disk with a damaged partition table"
    assert "revision 0x00010001, 0x00010000 expected" in shown["backup"]["fault"]


def test_sector_size_of_an_image(tmp_path):
    disk = tmp_path / "d.img"
    subprocess.run([sys.executable, MINI, "gpt-stale512", disk], check=True)
    assert run_json("inspect", disk)["sector_bytes"] == 4096
    assert run_json("inspect", "--sector-size", "512", disk)["kind"].startswith("disk with a dam")
    assert "table for sectors of 4096 bytes" in run("slots", "--sector-size", "512", disk,
                                                    expect=2).stderr
    assert run("inspect", "--sector-size", "100", disk, expect=2)


# --- words for what is damaged: place, value, expectation ----------------------------------------

def put(content, at, value):
    return content[:at] + value + content[at + len(value):]


@pytest.mark.parametrize("at,value,words", [
    (0, b"x", "does not begin with LBPROF"),
    (7, b"\x02", "offset 7: format 2, only 1 is known"),
    (8, (70000).to_bytes(4, "little"), "offset 8: it says 70000 bytes, there are"),
    (8, (8).to_bytes(4, "little"), "offset 8: it says 8 bytes, 16 to 65536 are possible"),
    (40, b"\xff", "offset 12: its checksum is 0x"),
])
def test_words_for_a_damaged_profile(at, value, words, keys, tmp_path):
    write(tmp_path / "p.ini", f"model = Model\nkernel-key = {keys.public}\n")
    run("profile", "make", tmp_path / "p.ini", "-o", tmp_path / "p")
    bad = write(tmp_path / "bad", put((tmp_path / "p").read_bytes(), at, value))
    for args in (["verify", "-p", bad, bad],
                 ["profile", "install", bad, bad, "-o", tmp_path / "o"],
                 *([["profile", "show", bad], ["inspect", bad]] if at != 0 else [])):
        assert words in run(*args, expect=2).stderr, args


@pytest.mark.parametrize("at,value,words", [
    (60, (1 << 30).to_bytes(4, "little"), "offset 60: its PE header should be at 1073741824"),
    (64 + 6, b"\xff\xff", "offset 70: its headers (65535 sections) end at"),
    (64 + 20, b"\x0a\0", "offset 84: an optional header of 10 bytes"),
    (64 + 24, b"\x0b\x01", "offset 88: format 0x10b, 0x20b"),
    (64 + 24 + 144, b"\0\0\0\x70\x10\0\0\0", "signatures of 16 bytes at 1879048192"),
])
def test_words_for_a_damaged_program(at, value, words, tmp_path):
    loader = (BUILD / "x86_64/lifeboat.efi").read_bytes()
    bad = write(tmp_path / "bad", put(loader, at, value))
    assert words in run("inspect", bad, expect=2).stderr


@pytest.mark.parametrize("at,value,words", [
    (0, b"x", "offset 0: 0x780dfeed, 0xd00dfeed expected"),
    (4, b"\x7f", "offset 4: it says 21"),
    (8, b"\x7f", "offset 8: structure ("),
    (12, b"\x7f", "offset 12: strings ("),
    (24, b"\x7f", "offset 20: version 17, compatible with 21"),
])
def test_words_for_a_damaged_tree(at, value, words, signed, keys, tmp_path):
    fit = signed("k", kernel="Image").read_bytes()[65536:]
    bad = write(tmp_path / "bad", put(fit, at, value))
    error = run("sign", "--fit", bad, *keys.sign_args(), "-o", tmp_path / "o", expect=2).stderr
    assert words in error
    if at != 0:
        assert words in run_json("inspect", bad)["error"]


def test_a_damaged_keyblock_is_shown_as_it_stands(keys, tmp_path):
    content = (keys.folder / "kernel.keyblock").read_bytes()
    bad = write(tmp_path / "bad", put(content, 80, (9999).to_bytes(8, "little")))
    told = run_json("inspect", bad)["keyblock"]
    assert "outside" in told["error"] + told["detail"]
    assert told["data_key_offset"] == 9999 and told["flags"] == 23 and told["version_major"] == 2
