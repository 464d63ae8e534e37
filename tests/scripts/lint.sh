#!/bin/sh
# tools/build/lint finds what it is for: each kind of violation, planted in a small tree.
set -eu
cd "$(dirname "$0")/../.."
lint=$PWD/tools/build/lint
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

fresh() {
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree/gpt" "$dir/tree/base" "$dir/tree/boot/uefi" \
		"$dir/tree/crypto/x86_64" "$dir/tree/tools" "$dir/tree/docs" \
		"$dir/tree/boot/bare/drivers" "$dir/tree/qemu/kernels" "$dir/tree/host"
	cp docs/style.md "$dir/tree/docs"
	cp .clang-format "$dir/tree"
	cat >"$dir/tree/base/a.h" <<-'END'
		/* A header. */
		#ifndef LIFEBOAT_BASE_A_H
		#define LIFEBOAT_BASE_A_H

		int lb_a(void);

		#endif
	END
	cat >"$dir/tree/gpt/b.c" <<-'END'
		/* Mentions strcpy() and #ifdef, in words. */
		#include <stdint.h>

		#include "base/a.h"

		int lb_a(void)
		{
		 	static const char *const text[] = { "strcpy(", "malloc(" };

		 	return text[0][0];
		}
	END
	sed -i 's/^ \t/\t/' "$dir/tree/gpt/b.c"
	# Files that may do more.
	echo '#include <efi.h>' >"$dir/tree/boot/uefi/c.c"
	echo '#include "gpt/b.h"' >>"$dir/tree/boot/uefi/c.c"
	echo '#include <immintrin.h>' >"$dir/tree/crypto/x86_64/d.c"
	echo '#include <stdio.h>' >"$dir/tree/tools/e.c"
	printf '#include <stdlib.h>\nint lb_h(void *p) { free(p); return snprintf(0, 0, ""); }\n' \
		>"$dir/tree/host/h.c"
	sed -i 's/^int lb_h(void \*p) { /int lb_h(void *p)\n{\n\t/; s/; return/;\n\treturn/; s/; }$/;\n}/' \
		"$dir/tree/host/h.c"
	echo '#include "boot/bare/io.h"' >"$dir/tree/boot/bare/drivers/f.c"
	echo '#include "g.h"' >"$dir/tree/qemu/kernels/g.c"
	printf '#ifndef LIFEBOAT_G_H\n#define LIFEBOAT_G_H\n#endif\n' >"$dir/tree/qemu/kernels/g.h"
}

compile() {
	cc=${CC:-gcc}
	"$cc" -O1 -fPIE -fno-common -I"$dir/tree" -c -o "$dir/b.o" "$dir/tree/gpt/b.c"
	rm -f "$dir/lib.a"
	ar rcs "$dir/lib.a" "$dir/b.o"
}

run() { "$lint" --root "$dir/tree" --objects "$dir/lib.a" "$@" >"$dir/log" 2>&1; }

clean() {
	if run; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED: $1: findings in a clean tree"
		cat "$dir/log"
	fi
}

# found NAME CHECK TEXT: CHECK alone complains, and says TEXT.
found() {
	if ! run "$2" && grep -qF -- "$3" "$dir/log"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED: $1: not found"
		cat "$dir/log"
	fi
}

fresh
compile
clean "the tree without violations"

# plant NAME CHECK FILE LINE TEXT: LINE put after FILE's first line gives TEXT.
plant() {
	fresh
	sed -i "1a\\$4" "$dir/tree/$3"
	found "$1" "$2" "$5"
}
plant "a driver includes its back end" layers boot/bare/drivers/f.c '#include "boot/bare/board.h"' 'boot/bare/drivers may not include "boot/bare/board.h"'
plant "a kernel of the boot tests includes ours" layers qemu/kernels/g.c '#include "base/a.h"' 'qemu may not include "base/a.h"'
plant "gpt includes boot" layers gpt/b.c '#include "boot/flow/flow.h"' 'gpt may not include "boot/flow/flow.h"'
plant "base includes gpt" layers base/a.h '#include "gpt/b.h"' 'base may not include "gpt/b.h"'
plant "core includes firmware headers" layers gpt/b.c '#include <efi.h>' 'gpt may not include <efi.h>'
plant "core includes stdio" layers gpt/b.c '#  include <stdio.h>' 'gpt may not include <stdio.h>'
plant "core includes intrinsics" layers gpt/b.c '#include <immintrin.h>' 'gpt may not include <immintrin.h>'
plant "tools include the back end" layers tools/e.c '#include "boot/uefi/c.h"' 'tools may not include "boot/uefi/c.h"'
plant "relative include" layers gpt/b.c '#include "b.h"' 'gpt may not include "b.h"'
plant "not formatted" format gpt/b.c 'int  x;' 'gpt/b.c'
plant "two modules include each other" cycles base/a.h '#include "gpt/b.h"' 'base/a -> gpt/b -> base/a: these need each other'
long=$(printf '%090d' 0)
plant "a long comment" width gpt/b.c "/* $long */" 'gpt/b.c:2: 96 columns'
plant "a long directive" width base/a.h "#define A \"$long\"" 'base/a.h:2: 102 columns'
fresh
sed -i "1a/* clang-format off */\\n/* $long */\\n/* clang-format on */" "$dir/tree/gpt/b.c"
compile
clean "a table is as wide as it must be"
plant "strcpy" banned gpt/b.c 'void f(char *p) { strcpy (p, "x"); }' 'strcpy() is banned here'
plant "malloc" banned gpt/b.c 'void *f(void) { return malloc(3); }' 'malloc() is banned here'
plant "alloca" banned gpt/b.c 'void *f(void) { return alloca(3); }' 'alloca() is banned here'
plant "a library prints" banned host/h.c 'void f(void) { fprintf(stderr, "x"); }' 'fprintf() is banned here'
plant "a library exits" banned host/h.c 'void f(void) { exit(2); }' 'exit() is banned here'
plant "a library catches signals" banned host/h.c 'void f(void) { signal(2, f); }' 'signal() is banned here'
plant "a library includes the command" layers host/h.c '#include "tools/lib/tool.h"' 'host may not include "tools/lib/tool.h"'
plant "weak" banned gpt/b.c 'void f(void) __attribute__((weak));' 'weak symbol'
plant "ifdef" banned gpt/b.c '#ifdef DEBUG' '#ifdef in logic'

fresh
echo 'int lb_b(void);' >>"$dir/tree/base/a.h"
found "something behind the guard" guards 'does not reach the end'

fresh
sed -i 's/LIFEBOAT_BASE_A_H/A_H/' "$dir/tree/base/a.h"
found "guard of another name" guards 'no include guard'

fresh
sed -i 's/^| `gpt` .*/| `gpt` | tables | `base`, `ui` |/' "$dir/tree/docs/style.md"
found "style.md allows more" style '`gpt`: too much: ui'
sed -i '/^| `gpt` /d' "$dir/tree/docs/style.md"
found "style.md lacks a folder" style 'no row for `gpt`'

# global NAME DECLARATION
global() {
	fresh
	printf '%s\nint lb_use(void);\nint lb_use(void)\n{\n\treturn ++lb_count;\n}\n' "$2" \
		>>"$dir/tree/gpt/b.c"
	compile
	found "$1" globals 'lb_count is mutable'
}
global "mutable global" 'int lb_count;'
global "mutable initialised static" 'static int lb_count = 5;'
fresh
printf 'int lb_use(void);\nint lb_use(void)\n{\n\tstatic int n;\n\treturn ++n;\n}\n' >>"$dir/tree/gpt/b.c"
compile
found "mutable static in a function" globals 'is mutable'
rm "$dir/lib.a"
found "no objects" globals 'not built'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
