/* The PE headers of BOOTIA32.EFI, and one section that is all of it: code and constants,
 * neither writable nor in need of relocation.
 *
 * Spec: Microsoft PE Format; UEFI 2.10, 2.1.1. */

#define MACHINE_I386     0x14c
#define EXECUTABLE       0x0102 /* 32-bit words */
#define MAGIC_PE32       0x10b
#define EFI_APPLICATION  10
#define NX_COMPAT        0x0100
#define DIRECTORIES      6
#define CODE             0x60000020 /* code, execute, read */

	.section .header, "a"
	.ascii	"MZ"
	.org	0x3c
	.long	pe - mz
mz = . - 0x40
pe:
	.ascii	"PE\0\0"
	.short	MACHINE_I386
	.short	1			/* section */
	.long	0			/* time */
	.long	0, 0			/* symbols */
	.short	sections - optional
	.short	EXECUTABLE
optional:
	.short	MAGIC_PE32
	.byte	0, 0			/* linker */
	.long	text_bytes, 0, 0	/* code, data, bss */
	.long	efi_main		/* as an address in the image */
	.long	text_start
	.long	0			/* data */
	.long	0			/* image base */
	.long	0x1000, 0x200		/* alignment in memory, in the file */
	.short	0, 0, 0, 0		/* versions */
	.short	0, 0
	.long	0
	.long	image_bytes
	.long	text_start		/* headers */
	.long	0			/* checksum */
	.short	EFI_APPLICATION
	.short	NX_COMPAT
	.long	0, 0, 0, 0		/* stack, heap */
	.long	0
	.long	DIRECTORIES
	.fill	DIRECTORIES, 8, 0
sections:
	.ascii	".text\0\0\0"
	.long	text_bytes, text_start
	.long	text_file_bytes, text_start
	.long	0, 0
	.short	0, 0
	.long	CODE

	.section .note.GNU-stack, "", @progbits
