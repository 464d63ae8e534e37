/* NV commands and their responses.
 *
 * Spec: TPM 2.0 Library, part 3, 31; part 2, 13.5 (TPMS_NV_PUBLIC). */
#include "boot/tpm/nv.h"

#include <string.h>

#include "crypto/digest.h"

#define CC_NV_UNDEFINE    0x122u
#define CC_NV_DEFINE      0x12au
#define CC_NV_WRITE       0x137u
#define CC_NV_WRITE_LOCK  0x138u
#define CC_NV_READ        0x14eu
#define CC_NV_READ_PUBLIC 0x169u

#define CC_HIERARCHY_CONTROL 0x121u

#define RH_OWNER        0x40000001u
#define RH_PLATFORM     0x4000000cu
#define PUBLIC_BYTES    14u /* without a policy */
#define MAX_WRITE_BYTES 64u

static void begin_with_password(struct tpm_out *out, uint32_t command, uint32_t by,
				uint32_t index)
{
	tpm_begin(out, TPM_ST_SESSIONS, command);
	tpm_put_u32(out, by);
	if (index != 0)
		tpm_put_u32(out, index);
	tpm_put_passwords(out, 1);
}

/* The index itself authorizes: by its policy, or by its password, which is empty. */
static void begin_for_index(struct tpm_out *out, uint32_t command, uint32_t index,
			    uint32_t session)
{
	tpm_begin(out, TPM_ST_SESSIONS, command);
	tpm_put_u32(out, index);
	tpm_put_u32(out, index);
	if (session == TPM_NV_BY_PASSWORD)
		tpm_put_passwords(out, 1);
	else
		tpm_put_policy(out, session);
}

/* Sends a command whose response has no parameters. */
static enum lb_status send_plain(struct tpm *tpm, struct tpm_out *command)
{
	struct tpm_in params;
	const enum lb_status status = tpm_send(tpm, command, &params);

	if (status != LB_OK)
		return status;
	return tpm_in_done(&params) ? LB_OK : LB_ERR_IO;
}

static bool name_fits(struct tpm_in name, const uint8_t *public, size_t public_bytes)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	const uint16_t algorithm = tpm_take_u16(&name);
	const uint8_t *told = tpm_take_bytes(&name, CRYPTO_SHA256_BYTES);

	if (algorithm != TPM_ALG_SHA256 || told == NULL || !tpm_in_done(&name))
		return false;
	crypto_digest_once(CRYPTO_SHA256, public, public_bytes, digest);
	return memcmp(digest, told, CRYPTO_SHA256_BYTES) == 0;
}

enum lb_status tpm_nv_read_public(struct tpm *tpm, uint32_t index,
				  struct tpm_nv_public *out)
{
	struct tpm_out command;
	struct tpm_in params;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_NV_READ_PUBLIC);
	tpm_put_u32(&command, index);

	const enum lb_status status = tpm_send(tpm, &command, &params);

	if (status != LB_OK)
		return status;

	struct tpm_in public = tpm_take_sized(&params);
	const struct tpm_in name = tpm_take_sized(&params);
	const uint8_t *bytes = public.at;
	const size_t len = public.left;
	const uint32_t about = tpm_take_u32(&public);
	struct tpm_nv_public p;

	p.name_algorithm = tpm_take_u16(&public);
	p.attributes = tpm_take_u32(&public);

	struct tpm_in policy = tpm_take_sized(&public);

	p.policy_bytes = (uint16_t)policy.left;
	memset(p.policy, 0, sizeof p.policy);
	if (policy.left == sizeof p.policy)
		memcpy(p.policy, policy.at, sizeof p.policy);
	p.data_bytes = tpm_take_u16(&public);
	if (!tpm_in_done(&params) || !tpm_in_done(&public) || about != index)
		return LB_ERR_IO;
	if (p.name_algorithm == TPM_ALG_SHA256 && !name_fits(name, bytes, len))
		return LB_ERR_IO;
	*out = p;
	return LB_OK;
}

enum lb_status tpm_nv_read(struct tpm *tpm, uint32_t index, uint8_t *out, uint16_t len)
{
	struct tpm_out command;
	struct tpm_in params;

	begin_for_index(&command, CC_NV_READ, index, TPM_NV_BY_PASSWORD);
	tpm_put_u16(&command, len);
	tpm_put_u16(&command, 0); /* from the start */

	const enum lb_status status = tpm_send(tpm, &command, &params);

	if (status != LB_OK)
		return status;

	const struct tpm_in data = tpm_take_sized(&params);

	if (!tpm_in_done(&params) || data.left != len)
		return LB_ERR_IO;
	memcpy(out, data.at, len);
	return LB_OK;
}

enum lb_status tpm_nv_write(struct tpm *tpm, uint32_t index, uint32_t session,
			    const uint8_t *data, uint16_t len)
{
	struct tpm_out command;

	if (len > MAX_WRITE_BYTES)
		return LB_ERR_ARGUMENT;
	begin_for_index(&command, CC_NV_WRITE, index, session);
	tpm_put_u16(&command, len);
	tpm_put_bytes(&command, data, len);
	tpm_put_u16(&command, 0); /* to the start */
	return send_plain(tpm, &command);
}

/* Who makes and removes indices. The platform hierarchy may remove the owner's too. */
static uint32_t maker(const struct tpm *tpm)
{
	return tpm->platform ? RH_PLATFORM : RH_OWNER;
}

static enum lb_status set_platform(struct tpm *tpm, bool enabled)
{
	struct tpm_out command;

	begin_with_password(&command, CC_HIERARCHY_CONTROL, RH_PLATFORM, 0);
	tpm_put_u32(&command, RH_PLATFORM);
	tpm_put_u8(&command, enabled ? 1 : 0);
	return send_plain(tpm, &command);
}

enum lb_status tpm_platform_take(struct tpm *tpm)
{
	const enum lb_status status = set_platform(tpm, true);

	tpm->platform = status == LB_OK;
	return status;
}

enum lb_status tpm_platform_close(struct tpm *tpm)
{
	const enum lb_status status = set_platform(tpm, false);

	if (status == LB_OK)
		tpm->platform = false;
	return status;
}

enum lb_status tpm_nv_define(struct tpm *tpm, uint32_t index, uint32_t attributes,
			     uint16_t bytes)
{
	const uint16_t policy_bytes =
		(attributes & TPM_NV_POLICYWRITE) != 0 ? TPM_POLICY_BYTES : 0;
	struct tpm_out command;

	begin_with_password(&command, CC_NV_DEFINE, maker(tpm), 0);
	tpm_put_u16(&command, 0); /* the index's password */
	tpm_put_u16(&command, PUBLIC_BYTES + policy_bytes);
	tpm_put_u32(&command, index);
	tpm_put_u16(&command, TPM_ALG_SHA256);
	tpm_put_u32(&command, attributes);
	tpm_put_u16(&command, policy_bytes);
	tpm_put_bytes(&command, tpm_policy_unmeasured, policy_bytes);
	tpm_put_u16(&command, bytes);
	return send_plain(tpm, &command);
}

enum lb_status tpm_nv_undefine(struct tpm *tpm, uint32_t index)
{
	struct tpm_out command;

	begin_with_password(&command, CC_NV_UNDEFINE, maker(tpm), index);
	return send_plain(tpm, &command);
}

enum lb_status tpm_nv_write_lock(struct tpm *tpm, uint32_t index, uint32_t session)
{
	struct tpm_out command;

	begin_for_index(&command, CC_NV_WRITE_LOCK, index, session);
	return send_plain(tpm, &command);
}
