"""docs/formats/variables.md names every variable of the code, and no others."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs/formats/variables.md").read_text()


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOC, re.M | re.S)[1]


def rows(title):
    """Cells of the rows of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(*titles):
    """Everything in backquotes in the first column."""
    return {name for title in titles for row in rows(title)
            for name in re.findall(r"`(\w+)`", row[0])}


def code(*patterns):
    return {p.relative_to(ROOT): p.read_text() for pattern in patterns
            for p in ROOT.glob(pattern)}


def found(texts, pattern):
    return {m for text in texts.values() for m in re.findall(pattern, text)}


def test_what_is_handed_over():
    told = found(code("boot/flow/handover.c"), r'add(?:_bytes)?\(h, "(\w+)"')
    assert len(told) >= 9
    assert names("For the operating system") == {"Lifeboat" + name for name in told}


def test_properties_are_the_same_names():
    for variable, prop, _ in rows("For the operating system"):
        word = variable.strip("`").removeprefix("Lifeboat")
        assert prop == "`" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).lower() + "`"


def test_the_boot_loader_interface():
    told = found(code("boot/uefi/*.c"), r'\bput(?:_\w+)?\(u, "(\w+)"')
    assert "LoaderInfo" in told
    assert names("Boot Loader Interface") == told


def test_all_others():
    """Names the back end has as wide strings; a load option is no variable."""
    wide = found(code("boot/uefi/**/*.[ch]"), r'L"(\w+)"') - {"recovery"}
    assert {"LifeboatState", "SecureBoot"} <= wide
    assert names("From the operating system", "Protected", "Others that are read") == wide


@pytest.mark.parametrize("macro, title", [
    ("UEFI_LIFEBOAT_GUID", "For the operating system"),
    ("UEFI_LOADER_GUID", "Boot Loader Interface"),
    ("UEFI_MEMORY_OVERWRITE_GUID", "Others that are read"),
])
def test_guids(macro, title):
    text = (ROOT / "boot/uefi/efi.h").read_text()
    body = re.search(rf"#define {macro}\b(.*?)\n\n", text, re.S)[1]
    numbers = [int(n, 16) for n in re.findall(r"0x([0-9a-f]+)", body.split("#define")[0])]
    assert len(numbers) == 11
    guid = "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x" % tuple(numbers)
    assert f"`{guid}`" in section(title)
