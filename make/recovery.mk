# The recovery system: build/ARCH/recovery.fit from Debian's kernel and our program. Not part of
# `make all`: it fetches some hundred megabytes.

INSTALLER_SRC := $(sort $(wildcard recovery/installer/*.c))
recovery_parts = $(BUILD)/$(1)/recovery-parts

define recovery_rules
$$(BUILD)/$(1)/recovery-parts/release: tools/recovery/fetch-parts | $$(PACKAGES_READY)
	$$(call say,FETCH,$$(@D))
	$$(Q)tools/recovery/fetch-parts $(1) $$(@D)

INSTALLER_OBJ_$(1) := $$(INSTALLER_SRC:%.c=$$(OBJ_linux-$(1))/%.o)
$$(INSTALLER_OBJ_$(1)): | $$(UPDATE_MESSAGES)

$$(BUILD)/$(1)/installer: $$(INSTALLER_OBJ_$(1)) $$(OBJ_linux-$(1))/libnet.a $$(OBJ_linux-$(1))/libtls.a \
		$$(OBJ_linux-$(1))/libhost.a $$(OBJ_linux-$(1))/libcore.a \
		$$(OBJ_linux-$(1))/libdeps.a
	$$(call say,LINK,$$@)
	$$(Q)$$(CC_linux-$(1)) -static -s -Wl,--gc-sections,--build-id=none -o $$@ $$^ \
		$$(addprefix $$(call recovery_parts,$(1))/sysroot/usr/lib/$(1)-linux-gnu/,\
		libprotobuf-c.a liblzma.a libbz2.a libblkid.a)

$$(BUILD)/$(1)/recovery.fit: $$(BUILD)/$(1)/installer $$(BUILD)/$(1)/recovery-parts/release \
		tools/recovery/make-image tools/demo/cpio.py
	$$(call say,FIT,$$@)
	$$(Q)tools/recovery/make-image $(1) $$(call recovery_parts,$(1)) $$< $$@
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call recovery_rules,$(a))))

.PHONY: recovery
recovery: $(FIRMWARE_ARCHES:%=$(BUILD)/%/recovery.fit) ## the recovery system for both CPUs: build/ARCH/recovery.fit
