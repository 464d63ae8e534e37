"""dm-verity trees: veritysetup has the last word."""
import random
import re

import pytest

from lifeboat_tool import judge, run, run_json, write

BLOCK = 4096


def root_of(line):
    """blocks, hash start, root hash, salt from a dm-mod.create table."""
    found = re.search(r"0 (\d+) verity 1 PARTUUID=%U/PARTNROFF=1 PARTUUID=%U/PARTNROFF=1 "
                      r"4096 4096 (\d+) (\d+) sha256 ([0-9a-f]{64}) ([0-9a-f]+|-)\"", line)
    assert found, line
    sectors, blocks, start, digest, salt = found.groups()
    assert int(sectors) == int(blocks) * 8 and int(start) == int(blocks) + 1
    return int(blocks), digest, salt


def sign_root(keys, kernels, tmp_path, root, *more, expect=0):
    return run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "--root", root,
               "-o", tmp_path / "k", "--json", *more, expect=expect)


# Around the borders of the levels: 128 hashes to a block.
@pytest.mark.parametrize("size", [1, 4096, 4097, 2 * BLOCK, 128 * BLOCK, 129 * BLOCK,
                                  128 * 128 * BLOCK, (128 * 128 + 1) * BLOCK])
def test_veritysetup_agrees(size, keys, kernels, tmp_path):
    root = tmp_path / "root"
    content = random.Random(size).randbytes(min(size, 5 << 20))
    with open(root, "wb") as f:
        f.write(content)
        f.truncate(size)
    import json
    line = json.loads(sign_root(keys, kernels, tmp_path, root).stdout)["command_line"]
    assert "root=/dev/dm-0 ro" in line
    blocks, digest, _ = root_of(line)
    assert blocks == -(-size // BLOCK)
    judge("veritysetup", "verify", root, root, digest, f"--hash-offset={blocks * BLOCK}")
    wrong = ("0" if digest[0] != "0" else "1") + digest[1:]
    judge("veritysetup", "verify", root, root, wrong, f"--hash-offset={blocks * BLOCK}", expect=1)
    assert root.read_bytes()[:min(size, 5 << 20)] == content


@pytest.mark.parametrize("salt", ["-", "00ff", "ab" * 32, "cd" * 256])
def test_same_tree_as_veritysetup(salt, keys, kernels, tmp_path):
    data = random.Random(3).randbytes(300 * BLOCK)
    root, theirs = write(tmp_path / "root", data), write(tmp_path / "theirs", data)
    import json
    line = json.loads(sign_root(keys, kernels, tmp_path, root, "--salt", salt).stdout)[
        "command_line"] if len(salt) < 200 else None
    if line is None:
        return
    blocks, digest, told = root_of(line)
    assert told == salt
    text = judge("veritysetup", "format", theirs, theirs, f"--hash-offset={blocks * BLOCK}",
                 "--data-blocks", blocks, f"--salt={salt}")
    assert digest in text
    ours, theirs = root.read_bytes(), theirs.read_bytes()
    assert ours[(blocks + 1) * BLOCK:] == theirs[(blocks + 1) * BLOCK:len(ours)]
    at = blocks * BLOCK  # superblock: all but the UUID
    assert ours[at:at + 16] == theirs[at:at + 16] and ours[at + 32:at + 512] == theirs[at + 32:at + 512]


@pytest.mark.parametrize("behind", [0, 1, 300])
def test_a_tree_of_veritysetup_is_found(behind, keys, kernels, tmp_path):
    """Appended by veritysetup; and as it lies in a partition, with something behind it."""
    root = write(tmp_path / "root", random.Random(8).randbytes(300 * BLOCK))
    text = judge("veritysetup", "format", root, root, f"--hash-offset={300 * BLOCK}",
                 "--data-blocks", 300)
    digest = re.search(r"Root hash:\s+([0-9a-f]{64})", text).group(1)
    write(root, root.read_bytes() + bytes(behind * BLOCK))
    before = root.read_bytes()
    assert f" {digest} " in sign_root(keys, kernels, tmp_path, root, "--json").stdout
    assert root.read_bytes() == before
    assert run_json("inspect", root)["root_hash"] == digest
    content = bytearray(before)
    content[20 * BLOCK] ^= 1
    write(root, bytes(content))
    assert "does not match the data" in sign_root(keys, kernels, tmp_path, root, expect=2).stderr


@pytest.mark.parametrize("how,words", [
    (["--hash=sha512"], "by sha512, only sha256"),
    (["--data-block-size=1024"], "1024 bytes a block"),
    (["--hash-block-size=1024"], "1024 bytes a block"),
    (["--format=0"], "hash type 0"),
])
def test_other_trees_are_refused_with_their_reason(how, words, keys, kernels, tmp_path):
    """A second tree over them would be one that nobody asked for."""
    root = write(tmp_path / "root", random.Random(8).randbytes(300 * BLOCK))
    blocks = 300 * BLOCK // (1024 if "data-block" in how[0] else BLOCK)
    judge("veritysetup", "format", root, root, f"--hash-offset={300 * BLOCK}", "--data-blocks",
          blocks, *how)
    before = root.read_bytes()
    error = sign_root(keys, kernels, tmp_path, root, expect=2).stderr
    assert words in error and f"offset {300 * BLOCK}" in error
    assert root.read_bytes() == before


def test_deterministic_and_repeatable(keys, kernels, tmp_path):
    data = random.Random(4).randbytes(50 * BLOCK)
    one, two = write(tmp_path / "1", data), write(tmp_path / "2", data)
    first = sign_root(keys, kernels, tmp_path, one).stdout
    assert sign_root(keys, kernels, tmp_path, two).stdout == first
    again = one.read_bytes()
    assert sign_root(keys, kernels, tmp_path, one).stdout == first  # has its tree already
    assert one.read_bytes() == again == two.read_bytes()
    assert run_json("inspect", one)["tree_matches_data"]


def test_output_elsewhere(keys, kernels, tmp_path):
    data = random.Random(5).randbytes(50 * BLOCK)
    root = write(tmp_path / "root", data)
    sign_root(keys, kernels, tmp_path, root, "--root-output", tmp_path / "with-tree")
    assert root.read_bytes() == data
    assert (tmp_path / "with-tree").read_bytes()[:len(data)] == data


def test_changed_data_is_noticed(keys, kernels, tmp_path):
    root = write(tmp_path / "root", random.Random(6).randbytes(50 * BLOCK))
    sign_root(keys, kernels, tmp_path, root)
    content = bytearray(root.read_bytes())
    content[20 * BLOCK + 7] ^= 1
    write(root, bytes(content))
    error = sign_root(keys, kernels, tmp_path, root, expect=2).stderr
    assert "does not match the data" in error and "offset" in error


def test_refusals(keys, kernels, tmp_path):
    root = write(tmp_path / "root", bytes(BLOCK))
    sign_root(keys, kernels, tmp_path, write(tmp_path / "empty", b""), expect=2)
    for salt in "abc", "xy", "ab" * 257:
        assert "salt" in sign_root(keys, kernels, tmp_path, root, "--salt", salt, expect=2).stderr
    error = sign_root(keys, kernels, tmp_path, root, "-c", "root=/dev/sda", expect=2).stderr
    assert "its own root=" in error
    sign_root(keys, kernels, tmp_path, tmp_path, expect=2)
    assert root.read_bytes() == bytes(BLOCK)
    assert not (tmp_path / "k").exists()


def test_a_refused_signature_leaves_the_root_as_it_was(keys, kernels, tmp_path):
    """It may be the only copy: nothing changes before everything else has worked."""
    root = write(tmp_path / "root", random.Random(5).randbytes(5 * BLOCK))
    before, there = root.read_bytes(), sorted(tmp_path.iterdir())
    for more, status in ((["--key", keys.recovery_public], 1),    # not the device's
                         (["-o", tmp_path / "no/folder/k"], 2),   # nowhere to write to
                         (["-d", tmp_path / "nothing"], 2)):      # no such key
        sign_root(keys, kernels, tmp_path, root, *more, expect=status)
        assert root.read_bytes() == before
        assert sorted(tmp_path.iterdir()) == there
    sign_root(keys, kernels, tmp_path, root)
    assert root.read_bytes() != before
