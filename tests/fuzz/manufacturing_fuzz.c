/* Fuzzes manufacturing files: frame and words. Sizes are made right first in most inputs,
 * since no fuzzer guesses five that add up. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "recovery/manufacturing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void words(const char *text, size_t len)
{
	char why[REC_MANUFACTURING_WHY_BYTES] = "";
	struct rec_manufacturing out;

	if (!rec_manufacturing_read(text, len, "kiosk", &out, why)) {
		must(why[0] != '\0' && strlen(why) < sizeof why);
		return;
	}
	must(out.model_count > 0 && out.end <= REC_END_OFF);
	must(!out.wipe_any || out.end != REC_END_RESTART);
}

/* The first three bytes are the sizes of key, keyblock and words, in steps of 4. */
static void repair(uint8_t *bytes, size_t len, const uint8_t *steps)
{
	const struct rec_manufacturing_sizes sizes = {
		steps[0] * 4u, steps[1] * 16u, steps[2] * 4u,
		(uint32_t)len - REC_MANUFACTURING_FRAME_BYTES - steps[0] * 4u -
			steps[1] * 16u - steps[2] * 4u
	};

	rec_manufacturing_frame(&sizes, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t id[CRYPTO_KEY_ID_BYTES];
	struct rec_manufacturing_parts parts;
	char why[REC_MANUFACTURING_WHY_BYTES] = "";

	words((const char *)data, size);
	if (size < 4 + REC_MANUFACTURING_FRAME_BYTES)
		return 0;
	const size_t len = size - 4;
	uint8_t *bytes = malloc(len);

	if (bytes == NULL)
		return 0;
	memcpy(bytes, data + 4, len);
	if (data[3] % 16 != 15)
		repair(bytes, len, data);
	if (!rec_manufacturing_parse(bytes, len, &parts, why)) {
		must(why[0] != '\0');
	} else {
		must((const uint8_t *)parts.text + parts.text_bytes == parts.signature);
		must(parts.signature + parts.signature_bytes == bytes + len);
		must(!rec_manufacturing_verify(&parts, id, 0, why));
		words(parts.text, parts.text_bytes);
	}
	free(bytes);
	return 0;
}
