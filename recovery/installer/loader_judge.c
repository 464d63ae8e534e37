/* Looking into loaders. */
#include "recovery/installer/loader_judge.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/pe.h"
#include "crypto/digest.h"
#include "recovery/installer/signature_db.h"

static bool same_key(const struct crypto_key *key, const uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	uint8_t has[CRYPTO_KEY_ID_BYTES] = { 0 };

	if (key->data != NULL)
		crypto_key_id(key, has);
	return memcmp(has, id, sizeof has) == 0;
}

/* Once a CA is pinned it stays that one. */
static bool same_ca(const struct profile *profile, const struct told_limits *limits)
{
	uint8_t sum[CRYPTO_MAX_DIGEST_BYTES];

	if (!limits->has_ca)
		return true;
	if (profile->server_ca.data == NULL)
		return false;
	crypto_digest_once(CRYPTO_SHA256, profile->server_ca.data, profile->server_ca.len,
			   sum);
	return memcmp(sum, limits->ca, sizeof limits->ca) == 0;
}

/* How little a serial line may do; of keyboards the numbers say it. */
static int strictness(enum profile_serial_input serial)
{
	return serial == PROFILE_SERIAL_NONE ? 2 : serial == PROFILE_SERIAL_RECOVERY;
}

static const char *judge_limits(const struct profile *profile, const struct told *told)
{
	const struct told_limits *limits = &told->limits;

	if (!limits->known)
		return "a loader, but the one that runs did not say its limits";
	if (profile->developer_mode > limits->developer_mode)
		return "a loader that allows more to developers";
	if (profile->recovery_floor < limits->recovery_floor)
		return "a loader with a lower recovery floor";
	if (profile->keyboard_input < told->keyboard)
		return "a loader that lets keyboards do more";
	if (strictness(profile->serial_input) < strictness(told->serial))
		return "a loader that lets the serial line do more";
	return same_ca(profile, limits) ? NULL : "a loader with another server's CA";
}

static const char *judge_profile(const struct profile *profile, const struct told *told,
				 uint32_t least)
{
	if (!same_key(&profile->kernel_key, told->kernel_key))
		return "a loader with another kernel key";
	if (!same_key(&profile->recovery_key, told->recovery_key))
		return "a loader with another recovery key";
	if (profile->generation < least)
		return "a loader of an older generation";
	return judge_limits(profile, told);
}

/* All profiles for this model count: which of them it would be is the machine's word. */
static const char *judge_profiles(const uint8_t *section, size_t bytes,
				  const struct told *told, uint32_t least)
{
	const char *result = "a loader for another model";
	struct profile profile;
	size_t count;

	if (profile_count(section, bytes, &count, NULL) != LB_OK)
		return "a loader without a valid profile";
	for (size_t i = 0; i < count; i++) {
		if (profile_get(section, bytes, i, &profile) != LB_OK ||
		    profile.model.len != strlen(told->model) ||
		    memcmp(profile.model.data, told->model, profile.model.len) != 0)
			continue;
		result = judge_profile(&profile, told, least);
		if (result != NULL)
			return result;
	}
	return result;
}

static const char *judge_signature(const struct signature_db_image *image,
				   const struct loader_firmware *firmware)
{
	if (!firmware->secure_boot)
		return NULL;
	if (firmware->db == NULL)
		return "a loader, but the firmware's db cannot be read";
	if (firmware->dbx != NULL &&
	    signature_db_names(image, firmware->dbx, firmware->dbx_bytes))
		return "a loader that the firmware's dbx has revoked";
	if (signature_db_names(image, firmware->db, firmware->db_bytes))
		return NULL;
	return image->pe->signature_bytes == 0
		       ? "a loader without a signature, which Secure Boot asks for"
		       : "a loader with a signature that the firmware's db does not know";
}

const char *loader_judge(const uint8_t *file, size_t len, const struct told *told,
			 enum platform_cpu cpu, const struct loader_firmware *firmware,
			 uint32_t least)
{
	struct lb_verdict why;
	struct kernel_pe pe;
	const struct signature_db_image image = { file, len, &pe };
	size_t at, bytes;

	if (kernel_pe_parse(file, len, &pe, &why) != LB_REASON_OK)
		return "no loader";
	if (pe.cpu != cpu)
		return "a loader for another processor";
	if (!kernel_pe_section(file, ".lbprof", &at, &bytes))
		return "a loader without a valid profile";
	if (bytes > PROFILE_SECTION_BYTES)
		bytes = PROFILE_SECTION_BYTES;
	const char *wrong = judge_profiles(file + at, bytes, told, least);

	return wrong != NULL ? wrong : judge_signature(&image, firmware);
}
