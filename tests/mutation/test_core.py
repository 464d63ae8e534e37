"""A test of the tests, beyond the verifier's list: the core is broken in ways that nobody
chose (mutants.py), and the nearest unit tests must notice. Of the files that core.py says are
finished a sample, the same at each run; with LIFEBOAT_LONG=1 all of it."""
import os
import pathlib
import random
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import core  # noqa: E402
import mutants  # noqa: E402

SAMPLE, SEED = 16, 12
LONG = os.environ.get("LIFEBOAT_LONG")
CHECKED = core.FINISHED + (core.FINISHED_SLOW if LONG else [])


def test_control():
    """Nothing broken, built the same way: green."""
    for name in CHECKED:
        with tempfile.TemporaryDirectory(prefix="lifeboat-mutant.") as folder:
            source = (core.ROOT / name).read_text()
            assert core.noticed(pathlib.Path(folder), name, source) is None, name


def test_noticed():
    chosen = list(core.every(CHECKED))
    if not LONG:
        chosen = random.Random(SEED).sample(chosen, SAMPLE)
    counts, left = core.run(chosen, 2, print)
    assert counts["killed"] > len(chosen) // 2, counts
    assert not left, f"{len(left)} wrong programs that no unit test noticed"


def test_explanations_are_of_what_is_there():
    """A reason for a line that has changed since explains nothing."""
    there = {m[:3] for m in core.every(sorted({e[0] for e in core.explained()}))}
    stale = core.explained() - there
    assert not stale


@pytest.mark.parametrize("source,wanted", [
    ("\tif (a < b)\n", {"if (a <= b)", "if (!(a < b))"}),
    ("\tx = y + 7u;\n", {"x = y - 7u;", "x = y + 8u;", ";"}),
    ('\tput("a == 1"); /* b == 2 */\n', {"; /* b == 2 */"}),
    ("#include <a.h>\n#define N 3u\n", {"#define N 4u"}),
    ("\treturn LB_ERR_IO;\n", {"return LB_OK;"}),
    ("_Static_assert(A == 1, \"\");\n", set()),
])
def test_mutator(source, wanted):
    assert {new for _, new, _ in mutants.mutants(source)} == wanted
