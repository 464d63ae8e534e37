"""What the documents on security name as their evidence is there: files, folders, and tests
inside files."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENTS = ["docs/threat-model.md", "docs/secure-boot.md", "docs/formats/enrolment.md",
             "SECURITY.md"]
TOP = "|".join(p.name for p in ROOT.iterdir() if p.is_dir() and p.name != "build")
CLAIM = re.compile(rf"`((?:{TOP})/[\w./-]+)(?:::(\w+))?`")


def claims(document):
    return [(path, name) for path, name in CLAIM.findall((ROOT / document).read_text())
            if "ARCH" not in path]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_evidence_exists(document):
    wrong = []
    for path, name in claims(document):
        file = ROOT / path
        if not file.exists():
            wrong.append(path)
        elif name and not re.search(rf"\b(def|void) {name}\(", file.read_text()):
            wrong.append(f"{path}::{name}")
    assert not wrong


def test_the_threat_model_names_evidence():
    """In every row that says how an attack fails, or says plainly that nothing backs it."""
    text = (ROOT / "docs/threat-model.md").read_text()
    tables = re.findall(r"\| attack \| answer \| backed by \|\n\|[-|]+\n((?:\|.*\n)+)", text)
    rows = [row.split("|")[1:-1] for table in tables for row in table.splitlines()]
    assert len(rows) > 20
    unbacked = [row[0].strip() for row in rows
                if not CLAIM.search(row[2]) and row[2].strip() != "-"]
    assert not unbacked
