/* gzip, lz4 and zstd data: never more than the room, and the head is the head of the
 * whole. The first byte chooses the room. */
#include <stddef.h>
#include <stdint.h>

#include "unpack/decompress.h"
#include "tests/fuzz/kernel_fuzz.h"

#define HEAD_BYTES 300u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct platform *plat, const struct kernel_packed *in,
		  size_t room)
{
	uint8_t *out = malloc(room), *head = malloc(HEAD_BYTES);
	struct lb_verdict why;
	size_t made, head_made;

	if (out != NULL && head != NULL &&
	    kernel_unpack(plat, in, out, room, &made, &why) == LB_REASON_OK) {
		if (kernel_unpack_head(plat, in, head, HEAD_BYTES, &head_made, &why) !=
			    LB_REASON_OK ||
		    made > room || head_made != (made < HEAD_BYTES ? made : HEAD_BYTES) ||
		    memcmp(out, head, head_made) != 0)
			abort();
	}
	free(out);
	free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct platform plat = { .alloc = fuzz_alloc, .free = fuzz_free };

	if (size == 0)
		return 0;
	for (int how = KERNEL_GZIP; how < KERNEL_COMPRESSIONS; how++) {
		const struct kernel_packed in = {
			.data = data + 1,
			.bytes = size - 1,
			.how = (enum kernel_compression)how,
		};
		check(&plat, &in, ((size_t)data[0] + 1) * 1024);
	}
	return 0;
}
