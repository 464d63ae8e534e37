# Tests: programs under the sanitizers, fuzz targets, scripts, whole boots in QEMU.

##@ Running and testing
FUZZ_SECONDS ?= 10
TEST_JOBS ?= 2
TEST_FLAGS := --jobs $(TEST_JOBS)
export LIFEBOAT_BUILD := $(abspath $(BUILD))

# The update engine's packages, and those that tests judge by; a test of parts of the command
# has the command's.
PKGS_tests := cmocka libcrypto zlib libzstd $(PKGS_update)
LIBS_tests := $(LIBS_update)
TESTS_OF_TOOLS := tool_files_fuzz tool_inputs_fuzz unit/root_check_test
PKGS_tool_tests := cmocka $(PKGS_lifeboat)
LIBS_tool_tests := $(LIBS_lifeboat)
test_libs = $(call libs_of,$(if $(filter $(TESTS_OF_TOOLS),$(1)),tool_tests,tests))

# tests/unit/NAME_test.c is build/asan/unit/NAME_test; powercut and model likewise. The
# core's libraries come last, so a test takes only what it uses.
test_program = $(patsubst tests/%.c,$(OBJ_$(1))/%,$(2))
TEST_PROGRAMS := $(call test_program,asan,$(TEST_PROGRAM_SRC))
TEST_HELPERS := $(call test_program,asan,$(TEST_HELPER_SRC))
BENCH_PROGRAMS := $(call test_program,host,$(filter tests/bench/%,$(TEST_HELPER_SRC)))

define test_rules
$$(OBJ_$(1))/libtest.a: $$(TEST_HOST_SRC:%.c=$$(OBJ_$(1))/%.o)
	$$(call archive)
$$(OBJ_$(1))/libuefi.a: $$(UEFI_PORTABLE_SRC:%.c=$$(OBJ_$(1))/%.o)
	$$(call archive)

$$(OBJ_$(1))/libbare.a: $$(BARE_PORTABLE_SRC:%.c=$$(OBJ_$(1))/%.o)
	$$(call archive)

$$(call test_program,$(1),$$(TEST_PROGRAM_SRC) $$(TEST_HELPER_SRC)): $$(OBJ_$(1))/%: $$(OBJ_$(1))/tests/%.o \
		$$(OBJ_$(1))/libtest.a $$(OBJ_$(1))/libtools.a $$(OBJ_$(1))/libnet.a $$(OBJ_host)/libtls.a $$(OBJ_$(1))/libhost.a $$(OBJ_$(1))/libbare.a $$(OBJ_$(1))/libuefi.a \
		$$(OBJ_$(1))/libcore.a \
		$$(OBJ_$(1))/libdeps.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -Wl,--gc-sections -o $$@ $$^ $$(call test_libs,$$(@:$$(OBJ_$(1))/%=%))
endef
$(foreach v,host asan coverage,$(eval $(call test_rules,$(v))))

# Sources with firmware types, on the host.
UEFI_ON_HOST = $(call GNU_EFI_CPPFLAGS,$(HOST_ARCH)) $(UEFI_CPPFLAGS_$(HOST_ARCH)) -fshort-wchar
$(foreach v,$(HOST_VARIANTS),$(eval $(OBJ_$(v))/boot/uefi/%.o \
	$(OBJ_$(v))/tests/unit/uefi_%.o $(OBJ_$(v))/tests/host/uefi_%.o: REGS_$(v) = $$(UEFI_ON_HOST)))

$(foreach v,$(HOST_VARIANTS),$(eval $(OBJ_$(v))/boot/enroll/%.o: REGS_$(v) = $$(UEFI_ON_HOST)))

# A fuzz target NAME_fuzz.c may come with NAME_fuzz.replaces: stub sources, one a line,
# linked in place of the core's object that has the same functions (the whole object: one
# function left out is a duplicate symbol, and the link fails).
FUZZ_PROGRAMS := $(FUZZ_SRC:tests/fuzz/%.c=$(OBJ_fuzz)/%)
fuzz_stubs = $(patsubst %.c,$(OBJ_fuzz)/%.o,$(if $(wildcard tests/fuzz/$(1).replaces),\
	$(shell grep -v '^\#' tests/fuzz/$(1).replaces)))
$(OBJ_fuzz)/libtest.a: $(TEST_HOST_SRC:%.c=$(OBJ_fuzz)/%.o)
	$(call archive)
$(OBJ_fuzz)/libuefi.a: $(UEFI_PORTABLE_SRC:%.c=$(OBJ_fuzz)/%.o)
	$(call archive)
$(OBJ_fuzz)/libbare.a: $(BARE_PORTABLE_SRC:%.c=$(OBJ_fuzz)/%.o)
	$(call archive)
define fuzz_rule
$$(OBJ_fuzz)/$(1): $$(OBJ_fuzz)/tests/fuzz/$(1).o $$(call fuzz_stubs,$(1)) \
		$$(OBJ_fuzz)/libtest.a $$(OBJ_fuzz)/libtools.a $$(OBJ_fuzz)/libnet.a $$(OBJ_host)/libtls.a $$(OBJ_fuzz)/libhost.a $$(OBJ_fuzz)/libbare.a $$(OBJ_fuzz)/libuefi.a \
		$$(OBJ_fuzz)/libcore.a \
		$$(OBJ_fuzz)/libdeps.a \
		$$(wildcard tests/fuzz/$(1).replaces)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC_fuzz) $$(CFLAGS_fuzz) -fsanitize=fuzzer -o $$@ $$(filter %.o %.a,$$^) $$(call test_libs,$(1))
endef
$(foreach f,$(FUZZ_SRC:tests/fuzz/%.c=%),$(eval $(call fuzz_rule,$(f))))

CHECK_SCRIPTS := $(sort $(wildcard tests/scripts/*.sh) \
	$(filter-out tests/differential/test_%,$(wildcard tests/differential/*_diff.py)))
CHECK_PYTESTS := $(sort $(wildcard tests/test_*.py tests/*/test_*.py))
QEMU_PYTESTS := $(sort $(wildcard qemu/test_*.py qemu/*/test_*.py))
CHECK_ITEMS = $(TEST_PROGRAMS:%=program:%) $(FUZZ_PROGRAMS:%=fuzz:%) \
	$(CHECK_SCRIPTS:%=script:%) $(CHECK_PYTESTS:%=pytest:%)
# Unit tests without sanitizers, for tests/mutation: which, it says itself.
MUTATION_PROGRAMS = $(eval MUTATION_PROGRAMS := $(patsubst %,$(OBJ_host)/unit/%_test,\
	$(shell tests/mutation/core.py --units)))$(MUTATION_PROGRAMS)
# What scripts and Python tests may start.
CHECK_BUILT = $(MUTATION_PROGRAMS) $(GLITCH) $(GLITCH_GUESTS) $(ELF2EFI) $(SCREENSHOT) $(MKTEXT) $(TEST_HELPERS) $(if $(TOOL_SRC),$(BUILD)/lifeboat $(OBJ_asan)/lifeboat)

# Newer firmware for boot tests; where it cannot be had they run on this release's alone.
NEWER_FIRMWARE := $(BUILD)/firmware/looked
$(NEWER_FIRMWARE): tools/setup/fetch-firmware | $(PACKAGES_READY)
	@mkdir -p $(@D)
	$(Q)tools/setup/fetch-firmware --out $(@D) || \
		echo 'firmware: no newer one to be had, tests run without it' >&2
	@touch $@

.PHONY: run run-recovery test test-long check check-qemu fuzz bench coverage test-programs
test-programs: $(TEST_PROGRAMS) $(FUZZ_PROGRAMS)

run: all ## a demo disk with two signed slots, booted in QEMU
	@$(call need_script,tools/demo/run)
	$(Q)tools/demo/run

run-recovery: all $(BUILD)/$(or $(ARCH),x86_64)/recovery.fit ## a device breaks, and a stick brings it back
	@$(call need_script,tools/demo/run-recovery)
	$(Q)tools/demo/run-recovery

# What whole-machine tests of recovery put on their stick.
TEST_RECOVERY := $(FIRMWARE_ARCHES:%=$(BUILD)/%/recovery.fit)

# What the checks of rules, size and reproducibility look at.
RULES_BUILT = analyze tidy $(OBJ_host)/libcore.a $(OBJ_host)/libhost.a $(LOADERS:%=$(BUILD)/%) $(ENROLLERS:%=$(BUILD)/%)

test: all test-programs $(TEST_RECOVERY) $(CHECK_BUILT) $(RULES_BUILT) $(NEWER_FIRMWARE) ## everything; ends in "N passed, N failed"
	$(Q)tests/run $(TEST_FLAGS) --fuzz-seconds $(FUZZ_SECONDS) script:tools/build/lint \
		$(CHECK_ITEMS) $(QEMU_PYTESTS:%=pytest:%)

test-long: export LIFEBOAT_LONG := 1
test-long: test ## the same with full matrices instead of samples

check: test-programs $(CHECK_BUILT) $(RULES_BUILT) ## units, power cuts, model, short fuzzing, scripts
	$(Q)tests/run $(TEST_FLAGS) --fuzz-seconds $(FUZZ_SECONDS) $(CHECK_ITEMS)

check-qemu: all $(TEST_RECOVERY) $(NEWER_FIRMWARE) ## whole boots in QEMU
	$(Q)tests/run $(TEST_FLAGS) $(QEMU_PYTESTS:%=pytest:%)

# unit/NAME or fuzz/NAME alone: make check-one T=unit/crc32_test
.PHONY: check-one
check-one: $(BUILD)/asan/$(T) ## one test program: T=unit/crc32_test
	$(Q)tests/run program:$(BUILD)/asan/$(T)

fuzz: $(FUZZ_PROGRAMS) ## fuzzes until stopped; T=NAME for one target only
	$(Q)tests/run --fuzz-seconds 0 $(if $(T),fuzz:$(OBJ_fuzz)/$(T)_fuzz,$(FUZZ_PROGRAMS:%=fuzz:%))

bench: all $(BENCH_PROGRAMS) ## one line a figure: name value unit goal; fails on a count too high
	@$(call need_script,tools/bench/run)
	$(Q)tools/bench/run

COVERAGE_PROGRAMS := $(call test_program,coverage,$(TEST_PROGRAM_SRC))
coverage: $(COVERAGE_PROGRAMS) ## lines of the core that the unit tests reach, per file
	$(Q)find $(OBJ_coverage) -name '*.gcda' -exec rm -f {} +
	$(Q)tests/run $(TEST_FLAGS) $(COVERAGE_PROGRAMS:%=program:%)
	$(Q)tools/build/coverage $(OBJ_coverage) >$(BUILD)/coverage.txt
	@cat $(BUILD)/coverage.txt

-include $(shell [ -d $(BUILD) ] && find $(BUILD) -type f -name '*.d' -not -path '$(BUILD)/deps/*' 2>/dev/null)
