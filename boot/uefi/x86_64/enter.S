/* The jump into the kernel: our page tables, our segments, nothing of the firmware.
 *
 * Spec: Linux Documentation/x86/boot.rst, "64-bit boot protocol". */
#include "boot/uefi/x86_64/enter.h"

	.text
	.global uefi_linux64_enter
	.hidden uefi_linux64_enter
	.type uefi_linux64_enter, @function
/* rdi: root page table, rsi: zero page, rdx: entry point, rcx: descriptor for lgdt */
uefi_linux64_enter:
	cli
	cld
	mov	%rdi, %cr3
	lgdt	(%rcx)
	mov	$UEFI_ENTER_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	/* A far return loads the code segment and jumps. */
	pushq	$UEFI_ENTER_CS
	push	%rdx
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	xor	%edi, %edi
	xor	%ebp, %ebp
	.byte	0x0f, 0x1f, 0x80, 0x11, 0x22, 0x33, 2	/* UEFI_MARK(UEFI_MARK_START) */
	lretq
	.size uefi_linux64_enter, . - uefi_linux64_enter

	.section .note.GNU-stack, "", %progbits
