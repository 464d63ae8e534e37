# The fault campaign (tests/glitch): the loader's own objects as the guest of an emulator.

GLITCH := $(BUILD)/host/bin/glitch
GLITCH_GUESTS := $(FIRMWARE_ARCHES:%=$(BUILD)/%/glitch.elf)

$(GLITCH): tests/glitch/glitch.c tests/glitch/guest.h $(MAKEFILES_USED) | $(PACKAGES_READY)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu11 $(WARN) -I. -o $@ $< -lunicorn

define glitch_guest
$$(BUILD)/$(1)/glitch.elf: $$(OBJ_uefi-$(1))/tests/glitch/guest.o $$(LOADER_OBJ_uefi-$(1)) \
		$$(call LIBC_OBJ,uefi-$(1)) $$(OBJ_uefi-$(1))/libdeps.a tests/glitch/guest.ld
	$$(call say,LINK,$$@)
	$$(Q)$$(LD_$(1)) -m $$(UEFI_EMULATION_$(1)) -nostdlib --build-id=none --gc-sections \
		-z noexecstack -z norelro --no-undefined --no-warn-rwx-segments \
		-T tests/glitch/guest.ld -o $$@ $$(filter %.o %.a,$$^) $$(call libgcc,$$(CC_$(1)))
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call glitch_guest,$(a))))

.PHONY: glitch glitch-built
glitch-built: $(GLITCH) $(GLITCH_GUESTS) $(BUILD)/lifeboat
glitch: glitch-built ## the whole fault campaign: skips each instruction of a refused boot
	$(Q)tests/glitch/run --full
