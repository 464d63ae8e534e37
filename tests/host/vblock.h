/* Signed kernel partitions of every key size, to be taken apart by tests: made by OpenSSL
 * with the packaged developer keys, every field at hand, and signed again at will. */
#ifndef LIFEBOAT_TESTS_VBLOCK_H
#define LIFEBOAT_TESTS_VBLOCK_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#define VB_DEVKEYS    "/usr/share/vboot/devkeys"
#define VB_MAX_PACKED (32u + 8u + 2u * 1024u)

/* Offsets in a keyblock and in a preamble. */
enum {
	VB_KB_MAJOR = 8,
	VB_KB_BYTES = 16,
	VB_KB_SIGNATURE = 24,
	VB_KB_HASH = 48,
	VB_KB_FLAGS = 72,
	VB_KB_KEY = 80,
	VB_KB_KEY_DATA = 112,
	VB_PR_BYTES = 0,
	VB_PR_SIGNATURE = 8,
	VB_PR_MAJOR = 32,
	VB_PR_MINOR = 36,
	VB_PR_VERSION = 40,
	VB_PR_LOAD = 48,
	VB_PR_BOOTLOADER = 56,
	VB_PR_BOOTLOADER_BYTES = 64,
	VB_PR_BODY_SIGNATURE = 72,
	VB_PR_VMLINUZ = 96,
	VB_PR_VMLINUZ_BYTES = 104,
	VB_PR_FLAGS = 112,
	VB_PR_SIGNATURES = 116,
	/* in the signature structure */
	VB_SIG_OFFSET = 0,
	VB_SIG_BYTES = 8,
	VB_SIG_COVERS = 16,
	/* in the key structure */
	VB_KEY_OFFSET = 0,
	VB_KEY_BYTES = 8,
	VB_KEY_ALGORITHM = 16,
	VB_KEY_VERSION = 24,
};

struct vb_key {
	EVP_PKEY *pkey;
	uint32_t algorithm;
	uint32_t rsa_bytes;
	uint8_t packed[VB_MAX_PACKED]; /* as in a .vbpubk file */
	size_t packed_bytes;
};

/**
 * vb_key_load() - a packaged private key ("kernel_subkey") used as @algorithm: its RSA
 * size must fit, the hash may be another than the packaged one. Aborts when it is not
 * there.
 */
void vb_key_load(struct vb_key *key, const char *name, uint32_t algorithm,
		 uint32_t version);
void vb_key_free(struct vb_key *key);

struct vb_recipe {
	const struct vb_key *signer; /* of the keyblock; NULL: only a hash */
	const struct vb_key *data;
	uint32_t flags;
	uint32_t kernel_version;
	size_t head_bytes; /* keyblock and preamble together; 0: 65536 */
	size_t body_bytes;
	uint8_t seed; /* of the body's bytes */
};

struct vb_image {
	uint8_t *bytes;
	size_t len;
	uint8_t *preamble; /* inside bytes, as the body */
	uint8_t *body;
	size_t body_bytes;
};

void vb_make(struct vb_image *image, const struct vb_recipe *recipe);
void vb_free(struct vb_image *image);

/** vb_sign_keyblock() - hash and, with @signer, signature anew, over what the fields
 * say. */
void vb_sign_keyblock(uint8_t *keyblock, const struct vb_key *signer);
/** vb_sign_only() - the signature anew, the hash stays. */
void vb_sign_only(uint8_t *keyblock, const struct vb_key *signer);
/** vb_sign_preamble() - the preamble's signature anew, over what its field says. */
void vb_sign_preamble(uint8_t *preamble, const struct vb_key *data);
/** vb_sign_body() - the body's signature anew; the preamble is to be signed after it. */
void vb_sign_body(struct vb_image *image, const struct vb_key *data);

#endif
