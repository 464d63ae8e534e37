/* The TPM of the tests.
 *
 * Spec: TPM 2.0 Library 1.59, part 3, 31 (NV), part 2, 6.6 (codes), 13.4 (attributes). */
#include "tests/host/tpm_model.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/bytes.h"

#define OWNER    0x40000001u
#define PLATFORM 0x4000000cu
#define PASSWORD 0x40000009u

#define AUTHWRITE     0x00000004u
#define POLICYWRITE   0x00000008u
#define WRITELOCKED   0x00000800u
#define WRITEALL      0x00001000u
#define WRITEDEFINE   0x00002000u
#define WRITE_STCLEAR 0x00004000u
#define AUTHREAD      0x00040000u
#define WRITTEN       0x20000000u
#define OF_PLATFORM   0x40000000u

#define RC_BAD_TAG     0x01eu
#define RC_COMMAND     0x143u
#define RC_SIZE        0x142u
#define RC_NV_RANGE    0x146u
#define RC_NV_LOCKED   0x148u
#define RC_NV_AUTH     0x149u
#define RC_NV_BLANK    0x14au
#define RC_NV_SPACE    0x14bu
#define RC_NV_DEFINED  0x14cu
#define RC_ATTRIBUTES1 0x182u
#define RC_HIERARCHY1  0x185u
#define RC_HANDLE1     0x18bu
#define RC_BAD_AUTH1   0x9a2u
#define RC_VALUE1      0x1c4u
#define RC_SESSIONS    0x903u
#define RC_POLICY      0x99du
#define RC_NO_AUTH     0x12fu
#define SESSION_FIRST  0x03000000u
#define NONCE_BYTES    16u

#define HEADER_BYTES 10u

/* A command that was taken apart, and the parameters of its response. */
struct call {
	uint16_t tag;
	uint32_t code;
	uint32_t handle[2];
	uint32_t session;      /* who authorizes: PASSWORD, or a policy session */
	const uint8_t *params; /* behind handles and authorization */
	size_t params_len;
	uint8_t out[128];
	size_t out_len;
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(struct call *c, uint16_t value)
{
	c->out[c->out_len++] = (uint8_t)(value >> 8);
	c->out[c->out_len++] = (uint8_t)value;
}

static void put32(struct call *c, uint32_t value)
{
	put16(c, (uint16_t)(value >> 16));
	put16(c, (uint16_t)value);
}

static void put(struct call *c, const void *bytes, size_t len)
{
	memcpy(c->out + c->out_len, bytes, len);
	c->out_len += len;
}

/* The policy "PCR 8 is zeros" in the SHA-256 bank, by hand from part 3, 23.7. */
static void pcr8_policy(uint8_t out[SHA256_DIGEST_LENGTH])
{
	static const uint8_t head[14] = { 0, 0, 1, 0x7f, 0, 0, 0, 1, 0, 0xb, 3, 0, 1, 0 };
	uint8_t all[32 + sizeof head + 32] = { 0 };

	SHA256(all, 32, all + 32 + sizeof head); /* of what the register holds */
	memcpy(all + 32, head, sizeof head);
	SHA256(all, sizeof all, out);
}

struct tpm_model_index *tpm_model_find(struct tpm_model *tpm, uint32_t handle)
{
	for (size_t i = 0; i < TPM_MODEL_INDICES; i++)
		if (tpm->index[i].exists && tpm->index[i].handle == handle)
			return &tpm->index[i];
	return NULL;
}

static struct tpm_model_index *unused(struct tpm_model *tpm)
{
	for (size_t i = 0; i < TPM_MODEL_INDICES; i++)
		if (!tpm->index[i].exists)
			return &tpm->index[i];
	return NULL;
}

struct tpm_model_index *tpm_model_put(struct tpm_model *tpm, uint32_t handle,
				      uint32_t attributes, const void *data,
				      uint16_t size)
{
	struct tpm_model_index *x = tpm_model_find(tpm, handle);

	if (x == NULL)
		x = unused(tpm);
	if (x == NULL || size > sizeof x->data)
		abort();
	*x = (struct tpm_model_index){ .exists = true,
				       .handle = handle,
				       .attributes = attributes,
				       .algorithm = 0x000b,
				       .size = size };
	if ((attributes & POLICYWRITE) != 0) {
		x->policy_bytes = sizeof x->policy;
		pcr8_policy(x->policy);
	}
	if (data != NULL) {
		memcpy(x->data, data, size);
		x->attributes |= WRITTEN;
	}
	return x;
}

void tpm_model_restart(struct tpm_model *tpm)
{
	for (size_t i = 0; i < TPM_MODEL_INDICES; i++)
		if ((tpm->index[i].attributes & WRITEDEFINE) == 0)
			tpm->index[i].attributes &= ~WRITELOCKED;
	tpm->platform_open = tpm->first_code;
	tpm->measured = false;
	tpm->sessions = tpm->shown = 0;
}

void tpm_model_fail(struct tpm_model *tpm, struct tpm_fault fault)
{
	if (tpm->fault_count == TPM_MODEL_MAX_FAULTS)
		abort();
	tpm->faults[tpm->fault_count++] = fault;
}

static void changes(struct tpm_model *tpm, bool after)
{
	if (!after)
		tpm->changes++;
	if (tpm->on_change != NULL)
		tpm->on_change(tpm->arg, after);
}

/* --- commands ----------------------------------------------------------------------- */

static uint32_t platform_allows(const struct tpm_model *tpm)
{
	if (!tpm->platform_open)
		return RC_HIERARCHY1;
	return tpm->platform_password ? RC_BAD_AUTH1 : 0;
}

static uint32_t owner_allows(const struct tpm_model *tpm, const struct call *c)
{
	if (c->handle[0] == PLATFORM)
		return platform_allows(tpm);
	if (c->handle[0] != OWNER)
		return RC_HIERARCHY1;
	if (tpm->owner_off)
		return RC_HIERARCHY1;
	return tpm->owner_password ? RC_BAD_AUTH1 : 0;
}

static uint32_t define(struct tpm_model *tpm, struct call *c)
{
	const uint8_t *p = c->params;
	const uint32_t denied = owner_allows(tpm, c);
	struct tpm_model_index *x = unused(tpm);

	if (denied != 0)
		return denied;
	/* An empty password; a public area of 14 bytes and the policy. */
	const size_t policy = c->params_len < 18 ? 0 : be16(p + 14);

	if (c->params_len != 18 + policy || be16(p) != 0 || be16(p + 2) != 14 + policy ||
	    (policy != 0 && policy != 32))
		return RC_SIZE;
	if (tpm_model_find(tpm, lb_be32(p + 4)) != NULL)
		return RC_NV_DEFINED;
	if (((lb_be32(p + 10) & OF_PLATFORM) != 0) != (c->handle[0] == PLATFORM))
		return RC_ATTRIBUTES1;
	if (tpm->full || x == NULL || be16(p + 16 + policy) > sizeof x->data)
		return RC_NV_SPACE;
	/* Something must be able to read it, and something to write it. */
	if ((lb_be32(p + 10) & 0x000f0000) == 0 || (lb_be32(p + 10) & 0xf) == 0)
		return RC_ATTRIBUTES1;
	changes(tpm, false);
	*x = (struct tpm_model_index){ .exists = true,
				       .handle = lb_be32(p + 4),
				       .algorithm = be16(p + 8),
				       .attributes = lb_be32(p + 10),
				       .of_platform = c->handle[0] == PLATFORM,
				       .policy_bytes = (uint16_t)policy,
				       .size = be16(p + 16 + policy) };
	memcpy(x->policy, p + 16, policy);
	changes(tpm, true);
	return 0;
}

static uint32_t undefine(struct tpm_model *tpm, struct call *c)
{
	const uint32_t denied = owner_allows(tpm, c);
	struct tpm_model_index *x = tpm_model_find(tpm, c->handle[1]);

	if (denied != 0)
		return denied;
	if (x == NULL)
		return RC_HANDLE1 + 0x100;
	if (x->of_platform && c->handle[0] != PLATFORM)
		return RC_NV_AUTH;
	changes(tpm, false);
	*x = (struct tpm_model_index){ .exists = false };
	changes(tpm, true);
	return 0;
}

static uint32_t read_public(struct tpm_model *tpm, struct call *c)
{
	const struct tpm_model_index *x = tpm_model_find(tpm, c->handle[0]);
	uint8_t digest[SHA256_DIGEST_LENGTH] = { 0 };

	if (x == NULL || tpm->owner_off)
		return RC_HANDLE1;
	put16(c, (uint16_t)(14 + x->policy_bytes));
	put32(c, x->handle);
	put16(c, x->algorithm);
	put32(c, x->attributes);
	put16(c, x->policy_bytes);
	put(c, x->policy, x->policy_bytes);
	put16(c, x->size);
	if (x->algorithm != 0x000b) { /* SHA-1: never looked at */
		put16(c, 22);
		put16(c, x->algorithm);
		put(c, digest, 20);
		return 0;
	}
	SHA256(c->out + 2, c->out_len - 2, digest);
	put16(c, 34);
	put16(c, x->algorithm);
	put(c, digest, sizeof digest);
	return 0;
}

/* Part 1, 19.7: the session's policy is the index's, and it is used up. */
static uint32_t use_policy(struct tpm_model *tpm, const struct call *c,
			   const struct tpm_model_index *x)
{
	const uint8_t bit = (uint8_t)(1u << (c->session - SESSION_FIRST));
	uint8_t policy[SHA256_DIGEST_LENGTH];

	pcr8_policy(policy);
	if ((tpm->sessions & bit) == 0)
		return RC_HANDLE1;
	if ((tpm->shown & bit) == 0 || tpm->measured ||
	    x->policy_bytes != sizeof policy || memcmp(x->policy, policy, 32) != 0)
		return RC_POLICY;
	return 0;
}

/* An index used by itself: by its empty password where @attribute (for reading, writing)
 * says so, or by its policy. 0 when allowed. */
static uint32_t use(struct tpm_model *tpm, const struct call *c, uint32_t attribute,
		    struct tpm_model_index **out)
{
	struct tpm_model_index *x = tpm_model_find(tpm, c->handle[1]);

	if (x == NULL || tpm->owner_off)
		return RC_HANDLE1;
	if (c->handle[0] != c->handle[1])
		return RC_NV_AUTH;
	if (c->session != PASSWORD) {
		if (attribute != AUTHWRITE || (x->attributes & POLICYWRITE) == 0)
			return RC_NO_AUTH;
		*out = x;
		return use_policy(tpm, c, x);
	}
	if ((x->attributes & attribute) == 0)
		return RC_NO_AUTH;
	if (x->password)
		return RC_BAD_AUTH1;
	*out = x;
	return 0;
}

static uint32_t read_data(struct tpm_model *tpm, struct call *c)
{
	struct tpm_model_index *x;
	const uint32_t denied = use(tpm, c, AUTHREAD, &x);

	if (denied != 0)
		return denied;
	if (c->params_len != 4)
		return RC_SIZE;
	if ((x->attributes & WRITTEN) == 0)
		return RC_NV_BLANK;

	const uint16_t len = be16(c->params), offset = be16(c->params + 2);

	if (!lb_within(offset, len, x->size))
		return RC_NV_RANGE;
	put16(c, len);
	put(c, x->data + offset, len);
	return 0;
}

static uint32_t write_data(struct tpm_model *tpm, struct call *c)
{
	struct tpm_model_index *x;
	const uint32_t denied = use(tpm, c, AUTHWRITE, &x);

	if (denied != 0)
		return denied;

	const uint16_t len = c->params_len < 4 ? 0 : be16(c->params);

	if (c->params_len != (size_t)len + 4)
		return RC_SIZE;
	if ((x->attributes & WRITELOCKED) != 0)
		return RC_NV_LOCKED;

	const uint16_t offset = be16(c->params + 2 + len);

	if (!lb_within(offset, len, x->size) ||
	    ((x->attributes & WRITEALL) != 0 && len != x->size))
		return RC_NV_RANGE;
	changes(tpm, false);
	memcpy(x->data + offset, c->params + 2, len);
	x->attributes |= WRITTEN;
	changes(tpm, true);
	return 0;
}

static uint32_t write_lock(struct tpm_model *tpm, struct call *c)
{
	struct tpm_model_index *x;
	const uint32_t denied = use(tpm, c, AUTHWRITE, &x);

	if (denied != 0)
		return denied;
	if ((x->attributes & (WRITE_STCLEAR | WRITEDEFINE)) == 0)
		return RC_ATTRIBUTES1;
	changes(tpm, false);
	x->attributes |= WRITELOCKED;
	changes(tpm, true);
	return 0;
}

static uint32_t hierarchy(struct tpm_model *tpm, struct call *c)
{
	const uint32_t denied =
		c->handle[0] == PLATFORM ? platform_allows(tpm) : RC_HIERARCHY1;

	if (denied != 0)
		return denied;
	if (c->params_len != 5 || lb_be32(c->params) != PLATFORM || c->params[4] > 1)
		return RC_SIZE;
	tpm->platform_open = c->params[4] == 1;
	return 0;
}

static uint32_t start_session(struct tpm_model *tpm, struct call *c)
{
	static const uint8_t want[] = { 0x40, 0, 0, 7, 0x40, 0, 0, 7, 0, NONCE_BYTES };
	static const uint8_t tail[] = { 0, 0, 1, 0, 0x10, 0, 0xb };
	uint32_t n = 0;

	if (c->params_len != sizeof want + NONCE_BYTES + sizeof tail ||
	    memcmp(c->params, want, sizeof want) != 0 ||
	    memcmp(c->params + sizeof want + NONCE_BYTES, tail, sizeof tail) != 0)
		return RC_SIZE;
	while (n < TPM_MODEL_SESSIONS && (tpm->sessions >> n & 1) != 0)
		n++;
	if (n == TPM_MODEL_SESSIONS)
		return RC_SESSIONS;
	tpm->sessions |= (uint8_t)(1u << n);
	tpm->shown &= (uint8_t) ~(1u << n);
	put32(c, SESSION_FIRST + n);
	put16(c, NONCE_BYTES);
	memset(c->out + c->out_len, 0x77, NONCE_BYTES);
	c->out_len += NONCE_BYTES;
	return 0;
}

static uint32_t session_bit(const struct tpm_model *tpm, uint32_t handle)
{
	const uint32_t n = handle - SESSION_FIRST;

	return n < TPM_MODEL_SESSIONS ? tpm->sessions & 1u << n : 0;
}

static uint32_t policy_pcr(struct tpm_model *tpm, struct call *c)
{
	static const uint8_t selection[] = { 0, 0, 0, 1, 0, 0xb, 3, 0, 1, 0 };
	const uint32_t bit = session_bit(tpm, c->handle[0]);
	uint8_t zeros[32] = { 0 }, digest[SHA256_DIGEST_LENGTH];

	SHA256(zeros, sizeof zeros, digest);
	if (bit == 0)
		return RC_HANDLE1;
	if (c->params_len != 2 + 32 + sizeof selection || be16(c->params) != 32 ||
	    memcmp(c->params + 34, selection, sizeof selection) != 0)
		return RC_SIZE;
	if (tpm->measured || tpm->no_sha256 || memcmp(c->params + 2, digest, 32) != 0)
		return RC_VALUE1;
	tpm->shown |= (uint8_t)bit;
	return 0;
}

static uint32_t flush_context(struct tpm_model *tpm, struct call *c)
{
	const uint32_t bit =
		c->params_len == 4 ? session_bit(tpm, lb_be32(c->params)) : 0;

	if (bit == 0)
		return RC_HANDLE1;
	tpm->sessions &= (uint8_t)~bit;
	return 0;
}

static uint32_t get_random(struct tpm_model *tpm, struct call *c)
{
	const uint16_t len = c->params_len == 2 ? be16(c->params) : 0;

	if (len == 0 || len > 32)
		return RC_SIZE;
	put16(c, len);
	for (uint16_t i = 0; i < len; i++)
		c->out[c->out_len++] = (uint8_t)(++tpm->randoms * 37);
	return 0;
}

static const struct command {
	uint32_t code;
	size_t handles;
	bool sessions;
	uint32_t (*run)(struct tpm_model *tpm, struct call *c);
} commands[] = {
	{ TPM_MODEL_HIERARCHY, 1, true, hierarchy },
	{ TPM_MODEL_DEFINE, 1, true, define },
	{ TPM_MODEL_UNDEFINE, 2, true, undefine },
	{ TPM_MODEL_READ_PUBLIC, 1, false, read_public },
	{ TPM_MODEL_READ, 2, true, read_data },
	{ TPM_MODEL_WRITE, 2, true, write_data },
	{ TPM_MODEL_WRITE_LOCK, 2, true, write_lock },
	{ TPM_MODEL_RANDOM, 0, false, get_random },
	{ TPM_MODEL_START_SESSION, 0, false, start_session },
	{ TPM_MODEL_POLICY_PCR, 1, false, policy_pcr },
	{ TPM_MODEL_FLUSH, 0, false, flush_context },
};

static const struct command *find_command(uint32_t code)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (commands[i].code == code)
			return &commands[i];
	return NULL;
}

/* --- the wire ----------------------------------------------------------------------- */

/* One session, as the specification says it looks: with an empty password, or of a policy
 * that asks for none and ends with the command. */
static bool session_good(const uint8_t *p, size_t len)
{
	return len >= 13 && lb_be32(p) == 9 && be16(p + 8) == 0 && be16(p + 11) == 0 &&
	       (lb_be32(p + 4) == PASSWORD
			? p[10] == 1
			: lb_be32(p + 4) - SESSION_FIRST < TPM_MODEL_SESSIONS &&
				  p[10] == 0);
}

static uint32_t run(struct tpm_model *tpm, const uint8_t *p, size_t len, struct call *c,
		    bool pretend)
{
	c->tag = len < HEADER_BYTES ? 0 : be16(p);
	c->code = len < HEADER_BYTES ? 0 : lb_be32(p + 6);
	if (len < HEADER_BYTES || lb_be32(p + 2) != len ||
	    (c->tag != 0x8001 && c->tag != 0x8002))
		return RC_BAD_TAG;

	const struct command *command = find_command(c->code);

	if (command == NULL)
		return RC_COMMAND;
	p += HEADER_BYTES;
	len -= HEADER_BYTES;
	if (len < 4 * command->handles || command->sessions != (c->tag == 0x8002))
		return RC_SIZE;
	for (size_t i = 0; i < command->handles; i++, p += 4, len -= 4)
		c->handle[i] = lb_be32(p);
	if (command->sessions) {
		if (!session_good(p, len))
			return RC_BAD_AUTH1;
		c->session = lb_be32(p + 4);
		p += 13;
		len -= 13;
	}
	c->params = p;
	c->params_len = len;
	if (pretend)
		return 0;
	const uint32_t code_out = command->run(tpm, c);

	if (code_out == 0 && command->sessions && c->session != PASSWORD)
		tpm->sessions &= (uint8_t) ~(1u << (c->session - SESSION_FIRST));
	return code_out;
}

static size_t respond(const struct call *c, uint32_t code, uint8_t *out)
{
	const bool sessions = code == 0 && c->tag == 0x8002;
	size_t at = HEADER_BYTES;

	if (sessions) {
		lb_put_be32(out + at, (uint32_t)c->out_len);
		at += 4;
	}
	if (code == 0) {
		memcpy(out + at, c->out, c->out_len);
		at += c->out_len;
	}
	if (sessions && c->session == PASSWORD) { /* no nonce, continue, no HMAC */
		memcpy(out + at, "\0\0\1\0\0", 5);
		at += 5;
	} else if (sessions) {
		out[at] = 0;
		out[at + 1] = NONCE_BYTES;
		memset(out + at + 2, 0x33, NONCE_BYTES);
		at += 2 + NONCE_BYTES;
		memcpy(out + at, "\0\0\0", 3); /* it has ended; no HMAC */
		at += 3;
	}
	out[0] = 0x80;
	out[1] = sessions ? 2 : 1;
	lb_put_be32(out + 2, (uint32_t)at);
	lb_put_be32(out + 6, code);
	return at;
}

static const struct tpm_fault *fault_now(struct tpm_model *tpm, uint32_t code)
{
	for (size_t i = 0; i < tpm->fault_count; i++) {
		struct tpm_fault *f = &tpm->faults[i];

		if (f->command != 0 && f->command != code)
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		if (f->times == UINT32_MAX)
			continue;
		if (f->times > 0 && --f->times == 0)
			f->times = UINT32_MAX; /* used up */
		return f;
	}
	return NULL;
}

/* Spoils a whole response. Returns its new length. */
static size_t spoil(const struct tpm_fault *f, uint8_t *out, size_t len)
{
	if (f->kind == TPM_FAULT_CUT) {
		len -= f->amount < len ? f->amount : len;
		if (len >= 6)
			lb_put_be32(out + 2, (uint32_t)len);
	} else if (f->kind == TPM_FAULT_LONGER) {
		memset(out + len, 0x5a, f->amount);
		len += f->amount;
		lb_put_be32(out + 2, (uint32_t)len);
	} else if (f->kind == TPM_FAULT_GARBAGE && f->amount < len) {
		out[f->amount] ^= 0xff;
	}
	return len;
}

enum lb_status tpm_model_submit(void *ctx, const uint8_t *command, size_t len,
				uint8_t *response, size_t *response_len)
{
	struct tpm_model *tpm = ctx;
	const struct tpm_fault *f =
		fault_now(tpm, len < HEADER_BYTES ? 0 : lb_be32(command + 6));
	const size_t room = *response_len;
	struct call c = { .out_len = 0 };
	uint8_t out[512];

	tpm->commands++;
	*response_len = 0;
	if (f != NULL && f->kind == TPM_FAULT_STATUS)
		return f->status;

	const bool pretend =
		f != NULL && (f->kind == TPM_FAULT_LOST || f->kind == TPM_FAULT_CODE);
	uint32_t code = run(tpm, command, len, &c, pretend);

	if (f != NULL && f->kind == TPM_FAULT_CODE)
		code = f->code;
	if (f != NULL && f->kind == TPM_FAULT_AFTER)
		return f->status;
	len = respond(&c, code, out);
	if (f != NULL)
		len = spoil(f, out, len);
	if (len > room)
		return LB_ERR_IO;
	memcpy(response, out, len);
	*response_len = len;
	return LB_OK;
}
