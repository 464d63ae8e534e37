#!/usr/bin/python3
"""Writes the seeds of tests/fuzz/boot_flow_fuzz.c into tests/fuzz/corpus/boot_flow.

Machines of each mode, honest and lying. Run again only when the target changes.
"""

import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent / "boot_flow"
DEAD, RECOVERY, DEVELOPER, SECURE_BOOT, REQUEST, TRUSTED = 1, 2, 4, 8, 16, 32
OFFICIAL, TOO, OLD, DEV_ONLY, REC, REC_OLD, OWN, STRANGERS = range(8)
ALLOWED, ALLOWED_SECURE_BOOT = 1, 2
CTRL_U = bytes([2 | 4 << 3, ord("u")])
ENTER = bytes([6 << 3, 13])
LATER = 0xFFFFFFFFFFFFFFFE


def machine(how, profile=0, slots=((0, OFFICIAL), (0, OLD)), stick=(), lies=(), keys=b""):
    data = bytes([how, profile])
    for attributes, image in slots:
        data += bytes([attributes, image])
    data += bytes([len(stick), *stick])
    if stick:
        data += bytes([0, 0])
    data += bytes([len(lies)])
    for where, image, pattern in lies:
        data += bytes([where, image]) + struct.pack(">Q", pattern)
    return data + bytes([0, 0]) + keys


SEEDS = {
    "normal": machine(0),
    "normal-trying": machine(0, slots=((0x31, OFFICIAL), (0, TOO))),
    "normal-lies": machine(0, lies=((0, STRANGERS, LATER),)),
    "recovery": machine(RECOVERY, stick=(REC,)),
    "recovery-many": machine(RECOVERY, stick=(REC_OLD, OFFICIAL, REC)),
    "recovery-lies": machine(DEAD, stick=(REC,), lies=((2, OFFICIAL, LATER),)),
    "developer-slots": machine(DEVELOPER, ALLOWED, slots=((0, OWN), (0, STRANGERS))),
    "developer-trusted": machine(DEVELOPER | SECURE_BOOT | TRUSTED, ALLOWED,
                                 slots=((0, STRANGERS), (0, OWN))),
    "stick-asked": machine(DEVELOPER, ALLOWED, stick=(STRANGERS,), keys=CTRL_U + ENTER),
    "stick-lies": machine(DEVELOPER | SECURE_BOOT, ALLOWED, stick=(OFFICIAL,), keys=CTRL_U,
                          lies=((2, STRANGERS, LATER),)),
    "stick-hash-only": machine(DEVELOPER | SECURE_BOOT, ALLOWED_SECURE_BOOT, stick=(OWN,),
                               keys=CTRL_U + bytes([0, ord("o")])),
}

if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, data in SEEDS.items():
        (HERE / name).write_bytes(data)
