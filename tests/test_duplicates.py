"""tools/build/duplicates: what it finds, and what it does not take for the same."""
import pathlib
import subprocess

TOOL = pathlib.Path(__file__).resolve().parents[1] / "tools/build/duplicates"
SHARED = "".join(f"\tcall_{n}(x);\n" for n in range(9))


def found(folder, *options):
    done = subprocess.run([TOOL, *options, folder], capture_output=True, text=True, check=True)
    return [line.replace(f"{folder}/", "").split() for line in done.stdout.splitlines()]


def test_pairs(tmp_path):
    (tmp_path / "a.c").write_text("int a;\n" + SHARED + "int b;\n")
    (tmp_path / "b.c").write_text("/* words\n * more */\n\n" + SHARED.replace("\t", "    ") +
                                  "int c;\n")
    assert found(tmp_path) == [["9", "a.c:2-10", "b.c:4-12"]]
    assert found(tmp_path, "--lines", "10") == []


def test_comments_and_brackets_do_not_count(tmp_path):
    text = "/* the same words */\n{\n}\n#include <a.h>\n" * 20
    (tmp_path / "a.c").write_text(text)
    (tmp_path / "b.c").write_text(text)
    assert found(tmp_path, "--lines", "2") == []


def test_twice_in_one_file(tmp_path):
    (tmp_path / "a.c").write_text(SHARED + "int between;\n" + SHARED)
    assert found(tmp_path) == [["9", "a.c:1-9", "a.c:11-19"]]


def test_what_is_not_there(tmp_path):
    done = subprocess.run([TOOL, tmp_path / "gone"], capture_output=True, text=True)
    assert done.returncode == 2 and "gone: no such file" in done.stderr
