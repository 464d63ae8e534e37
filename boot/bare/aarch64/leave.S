/* The last instructions of the loader. Nothing here touches the stack: once the data
 * cache is off, what it held would be missing. */
	.text
	.global	bare_leave
	.hidden	bare_leave
	.type	bare_leave, %function
bare_leave:
	msr	daifset, #0xf
	mov	x19, x0
	mov	x20, x1

	/* The loader's memory is free for the kernel: no dirty line of it may be left
	 * that could be written back over what the kernel puts there. */
	adrp	x0, bare_image_start
	adrp	x1, bare_image_end
	add	x1, x1, :lo12:bare_image_end
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
	dsb	sy
1:	dc	civac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	isb

	mrs	x0, CurrentEL
	mov	x1, #5				/* MMU and data cache */
	cmp	x0, #8
	b.eq	2f
	mrs	x0, sctlr_el1
	bic	x0, x0, x1
	bic	x0, x0, #1 << 19		/* WXN */
	msr	sctlr_el1, x0
	isb
	tlbi	vmalle1
	b	3f
2:	mrs	x0, sctlr_el2
	bic	x0, x0, x1
	bic	x0, x0, #1 << 19
	msr	sctlr_el2, x0
	isb
	tlbi	alle2
3:	dsb	sy
	ic	iallu
	dsb	sy
	isb

	mov	x0, x20
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x19
