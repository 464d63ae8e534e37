#!/bin/sh
# elf2efi refuses what must not become a loader, and notices a damaged result.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}
elf2efi=$build/host/bin/elf2efi
efi=$build/x86_64/lifeboat.efi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	cat "$dir/log"
}
# refused NAME TEXT COMMAND...: fails, and says TEXT.
refused() {
	name=$1 text=$2
	shift 2
	if "$@" >"$dir/log" 2>&1; then bad "$name: accepted"; return; fi
	if grep -qF -- "$text" "$dir/log"; then ok; else bad "$name: no \"$text\""; fi
}
accepted() {
	name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then ok; else bad "$name"; fi
}
# poke FILE OFFSET BYTES (printf notation)
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
# link NAME [LD-FLAG...]: build $dir/NAME.elf from $dir/NAME.S with the loader's script
link() {
	name=$1
	shift
	x86_cc=gcc x86_ld=ld
	if [ "$(uname -m)" != x86_64 ]; then x86_cc=x86_64-linux-gnu-gcc x86_ld=x86_64-linux-gnu-ld; fi
	"$x86_cc" -c -o "$dir/$name.o" "$dir/$name.S"
	"$x86_ld" -m elf_x86_64 -z norelro -z noexecstack --no-warn-rwx-segments "$@" \
		-T linker/uefi.ld -o "$dir/$name.elf" "$dir/$name.o"
}

for arch in x86_64 aarch64; do
	accepted "the $arch loader" "$elf2efi" --check "$build/$arch/lifeboat.efi"
	accepted "the $arch loader again" "$elf2efi" "$build/$arch/lifeboat.elf" "$dir/again.efi"
	if cmp -s "$dir/again.efi" "$build/$arch/lifeboat.efi"; then ok; else bad "same input, same output"; fi
done

# The finished file, read by other code: no section both written and executed.
for arch in x86_64 aarch64; do
	/usr/bin/python3 - "$build/$arch/lifeboat.efi" >"$dir/log" 2>&1 <<-'END' && ok || bad "sections of $arch"
		import struct, sys
		pe = open(sys.argv[1], "rb").read()
		at = struct.unpack_from("<I", pe, 60)[0]
		count, stamp = struct.unpack_from("<HI", pe, at + 6)
		opt = at + 24
		assert stamp == 0, "time stamp"
		assert struct.unpack_from("<H", pe, opt + 70)[0] & 0x100, "NX_COMPAT"
		rights = {}
		for i in range(count):
		    h = opt + 240 + 40 * i
		    name = pe[h:h + 8].rstrip(b"\0").decode()
		    size, rva, raw, offset = struct.unpack_from("<4I", pe, h + 8)
		    flags = struct.unpack_from("<I", pe, h + 36)[0]
		    rights[name] = "".join(c for b, c in ((30, "r"), (31, "w"), (29, "x")) if flags >> b & 1)
		    if name == ".lbprof":
		        assert size == 65536 and not any(pe[offset:offset + raw]), "profile room"
		    if name == ".sbat":
		        assert pe[offset:].startswith(b"sbat,1,SBAT Version,"), "SBAT"
		        assert b"\nlifeboat,1,Lifeboat,lifeboat," in pe[offset:offset + size]
		print(rights)
		assert rights[".text"] == "rx" and rights[".rodata"] == "r"
		assert rights[".lbprof"] == "r" and rights[".sbat"] == "r" and rights[".reloc"] == "r"
		assert rights.get(".data", "rw") == "rw" and rights.get(".relro", "r") == "r"
	END
done

code='.globl efi_main\n.section .text,"ax"\nefi_main: ret\n'
printf "$code" >"$dir/plain.S"
link plain -pie
accepted "a plain program" "$elf2efi" "$dir/plain.elf" "$dir/plain.efi"

printf "$code"'.section wx,"awx",@progbits\nret\n' >"$dir/wx.S"
link wx -pie
refused "a section both writable and executable" "section wx is writable and executable" \
	"$elf2efi" "$dir/wx.elf" "$dir/wx.efi"
if [ -e "$dir/wx.efi" ]; then bad "an output was left behind"; else ok; fi

link plain
refused "not position-independent" "not linked position-independent" \
	"$elf2efi" "$dir/plain.elf" "$dir/out.efi"

printf "$code"'.section .data,"aw"\n.long efi_main\n' >"$dir/reloc.S"
if link reloc -pie 2>"$dir/log"; then
	refused "a 32-bit address" "cannot be expressed" "$elf2efi" "$dir/reloc.elf" "$dir/out.efi"
else
	ok # ld itself refused it
fi

printf "$code"'.section .data,"aw"\n.balign 8\n.quad efi_main, efi_main\n' >"$dir/reloc2.S"
link reloc2 -pie
accepted "two addresses" "$elf2efi" "$dir/reloc2.elf" "$dir/reloc2.efi"
objdump -p "$dir/reloc2.efi" >"$dir/log" 2>&1
if [ "$(grep -c 'DIR64' "$dir/log")" -eq 2 ]; then ok; else bad "two base relocations"; fi

head -c 100 "$dir/plain.elf" >"$dir/short.elf"
refused "a truncated ELF" "outside the file" "$elf2efi" "$dir/short.elf" "$dir/out.efi"
echo text >"$dir/text"
refused "not an ELF" "lies outside the file" "$elf2efi" "$dir/text" "$dir/out.efi"
refused "no such file" "No such file" "$elf2efi" "$dir/none" "$dir/out.efi"

cp "$efi" "$dir/damaged.efi"
poke "$dir/damaged.efi" 1500 'X'
refused "a changed byte" "wrong checksum" "$elf2efi" --check "$dir/damaged.efi"
cp "$efi" "$dir/damaged.efi"
poke "$dir/damaged.efi" 72 '\001'
refused "a time stamp" "time stamp is not zero" "$elf2efi" --check "$dir/damaged.efi"
cp "$efi" "$dir/damaged.efi"
poke "$dir/damaged.efi" 159 '\000'
refused "no NX_COMPAT" "NX_COMPAT is not set" "$elf2efi" --check "$dir/damaged.efi"
head -c 200 "$efi" >"$dir/damaged.efi"
refused "a truncated PE" "not a PE file" "$elf2efi" --check "$dir/damaged.efi"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
