/* Making signed kernel partitions that tests take apart. */
#include "tests/host/vblock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/bytes.h"

#define KEYBLOCK_BYTES 112u
#define LOAD_ADDRESS   0x100000u

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "vblock: %s failed\n", what);
		abort();
	}
}

/* A .vbprivk file: u64 algorithm, then the key as DER. */
static EVP_PKEY *read_private_key(const char *name)
{
	char path[256];
	uint8_t file[8192];
	const uint8_t *der = file + 8;

	snprintf(path, sizeof path, VB_DEVKEYS "/%s.vbprivk", name);

	FILE *f = fopen(path, "rb");

	must(f != NULL, path);
	const size_t len = fread(file, 1, sizeof file, f);

	fclose(f);
	must(len > 8, path);
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &der, (long)(len - 8));

	must(pkey != NULL, path);
	return pkey;
}

static void put_number(uint8_t *out, const BIGNUM *n, uint32_t bytes)
{
	must(BN_bn2lebinpad(n, out, (int)bytes) == (int)bytes, "BN_bn2lebinpad");
}

/* u32 words, u32 n0inv = -1 / n mod 2^32, n, RR = 2^(2 * bits) mod n. */
static void put_key_data(uint8_t *out, const EVP_PKEY *pkey, uint32_t rsa_bytes)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = NULL, *rr = BN_new(), *two32 = BN_new(), *inverse = BN_new();

	must(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n), "RSA modulus");
	must(BN_set_bit(rr, (int)(2 * 8 * rsa_bytes)) && BN_mod(rr, rr, n, ctx), "RR");
	must(BN_set_bit(two32, 32) && BN_mod_inverse(inverse, n, two32, ctx) != NULL,
	     "n0inv");
	must(BN_sub(inverse, two32, inverse), "n0inv");
	lb_put_le32(out, rsa_bytes / 4);
	lb_put_le32(out + 4, (uint32_t)BN_get_word(inverse));
	put_number(out + 8, n, rsa_bytes);
	put_number(out + 8 + rsa_bytes, rr, rsa_bytes);
	BN_free(n);
	BN_free(rr);
	BN_free(two32);
	BN_free(inverse);
	BN_CTX_free(ctx);
}

void vb_key_load(struct vb_key *key, const char *name, uint32_t algorithm,
		 uint32_t version)
{
	memset(key, 0, sizeof *key);
	key->pkey = read_private_key(name);
	key->algorithm = algorithm;
	key->rsa_bytes = (uint32_t)EVP_PKEY_get_bits(key->pkey) / 8;
	must(key->rsa_bytes == 128u << (algorithm / 3), "RSA size of the algorithm");
	lb_put_le32(key->packed + VB_KEY_OFFSET, 32);
	lb_put_le32(key->packed + VB_KEY_BYTES, 8 + 2 * key->rsa_bytes);
	lb_put_le32(key->packed + VB_KEY_ALGORITHM, algorithm);
	lb_put_le32(key->packed + VB_KEY_VERSION, version);
	put_key_data(key->packed + 32, key->pkey, key->rsa_bytes);
	key->packed_bytes = 32 + 8 + 2 * key->rsa_bytes;
}

void vb_key_free(struct vb_key *key)
{
	EVP_PKEY_free(key->pkey);
	memset(key, 0, sizeof *key);
}

static void sign(const struct vb_key *key, const uint8_t *data, size_t len, uint8_t *out)
{
	const EVP_MD *md = key->algorithm % 3 == 1 ? EVP_sha256() : EVP_sha512();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t sig_len = key->rsa_bytes;

	must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, md, NULL, key->pkey) == 1 &&
		     EVP_DigestSign(ctx, out, &sig_len, data, len) == 1 &&
		     sig_len == key->rsa_bytes,
	     "signing");
	EVP_MD_CTX_free(ctx);
}

static void put_sig(uint8_t *base, size_t at, size_t offset, size_t bytes, size_t covers)
{
	lb_put_le32(base + at + VB_SIG_OFFSET, (uint32_t)(offset - at));
	lb_put_le32(base + at + VB_SIG_BYTES, (uint32_t)bytes);
	lb_put_le32(base + at + VB_SIG_COVERS, (uint32_t)covers);
}

static uint8_t *sig_bytes(uint8_t *base, size_t at)
{
	return base + at + lb_le32(base + at + VB_SIG_OFFSET);
}

static size_t sig_covers(const uint8_t *base, size_t at)
{
	return lb_le32(base + at + VB_SIG_COVERS);
}

void vb_sign_only(uint8_t *keyblock, const struct vb_key *signer)
{
	sign(signer, keyblock, sig_covers(keyblock, VB_KB_SIGNATURE),
	     sig_bytes(keyblock, VB_KB_SIGNATURE));
}

void vb_sign_keyblock(uint8_t *keyblock, const struct vb_key *signer)
{
	SHA512(keyblock, sig_covers(keyblock, VB_KB_HASH),
	       sig_bytes(keyblock, VB_KB_HASH));
	if (signer != NULL)
		sign(signer, keyblock, sig_covers(keyblock, VB_KB_SIGNATURE),
		     sig_bytes(keyblock, VB_KB_SIGNATURE));
}

void vb_sign_preamble(uint8_t *preamble, const struct vb_key *data)
{
	sign(data, preamble, sig_covers(preamble, VB_PR_SIGNATURE),
	     sig_bytes(preamble, VB_PR_SIGNATURE));
}

void vb_sign_body(struct vb_image *image, const struct vb_key *data)
{
	sign(data, image->body, image->body_bytes,
	     sig_bytes(image->preamble, VB_PR_BODY_SIGNATURE));
}

static size_t put_keyblock(uint8_t *p, const struct vb_recipe *r)
{
	const size_t key_bytes = r->data->packed_bytes - 32;
	const size_t covered = KEYBLOCK_BYTES + key_bytes;
	const size_t signature = covered + SHA512_DIGEST_LENGTH;
	const size_t bytes = signature + (r->signer != NULL ? r->signer->rsa_bytes : 0);

	memcpy(p, "CHROMEOS", 8);
	lb_put_le32(p + VB_KB_MAJOR, 2);
	lb_put_le32(p + VB_KB_MAJOR + 4, 1);
	lb_put_le32(p + VB_KB_BYTES, (uint32_t)bytes);
	if (r->signer != NULL)
		put_sig(p, VB_KB_SIGNATURE, signature, r->signer->rsa_bytes, covered);
	put_sig(p, VB_KB_HASH, covered, SHA512_DIGEST_LENGTH, covered);
	lb_put_le32(p + VB_KB_FLAGS, r->flags);
	memcpy(p + VB_KB_KEY, r->data->packed, 32);
	memcpy(p + VB_KB_KEY_DATA, r->data->packed + 32, key_bytes);
	vb_sign_keyblock(p, r->signer);
	return bytes;
}

static void put_preamble(struct vb_image *image, size_t room, const struct vb_recipe *r)
{
	uint8_t *p = image->preamble;
	const uint32_t rsa_bytes = r->data->rsa_bytes;
	const size_t covered = VB_PR_SIGNATURES + rsa_bytes;

	lb_put_le32(p + VB_PR_BYTES, (uint32_t)room);
	lb_put_le32(p + VB_PR_MAJOR, 2);
	lb_put_le32(p + VB_PR_MINOR, 2);
	lb_put_le32(p + VB_PR_VERSION, r->kernel_version);
	lb_put_le64(p + VB_PR_LOAD, LOAD_ADDRESS);
	put_sig(p, VB_PR_SIGNATURE, covered, rsa_bytes, covered);
	put_sig(p, VB_PR_BODY_SIGNATURE, VB_PR_SIGNATURES, rsa_bytes, r->body_bytes);
	vb_sign_body(image, r->data);
	vb_sign_preamble(p, r->data);
}

void vb_make(struct vb_image *image, const struct vb_recipe *r)
{
	const size_t head = r->head_bytes != 0 ? r->head_bytes : 65536;
	uint32_t noise = r->seed;

	image->len = head + r->body_bytes;
	image->bytes = calloc(1, image->len);
	must(image->bytes != NULL, "calloc");
	image->body = image->bytes + head;
	image->body_bytes = r->body_bytes;
	for (size_t i = 0; i < r->body_bytes; i++) {
		noise = noise * 1664525u + 1013904223u;
		image->body[i] = (uint8_t)(noise >> 24);
	}

	const size_t keyblock_bytes = put_keyblock(image->bytes, r);

	must(head > keyblock_bytes + VB_PR_SIGNATURES + 2 * r->data->rsa_bytes,
	     "head size");
	image->preamble = image->bytes + keyblock_bytes;
	put_preamble(image, head - keyblock_bytes, r);
}

void vb_free(struct vb_image *image)
{
	free(image->bytes);
	memset(image, 0, sizeof *image);
}
