# aarch64: compiler and code generation of the firmware builds.
CC_aarch64 := $(if $(filter aarch64,$(shell uname -m)),,aarch64-linux-gnu-)gcc
LD_aarch64 := $(CC_aarch64:gcc=ld)
NM_aarch64 := $(CC_aarch64:gcc=nm)

CODEGEN_aarch64 := -march=armv8-a -mno-outline-atomics -mcmodel=small -mstack-protector-guard=global
REGS_aarch64 := -mgeneral-regs-only
ACCEL_aarch64 := -march=armv8-a+crypto
ACCEL_SHA512_aarch64 := -march=armv8.2-a+sha3
UEFI_CPPFLAGS_aarch64 := -Iboot/uefi/aarch64
UEFI_EMULATION_aarch64 := aarch64linux
