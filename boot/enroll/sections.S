/* Sections with fixed contents: the SBAT text, and the room for the keys, zero until
 * `lifeboat secure-boot enroll` fills it. */
	.section .sbat, "a"
	.incbin "sbat.csv"

	.section .lbkeys, "a"
	.global lb_keys_start, lb_keys_end
	.balign 4096
lb_keys_start:
	.zero 0x10000
lb_keys_end:

	.section .note.GNU-stack, "", %progbits
