"""`make bench` fails where a count misses its goal, and only advises where a ratio does."""
import importlib.machinery
import importlib.util
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture
def bench(monkeypatch, tmp_path):
    loader = importlib.machinery.SourceFileLoader("bench_run", str(ROOT / "tools/bench/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    dont_write, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = dont_write
    monkeypatch.setattr(module, "BUILD", tmp_path)
    monkeypatch.setattr(sys, "argv", ["run", "read.x86_64"])
    return module


@pytest.mark.parametrize("value,count,status", [
    (1.019, True, 0), (1.021, True, 1), (1.021, False, 0)])
def test_goals(bench, monkeypatch, capsys, value, count, status):
    monkeypatch.setattr(bench, "bench_bytes_read", lambda figures, work, arch: figures.add(
        f"read.{arch}.bytes", value, "x", "<=1.02", count=count))
    assert bench.main() == status
    told = capsys.readouterr().err
    assert ("goal missed" in told) == (value > 1.02)
    assert ("this machine" in told) == (value > 1.02 and not count)


def test_which_figures_bind(bench):
    """Those with a unit of instructions or bytes, and no others."""
    text = "".join((ROOT / "tools/bench" / name).read_text()
                   for name in ("run", "recovery_figures.py"))
    calls = [part.split("\n\n")[0] for part in text.split("figures.add(")[1:]]
    bound = {call.split('"')[1] for call in calls if "count=True" in call.split("figures")[0]}
    assert bound == {"sha256.plain-c", "loader.{arch}.without-hash", "read.{arch}.bytes",
                     "recovery.fit.{arch}"}


def test_not_measured_is_not_success(bench, monkeypatch, capsys):
    def broken(figures, work, arch):
        raise RuntimeError("no machine")
    monkeypatch.setattr(bench, "bench_bytes_read", broken)
    assert bench.main() == 2
    assert "not measured: no machine" in capsys.readouterr().err
