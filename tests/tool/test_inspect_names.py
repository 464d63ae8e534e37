"""lifeboat inspect and names out of files: not UTF-8, terminal controls, trees out of line."""
import struct

import pytest
from lifeboat_tool import run, run_json, write


def tree(node, shift=0):
    """A flattened tree with one node of that name; @shift: its blocks are so far out of line."""
    def word(n):
        return struct.pack(">I", n)
    name = node + b"\0" * (4 - len(node) % 4)
    struct_block = word(1) + bytes(4) + word(1) + name + word(2) + word(2) + word(9)
    reserve = 40
    at = reserve + 16 + shift
    strings = at + len(struct_block)
    head = struct.pack(">10I", 0xd00dfeed, strings, at, strings, reserve, 17, 16, 0, 0,
                       len(struct_block))
    return head + bytes(16 + shift) + struct_block


NAMES = [b"\xff\xfeimages", b"\x1b[2Jimages", b"\xc2\x9b2Jimages", b"a\x7fb", b"a\xe2\x80\xaeb"]


@pytest.mark.parametrize("name", NAMES)
def test_names_do_no_harm(tmp_path, name):
    path = write(tmp_path / "t.fit", tree(name))
    for text in run("inspect", path).stdout, run("inspect", "--json", path).stdout:
        assert "t" in text
        assert all(c == "\n" or 0x20 <= ord(c) < 0x7f for c in text), ascii(text)


def test_two_odd_names_stay_two(tmp_path):
    told = run_json("inspect", write(tmp_path / "t.fit", tree(b"\xff")))
    assert "\\xff" in told


def test_letters_stay(tmp_path):
    assert "Küche:" in run("inspect", write(tmp_path / "t.fit", tree("Küche".encode()))).stdout


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_blocks_out_of_line(tmp_path, shift):
    told = run_json("inspect", write(tmp_path / "t.fit", tree(b"images", shift)))
    assert "error" in told
