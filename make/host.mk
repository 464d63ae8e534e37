# The lifeboat command, and build helpers that run on the build machine.

# Packages, by program: names for pkg-config in PKGS_PROGRAM, libraries that come without a .pc
# file in LIBS_PROGRAM. A program is linked to its own alone; what the next one needs (curl,
# libmicrohttpd) is no business of this one or of its tests.
PKGS_update := libprotobuf-c liblzma
LIBS_update := -lbz2
PKGS_lifeboat := libcrypto jansson inih zlib libzstd ext2fs $(PKGS_update)
LIBS_lifeboat := $(LIBS_update)

# $(call cflags_of,PROGRAM), $(call libs_of,PROGRAM). Asked for once and only when needed:
# pkg-config may not be installed before that.
once = $(if $(filter undefined,$(origin $(1))),$(eval $(1) := $(shell $(2))))$($(1))
cflags_of = $(call once,CFLAGS_of_$(1),pkg-config --cflags $(PKGS_$(1)))
libs_of = -Wl,--as-needed $(call once,LIBS_of_$(1),pkg-config --libs $(PKGS_$(1))) $(LIBS_$(1))

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
$(BUILD)/lifeboat: $(TOOL_OBJ_host) $(OBJ_host)/libnet.a $(OBJ_host)/libhost.a $(OBJ_host)/libcore.a $(OBJ_host)/libdeps.a
	$(call say,LINK,$@)
	$(Q)$(CC) -g -pie -Wl,--gc-sections -o $@ $^ $(call libs_of,lifeboat)
$(OBJ_asan)/lifeboat: $(TOOL_OBJ_asan) $(OBJ_asan)/libnet.a $(OBJ_asan)/libhost.a $(OBJ_asan)/libcore.a $(OBJ_asan)/libdeps.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_asan) -o $@ $^ $(call libs_of,lifeboat)
endif

# Build helpers: one file, one program.
ELF2EFI := $(BUILD)/host/bin/elf2efi
$(BUILD)/host/bin/%: $(OBJ_host)/tools/build/%.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -pie -o $@ $^
.SECONDARY: $(patsubst %.c,$(OBJ_host)/%.o,$(wildcard tools/build/*.c))
