/* Fuzzes unpacking against a source: a recipe key can be stolen, and then the stream is
 * an attacker's. The first byte chooses the sizes of source and output. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host_platform.h"
#include "update/container.h"
#include "update/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host_platform host;
	struct update_memory memory = { .plat = &host.plat, .limit = (size_t)1 << 20 };
	struct update_verdict why = { 0 };

	if (size == 0)
		return 0;
	const size_t source_bytes = (size_t)(1 + (data[0] & 7)) * UPDATE_BLOCK_BYTES;
	const size_t out_bytes = (size_t)(1 + (data[0] >> 5)) * UPDATE_BLOCK_BYTES;
	uint8_t *source = malloc(source_bytes), *out = malloc(out_bytes);

	must(source != NULL && out != NULL);
	for (size_t i = 0; i < source_bytes; i++)
		source[i] = (uint8_t)(i * 2654435761u >> 13);
	host_init(&host);
	const enum update_reason reason = update_decode_source(
		&memory, source, source_bytes, data + 1, size - 1, out, out_bytes, &why);

	must(reason == UPDATE_OK || reason == UPDATE_DECODE || reason == UPDATE_MEMORY);
	must(reason == UPDATE_OK || why.detail[0] != '\0');
	must(memory.used == 0 && host_release(&host) == 0);
	free(source);
	free(out);
	return 0;
}
