# What the parts consist of. New files are picked up by being there.

# Portable core of the loader: the same objects in firmware, tools and tests.
LOADER_DIRS := base unpack gpt crypto boot/kernel boot/tpm boot/watchdog boot/judge boot/history \
	boot/person boot/flow recovery ui ui/art
LOADER_SRC := $(sort $(foreach d,$(LOADER_DIRS),$(wildcard $(d)/*.c)))

# Update engine: portable too, but not in the loader.
UPDATE_SRC := $(sort $(wildcard update/*.c))
# Its messages, made by protoc-c.
UPDATE_PROTO := update/payload.proto

# Code for one CPU's instructions, chosen at run time: crypto/ARCH, or crypto/other for
# hosts of another kind.
accel_dir = $(if $(wildcard crypto/$(1)),$(1),other)
accel_src = $(sort $(wildcard crypto/$(call accel_dir,$(1))/*.c))

# Linux as programs there need it: disks, files, the running system. No package is needed for it.
HOST_SRC := $(sort $(wildcard host/*.c))

# The command fills the section that the enrolment program reads, and checks it by its parser.
TOOL_SRC := $(sort $(wildcard tools/*.c tools/lib/*.c)) boot/enroll/bundle.c
# The tests' own back end; with what of the recovery program runs on the host, for its tests.
TEST_HOST_SRC := $(sort $(wildcard tests/host/*.c)) \
	$(patsubst %,recovery/installer/%.c,told layout pieces clock fat_make fat_plan loader_judge \
	signature_db report_text judge_disk named_disk talk new_disk program install loader state \
	question disk_rule)
TEST_PROGRAM_SRC := $(sort $(wildcard tests/unit/*_test.c tests/powercut/*.c tests/model/*.c))
# Helpers that Python tests ask: programs, but not tests themselves.
TEST_HELPER_SRC := $(sort $(wildcard tests/differential/*.c tests/bench/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
UEFI_SRC := $(sort $(wildcard boot/uefi/*.[cS]))
ENROLL_SRC := $(sort $(wildcard boot/enroll/*.[cS]))
# What of it runs on the host too, for its tests: parts without firmware types, and parts
# that do with a made-up firmware (tests/unit/uefi_*_test.c).
UEFI_PORTABLE_SRC := $(patsubst %,boot/uefi/%.c,device_path smbios common console disks \
	display load_option memory security2 state variables bli clock seed random tpm measure \
	watchdog dumps $(addprefix x86_64/,e820 page_tables tcg_log)) \
	$(filter-out %/main.c %.S,$(ENROLL_SRC))
BARE_SRC := $(sort $(wildcard boot/bare/*.[cS] boot/bare/*/*.[cS]))
# What of it runs on the host too, for its tests.
BARE_PORTABLE_SRC := $(sort $(wildcard boot/bare/fdt_*.c boot/bare/drivers/*.c) \
	$(wildcard $(patsubst %,boot/bare/%.c,ranges memory keys serial registers dma devices disks \
	aarch64/tables)))
LIBC_SRC := $(sort $(wildcard boot/libc/*.c))

MAKEFILES_USED := Makefile $(wildcard make/*.mk)
