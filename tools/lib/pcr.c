/* Predicting PCR 8. */
#include "tools/lib/pcr.h"

#include <openssl/evp.h>
#include <string.h>

#include "tools/lib/tool.h"

static const struct {
	const char *name;
	size_t bytes;
} banks[TOOL_PCR_BANKS] = {
	{ "sha1", 20 },
	{ "sha256", 32 },
	{ "sha384", 48 },
	{ "sha512", 64 },
};

const char *tool_pcr_bank(size_t bank, size_t *digest_bytes)
{
	*digest_bytes = banks[bank].bytes;
	return banks[bank].name;
}

static void digest(size_t bank, const void *a, size_t a_bytes, const void *b,
		   size_t b_bytes, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL ||
	    EVP_DigestInit_ex(ctx, EVP_get_digestbyname(banks[bank].name), NULL) != 1 ||
	    EVP_DigestUpdate(ctx, a, a_bytes) != 1 ||
	    EVP_DigestUpdate(ctx, b, b_bytes) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		tool_fatal("OpenSSL has no such digest");
	EVP_MD_CTX_free(ctx);
}

static enum lb_status extend(void *ctx, uint32_t event_type, const void *data, size_t len,
			     const void *event, size_t event_len)
{
	struct tool_pcr *pcr = ctx;

	(void)event_type, (void)event, (void)event_len;
	for (size_t i = 0; i < TOOL_PCR_BANKS; i++) {
		uint8_t of_data[TOOL_PCR_MAX_DIGEST];

		digest(i, data, len, "", 0, of_data);
		digest(i, pcr->value[i], banks[i].bytes, of_data, banks[i].bytes,
		       pcr->value[i]);
	}
	return LB_OK;
}

void tool_pcr_predict(const struct boot_measured *measured, struct tool_pcr *out)
{
	const struct platform plat = { .ctx = out, .measure = extend };
	const char *failed;

	memset(out, 0, sizeof(*out));
	if (boot_measure(&plat, measured, &failed) != LB_OK)
		tool_fatal("measuring failed"); /* nothing here can */
}
