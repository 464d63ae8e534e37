/* SHA-256: ours against OpenSSL's, in one process and interleaved, so that other load on
 * the machine falls on both alike.
 *
 *   sha256_bench [--reps N] [--mib N]    sha256.ratio VALUE x (best ours / best theirs)
 *   sha256_bench --plain N               hash N MiB with the plain engine, for callgrind
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/digest.h"

#define MIB ((size_t)1 << 20)

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double time_ours(const uint8_t *data, size_t len,
			uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	const double start = now_s();

	crypto_digest_once(CRYPTO_SHA256, data, len, out);
	return now_s() - start;
}

static double time_theirs(const uint8_t *data, size_t len,
			  uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	const double start = now_s();

	if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
		return -1;
	return now_s() - start;
}

static uint8_t *message(size_t len)
{
	uint8_t *data = malloc(len);

	for (size_t i = 0; data != NULL && i < len; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	return data;
}

/* One MiB over and over, so that the counts are those of hashing and not of filling. */
static int plain(size_t mib)
{
	static const uint8_t zeros[MIB];
	uint8_t out[CRYPTO_MAX_DIGEST_BYTES];
	struct crypto_digest d;

	crypto_digest_init_engine(&d, CRYPTO_SHA256, CRYPTO_ENGINE_PLAIN);
	for (size_t i = 0; i < mib; i++)
		crypto_digest_update(&d, zeros, MIB);
	crypto_digest_final(&d, out);
	printf("%zu bytes, digest %02x%02x%02x%02x\n", mib * MIB, out[0], out[1], out[2],
	       out[3]);
	return 0;
}

static int compare(size_t mib, size_t reps)
{
	const size_t len = mib * MIB;
	uint8_t ours[CRYPTO_MAX_DIGEST_BYTES], theirs[CRYPTO_MAX_DIGEST_BYTES];
	double best_ours = 1e9, best_theirs = 1e9;
	uint8_t *data = message(len);

	if (data == NULL)
		return 2;
	for (size_t i = 0; i < reps; i++) {
		const double a = time_ours(data, len, ours);
		const double b = time_theirs(data, len, theirs);

		if (b < 0 || memcmp(ours, theirs, CRYPTO_SHA256_BYTES) != 0) {
			fprintf(stderr, "sha256_bench: digests differ\n");
			free(data);
			return 1;
		}
		best_ours = a < best_ours ? a : best_ours;
		best_theirs = b < best_theirs ? b : best_theirs;
	}
	free(data);
	printf("sha256.engine %s\n",
	       crypto_digest_engine(CRYPTO_SHA256) == CRYPTO_ENGINE_CPU ? "cpu"
									: "plain");
	printf("sha256.ours %.0f MB/s\n", (double)len / best_ours / 1e6);
	printf("sha256.openssl %.0f MB/s\n", (double)len / best_theirs / 1e6);
	printf("sha256.ratio %.3f x\n", best_theirs / best_ours);
	return 0;
}

int main(int argc, char **argv)
{
	size_t mib = 16, reps = 15;

	for (int i = 1; i + 1 < argc; i += 2) {
		const size_t value = strtoul(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--plain") == 0 && value != 0)
			return plain(value);
		if (strcmp(argv[i], "--mib") == 0 && value != 0)
			mib = value;
		else if (strcmp(argv[i], "--reps") == 0 && value != 0)
			reps = value;
		else
			argc = 0;
	}
	if (argc % 2 == 0) {
		fprintf(stderr, "usage: sha256_bench [--mib N] [--reps N] | --plain N\n");
		return 2;
	}
	return compare(mib, reps);
}
