/* Data cache maintenance by address, to the point of coherency. The set/way kind does not
 * reach system caches and other cores, and is never used. */
	.macro	by_line operation
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2		/* bytes of the smallest line */
	add	x1, x0, x1
	sub	x2, x3, #1
	bic	x0, x0, x2
	dsb	sy
1:	cmp	x0, x1
	b.hs	2f
	dc	\operation, x0
	add	x0, x0, x3
	b	1b
2:	dsb	sy
	ret
	.endm

	.macro	function name
	.global	\name
	.hidden	\name
	.type	\name, %function
\name:
	.endm

	.text
	function cache_clean
	by_line	cvac

	function cache_invalidate
	by_line	ivac

	function cache_clean_invalidate
	by_line	civac

	function cache_barrier
	dsb	sy
	ret
