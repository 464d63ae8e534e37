# Firmware images: build/ARCH/lifeboat.efi and build/aarch64/lifeboat.img.

LOADERS := $(FIRMWARE_ARCHES:%=%/lifeboat.efi) $(if $(BARE_SRC),aarch64/lifeboat.img)
# Beside the loaders: the program of the stick that puts Secure Boot keys into a machine.
ENROLLERS := $(FIRMWARE_ARCHES:%=%/enroll.efi)

.PHONY: uefi bare
uefi: $(FIRMWARE_ARCHES:%=$(BUILD)/%/lifeboat.efi) $(ENROLLERS:%=$(BUILD)/%) $(BUILD)/ia32/BOOTIA32.EFI ## the UEFI loaders: build/ARCH/lifeboat.efi
bare: $(if $(BARE_SRC),$(BUILD)/aarch64/lifeboat.img) ## the bare-metal loader: build/aarch64/lifeboat.img
ifeq ($(BARE_SRC),)
	@echo 'make bare: boot/bare is missing from this tree, nothing built'
endif

LIBC_OBJ = $(LIBC_SRC:%.c=$(OBJ_$(1))/%.o)
firmware_flags = -nostdlib --build-id=none --gc-sections -z noexecstack -z norelro \
	-pie --no-dynamic-linker -z nocopyreloc --no-undefined \
	--orphan-handling=error --no-warn-rwx-segments
# libgcc has the few helpers compilers call (none are needed on the hot paths).
libgcc = $(shell $(1) -print-libgcc-file-name)

# A libc routine must not be compiled into a call to itself.
$(foreach v,$(FIRMWARE_ARCHES:%=uefi-%) bare-aarch64,$(OBJ_$(v))/boot/libc/%.o): \
	STD += -fno-tree-loop-distribute-patterns -O2

$(GEN)/sbat.csv: VERSION make/firmware.mk
	@mkdir -p $(@D)
	@printf '%s\n' 'sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md' \
		'lifeboat,1,Lifeboat,lifeboat,$(VERSION),lifeboat' >$@

define uefi_image
UEFI_OBJ_$(1) := $$(patsubst %,$$(OBJ_uefi-$(1))/%.o,$$(basename $$(UEFI_SRC) \
	$$(sort $$(wildcard boot/uefi/$(1)/*.[cS])))) $$(call LIBC_OBJ,uefi-$(1))
$$(OBJ_uefi-$(1))/boot/uefi/sections.o: $$(GEN)/sbat.csv

$$(BUILD)/$(1)/lifeboat.elf: $$(UEFI_OBJ_$(1)) $$(LOADER_OBJ_uefi-$(1)) $$(OBJ_uefi-$(1))/libdeps.a linker/uefi.ld \
		$$(OBJ_uefi-$(1))/link.list
	$$(call say,LINK,$$@)
	$$(Q)$$(LD_$(1)) -m $$(UEFI_EMULATION_$(1)) $$(firmware_flags) -T linker/uefi.ld \
		-Map=$$(@:.elf=.map) -o $$@ $$(filter %.o %.a,$$^) $$(call libgcc,$$(CC_$(1)))

$$(OBJ_uefi-$(1))/link.list: FORCE
	@mkdir -p $$(@D)
	@echo '$$(UEFI_OBJ_$(1)) $$(LOADER_OBJ_uefi-$(1))' | cmp -s - $$@ || \
		echo '$$(UEFI_OBJ_$(1)) $$(LOADER_OBJ_uefi-$(1))' >$$@

$$(BUILD)/$(1)/lifeboat.efi: $$(BUILD)/$(1)/lifeboat.elf $$(ELF2EFI)
	$$(call say,PE,$$@)
	$$(Q)$$(ELF2EFI) $$< $$@
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call uefi_image,$(a))))

# The enrolment program: the loader's back end under another entry point; what it does not
# use is left out.
define enroll_image
ENROLL_OBJ_$(1) := $$(patsubst %,$$(OBJ_uefi-$(1))/%.o,$$(basename $$(ENROLL_SRC)))
ENROLL_UEFI_OBJ_$(1) := $$(filter-out %/boot/uefi/main.o %/boot/uefi/sections.o,$$(UEFI_OBJ_$(1)))
$$(OBJ_uefi-$(1))/boot/enroll/sections.o: $$(GEN)/sbat.csv

$$(BUILD)/$(1)/enroll.elf: $$(ENROLL_OBJ_$(1)) $$(ENROLL_UEFI_OBJ_$(1)) $$(LOADER_OBJ_uefi-$(1)) \
		$$(OBJ_uefi-$(1))/libdeps.a linker/uefi.ld $$(OBJ_uefi-$(1))/link.list
	$$(call say,LINK,$$@)
	$$(Q)$$(LD_$(1)) -m $$(UEFI_EMULATION_$(1)) $$(firmware_flags) -T linker/uefi.ld \
		-Map=$$(@:.elf=.map) -o $$@ $$(filter %.o %.a,$$^) $$(call libgcc,$$(CC_$(1)))

$$(BUILD)/$(1)/enroll.efi: $$(BUILD)/$(1)/enroll.elf $$(ELF2EFI)
	$$(call say,PE,$$@)
	$$(Q)$$(ELF2EFI) $$< $$@
endef
$(foreach a,$(FIRMWARE_ARCHES),$(eval $(call enroll_image,$(a))))

# Bare metal: position-independent, relocates itself; the ELF's loadable bytes as they are.
BARE_OBJ := $(patsubst %,$(OBJ_bare-aarch64)/%.o,$(basename $(BARE_SRC))) \
	$(call LIBC_OBJ,bare-aarch64)
$(BUILD)/aarch64/lifeboat-bare.elf: $(BARE_OBJ) $(LOADER_OBJ_bare-aarch64) \
		$(OBJ_bare-aarch64)/libdeps.a linker/aarch64-bare.ld $(OBJ_bare-aarch64)/link.list
	$(call say,LINK,$@)
	$(Q)$(LD_aarch64) -m aarch64linux $(firmware_flags) -T linker/aarch64-bare.ld \
		-Map=$(@:.elf=.map) -o $@ $(filter %.o %.a,$^) $(call libgcc,$(CC_aarch64))
$(OBJ_bare-aarch64)/link.list: FORCE
	@mkdir -p $(@D)
	@echo '$(BARE_OBJ) $(LOADER_OBJ_bare-aarch64)' | cmp -s - $@ || \
		echo '$(BARE_OBJ) $(LOADER_OBJ_bare-aarch64)' >$@
$(BUILD)/aarch64/lifeboat.img: $(BUILD)/aarch64/lifeboat-bare.elf
	$(call say,IMG,$@)
	$(Q)if $(CC_aarch64:gcc=readelf) -rW $< | grep R_AARCH64_ | grep -Ev 'R_AARCH64_(RELATIV|NONE)'; \
		then echo '$@: entry.S cannot apply these relocations' >&2; exit 1; fi
	$(Q)$(CC_aarch64:gcc=objcopy) -O binary $< $@

# BOOTIA32.EFI: words for 32-bit firmware. The ELF's bytes are the PE file, headers and all; the
# command has a copy, which it puts beside each loader for x86_64.
IA32_SRC := $(wildcard boot/ia32/*.[cS])
IA32_FLAGS := -m32 -march=i586 -mgeneral-regs-only -Os -ffreestanding -fpie -fvisibility=hidden \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fshort-wchar
$(BUILD)/ia32/BOOTIA32.EFI: $(IA32_SRC) linker/ia32.ld $(MAKEFILES_USED) | $(DEPS_READY)
	$(call say,PE,$@)
	@mkdir -p $(@D)
	$(Q)$(foreach f,$(IA32_SRC),$(CC_x86_64) $(STD) $(IA32_FLAGS) $(WARN) -nostdinc \
		$(call freestanding_include,$(CC_x86_64)) $(call GNU_EFI_CPPFLAGS,ia32) \
		-c -o $(@D)/$(notdir $(basename $f)).o $f && ) \
	$(LD_x86_64) -m elf_i386 -nostdlib -static --build-id=none --orphan-handling=error -T linker/ia32.ld \
		-o $(@D)/bootia32.elf $(foreach f,$(IA32_SRC),$(@D)/$(notdir $(basename $f)).o)
	$(Q)$(CC_x86_64:gcc=objcopy) -O binary $(@D)/bootia32.elf $@
$(GEN)/bootia32.inc: $(BUILD)/ia32/BOOTIA32.EFI
	@mkdir -p $(@D)
	@od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g' >$@
$(HOST_VARIANTS:%=$(BUILD)/%/tools/lib/ia32.o) $(BUILD)/analyze/tools/lib/ia32.o \
	$(BUILD)/tidy/tools/lib/ia32.ok: $(GEN)/bootia32.inc
