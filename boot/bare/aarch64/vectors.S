/* Exception vectors. Nothing in the loader causes an exception on purpose, so every one is
 * the end: registers are kept on a stack of their own (the cause may be the stack) and
 * exception.c says what happened and restarts the machine. */
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
	.balign	128

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
