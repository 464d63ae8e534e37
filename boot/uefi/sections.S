/* Sections with fixed contents: the SBAT text, by which a shim or firmware revokes
 * loaders by generation number, and the room for the device profile, zero until
 * `lifeboat profile install` fills it. */
	.section .sbat, "a"
	.incbin "sbat.csv"

	.section .lbprof, "a"
	.global lb_profile_start, lb_profile_end
	.balign 4096
lb_profile_start:
	.zero 0x10000
lb_profile_end:

	.section .note.GNU-stack, "", %progbits
