/* Entry of the bare-metal loader: from whatever started us to C, in RAM, with a stack.
 *
 * Three ways in (docs/formats/bare-image.md): the arm64 Image protocol (x0 = device tree,
 * any 4 KiB aligned address), reset from flash at address 0 (x0 means nothing, the tree
 * is at the start of RAM), at EL1, EL2 or EL3. MMU and data cache are off. */
#include "boot/bare/aarch64/flash.h"

	.section .head, "ax"
	.global bare_image_start
	.hidden bare_image_start
	b	entry			/* code0 */
	.long	0			/* code1 */
	.quad	0			/* text_offset: any multiple of 4 KiB will do */
	.quad	bare_image_bytes	/* image_size, with bss and stacks */
	.quad	0xa			/* flags: little endian, 4 KiB pages, anywhere */
	.ascii	"LBIMAGE\001"		/* res2: ours, docs/formats/bare-image.md */
	.long	bare_profile_offset	/* res3 */
	.long	65536
	.quad	bare_file_bytes		/* res4 */
	.ascii	"ARM\144"		/* magic */
	.long	0			/* no PE header */

/* Register use up to C: x19 device tree, x20 where we are, x21 EL at entry (1..3). */
entry:
	msr	daifset, #0xf
	mov	x19, x0
	adr	x20, bare_image_start
	mrs	x21, CurrentEL
	lsr	x21, x21, #2

	cmp	x21, #2
	b.hi	at_el3
	b.eq	at_el2

	/* SCTLR: bits that must be one, MMU and caches off, little endian. */
	ldr	x0, =0x30d00800
	msr	sctlr_el1, x0
	isb
	b	placed
at_el3:
	ldr	x0, =0x30c50830
	msr	sctlr_el3, x0
	msr	cptr_el3, xzr		/* no traps of FP and SIMD */
	isb
	b	placed
at_el2:
	ldr	x0, =0x30c50830
	msr	sctlr_el2, x0
	isb

placed:
	/* At address 0 this is flash: every core starts here, and nothing is writable. */
	cbnz	x20, relocate
	mrs	x0, mpidr_el1
	ldr	x1, =0xff00ffffff
	tst	x0, x1
	b.ne	park
	ldr	x19, =BARE_FLASH_DEVICE_TREE
	ldr	w0, [x19]
	rev	w0, w0
	ldr	w1, =0xd00dfeed
	cmp	w0, w1
	b.ne	park			/* no tree, no serial port, nothing to say */
	ldr	w0, [x19, #4]		/* its size decides where we fit behind it */
	rev	w0, w0
	ldr	w1, =BARE_FLASH_TREE_MAX_BYTES
	cmp	w0, w1
	b.hi	park
	add	x20, x19, x1
	mov	x2, #0
	mov	x3, x20
	ldr	x4, =bare_file_bytes	/* a multiple of 64 */
copy:
	ldp	x5, x6, [x2], #16
	stp	x5, x6, [x3], #16
	subs	x4, x4, #16
	b.hi	copy
	mov	x0, x20			/* stale lines must not hide the copy */
	mov	x1, x3
	bl	forget_range
	adr	x0, relocate		/* offset in the image, because we run at 0 */
	add	x0, x0, x20
	br	x0

park:
	wfe
	b	park

relocate:
	tst	x20, #0xfff
	b.ne	park

	/* Apply R_AARCH64_RELATIVE; beside it there is only NONE (checked when
	 * building). */
	adrp	x0, bare_rela_start
	add	x0, x0, :lo12:bare_rela_start
	adrp	x1, bare_rela_end
	add	x1, x1, :lo12:bare_rela_end
1:	cmp	x0, x1
	b.hs	2f
	ldp	x2, x3, [x0], #16	/* offset, kind */
	ldr	x4, [x0], #8		/* addend */
	cmp	x3, #1027		/* RELATIVE */
	b.ne	1b
	add	x4, x4, x20
	str	x4, [x20, x2]
	b	1b
2:
	adrp	x0, bare_bss_start
	add	x0, x0, :lo12:bare_bss_start
	adrp	x1, bare_image_end
	add	x1, x1, :lo12:bare_image_end
3:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	3b

	/* What was written with the caches off lies in memory only; clean lines that a
	 * first stage left behind must not hide it once they are on. */
	mov	x0, x20
	adrp	x1, bare_image_end
	add	x1, x1, :lo12:bare_image_end
	bl	forget_range

	adrp	x0, bare_stack_top
	add	x0, x0, :lo12:bare_stack_top
	cmp	x21, #3
	b.ne	below_el3

	/* EL3 is left at once and for good: set up what only EL3 can (el3.c), go down. */
	msr	spsel, #1
	mov	sp, x0
	adrp	x1, bare_el3_vectors
	add	x1, x1, :lo12:bare_el3_vectors
	msr	vbar_el3, x1
	isb
	mov	x0, x19
	bl	bare_el3_prepare	/* returns SPSR for the level to go to */
	msr	spsr_el3, x0
	adr	x1, below_el3
	msr	elr_el3, x1
	adrp	x0, bare_stack_top
	add	x0, x0, :lo12:bare_stack_top
	mrs	x2, id_aa64pfr0_el1	/* the level below may never have been set up */
	tst	x2, #0xf00
	b.eq	4f
	ldr	x2, =0x30c50830
	msr	sctlr_el2, x2
4:	ldr	x2, =0x30d00800
	msr	sctlr_el1, x2
	isb
	eret

below_el3:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	sp, x0
	mrs	x0, CurrentEL
	cmp	x0, #8
	b.ne	el1

	/* EL2: plain (no VHE), nothing trapped, counters as they are. */
	mov	x0, #1 << 31		/* HCR_EL2.RW: EL1 is AArch64 */
	msr	hcr_el2, x0
	isb
	msr	cntvoff_el2, xzr
	mov	x0, #3
	msr	cnthctl_el2, x0
	mov	x0, #0x33ff		/* CPTR_EL2: no traps of FP and SIMD */
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	adr	x0, bare_vectors
	msr	vbar_el2, x0
	isb
	b	go
el1:
	mov	x0, #3 << 20		/* CPACR_EL1: no traps of FP and SIMD */
	msr	cpacr_el1, x0
	adr	x0, bare_vectors
	msr	vbar_el1, x0
	isb
go:
	mov	x29, #0
	mov	x30, #0
	mov	x0, x19
	mov	x1, x21
	bl	bare_main		/* does not come back */
	b	park

/* Invalidate the data cache for [x0, x1), then the instruction cache. Uses x2, x3. */
forget_range:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2		/* bytes of the smallest data cache line */
	sub	x2, x3, #1
	bic	x0, x0, x2
	dsb	sy
1:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ret

	/* The device profile: filled in by `lifeboat profile install`. */
	.section .profile, "a"
	.zero	65536
