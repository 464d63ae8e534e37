# One set of object rules per variant of the same sources. A variant V sets:
#   OBJ_V   folder of its objects      ARCH_V   whose crypto/ARCH belongs to it
#   CC_V    compiler                   CFLAGS_V code generation
#   CPP_V   extra preprocessor flags   REGS_V   register limits, not for crypto/ARCH

HOST_ARCH := $(shell uname -m)
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wpointer-arith -Werror
STD := -std=gnu11 -fno-common -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(BUILD)=build -ffile-prefix-map=$(CURDIR)=. -fno-record-gcc-switches
GEN := $(BUILD)/gen
CPPFLAGS := -I. -I$(GEN)

# The host's compiler by its plain name; CC=... overrides it.
ifeq ($(origin CC),default)
CC := gcc
endif
CC ?= gcc
CLANG ?= clang
AR := ar

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FREESTANDING := -Os -g -ffreestanding -fshort-wchar -fno-strict-aliasing -fpie \
	-fvisibility=hidden -fstack-protector-strong -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -nostdinc -Wframe-larger-than=12288
# Only the compiler's own headers and ours in boot/libc; nothing of the build machine.
freestanding_include = -isystem boot/libc/include -isystem $(shell $(1) -print-file-name=include)

OBJ_host := $(BUILD)/host
CC_host := $(CC)
CFLAGS_host := -O2 -g -fPIE -fvisibility=hidden
ARCH_host := $(HOST_ARCH)

OBJ_asan := $(BUILD)/asan
CC_asan := $(CC)
CFLAGS_asan := -O1 -g $(SANITIZE)
ARCH_asan := $(HOST_ARCH)

OBJ_fuzz := $(BUILD)/fuzz
CC_fuzz := $(CLANG)
CFLAGS_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
ARCH_fuzz := $(HOST_ARCH)

OBJ_coverage := $(BUILD)/coverage
CC_coverage := $(CC)
CFLAGS_coverage := -O0 -g --coverage -fprofile-abs-path
ARCH_coverage := $(HOST_ARCH)

FIRMWARE_ARCHES := x86_64 aarch64
define uefi_variant
OBJ_uefi-$(1) := $$(BUILD)/$(1)/uefi
CC_uefi-$(1) := $$(CC_$(1))
CFLAGS_uefi-$(1) := $$(FREESTANDING) $$(CODEGEN_$(1))
CPP_uefi-$(1) = $$(call freestanding_include,$$(CC_$(1))) $$(call GNU_EFI_CPPFLAGS,$(1)) \
	$$(UEFI_CPPFLAGS_$(1))
REGS_uefi-$(1) := $$(REGS_$(1))
ARCH_uefi-$(1) := $(1)
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call uefi_variant,$(a))))

OBJ_bare-aarch64 := $(BUILD)/aarch64/bare
CC_bare-aarch64 := $(CC_aarch64)
CFLAGS_bare-aarch64 := $(FREESTANDING) $(CODEGEN_aarch64) -mstrict-align
CPP_bare-aarch64 = $(call freestanding_include,$(CC_aarch64))
REGS_bare-aarch64 := $(REGS_aarch64)
ARCH_bare-aarch64 := aarch64

# For programs on devices: static, against libraries that tools/recovery/fetch-parts brings.
define linux_variant
OBJ_linux-$(1) := $$(BUILD)/$(1)/linux
CC_linux-$(1) := $$(CC_$(1))
CFLAGS_linux-$(1) := -O2 -g -fno-pie -fstack-protector-strong
CPP_linux-$(1) := -D_GNU_SOURCE -isystem $$(BUILD)/$(1)/recovery-parts/sysroot/usr/include
ARCH_linux-$(1) := $(1)
READY_linux-$(1) := $$(BUILD)/$(1)/recovery-parts/release
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call linux_variant,$(a))))

HOST_VARIANTS := host asan fuzz coverage
LINUX_VARIANTS := $(FIRMWARE_ARCHES:%=linux-%)
VARIANTS := $(HOST_VARIANTS) $(LINUX_VARIANTS) $(FIRMWARE_ARCHES:%=uefi-%) bare-aarch64

# Tools include the system's zlib and libraries, so they do not get the loader's.
TOOL_CPPFLAGS = -D_GNU_SOURCE $(CPPFLAGS) $(call cflags_of,lifeboat) -isystem $(DEPS_SRC)/libfdt/libfdt

define variant_rules
# evaluated once, at the first use: the compiler may not be installed before that
CPP1_$(1) = $$(eval CPP1_$(1) := $$(CPP_$(1)))$$(CPP1_$(1))
COMPILE_$(1) = $$(CC_$(1)) $$(CFLAGS_$(1)) $$(STD) -MMD -MP -c -o $$@

$$(OBJ_$(1))/crypto/$$(ARCH_$(1))/%.o: REGS_$(1) := $$(ACCEL_$$(ARCH_$(1)))
$$(OBJ_$(1))/crypto/aarch64/sha512_armv8.o: REGS_$(1) := $$(ACCEL_SHA512_aarch64)

$$(OBJ_$(1))/%.o: %.c $$(MAKEFILES_USED) $$(GEN)/lb_version.h | $$(DEPS_READY) $$(READY_$(1))
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) $$(WARN) $$(CPPFLAGS) $$(CPP1_$(1)) $$(DEPS_CPPFLAGS) $$<

$$(OBJ_$(1))/%.o: %.S $$(MAKEFILES_USED) $$(GEN)/lb_version.h | $$(DEPS_READY)
	$$(call say,AS,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(CPPFLAGS) $$(CPP1_$(1)) $$<

$$(OBJ_$(1))/deps/mbedtls/%.o: $$(DEPS_SRC)/mbedtls/library/%.c $$(MAKEFILES_USED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) $$(call DEPS_OPT_$(1),$$*) -w -I. $$(CPP1_$(1)) $$(DEPS_CPPFLAGS) $$<

$$(OBJ_$(1))/deps/zlib/%.o: $$(DEPS_SRC)/zlib/%.c $$(MAKEFILES_USED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) $$(call DEPS_OPT_$(1),$$*) -w $$(CPP1_$(1)) $$(ZLIB_DEFS) -DZ_TESTW=0 \
		-include string.h $$<

$$(OBJ_$(1))/deps/zstd/%.o: deps/config/%.c $$(MAKEFILES_USED) | $$(DEPS_READY)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) -w -I. $$(CPP1_$(1)) \
		-I$$(DEPS_SRC)/zstd/lib -I$$(DEPS_SRC)/zstd/lib/common $$<

$$(OBJ_$(1))/deps/libfdt/%.o: $$(DEPS_SRC)/libfdt/libfdt/%.c $$(MAKEFILES_USED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) -w -I$$(DEPS_SRC)/libfdt/libfdt $$(CPP1_$(1)) $$<

LOADER_OBJ_$(1) := $$(patsubst %.c,$$(OBJ_$(1))/%.o,$$(LOADER_SRC) \
	$$(call accel_src,$$(ARCH_$(1)))) $$(OBJ_$(1))/gen/ui_font.o $$(OBJ_$(1))/gen/ui_text.o
DEPS_OBJ_$(1) := $$(DEPS_OBJ:%=$$(OBJ_$(1))/%)

$$(OBJ_$(1))/libdeps.a: $$(DEPS_OBJ_$(1))
	$$(call archive)
endef
$(foreach v,$(VARIANTS),$(eval $(call variant_rules,$(v))))

# Hashing, RSA and inflate's inner loop are where the time goes: for speed everywhere, firmware
# too; the rest of inflate has only a stream's ends and headers to do.
# (zstd is rare, and 12 kB smaller when made for size; so is what only looks into keys.)
DEPS_HOT := bignum_core sha256 sha512 inffast crc32
$(foreach v,$(VARIANTS),$(eval DEPS_OPT_$(v) = $$(if $$(filter $$(1),$(DEPS_HOT)),-O2)))
$(foreach v,$(VARIANTS),$(if $(filter uefi-% bare-%,$(v)),\
	$(eval $(OBJ_$(v))/crypto/sha%.o $(OBJ_$(v))/crypto/$(ARCH_$(v))/%.o: STD += -O2)))

# Without firmware some code runs before the MMU is on, where only aligned loads work. What
# judges, hashes and unpacks never does (boot/bare/board.c first), and reads memory only.
BEHIND_MMU := crypto deps/mbedtls deps/zlib deps/zstd gpt boot/kernel boot/flow boot/history \
	boot/judge boot/person boot/tpm recovery unpack
$(foreach d,$(BEHIND_MMU),\
	$(eval $(OBJ_bare-aarch64)/$(d)/%.o: STD += -mno-strict-align))

define archive
$(call say,AR,$@)
@mkdir -p $(@D)
@rm -f $@
$(Q)$(AR) rcsD $@ $(filter %.o,$^)
endef

# The update engine's messages. What includes them waits for them to be made.
UPDATE_MESSAGES := $(UPDATE_PROTO:%.proto=$(GEN)/%.pb-c.h)
$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: %.proto $(MAKEFILES_USED) | $(DEPS_READY)
	$(call say,PROTOC,$(GEN)/$*.pb-c.c)
	@mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(GEN) $<

# On hosts the core also holds the update engine.
define host_core
CORE_OBJ_$(1) := $$(LOADER_OBJ_$(1)) $$(UPDATE_SRC:%.c=$$(OBJ_$(1))/%.o) \
	$$(UPDATE_PROTO:%.proto=$$(OBJ_$(1))/gen/%.pb-c.o)
$$(UPDATE_SRC:%.c=$$(OBJ_$(1))/%.o) $$(OBJ_$(1))/tests/host/payload_image.o: | $$(UPDATE_MESSAGES)
$$(OBJ_$(1))/gen/update/%.pb-c.o: $$(GEN)/update/%.pb-c.c $$(GEN)/update/%.pb-c.h
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) -w -I$$(GEN) $$(CPP1_$(1)) $$<
$$(OBJ_$(1))/libcore.a: $$(CORE_OBJ_$(1)) $$(OBJ_$(1))/core.list
	$$(call archive)
$$(OBJ_$(1))/core.list: FORCE
	@mkdir -p $$(@D)
	@echo '$$(CORE_OBJ_$(1))' | cmp -s - $$@ || echo '$$(CORE_OBJ_$(1))' >$$@
endef
$(foreach v,$(HOST_VARIANTS) $(LINUX_VARIANTS),$(eval $(call host_core,$(v))))

$(GEN)/lb_version.h: VERSION
	@mkdir -p $(@D)
	@printf '#ifndef LB_VERSION\n#define LB_VERSION "%s"\n#endif\n' '$(VERSION)' >$@
