/* The random seed for the kernel: from the machine's random source and a secret that only
 * loaders can read.
 *
 * The kernel counts these bytes as full entropy, so there is a seed only where real
 * randomness went in, now or when the secret was made. Without a source the secret is
 * replaced before anything is made from it: a seed is never given twice, wherever the
 * power is cut. With one it stays as it is, and the variable store is not worn.
 *
 * Design: docs/decisions.md "Random seed". Spec: Linux include/linux/efi.h
 * (struct linux_efi_random_seed); https://systemd.io/BOOT_LOADER_INTERFACE
 * (LoaderSystemToken). */
#include "boot/uefi/cpu.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"

#define SEED_BYTES CRYPTO_SHA256_BYTES

_Static_assert(SEED_BYTES == UEFI_SEED_BYTES, "the secret is one digest");

#define TOKEN_MIN_BYTES 16u
#define TOKEN_MAX_BYTES 512u
#define OLD_MAX_BYTES   512u /* of an earlier loader's seed; Linux takes as much */
#define SIZE_BYTES      4u

/* Changed with what is hashed, so that no two versions ever make the same bytes. */
#define LABEL_POOL   "Lifeboat seed pool 1"
#define LABEL_STORED "Lifeboat stored seed 1"
#define LABEL_KERNEL "Lifeboat kernel seed 1"

struct sources {
	bool fresh, stored; /* what is there of the next two */
	uint8_t random[SEED_BYTES];
	uint8_t secret[SEED_BYTES]; /* LifeboatSeed */
	size_t token_bytes;         /* what the OS's installer left: 0 when nothing */
	uint8_t token[TOKEN_MAX_BYTES];
};

CHAR16 uefi_seed_name[] = L"LifeboatSeed";
static CHAR16 token_name[] = L"LoaderSystemToken";

/* What stays in memory goes to the kernel. */
static void wipe(void *data, size_t bytes)
{
	volatile uint8_t *p = data;

	while (bytes-- > 0)
		*p++ = 0;
}

/* Twice the same bytes: a source that is stuck, as some CPUs' are after sleep. */
static bool read_random(struct uefi *u, uint8_t out[SEED_BYTES])
{
	uint8_t again[SEED_BYTES];
	const bool good = uefi_random(u, out, SEED_BYTES) == LB_OK &&
			  uefi_random(u, again, SEED_BYTES) == LB_OK &&
			  memcmp(out, again, SEED_BYTES) != 0;

	wipe(again, sizeof again);
	return good;
}

static size_t read_token(struct uefi *u, uint8_t out[TOKEN_MAX_BYTES])
{
	EFI_GUID guid = UEFI_LOADER_GUID;
	UINTN bytes = TOKEN_MAX_BYTES;

	if (u->rt->GetVariable(token_name, &guid, NULL, &bytes, out) != EFI_SUCCESS ||
	    bytes < TOKEN_MIN_BYTES)
		return 0;
	return bytes;
}

static void collect(struct uefi *u, struct sources *s)
{
	size_t got;

	memset(s, 0, sizeof *s);
	s->fresh = read_random(u, s->random);
	s->stored = uefi_read_protected(u, uefi_seed_name, s->secret, SEED_BYTES, false,
					&got) == LB_OK &&
		    !lb_all_zero(s->secret, SEED_BYTES); /* made at the first start */
	s->token_bytes = read_token(u, s->token);
}

/* --- mixing ------------------------------------------------------------------------- */

static void take(struct crypto_digest *d, const void *data, size_t bytes)
{
	uint8_t length[8];

	lb_put_le64(length, bytes);
	crypto_digest_update(d, length, sizeof length);
	crypto_digest_update(d, data, bytes);
}

/* What is not secret and differs from boot to boot: nothing rests on it alone. */
static void take_moment(struct uefi *u, struct crypto_digest *d)
{
	EFI_TIME time = { 0 };
	UINT64 count = 0;
	const uint64_t ticks = uefi_cpu_ticks();

	(void)u->rt->GetTime(&time, NULL);          /* a machine without a clock: zeros */
	(void)u->bs->GetNextMonotonicCount(&count); /* likewise */
	take(d, &time, sizeof time);
	take(d, &count, sizeof count);
	take(d, &ticks, sizeof ticks);
}

/* Every source with its length, so that none can pass for a part of another. */
static void mix(struct uefi *u, const struct sources *s, const uint8_t *old,
		size_t old_bytes, uint8_t pool[SEED_BYTES])
{
	struct crypto_digest d;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_init(&d, CRYPTO_SHA256);
	take(&d, LABEL_POOL, sizeof LABEL_POOL);
	take(&d, s->random, s->fresh ? SEED_BYTES : 0);
	take(&d, s->secret, s->stored ? SEED_BYTES : 0);
	take(&d, s->token, s->token_bytes);
	take(&d, old, old_bytes);
	take_moment(u, &d);
	crypto_digest_final(&d, digest);
	memcpy(pool, digest, SEED_BYTES);
	wipe(digest, sizeof digest);
	wipe(&d, sizeof d);
}

static void derive(const uint8_t pool[SEED_BYTES], const char *label, size_t label_bytes,
		   uint8_t out[SEED_BYTES])
{
	struct crypto_digest d;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_init(&d, CRYPTO_SHA256);
	take(&d, label, label_bytes);
	take(&d, pool, SEED_BYTES);
	crypto_digest_final(&d, digest);
	memcpy(out, digest, SEED_BYTES);
	wipe(digest, sizeof digest);
	wipe(&d, sizeof d);
}

/* The next secret is stored and read back; true when a seed may be made from the pool. */
static bool renew_secret(struct uefi *u, const struct sources *s,
			 const uint8_t pool[SEED_BYTES])
{
	uint8_t next[SEED_BYTES];

	if (s->fresh && s->stored)
		return true;
	derive(pool, LABEL_STORED, sizeof LABEL_STORED, next);

	const enum lb_status status =
		uefi_write_protected(u, uefi_seed_name, next, SEED_BYTES);

	wipe(next, sizeof next);
	if (status != LB_OK)
		uefi_log(u, "seed: LifeboatSeed cannot be stored: %s",
			 lb_status_name(status));
	return s->fresh || status == LB_OK;
}

/* --- the table ---------------------------------------------------------------------- */

/* Pool memory of this type: the kernel's stub frees it, the kernel keeps it until
 * read. */
static enum lb_status install(struct uefi *u, const uint8_t pool[SEED_BYTES])
{
	EFI_GUID guid = UEFI_LINUX_RANDOM_SEED_GUID;
	void *table = NULL;

	if (u->bs->AllocatePool(EfiACPIReclaimMemory, SIZE_BYTES + SEED_BYTES, &table) !=
	    EFI_SUCCESS)
		return LB_ERR_NOMEM;
	lb_put_le32(table, SEED_BYTES);
	derive(pool, LABEL_KERNEL, sizeof LABEL_KERNEL, (uint8_t *)table + SIZE_BYTES);

	const enum lb_status status =
		uefi_status(u->bs->InstallConfigurationTable(&guid, table));

	if (status != LB_OK) {
		wipe(table, SIZE_BYTES + SEED_BYTES);
		(void)u->bs->FreePool(table); /* a leak at worst */
	}
	return status;
}

static bool offer(struct uefi *u, const struct sources *s)
{
	uint8_t *old = uefi_table(u, &(EFI_GUID)UEFI_LINUX_RANDOM_SEED_GUID);
	size_t old_bytes = old != NULL ? lb_le32(old) : 0;
	uint8_t pool[SEED_BYTES];
	enum lb_status status = LB_ERR_IO;

	if (old_bytes > OLD_MAX_BYTES)
		old_bytes = 0;
	mix(u, s, old_bytes != 0 ? old + SIZE_BYTES : NULL, old_bytes, pool);
	if (renew_secret(u, s, pool)) {
		status = install(u, pool);
		if (status == LB_OK && old_bytes != 0)
			wipe(old + SIZE_BYTES, old_bytes); /* used: not for anyone else */
		if (status != LB_OK)
			uefi_log(u, "seed: none for the kernel: %s",
				 lb_status_name(status));
	}
	wipe(pool, sizeof pool);
	return status == LB_OK;
}

bool uefi_seed_offer(struct uefi *u)
{
	struct sources s;
	bool offered = false;

	collect(u, &s);
	if (s.fresh || s.stored || s.token_bytes != 0)
		offered = offer(u, &s);
	else
		uefi_log(u, "seed: none for the kernel: no source of randomness");
	if (offered)
		uefi_log(u, "seed: from %s%s%s", s.fresh ? "the random source" : "",
			 s.fresh && s.stored ? " and " : "",
			 s.stored ? "LifeboatSeed"
				  : (s.fresh ? "" : "LoaderSystemToken"));
	wipe(&s, sizeof s);
	return offered;
}
