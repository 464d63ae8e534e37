#!/bin/sh
# The bare-metal image: its header says what docs/formats/bare-image.md says, and no part of
# it is writable and executable at once.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}
image=$build/aarch64/lifeboat.img
[ -f "$image" ] || { echo "no bare-metal loader in $build"; exit 1; }

/usr/bin/python3 - "$image" "$build/aarch64/lifeboat-bare.elf" <<'END'
import pathlib
import struct
import sys

image = pathlib.Path(sys.argv[1]).read_bytes()
elf = pathlib.Path(sys.argv[2]).read_bytes()
passed = failed = 0


def check(what, good):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("wrong:", what)


code0, code1, offset, size, flags = struct.unpack_from("<IIQQQ", image, 0)
magic, profile, room, file_bytes = struct.unpack_from("<8sIIQ", image, 32)
check("code0 is a branch", code0 >> 26 == 0b000101 and code1 == 0)
check("text_offset", offset == 0)
check("flags", flags == 0xa)
check("magic", image[56:64] == b"ARM\x64\0\0\0\0")
check("our magic", magic == b"LBIMAGE\1")
check("size of the file", file_bytes == len(image) and len(image) % 64 == 0)
check("image_size", size >= len(image) and size % 4096 == 0)
check("place of the profile", profile % 4096 == 0 and profile + room <= len(image))
check("room for the profile", room == 65536)
check("no profile inside", not any(image[profile:profile + room]))

# Program headers of the ELF: type, flags, ..., address, ..., memory size.
start, entry, count = (struct.unpack_from("<Q", elf, 32)[0],
                       *struct.unpack_from("<HH", elf, 54))
loads = [struct.unpack_from("<IIQQQQQQ", elf, start + i * entry) for i in range(count)]
loads = [p for p in loads if p[0] == 1]
check("three parts", [p[1] for p in loads] == [5, 4, 6])
check("parts begin on pages", all(p[3] % 4096 == 0 for p in loads))
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
END
