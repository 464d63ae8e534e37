"""docs/formats/payload.md lists the reasons that the code has."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]


def test_reasons_are_documented():
    code = re.findall(r'^UPDATE_REASON\((\d+), \w+, "([^"]+)", "([^"]+)"\)',
                      (ROOT / "update/reasons.def").read_text(), re.M)
    text = (ROOT / "docs/formats/payload.md").read_text()
    told = re.findall(r"^\| (\d+) \| `([^`]+)` \| (.+) \|$", text, re.M)
    assert code and told == code
    assert len({n for n, _, _ in code}) == len(code) == len({n for _, n, _ in code})
