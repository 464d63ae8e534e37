/* Fuzzes the profile section. The CRC and total size are made right first, since no
 * fuzzer guesses them; one input in 16 keeps its own. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "crypto/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void repair(uint8_t *bytes, size_t len)
{
	memcpy(bytes, "LBPROF\0\1", 8);
	lb_put_le32(bytes + 8, (uint32_t)len);
	lb_put_le32(bytes + 12, 0);
	lb_put_le32(bytes + 12, lb_crc32(0, bytes, len));
}

static void inside(const struct profile_bytes *b, const uint8_t *bytes, size_t len)
{
	if (b->data != NULL)
		must(b->data >= bytes && b->len != 0 && b->data + b->len <= bytes + len);
}

static void check_profile(const struct profile *p, const uint8_t *bytes, size_t len)
{
	inside(&p->model, bytes, len);
	inside(&p->hardware_id, bytes, len);
	inside(&p->recovery_url, bytes, len);
	inside(&p->update_server, bytes, len);
	inside(&p->server_ca, bytes, len);
	inside(&p->media_hint, bytes, len);
	inside(&p->support, bytes, len);
	inside(&p->language, bytes, len);
	must(p->match_count <= PROFILE_MAX_LIST);
	must(p->internal_disk_count <= PROFILE_MAX_LIST);
	for (size_t i = 0; i < p->match_count; i++)
		inside(&p->match[i], bytes, len);
	for (size_t i = 0; i < p->internal_disk_count; i++)
		inside(&p->internal_disk[i], bytes, len);
	must((unsigned int)p->developer_mode <= PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT);
	must((unsigned int)p->slot_order <= GPT_ORDER_PRIORITY);
	must((unsigned int)p->serial_input <= PROFILE_SERIAL_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct platform_machine machine = { .vendor = "ACME",
						  .product = "One",
						  .compatible_count = 1,
						  .compatible = { "acme,two" } };
	size_t count = 0, offset = 0;
	struct profile p;

	if (size < 1 + PROFILE_HEADER_BYTES || size > 1 + PROFILE_SECTION_BYTES)
		return 0;

	const size_t len = size - 1;
	uint8_t *bytes = malloc(len);

	if (bytes == NULL)
		return 0;
	memcpy(bytes, data + 1, len);
	if (data[0] % 16 != 15)
		repair(bytes, len);
	const enum lb_status status = profile_count(bytes, len, &count, &offset);

	must(status == LB_OK ? count != 0 : offset <= len);
	for (size_t i = 0; i < count; i++) {
		must(profile_get(bytes, len, i, &p) == LB_OK);
		check_profile(&p, bytes, len);
		if (i == 8)
			break; /* each get reads the whole section */
	}
	const enum lb_status chosen = profile_select(bytes, len, &machine, &p);

	must(status == LB_OK ? chosen == LB_OK || chosen == LB_ERR_NOT_FOUND
			     : chosen == status);
	if (chosen == LB_OK)
		check_profile(&p, bytes, len);
	free(bytes);
	return 0;
}
