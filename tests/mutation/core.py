#!/usr/bin/python3
"""Break the core one way at a time and see whether the nearest unit tests notice.

usage: tests/mutation/core.py [--jobs N] [--sample N --seed N] [FILE...]

FILE: a source of TARGETS; default all. Prints each survivor, with the lines that differ;
those that tests/mutation/survivors explains are counted only. Exit 1 when one is left.

Only the broken file is compiled anew and comes before the libraries in the link. First
without sanitizers, which is quick; what survives that runs under them, too. A mutant that
compiles to the very same code is no mutant.
"""
import argparse
import hashlib
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mutants import mutants  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build")).resolve()
SURVIVORS = ROOT / "tests/mutation/survivors"
CPU_SECONDS = {"host": 8, "asan": 40}  # of one test program; an endless loop ends there

FLOW = "boot_flow flow_guards recovery_flow developer_flow deaths"
GPT = "gpt_header gpt_entry gpt_table gpt_slot gpt_store gpt_repair"

# Source: the unit tests nearest to it, the quickest first.
TARGETS = {
    "base/format.c": "format",
    "base/log.c": "log",
    "base/platform.c": "platform",
    "base/crc32.c": "crc32",
    "gpt/gpt_entry.c": GPT,
    "gpt/gpt_header.c": GPT,
    "gpt/gpt_repair.c": GPT,
    "gpt/gpt_slot.c": GPT,
    "gpt/gpt_source.c": "gpt_source",
    "gpt/gpt_store.c": GPT,
    "gpt/gpt_table.c": GPT,
    "gpt/gpt_write.c": GPT,
    "boot/judge/disk.c": "disk_role",
    "boot/judge/policy.c": f"policy {FLOW}",
    "boot/judge/slot_check.c": FLOW,
    "boot/judge/measure.c": "measure",
    "boot/history/history.c": f"history {FLOW}",
    "boot/history/history_cell.c": "history",
    "boot/tpm/floor_index.c": "tpm floors",
    "boot/tpm/nv.c": "tpm floors",
    "boot/tpm/pcr_log.c": "pcr_log",
    "boot/tpm/tpm.c": "tpm floors",
    "boot/tpm/wire.c": "tpm",
    "boot/flow/boot.c": FLOW,
    "boot/flow/confirm.c": f"flow_guards floors {FLOW}",
    "boot/flow/details.c": f"flow_guards recovery_flow {FLOW}",
    "boot/flow/finding.c": f"flow_guards {FLOW}",
    "boot/flow/floors.c": f"floors {FLOW}",
    "boot/flow/flow.c": FLOW,
    "boot/flow/handover.c": FLOW,
    "boot/flow/history_record.c": f"history {FLOW}",
    "boot/flow/media_flow.c": f"recovery_flow developer_flow lying_disk {FLOW}",
    "boot/flow/media_list.c": f"recovery_flow {FLOW}",
    "boot/flow/media_wait.c": f"flow_guards recovery_flow developer_flow {FLOW}",
    "boot/flow/mode.c": f"developer_flow {FLOW}",
    "boot/flow/recover.c": f"recovery_flow {FLOW}",
    "boot/flow/scan.c": FLOW,
    "boot/flow/slot_steps.c": f"{FLOW} measure",
    "boot/flow/start_steps.c": f"flow_guards measure {FLOW}",
    "boot/flow/warn.c": f"developer_flow {FLOW}",
    "boot/flow/watchdog.c": f"deaths {FLOW}",
    "recovery/media.c": "rec_media recovery_flow",
    "recovery/rec_reason.c": "rec_reason",
    "ui/keys.c": "ui_keys ui_moves",
}
# Those of which every survivor was killed or explained: `make test` keeps them so.
FINISHED = ["base/crc32.c", "base/log.c", "base/platform.c", "boot/judge/disk.c",
            "gpt/gpt_slot.c", "gpt/gpt_source.c", "recovery/rec_reason.c", "ui/keys.c"]
# As finished, but their tests take too long for each `make test`: with LIFEBOAT_LONG=1.
FINISHED_SLOW = ["boot/judge/slot_check.c"]
LIBS = ("test", "tools", "host", "bare", "uefi", "core", "deps")
COMPILE = ["gcc", "-std=gnu11", "-w", "-I.", f"-I{BUILD}/gen",
           '-DMBEDTLS_CONFIG_FILE="deps/config/mbedtls_config.h"',
           f"-isystem{BUILD}/deps/src/mbedtls/include", "-c"]
VARIANTS = {"host": ["-O0"],
            "asan": ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]}


def units_of(name):
    return list(dict.fromkeys(TARGETS[name].split()))


def libraries():
    """What the test programs are linked with besides ours."""
    packages = subprocess.run(["pkg-config", "--libs", "cmocka", "libcrypto", "jansson", "inih",
                               "zlib", "libzstd"], capture_output=True, text=True, check=True)
    return packages.stdout.split()


def compiled(folder, name, source, flags):
    """The object, or None: what does not compile is no program."""
    path = folder / pathlib.Path(name).name
    path.write_text(source)
    include = f"-I{ROOT / pathlib.Path(name).parent}"
    done = subprocess.run([*COMPILE, *flags, include, path, "-o", folder / "broken.o"],
                          cwd=ROOT, capture_output=True)
    return folder / "broken.o" if done.returncode == 0 else None


def green(folder, broken, unit, variant):
    """True when the unit test passes with this object in place of the core's."""
    program = folder / f"{unit}_test"
    libs = [BUILD / variant / f"lib{name}.a" for name in LIBS]
    subprocess.run(["gcc", *VARIANTS[variant], "-Wl,--gc-sections", "-o", program,
                    BUILD / variant / f"tests/unit/{unit}_test.o", broken,
                    *[lib for lib in libs if lib.exists()], "-Wl,--as-needed", *libraries()],
                   check=True, cwd=ROOT)

    seconds = CPU_SECONDS[variant]

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        done = subprocess.run([program], cwd=ROOT, preexec_fn=limit, timeout=20 * seconds,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def noticed(folder, name, source):
    """The unit test that turned red, "" when it did not compile, None when none did."""
    for variant, flags in VARIANTS.items():
        broken = compiled(folder, name, source, flags)
        if broken is None:
            return ""
        for unit in units_of(name):
            if not green(folder, broken, unit, variant):
                return f"{unit} ({variant})"
    return None


def code_of(folder, name, source):
    """What the product's compiler settings make of it."""
    built = compiled(folder, name, source, ["-Os", "-g0"])
    return hashlib.sha256(built.read_bytes()).digest() if built else None


def explained():
    """(file, old line, new line) of every survivor with a reason."""
    found, name, old, new = set(), None, None, None
    for line in SURVIVORS.read_text().splitlines():
        if line.startswith("- "):
            old = line[2:]
        elif line.startswith("+ "):
            new = line[2:]
        elif line.startswith("  ") and line.strip() and new is not None:
            found.add((name, old, new))
            new = None
        elif line and line[0] not in "# ":
            name = line.strip()
    return found


def every(names):
    """(file, old, new, source), the same mutant once."""
    seen = set()
    for name in names:
        for old, new, source in mutants((ROOT / name).read_text()):
            if source not in seen:
                seen.add(source)
                yield name, old, new, source


def judge(mutant):
    """(verdict, mutant): "killed", "none" (not a program, or the same one), "survived"."""
    name, _, _, source = mutant
    with tempfile.TemporaryDirectory(prefix="lifeboat-mutant.") as made:
        folder = pathlib.Path(made)
        by = noticed(folder, name, source)
        if by:
            return "killed", mutant
        if by == "" or code_of(folder, name, source) == \
                code_of(folder, name, (ROOT / name).read_text()):
            return "none", mutant
    return "survived", mutant


def run(chosen, jobs, say):
    """Counts, and the survivors that nothing explains."""
    reasons, left = explained(), []
    counts = {"killed": 0, "none": 0, "survived": 0, "explained": 0}
    with ThreadPoolExecutor(jobs) as pool:
        for verdict, mutant in pool.map(judge, chosen):
            if verdict == "survived" and mutant[:3] in reasons:
                verdict = "explained"
            counts[verdict] += 1
            if verdict == "survived":
                left.append(mutant)
                say(f"{mutant[0]}\n- {mutant[1]}\n+ {mutant[2]}")
    return counts, left


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="the mutants, and run nothing")
    parser.add_argument("--units", action="store_true", help="the unit tests that are needed")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    if args.units:
        print(*sorted({unit for name in FINISHED + FINISHED_SLOW
                      for unit in units_of(name)}))
        return 0
    chosen = list(every(args.files or TARGETS))
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    if args.list:
        print("\n".join(f"{m[0]}\n- {m[1]}\n+ {m[2]}" for m in chosen))
        return 0
    counts, left = run(chosen, args.jobs, lambda text: print(text, flush=True))
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
