/* A test kernel in the shape of an arm64 Linux Image that is also an EFI application.
 * Spec: Documentation/arm64/booting.rst; PE/COFF for the EFI part. */
	.section .head, "ax"
	.globl _start
_start:
	ccmp	x18, #0, #0xd, pl	/* "MZ", harmless */
	b	arm64_entry
	.quad	0			/* text_offset */
	.quad	_end - _start		/* image_size */
	.quad	0xa			/* little endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	pe - _start
pe:	.ascii	"PE\0\0"
	.short	0xaa64, 1		/* machine, sections */
	.long	0, 0, 0
	.short	section_table - optional, 0x206
optional:
	.short	0x20b
	.byte	2, 40
	.long	_end - text, 0, 0
	.long	efi_entry - _start
	.long	text - _start
	.quad	0			/* image base */
	.long	4096, 4096
	.short	0, 0, 1, 0, 0, 0 /* image version 1: initrd by LoadFile2 */
	.long	0
	.long	_end - _start		/* size of image */
	.long	text - _start		/* size of headers */
	.long	0
	.short	10, 0			/* EFI application */
	.quad	0, 0, 0, 0
	.long	0, 6
	.quad	0, 0, 0, 0, 0, 0
section_table:
	.ascii	".text\0\0\0"
	.long	_end - text, text - _start, _end - text, text - _start
	.long	0, 0
	.short	0, 0
	.long	0xe0000020

	.balign	4096
text:
/* Bare-metal start: MMU off, x0 = device tree. */
arm64_entry:
	adrp	x1, stack_top
	mov	sp, x1
	b	arm64_main

efi_entry:
	b	efi_tell

	.bss
	.balign	4096
	.space	32768
stack_top:
	.space	4096

	.section .note.GNU-stack, "", %progbits
