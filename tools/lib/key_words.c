/* Why a key is refused, with its numbers. */
#include "tools/lib/key_words.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "crypto/key.h"
#include "tools/lib/tool.h"

/* Numbers: vboot_reference, enum vb2_crypto_algorithm. */
static const char *const algorithm_words[] = {
	"RSA-1024 with SHA-1",    "RSA-1024 with SHA-256",    "RSA-1024 with SHA-512",
	"RSA-2048 with SHA-1",    "RSA-2048 with SHA-256",    "RSA-2048 with SHA-512",
	"RSA-4096 with SHA-1",    "RSA-4096 with SHA-256",    "RSA-4096 with SHA-512",
	"RSA-8192 with SHA-1",    "RSA-8192 with SHA-256",    "RSA-8192 with SHA-512",
	"RSA-2048, e = 3, SHA-1", "RSA-2048, e = 3, SHA-256", "RSA-2048, e = 3, SHA-512",
	"RSA-3072, e = 3, SHA-1", "RSA-3072, e = 3, SHA-256", "RSA-3072, e = 3, SHA-512",
};

const char *tool_algorithm_words(uint32_t number)
{
	return number < sizeof(algorithm_words) / sizeof(algorithm_words[0])
		       ? algorithm_words[number]
		       : "unknown";
}

static bool starts(const uint8_t *bytes, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

static bool is_certificate(const uint8_t *bytes, size_t len)
{
	const unsigned char *at = bytes;
	X509 *certificate = d2i_X509(NULL, &at, (long)len);
	const bool is = certificate != NULL;

	X509_free(certificate);
	ERR_clear_error();
	return is;
}

const char *tool_file_kind_words(const uint8_t *bytes, size_t len)
{
	static const struct {
		const char *label, *words;
	} labels[] = {
		{ "-----BEGIN CERTIFICATE-----", "an X.509 certificate (PEM)" },
		{ "-----BEGIN TRUSTED CERTIFICATE", "an X.509 certificate (PEM)" },
		{ "-----BEGIN EC PRIVATE KEY", "an EC private key (PEM)" },
		{ "-----BEGIN EC PARAMETERS", "an EC private key (PEM)" },
		{ "-----BEGIN RSA PRIVATE KEY", "an RSA private key (PEM)" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY", "an encrypted private key (PEM)" },
		{ "-----BEGIN PRIVATE KEY", "a private key (PEM)" },
		{ "-----BEGIN PUBLIC KEY", "a public key (PEM)" },
		{ "-----BEGIN OPENSSH PRIVATE KEY", "an OpenSSH private key" },
		{ "-----BEGIN PGP", "an OpenPGP key" },
		{ "ssh-", "an OpenSSH public key" },
		{ "CHROMEOS", "a keyblock or signed kernel" },
		{ "LBPROF", "a device profile" },
		{ "MZ", "a PE file (loader or kernel)" },
		{ "CrAU", "an update payload" },
		{ "\177ELF", "an ELF program" },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (starts(bytes, len, labels[i].label))
			return labels[i].words;
	if (len > 9 && lb_le64(bytes) < 32 && bytes[8] == 0x30)
		return "a private key (.vbprivk)";
	if (len >= CRYPTO_PACKED_KEY_BYTES && lb_le64(bytes) == CRYPTO_PACKED_KEY_BYTES &&
	    lb_le64(bytes + 8) <= 2 * CRYPTO_MAX_RSA_BYTES + 8)
		return "a packed public key (.vbpubk)";
	if (is_certificate(bytes, len))
		return "an X.509 certificate (DER)";
	return len > 2 && bytes[0] == 0x30 ? "a key in DER" : NULL;
}

static char *other_file(const uint8_t *bytes, size_t len)
{
	const char *kind = tool_file_kind_words(bytes, len);

	if (kind == NULL)
		return tool_format("key_offset is %llu, 32 expected: not a packed public "
				   "key (.vbpubk)",
				   len >= 8 ? (unsigned long long)lb_le64(bytes) : 0ull);
	return tool_format(
		"is %s, a packed public key (.vbpubk) is needed%s", kind,
		strstr(kind, "PEM") != NULL || strstr(kind, "DER") != NULL
			? "; 'lifeboat keys import' makes one of an RSA key or "
			  "its certificate"
			: "");
}

/* Of the key's data: u32 words, u32 n0inv, the modulus. */
static char *data_fault(const uint8_t *data, uint32_t rsa_bytes)
{
	const uint8_t *modulus = data + 8;
	const uint32_t lowest = lb_le32(modulus);

	if (lb_le32(data) != rsa_bytes / 4)
		return tool_format("says %u words, its algorithm has %u", lb_le32(data),
				   rsa_bytes / 4);
	if ((lowest & 1) == 0 || (modulus[rsa_bytes - 1] & 0x80) == 0)
		return tool_format("its modulus is %s: no RSA key, or damaged",
				   (lowest & 1) == 0 ? "even" : "shorter than it says");
	return tool_format(
		"n0inv is 0x%08x, which does not belong to its modulus: damaged",
		lb_le32(data + 4));
}

char *tool_packed_key_fault(const uint8_t *bytes, size_t len)
{
	enum crypto_hash hash;
	uint32_t rsa_bytes;

	if (len < CRYPTO_PACKED_KEY_BYTES || lb_le64(bytes) != CRYPTO_PACKED_KEY_BYTES)
		return other_file(bytes, len);
	const uint64_t data_bytes = lb_le64(bytes + 8);
	const uint32_t algorithm = lb_le32(bytes + 16);

	if (crypto_algorithm(algorithm, &hash, &rsa_bytes) != LB_OK)
		return tool_format(
			"%s (algorithm %u) is not accepted; " TOOL_KEY_ACCEPTED,
			tool_algorithm_words(algorithm), algorithm);
	if (data_bytes != 2 * rsa_bytes + 8)
		return tool_format("key_size is %llu, %u expected for %s",
				   (unsigned long long)data_bytes, 2 * rsa_bytes + 8,
				   tool_algorithm_words(algorithm));
	if (len < CRYPTO_PACKED_KEY_BYTES + data_bytes)
		return tool_format(
			"%zu bytes, its header speaks of %llu: cut short", len,
			(unsigned long long)(CRYPTO_PACKED_KEY_BYTES + data_bytes));
	return data_fault(bytes + CRYPTO_PACKED_KEY_BYTES, rsa_bytes);
}

char *tool_key_kind(const EVP_PKEY *key)
{
	const char *type = EVP_PKEY_get0_type_name(key);
	char group[64] = "";
	size_t len;

	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1)
		return tool_format("EC (%s)", group);
	return EVP_PKEY_is_a(key, "RSA")
		       ? tool_format("RSA-%d", EVP_PKEY_get_bits(key))
		       : tool_strdup(type != NULL ? type : "of an unknown kind");
}
