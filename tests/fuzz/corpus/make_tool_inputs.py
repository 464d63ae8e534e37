#!/usr/bin/python3
"""Make the seeds of tool_inputs_fuzz: small files of each kind behind the byte that chooses the
parser. Needs mkfs.fat and mtools, and openssl.

usage: tests/fuzz/corpus/make_tool_inputs.py OUT-FOLDER
"""
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
KEYS = pathlib.Path("/usr/share/vboot/devkeys")
TABLE, FAT, LOADERS, UKI, SIGNATURE, KERNEL, KEY, CMDLINE, PLAN = range(9)
EFI = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")


def program(sections, certificates=b""):
    """A PE32+ program of sections [(name, bytes)]. Spec: PE Format."""
    head = bytearray(0x200)
    head[0:2] = b"MZ"
    struct.pack_into("<I", head, 60, 64)
    struct.pack_into("<4sHHIIIHH", head, 64, b"PE\0\0", 0x8664, len(sections), 0, 0, 0, 160, 0x22)
    struct.pack_into("<H", head, 88, 0x20b)
    struct.pack_into("<I", head, 88 + 60, 0x200)
    struct.pack_into("<I", head, 88 + 108, 6)
    body = b""
    for i, (name, data) in enumerate(sections):
        struct.pack_into("<8sIIII", head, 248 + 40 * i, name, len(data), 0x1000 * (i + 1),
                         len(data), 0x200 + len(body))
        body += data
    if certificates:
        struct.pack_into("<II", head, 88 + 112 + 32, 0x200 + len(body), len(certificates))
    return bytes(head) + body + certificates


def fat(folder, bits):
    """The smallest file system of a kind, with one short file under the name of a loader."""
    image = pathlib.Path(folder) / f"fat{bits}"
    image.write_bytes(bytes(40 * 1024))
    subprocess.run(["mkfs.fat", "--invariant", "-F", str(bits), "-s", "1", "-r", "16", image], check=True,
                   capture_output=True)
    part = pathlib.Path(folder) / "part"
    part.write_bytes(program([(b".text", b"x" * 8)]))
    for name in "EFI", "EFI/BOOT":
        subprocess.run(["mmd", "-i", image, f"::{name}"], check=True)
    subprocess.run(["mcopy", "-i", image, part, "::EFI/BOOT/BOOTX64.EFI"], check=True)
    return image.read_bytes()


def disk(content):
    """One EFI system partition. Spec: UEFI 2.10, 5.3."""
    sectors = 34 + (len(content) + 511) // 512 + 33
    entries = struct.pack("<16s16sQQQ72s", EFI, b"g" * 16, 34, sectors - 34, 0, b"").ljust(16384, b"\0")

    def header(here, other, at):
        h = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here, other, 34,
                        sectors - 34, b"d" * 16, at, 128, 128, zlib.crc32(entries))
        return h[:16] + struct.pack("<I", zlib.crc32(h)) + h[20:]
    return (bytes(512) + header(1, sectors - 1, 2).ljust(512, b"\0") + entries +
            content.ljust((sectors - 67) * 512, b"\0") + entries +
            header(sectors - 1, 1, sectors - 33).ljust(512, b"\0"))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)

    def put(kind, name, data):
        (out / name).write_bytes(bytes([kind]) + data)
    with tempfile.TemporaryDirectory() as folder:
        small = fat(folder, 12)
        put(FAT, "fat12", small)
        put(LOADERS, "loaders", disk(small))
        certificate = pathlib.Path(folder) / "c"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=s",
                        "-keyout", "/dev/null", "-outform", "DER", "-out", certificate],
                       check=True, capture_output=True)
        put(KEY, "certificate", certificate.read_bytes())
    table = disk(bytes(512))
    put(TABLE, "table", table)
    put(TABLE, "table-cut", table[:-1024])
    put(TABLE, "table-sum", table[:530] + b"x" + table[531:])
    put(TABLE, "table-entry", table[:1100] + b"x" + table[1101:])
    linux = (b".linux", b"k" * 16)
    put(UKI, "uki", program([linux, (b".cmdline", b"quiet\0")]))
    put(UKI, "uki-profiles", program([linux, (b".profile", b"ID=a\0"), (b".cmdline", b"one\0"),
                                      (b".profile", b"ID=b\nTITLE=B\0"), (b".cmdline", b"two")]))
    put(SIGNATURE, "signature", program([linux], struct.pack("<IHH", 40, 0x200, 2) + bytes.fromhex(
        "301e06092a864886f70d010702a011300f0201013100300606042a030405").ljust(32, b"\0")))
    packed = gzip.compress(b"kernel" * 20, mtime=0)
    zboot = bytearray(program([(b".data", packed)]))
    struct.pack_into("<I4sII", zboot, 0, 0x5a4d, b"zimg", 0x200, len(packed))
    zboot[0x18:0x1c] = b"gzip"
    put(KERNEL, "zboot", bytes(zboot))
    setup = bytearray(1024)
    setup[0x1f1], setup[0x1fe], setup[0x1ff] = 1, 0x55, 0xaa
    setup[0x202:0x206] = b"HdrS"
    put(KERNEL, "bzimage", bytes(setup) + b"k" * 64)
    put(KERNEL, "gzip", packed)
    put(KEY, "key", (KEYS / "kernel_subkey.vbpubk").read_bytes())
    put(KEY, "key-cut", (KEYS / "kernel_subkey.vbpubk").read_bytes()[:40])
    put(KEY, "pem", b"-----BEGIN PUBLIC KEY-----\nAAAA\n")
    table = ("dm-mod.create=\"r,,,ro,0 8 verity 1 PARTUUID=x PARTUUID=x 4096 4096 1 2 sha256 " +
             "ab" * 32 + " -\" root=/dev/dm-0")
    put(CMDLINE, "cmdline", table.encode())
    put(CMDLINE, "cmdline-chromeos", b"dm=\"1 vroot none ro 1,0 8 verity a b\" root=/dev/dm-0 panic=5")
    put(CMDLINE, "cmdline-systemd", b"roothash=" + b"ab" * 32 + b" rd.systemd.verity=1 -- x")
    put(PLAN, "plan", b"[image]\nsize = 64M\nsector-size = 512\n[efi]\nloader = l\nfile = a=b\n"
        b"[slot-a]\nsigned = k\nroot = r\n[slot-b]\ncopy = yes\n[state]\nsize = 4M\n")


if __name__ == "__main__":
    sys.exit(main())
