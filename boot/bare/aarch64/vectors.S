/* Exception vectors. Nothing in the loader causes an exception on purpose, so every one
 * is the end: registers are kept on a stack of their own (the cause may be the stack) and
 * exception.c says what happened and restarts the machine. */
#include "boot/bare/aarch64/calls.h"

	.macro	vector number
	.balign	128
	msr	tpidr_el0, x16
	mov	x16, #\number
	b	keep_registers
	.endm

	.text
	.balign	2048
	.global	bare_vectors
	.hidden	bare_vectors
bare_vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\n
	.endr
	.balign	2048
	/* EL3 has left the loader to the level below, and answers three calls from there
	 * (machine.h); anything else is the end as well. */
	.global	bare_el3_vectors
	.hidden	bare_el3_vectors
bare_el3_vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vector	\n
	.endr
	.balign	128
	b	el3_call
	.irp	n, 9, 10, 11, 12, 13, 14, 15
	vector	\n
	.endr
	.balign	128

/* No stack: the caches are off here and may hold the lower level's view of any memory but
 * bare_el3_ways, which nobody else touches. x0..x3 are the caller's to lose. */
el3_call:
	mrs	x1, esr_el3
	lsr	x1, x1, #26
	cmp	x1, #0x17			/* smc from AArch64 */
	b.ne	el3_other
	ldr	w1, =EL3_CLOSE
	cmp	w0, w1
	b.eq	el3_close
	adrp	x2, bare_el3_ways
	add	x2, x2, :lo12:bare_el3_ways
	ldr	w1, =PSCI_SYSTEM_OFF
	cmp	w0, w1
	b.eq	el3_gpio
	add	x2, x2, #16
	ldr	w1, =PSCI_SYSTEM_RESET
	cmp	w0, w1
	b.eq	el3_gpio
el3_unknown:
	mov	x0, #-1
	eret
el3_gpio:
	ldp	x2, x3, [x2]			/* PL061, bit of the line */
	cbz	x2, el3_unknown
	ldr	w1, [x2, #0x400]		/* GPIODIR: output */
	orr	w1, w1, w3
	str	w1, [x2, #0x400]
	add	x2, x2, x3, lsl #2		/* GPIODATA, masked to the one line */
	str	w3, [x2]
	dsb	sy
1:	wfi
	b	1b
el3_close:
	mrs	x1, scr_el3
	orr	x1, x1, #1 << 7			/* SMD: no calls any more */
	msr	scr_el3, x1
	isb
	mov	x0, #0
	eret
el3_other:
	msr	tpidr_el0, x16
	mov	x16, #8

keep_registers:
	msr	tpidrro_el0, x17
	mov	x17, sp
	adrp	x18, bare_emergency_stack_top
	add	x18, x18, :lo12:bare_emergency_stack_top
	mov	sp, x18
	sub	sp, sp, #272			/* struct bare_registers */
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	str	x17, [sp, #248]			/* sp */
	str	x16, [sp, #256]			/* vector */
	mrs	x0, tpidr_el0
	mrs	x1, tpidrro_el0
	stp	x0, x1, [sp, #128]
	stp	xzr, x19, [sp, #144]		/* x18 is lost */
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	str	x30, [sp, #240]
	mov	x29, #0
	mov	x30, #0
	mov	x0, sp
	bl	bare_exception
1:	wfe
	b	1b
