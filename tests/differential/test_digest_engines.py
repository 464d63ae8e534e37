"""The digest instructions of each CPU against the plain code: natively, and for aarch64 under
qemu-user with a CPU that has SHA-256's only, and one that has both."""

import os
import pathlib
import platform
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))
PORTABLE = ["crypto/digest.c", "crypto/sha256_plain.c", "crypto/sha512_plain.c",
            "tests/differential/digest_engines.c"]
# As the Makefile builds them: make/arch-aarch64.mk.
BY_CPU = {"crypto/aarch64/cpu.c": "armv8-a+crypto",
          "crypto/aarch64/sha256_armv8.c": "armv8-a+crypto",
          "crypto/aarch64/sha512_armv8.c": "armv8.2-a+sha3"}


def check(output, sha256, sha512):
    word = output.split()
    assert word[:4] == ["sha256", sha256, "sha512", sha512]
    assert int(word[5]) > 3000 and word[6:] == ["differ", "0"], output


def test_native():
    output = subprocess.run([BUILD / "asan/differential/digest_engines"], check=True,
                            capture_output=True, text=True).stdout
    if platform.machine() == "x86_64":
        flags = pathlib.Path("/proc/cpuinfo").read_text().split()
        if "sha_ni" not in flags:
            pytest.skip("this CPU has no SHA instructions: only the plain code was run")
        check(output, "cpu", "plain")
    else:
        assert output.endswith("differ 0\n")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aarch64")
    native = platform.machine() == "aarch64"
    cc = "gcc" if native else "aarch64-linux-gnu-gcc"
    objects = []
    for source in [*PORTABLE, *BY_CPU]:
        objects.append(folder / (source.replace("/", "-") + ".o"))
        subprocess.run([cc, "-O2", "-I.", f"-march={BY_CPU.get(source, 'armv8-a')}", "-c",
                        source, "-o", objects[-1]], cwd=ROOT, check=True)
    subprocess.run([cc, "-static", "-o", folder / "engines", *objects], check=True)
    return folder / "engines"


@pytest.mark.parametrize("cpu,sha256,sha512", [("cortex-a57", "cpu", "plain"),
                                               ("max", "cpu", "cpu")])
def test_aarch64(program, cpu, sha256, sha512):
    qemu = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    assert qemu, "qemu-user-static is missing: tools/setup/packages"
    output = subprocess.run([qemu, "-cpu", cpu, program], check=True, capture_output=True,
                            text=True, timeout=60).stdout
    check(output, sha256, sha512)
