# The lifeboat command, and build helpers that run on the build machine.

HOST_PKGS := libcrypto jansson inih zlib libprotobuf-c liblzma libzstd
# Asked for once and only when needed: pkg-config may not be installed before that.
HOST_PKG_CFLAGS = $(eval HOST_PKG_CFLAGS := $(shell pkg-config --cflags $(HOST_PKGS)))$(HOST_PKG_CFLAGS)
HOST_PKG_LIBS = $(eval HOST_PKG_LIBS := $(shell pkg-config --libs $(HOST_PKGS)))$(HOST_PKG_LIBS)
HOST_LIBS = -Wl,--as-needed $(HOST_PKG_LIBS) $(HOST_EXTRA_LIBS)
# No .pc file comes with it.
HOST_EXTRA_LIBS := -lbz2

.PHONY: tools
tools: $(BUILD)/lifeboat ## the lifeboat command for this machine: build/lifeboat

# The library for programs on Linux: no package in its include paths.
define host_rules
$$(OBJ_$(1))/host/%.o: host/%.c $$(MAKEFILES_USED) | $$(DEPS_READY) $$(READY_$(1))
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(WARN) -D_GNU_SOURCE $$(CPPFLAGS) $$(CPP1_$(1)) $$<
$$(OBJ_$(1))/libhost.a: $$(HOST_SRC:%.c=$$(OBJ_$(1))/%.o)
	$$(call archive)
endef
$(foreach v,$(HOST_VARIANTS) $(LINUX_VARIANTS),$(eval $(call host_rules,$(v))))

# Objects of tools: another set of include paths than the core's (longer stem match wins).
define tool_rules
TOOL_OBJ_$(1) := $$(TOOL_SRC:%.c=$$(OBJ_$(1))/%.o)
$$(OBJ_$(1))/tools/%.o: tools/%.c $$(MAKEFILES_USED) $$(GEN)/lb_version.h | $$(DEPS_READY) \
		$$(UPDATE_MESSAGES)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(WARN) $$(TOOL_CPPFLAGS) $$<

$$(OBJ_$(1))/libtools.a: $$(filter-out %/tools/main.o,$$(TOOL_OBJ_$(1)))
	$$(call archive)
endef
$(foreach v,$(HOST_VARIANTS),$(eval $(call tool_rules,$(v))))

ifeq ($(TOOL_SRC),)
$(BUILD)/lifeboat:
	@echo 'make $@: there are no tools/*.c in this tree' >&2; exit 1
else
$(BUILD)/lifeboat: $(TOOL_OBJ_host) $(OBJ_host)/libhost.a $(OBJ_host)/libcore.a $(OBJ_host)/libdeps.a
	$(call say,LINK,$@)
	$(Q)$(CC) -g -pie -Wl,--gc-sections -o $@ $^ $(HOST_LIBS)
$(OBJ_asan)/lifeboat: $(TOOL_OBJ_asan) $(OBJ_asan)/libhost.a $(OBJ_asan)/libcore.a $(OBJ_asan)/libdeps.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_asan) -o $@ $^ $(HOST_LIBS)
endif

# Build helpers: one file, one program.
ELF2EFI := $(BUILD)/host/bin/elf2efi
$(BUILD)/host/bin/%: $(OBJ_host)/tools/build/%.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -pie -o $@ $^
.SECONDARY: $(patsubst %.c,$(OBJ_host)/%.o,$(wildcard tools/build/*.c))
