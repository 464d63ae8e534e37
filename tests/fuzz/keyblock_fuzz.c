/* Fuzzes the whole head of a kernel partition, with every signature taken as right:
 * keyblock, data key, preamble, policy. The first byte chooses mode and policy. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/kernel_verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Everything that later code relies on. */
static void check_headers(const struct crypto_headers *h, const uint8_t *head, size_t len,
			  uint64_t source_bytes)
{
	const struct crypto_keyblock *k = &h->keyblock;
	const struct crypto_preamble *p = &h->preamble;

	must(k->bytes >= CRYPTO_KEYBLOCK_BYTES && k->bytes <= len);
	must(k->signed_len >= CRYPTO_KEYBLOCK_BYTES && k->signed_len <= k->bytes);
	must(k->data_key.data >= head + CRYPTO_KEYBLOCK_BYTES &&
	     k->data_key.data + k->data_key.data_bytes <= head + k->signed_len);
	must(k->data_key.version <= 0xffff && p->kernel_version <= 0xffff);
	must(h->preamble_bytes == head + k->bytes);
	must(p->signed_len <= p->bytes && p->bytes <= len - k->bytes);
	must(p->body_signature_len == k->data_key.rsa_bytes);
	must(p->body_signature >= h->preamble_bytes &&
	     p->body_signature + p->body_signature_len <=
		     h->preamble_bytes + p->signed_len);
	must(h->body_offset == (uint64_t)k->bytes + p->bytes && h->body_offset <= len);
	must(h->body_bytes != 0 && h->body_bytes <= source_bytes - h->body_offset);
	if (p->bootloader_bytes != 0)
		must(p->bootloader_address - p->body_load_address <=
		     p->body_bytes - p->bootloader_bytes);
	if (p->vmlinuz_header_bytes != 0)
		must(p->vmlinuz_header_address - p->body_load_address <=
		     p->body_bytes - p->vmlinuz_header_bytes);
}

/* Any key: the stub only looks at sizes. The choice covers both signature sizes of the
 * corpus. */
static struct crypto_key some_key(uint8_t choice)
{
	static const uint8_t data[8 + 2 * 1024];
	const uint32_t rsa_bytes = (choice & 0x20) != 0 ? 1024 : 512;

	return (struct crypto_key){ .algorithm = 7,
				    .hash = CRYPTO_SHA256,
				    .rsa_bytes = rsa_bytes,
				    .data = (choice & 0x40) != 0 ? NULL : data,
				    .data_bytes = 8 + 2 * rsa_bytes };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size - 1 > CRYPTO_HEAD_BYTES)
		return 0;

	const uint8_t choice = data[0];
	const size_t len = size - 1;
	const uint64_t source_bytes = len + ((choice & 0x10) != 0 ? UINT32_MAX : 100000);
	const struct crypto_policy policy = { .mode = (enum crypto_mode)((choice & 3) %
									 3),
					      .key = some_key(choice),
					      .self_signed_allowed = (choice & 4) != 0,
					      .dev_key_count = (choice & 8) != 0 ? 1 : 0,
					      .floor = choice >> 7 };
	struct crypto_headers headers;
	struct lb_verdict why = { .reason = LB_REASON_NO_DISK };
	uint8_t *head = malloc(len); /* of exactly this size, for the sanitizer */

	if (head == NULL)
		return 0;
	memcpy(head, data + 1, len);
	const enum lb_reason reason =
		crypto_headers_verify(&policy, head, len, source_bytes, &headers, &why);

	must(reason == why.reason);
	must(memchr(why.detail, '\0', sizeof why.detail) != NULL);
	if (reason == LB_REASON_OK)
		check_headers(&headers, head, len, source_bytes);
	free(head);
	return 0;
}
