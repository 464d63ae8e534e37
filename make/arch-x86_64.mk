# x86_64: compiler and code generation of the firmware builds.
CC_x86_64 := $(if $(filter x86_64,$(shell uname -m)),,x86_64-linux-gnu-)gcc
LD_x86_64 := $(CC_x86_64:gcc=ld)
NM_x86_64 := $(CC_x86_64:gcc=nm)

CODEGEN_x86_64 := -m64 -march=x86-64 -mno-red-zone -mstack-protector-guard=global
REGS_x86_64 := -mgeneral-regs-only
ACCEL_x86_64 := -msse4.1 -mssse3 -msha
UEFI_CPPFLAGS_x86_64 := -DGNU_EFI_USE_MS_ABI -Iboot/uefi/x86_64
UEFI_EMULATION_x86_64 := elf_x86_64

# Firmware calls this file by its own convention, in which xmm6-15 are the caller's; the
# digest it calls uses them, so the compiler must be allowed to save them.
$(BUILD)/x86_64/uefi/boot/uefi/security2.o: REGS_uefi-x86_64 :=
