/* A test kernel in the shape of a bzImage that has a 64-bit entry point and is also an
 * EFI application. Spec: Documentation/x86/boot.rst, protocol 2.15. */
	.section .head, "ax"
	.globl _start
_start:
	.ascii	"MZ"
	.org	0x3c
	.long	pe - _start
pe:	.ascii	"PE\0\0"
	.short	0x8664, 1
	.long	0, 0, 0
	.short	section_table - optional, 0x206
optional:
	.short	0x20b
	.byte	2, 40
	.long	_end - kernel, 0, 0
	.long	efi_entry - _start
	.long	kernel - _start
	.quad	0
	.long	4096, 4096
	.short	0, 0, 1, 0, 0, 0 /* image version 1: initrd by LoadFile2 */
	.long	0
	.long	_end - _start
	.long	kernel - _start
	.long	0
	.short	10, 0
	.quad	0, 0, 0, 0
	.long	0, 6
	.quad	0, 0, 0, 0, 0, 0
section_table:
	.ascii	".text\0\0\0"
	.long	_end - kernel, kernel - _start, _end - kernel, kernel - _start
	.long	0, 0
	.short	0, 0
	.long	0xe0000020

	.org	0x1f1
	.byte	7			/* setup_sects: the kernel starts at 4096 */
	.short	0
	.long	_syssize
	.short	0, 0, 0, 0xaa55
	.org	0x200
	.byte	0xeb, header_end - magic
magic:
	.ascii	"HdrS"
	.short	0x020f
	.long	0
	.short	0, 0
	.byte	0, 1			/* type_of_loader, loadflags: loaded high */
	.short	0
	.long	0x100000		/* code32_start */
	.long	0, 0, 0
	.short	0
	.byte	0, 0
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	0x200000		/* kernel_alignment */
	.byte	1, 21			/* relocatable, min_alignment */
	.short	0x03			/* 64-bit entry, above 4 GiB */
	.long	8191			/* cmdline_size */
	.long	0
	.quad	0
	.long	0, 0			/* payload */
	.quad	0			/* setup_data */
	.quad	0x1000000		/* pref_address */
	.long	0x100000		/* init_size */
	.long	0			/* handover_offset */
	.long	0			/* kernel_info_offset */
header_end:

	.org	4096
kernel:
	hlt				/* the 32-bit entry is not used */
	.org	4096 + 0x200
/* 64-bit start: identity mapped, rsi = zero page. */
	lea	stack_top(%rip), %rsp
	mov	%rsi, %rdi
	jmp	linux64_main

efi_entry:				/* Microsoft convention: rcx, rdx */
	mov	%rcx, %rdi
	mov	%rdx, %rsi
	sub	$8, %rsp
	jmp	efi_tell

	.bss
	.balign	4096
	.space	32768
stack_top:
	.space	4096

	.section .note.GNU-stack, "", %progbits
