/* Looking into loaders. */
#include "recovery/installer/loader_judge.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/pe.h"
#include "crypto/profile.h"

#define PE_AT        0x3cu
#define COFF_BYTES   24u
#define SECTION      40u
#define CERTIFICATES 144u /* of the optional header: data directory 4 */

/* The section .lbprof; NULL: none that lies in the file. Headers were checked before. */
static const uint8_t *find_profile(const uint8_t *file, size_t len, size_t *bytes)
{
	const uint32_t pe = lb_le32(file + PE_AT);
	const uint32_t count = lb_le16(file + pe + 6);
	const uint64_t first = (uint64_t)pe + COFF_BYTES + lb_le16(file + pe + 20);

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t at = first + (uint64_t)i * SECTION;

		if (!lb_within(at, SECTION, len))
			return NULL;
		const uint8_t *s = file + at;
		const uint32_t size = lb_le32(s + 16), offset = lb_le32(s + 20);

		if (memcmp(s, ".lbprof\0", 8) != 0)
			continue;
		*bytes = size < PROFILE_SECTION_BYTES ? size : PROFILE_SECTION_BYTES;
		return lb_within(offset, size, len) ? file + offset : NULL;
	}
	return NULL;
}

static bool is_signed(const uint8_t *file, size_t len)
{
	const uint64_t at = (uint64_t)lb_le32(file + PE_AT) + COFF_BYTES + CERTIFICATES;

	return lb_within(at, 8, len) && lb_le32(file + at) != 0 &&
	       lb_le32(file + at + 4) != 0;
}

static bool same_key(const struct crypto_key *key, const uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	uint8_t has[CRYPTO_KEY_ID_BYTES] = { 0 };

	if (key->data != NULL)
		crypto_key_id(key, has);
	return memcmp(has, id, sizeof has) == 0;
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
	return NULL;
}

const char *loader_judge(const uint8_t *file, size_t len, const struct told *told,
			 enum platform_cpu cpu, bool secure_boot, uint32_t least)
{
	const char *result = "a loader for another model";
	struct lb_verdict why;
	struct profile profile;
	struct kernel_pe pe;
	size_t count, bytes = 0;

	if (kernel_pe_parse(file, len, &pe, &why) != LB_REASON_OK)
		return "no loader";
	if (pe.cpu != cpu)
		return "a loader for another processor";
	const uint8_t *section = find_profile(file, len, &bytes);

	if (section == NULL || profile_count(section, bytes, &count, NULL) != LB_OK)
		return "a loader without a valid profile";
	if (secure_boot && !is_signed(file, len))
		return "a loader without a signature, which Secure Boot asks for";
	for (size_t i = 0; i < count; i++) {
		if (profile_get(section, bytes, i, &profile) != LB_OK ||
		    profile.model.len != strlen(told->model) ||
		    memcmp(profile.model.data, told->model, profile.model.len) != 0)
			continue;
		result = judge_profile(&profile, told, least);
		if (result == NULL)
			return NULL;
	}
	return result;
}
