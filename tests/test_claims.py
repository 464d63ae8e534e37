"""What the documents name as their evidence is there: files, folders, and tests inside files
that are run."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(str(p.relative_to(ROOT)) for p in
                   [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")])
TOP = "|".join(p.name for p in ROOT.iterdir() if p.is_dir() and p.name != "build")
CLAIM = re.compile(rf"`((?:{TOP})/[\w./-]+)(?:::(\w+))?`")


PLACEHOLDER = re.compile(r"\b(ARCH|CPU|LOCALE|NAME)")


def claims(document):
    return [(path, name) for path, name in CLAIM.findall((ROOT / document).read_text())
            if not PLACEHOLDER.search(path)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_evidence_exists(document):
    wrong = []
    for path, name in claims(document):
        file = ROOT / path
        # A program is named as its source, without .c.
        if not file.exists() and not file.with_suffix(".c").exists():
            wrong.append(path)
        elif name and not runs(file, name):
            wrong.append(f"{path}::{name}")
    assert not wrong


def runs(file, name):
    """That test is there, and somebody runs it: a C test has to be in its program's list."""
    text = file.read_text()
    if file.suffix == ".py":
        return name.startswith("test_") and re.search(rf"^def {name}\(", text, re.M)
    listed = re.search(rf"\bcmocka_unit_test\w*\(\s*{name}\b", text)
    return listed and re.search(rf"\bvoid {name}\(", text)


def test_what_is_not_run_backs_nothing(tmp_path):
    unit, whole = tmp_path / "a_test.c", tmp_path / "test_a.py"
    unit.write_text("static void listed(void **s)\n{\n}\nstatic void helper(void **s)\n{\n}\n"
                    "\tcmocka_unit_test(listed),\n")
    whole.write_text("def test_it():\n    pass\n\ndef helper():\n    pass\n")
    assert runs(unit, "listed") and runs(whole, "test_it")
    assert not runs(unit, "helper") and not runs(whole, "helper")
    assert not runs(unit, "gone") and not runs(whole, "test_gone")


def test_the_threat_model_names_evidence():
    """In every row that says how an attack fails, or says plainly that nothing backs it."""
    text = (ROOT / "docs/threat-model.md").read_text()
    tables = re.findall(r"\| attack \| answer \| backed by \|\n\|[-|]+\n((?:\|.*\n)+)", text)
    rows = [row.split("|")[1:-1] for table in tables for row in table.splitlines()]
    assert len(rows) > 20
    unbacked = [row[0].strip() for row in rows
                if not CLAIM.search(row[2]) and row[2].strip() != "-"]
    assert not unbacked
