/* A TPM that answers whatever it likes. The input is a row of responses, each one length
 * byte and that many bytes; with bit 7 of the first input byte the header's length and
 * tag are made right, so that the fuzzer gets to what is behind them. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/floor_index.h"
#include "tests/host/host_platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
	const uint8_t *data;
	size_t left;
	bool mend;
};

static struct host_platform host;
static struct tpm tpm;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static enum lb_status answer(void *ctx, const uint8_t *command, size_t len,
			     uint8_t *response, size_t *response_len)
{
	struct script *s = ctx;
	const size_t room = *response_len;

	/* Our own side: a whole command that says how long it is. */
	must(len >= TPM_HEADER_BYTES && lb_be32(command + 2) == len);
	*response_len = 0;
	if (s->left == 0)
		return LB_ERR_IO;

	size_t bytes = s->data[0] < s->left ? s->data[0] : s->left - 1;

	must(bytes <= room);
	memcpy(response, s->data + 1, bytes);
	s->data += bytes + 1;
	s->left -= bytes + 1;
	if (s->mend && bytes >= TPM_HEADER_BYTES) {
		lb_put_be32(response + 2, (uint32_t)bytes);
		if (lb_be32(response + 6) == 0)
			memcpy(response, command, 2);
	}
	*response_len = bytes;
	return LB_OK;
}

static void begin(struct script *s, const uint8_t *data, size_t size)
{
	*s = (struct script){ data + 1, size - 1, (data[0] & 0x80) != 0 };
	host.tpm = answer;
	host.tpm_ctx = s;
	tpm_init(&tpm, &host.plat);
}

static void check(const struct tpm_floor *floor, enum lb_status status)
{
	const bool known =
		floor->state != TPM_FLOOR_NO_TPM && floor->state != TPM_FLOOR_UNREADABLE;

	must(known == (status == LB_OK));
	must(floor->state == TPM_FLOOR_GOOD ||
	     (floor->value.kernel == 0 && floor->value.recovery == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct platform_floors want = { 0x20000, 0x10001, 0 };
	struct tpm_floor floor;
	struct script s;

	if (size < 1)
		return 0;
	host_init(&host);
	begin(&s, data, size);
	check(&floor, tpm_floor_read(&tpm, TPM_FLOOR_SYSTEMS, &floor));
	begin(&s, data, size);
	if (tpm_floor_store(&tpm, &want, &floor) == LB_OK)
		must(floor.state == TPM_FLOOR_GOOD && floor.value.kernel >= want.kernel &&
		     floor.value.recovery >= want.recovery);
	begin(&s, data, size);
	(void)tpm_floor_lock(&tpm, TPM_FLOOR_SYSTEMS);
	(void)tpm_why(&tpm, LB_ERR_IO);
	(void)host_release(&host);
	return 0;
}
