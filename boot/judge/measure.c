/* The events of measured boot. */
#include "boot/judge/measure.h"

#include <stdarg.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "boot/kernel/prepare.h"

#define PROFILE_AT_SIZE 8u
#define LABEL_BYTES     32u
#define TEXT_BYTES      (LABEL_BYTES + KERNEL_CMDLINE_MAX_BYTES)

#define CC_PCR_READ 0x17eu
#define RC_FAILURE  0x101u

/* Bytes to measure, and the text in the log that says which they are. */
struct event {
	const void *data;
	size_t len;
	size_t text_len;
	uint8_t tagged[MEASURE_TAG_BYTES + TEXT_BYTES];
};

static void say(struct event *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct event *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	e->text_len =
		lb_vformat((char *)e->tagged + MEASURE_TAG_BYTES, TEXT_BYTES, fmt, args);
	va_end(args);
}

static void profile(const struct boot_measured *m, struct event *e)
{
	const uint32_t used = lb_le32(m->profile + PROFILE_AT_SIZE);

	e->data = m->profile;
	e->len = used < m->profile_bytes ? used : m->profile_bytes;
	say(e, "lifeboat profile");
}

static void mode(const struct boot_measured *m, struct event *e)
{
	e->data = crypto_mode_name(m->mode);
	e->len = strlen(crypto_mode_name(m->mode));
	say(e, "lifeboat mode: %s", crypto_mode_name(m->mode));
}

/* The bytes whose SHA-256 is the key's id, so that the digest in that bank is the id. */
static void key(const struct boot_measured *m, struct event *e)
{
	const struct crypto_key *data_key = &m->headers->keyblock.data_key;
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char hex[2 * sizeof id + 1];

	crypto_key_id(data_key, id);
	lb_format_hex(hex, id, sizeof id);
	e->data = data_key->data;
	e->len = data_key->data_bytes;
	say(e, "lifeboat key: %s", hex);
}

static void preamble(const struct boot_measured *m, struct event *e)
{
	e->data = m->headers->preamble_bytes;
	e->len = m->headers->preamble.signed_len;
	say(e, "lifeboat preamble: version %u.%u", LB_VERSION_PARTS(m->headers->version));
}

static void body(const struct boot_measured *m, struct event *e)
{
	char hex[2 * CRYPTO_MAX_DIGEST_BYTES + 1];

	lb_format_hex(hex, m->body_digest, m->body_digest_bytes);
	e->data = m->body_digest;
	e->len = m->body_digest_bytes;
	say(e, "lifeboat body: %s", hex);
}

/* With its NUL: some firmware does not measure nothing, and none is a statement too. */
static void command_line(const struct boot_measured *m, struct event *e)
{
	e->data = m->cmdline;
	e->len = strlen(m->cmdline) + 1;
	say(e, "lifeboat command line: %s", m->cmdline);
}

static const struct {
	const char *name;
	void (*make)(const struct boot_measured *m, struct event *e);
} events[] = {
	{ "profile", profile },   { "mode", mode }, { "key", key },
	{ "preamble", preamble }, { "body", body }, { "command line", command_line },
};

static enum lb_status separate(const struct platform *plat, uint32_t value)
{
	uint8_t data[MEASURE_SEPARATOR_BYTES];

	lb_put_le32(data, value);
	return plat->measure(plat->ctx, MEASURE_EV_SEPARATOR, data, sizeof data, data,
			     sizeof data);
}

static enum lb_status measure_event(const struct platform *plat,
				    const struct boot_measured *m, size_t which)
{
	struct event e;

	events[which].make(m, &e);
	lb_put_le32(e.tagged, MEASURE_TAG_FIRST + (uint32_t)which);
	lb_put_le32(e.tagged + 4, (uint32_t)e.text_len);
	return plat->measure(plat->ctx, MEASURE_EV_EVENT_TAG, e.data, e.len, e.tagged,
			     MEASURE_TAG_BYTES + e.text_len);
}

enum lb_status boot_measure(const struct platform *plat, const struct boot_measured *m,
			    const char **failed)
{
	enum lb_status status = LB_OK;

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		*failed = events[i].name;
		status = measure_event(plat, m, i);
		/* Only the first can find that there is no TPM: one that went away since
		 * then is a failure. */
		if (status == LB_ERR_UNSUPPORTED && i > 0)
			status = LB_ERR_IO;
		if (status != LB_OK)
			break;
	}
	if (status == LB_OK) {
		*failed = "separator";
		status = separate(plat, MEASURE_SEPARATOR_END);
		if (status == LB_ERR_UNSUPPORTED)
			status = LB_ERR_IO;
	}
	if (status != LB_OK && status != LB_ERR_UNSUPPORTED)
		(void)separate(plat,
			       MEASURE_SEPARATOR_ERROR); /* as far as it still can */
	return status;
}

enum lb_status boot_measure_ready(struct tpm *tpm)
{
	struct tpm_out command;
	struct tpm_in params;

	/* Spec: TPM 2.0 Library, part 3, 22.4. */
	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_PCR_READ);
	tpm_put_pcr8(&command);

	const enum lb_status status = tpm_send(tpm, &command, &params);

	/* One that answers lives, be it that it has no such bank: measuring will tell. */
	return status == LB_ERR_UNSUPPORTED || (tpm->code != 0 && tpm->code != RC_FAILURE)
		       ? LB_OK
		       : status;
}

struct boot_measured boot_measured_kernel(const struct prepared_kernel *prepared,
					  enum crypto_mode mode, const uint8_t *profile,
					  size_t profile_bytes)
{
	const struct verified_kernel *kernel = kernel_prepared_verified(prepared);
	struct boot_measured m = {
		.profile = profile,
		.profile_bytes = profile_bytes,
		.mode = mode,
		.headers = crypto_kernel_headers(kernel),
		.cmdline = kernel_prepared_layout(prepared)->cmdline,
	};

	m.body_digest = crypto_kernel_body_digest(kernel, &m.body_digest_bytes);
	return m;
}
