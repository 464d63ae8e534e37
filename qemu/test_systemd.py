"""Debian's systemd in the booted system: its tools see the loader (Boot Loader Interface),
and the unit of `make install` marks the slot good once the device's own check has passed."""
import platform
import re

import pytest

import harness
import systemd
import variables

LIMIT_S = 150
LOADER_GUID = systemd.LOADER_GUID
HERE = f"{platform.machine()}-uefi"  # the board that runs the lifeboat command


def report(board, disk, **more):
    """(seconds from power-on to the hand-off, {name: lines} of the report)."""
    with board.machine(disk, limit_s=LIMIT_S, memory=1024, **more) as vm:
        vm.expect(r"boot: starting slot A", board.start_time() + 15)
        started = vm.seconds()
        vm.expect(r"REPORT END", LIMIT_S)
        vm.wait_end(20)
        text = vm.text()
    found = {}
    for name, line in re.findall(r"REPORT (\w+): (.*)", text):
        found.setdefault(name, []).append(line.rstrip())
    return started, {name: "\n".join(lines) for name, lines in found.items()}


def seconds(text, what):
    """What systemd-analyze gives as "2.901s (firmware)" or "487ms (loader)"."""
    number, unit = re.search(rf"([\d.]+)(ms|s) \({what}\)", text).groups()
    return float(number) / (1000 if unit == "ms" else 1)


def crng_ready(found):
    """When the kernel's generator was ready, in seconds; None: not before the end."""
    line = re.search(r"\[\s*([\d.]+)\] random: crng init done", found.get("kernel", ""))
    return line and float(line[1])


def documented(title):
    """{variable-GUID} of a section of docs/formats/variables.md."""
    text = (harness.ROOT / "docs/formats/variables.md").read_text()
    part = re.search(rf"^## {title}\n(.*?)(?=^## )", text, re.M | re.S)[1]
    guid = re.search(r"GUID\s+`([0-9a-f-]{36})`", part)[1]
    return {f"{name}-{guid}" for name in re.findall(r"^\| `(\w+)` \|", part, re.M)}


def plant(board, store):
    """Variables that an earlier loader or an OS left for ever, under the names of ours."""
    with board.machine(board.image(board.slot("A")), vars=store) as vm:
        vm.expect(r"KERNEL end", board.start_time())
        vm.wait_end()
    planted = variables.Store(store)
    for name, text in (("LoaderInfo", "sd-boot 1"), ("LoaderTimeInitUSec", "7"),
                       ("LoaderTimeExecUSec", "8"), ("LoaderEntrySelected", "old.conf")):
        planted.put(name, variables.NV | variables.BS | variables.RT,
                    (text + "\0").encode("utf-16-le"), LOADER_GUID)


@pytest.mark.boards("aarch64-uefi", "x86_64-uefi")
def test_systemd_sees_the_loader_and_marks_the_slot_good(board):
    disk, store = board.image(systemd.slot(board)), board.work / "vars.fd"
    if board.arch == "aarch64":
        plant(board, store)
    started, found = report(board, disk, vars=store, extra=["-device", "virtio-rng-pci"])

    version = (harness.ROOT / "VERSION").read_text().strip()
    esp = disk.guid_of(1)
    file = {"aarch64": "BOOTAA64", "x86_64": "BOOTX64"}[board.arch]
    for wanted in (rf"Product: Lifeboat {re.escape(version)}$",
                   r"\+ Support for passing random seed to OS$",
                   r"- Boot counting$", r"- Menu timeout control$",
                   r"\+ Boot loader sets ESP information$",
                   rf"ESP: /dev/disk/by-partuuid/{esp}$",
                   rf"File: .*/EFI/BOOT/{file}\.EFI$", r"Firmware: UEFI 2\.70 \(EDK II 1\.00\)$"):
        assert re.search(wanted, found["bootctl"], re.M), wanted + "\n" + found["bootctl"]

    shown = dict(line.split() for line in found["variable"].splitlines())
    for_os = documented("For the operating system") | documented("Boot Loader Interface")
    # Said only where there is something to say.
    unsaid = "LifeboatBehind-", "LifeboatRefused-", "LifeboatServer-"
    for_os = {n for n in for_os if not n.startswith(unsaid)}
    assert len(for_os) > 15 and {name: "00000006" for name in for_os} == shown

    firmware, loader = (seconds(found["analyze"], w) for w in ("firmware", "loader"))
    assert 0.02 < firmware < started and 0.02 < loader < started
    assert firmware + loader < started + 0.5
    assert crng_ready(found) == 0
    if systemd.runs_lifeboat(board.arch):
        assert "ActiveState=active" in found["unit"] and "status=0" in found["unit"]
        assert "argv[]=/usr/bin/lifeboat slots mark-good ;" in found["unit"]
        assert disk.attributes("A") == (1, 0, 1)


@pytest.mark.boards(HERE)
def test_a_failed_check_keeps_the_slot_on_trial(board):
    """The unit does not run; nor does the init script while a check of its own fails."""
    disk = board.image(systemd.slot(board, "test.sick test.init"))
    _, found = report(board, disk)
    assert "ActiveState=inactive" in found["unit"] and "start_time=[n/a]" in found["unit"]
    assert "10-fails failed: the slot is not marked good" in found["sick"]
    assert re.search(r"remaining attempts 5  bootable no .*still trying", found["slots"])
    assert re.search(r"remaining attempts 0  bootable yes .*booted correctly", found["init"])
    assert disk.attributes("A") == (1, 0, 1)
    assert crng_ready(found) != 0  # no source of randomness: no seed
