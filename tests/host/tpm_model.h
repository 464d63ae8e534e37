/* A TPM 2.0 with nothing but NV memory, for tests: it understands a dozen commands, keeps
 * indices over power cycles, and fails in every way a test asks for. Written from the
 * specification, with nothing of boot/tpm in it; QEMU tests ask swtpm the same
 * questions. */
#ifndef LIFEBOAT_TESTS_TPM_MODEL_H
#define LIFEBOAT_TESTS_TPM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define TPM_MODEL_INDICES    4u
#define TPM_MODEL_MAX_FAULTS 4u
#define TPM_MODEL_SESSIONS   3u

/* Command codes, for faults and for counting. */
enum {
	TPM_MODEL_HIERARCHY = 0x121,
	TPM_MODEL_UNDEFINE = 0x122,
	TPM_MODEL_DEFINE = 0x12a,
	TPM_MODEL_WRITE = 0x137,
	TPM_MODEL_WRITE_LOCK = 0x138,
	TPM_MODEL_READ = 0x14e,
	TPM_MODEL_READ_PUBLIC = 0x169,
	TPM_MODEL_FLUSH = 0x165,
	TPM_MODEL_START_SESSION = 0x176,
	TPM_MODEL_RANDOM = 0x17b,
	TPM_MODEL_POLICY_PCR = 0x17f,
};

struct tpm_model_index {
	bool exists;
	uint32_t handle, attributes;
	uint16_t algorithm, policy_bytes, size;
	bool password;    /* it has one, which the loader does not know */
	bool of_platform; /* made by the platform hierarchy */
	uint8_t policy[32];
	uint8_t data[64];
};

enum tpm_fault_kind {
	TPM_FAULT_STATUS, /* nothing is done, the transport fails with status */
	TPM_FAULT_CODE,   /* nothing is done, the TPM answers with code */
	TPM_FAULT_LOST,   /* nothing is done, the TPM says it was */
	TPM_FAULT_AFTER,  /* it is done, then the transport fails with status */
	TPM_FAULT_CUT,    /* it is done, the response is shorter by amount bytes */
	TPM_FAULT_LONGER, /* it is done, amount bytes too many */
	/* it is done, byte number amount of the response is inverted */
	TPM_FAULT_GARBAGE,
};

struct tpm_fault {
	uint32_t command; /* 0: any */
	uint32_t skip;    /* so many still go well */
	uint32_t times;   /* so many fail then; 0: all */
	enum tpm_fault_kind kind;
	enum lb_status status;
	uint32_t code;
	uint32_t amount;
};

struct tpm_model {
	struct tpm_model_index index[TPM_MODEL_INDICES];
	bool owner_password, owner_off, full;
	bool first_code; /* we are: after a reset the platform hierarchy is open */
	bool platform_open, platform_password;
	bool measured;    /* PCR 8 is past its start */
	bool no_sha256;   /* it has no SHA-256 bank */
	uint8_t sessions; /* taken: a bit each */
	uint8_t shown;    /* of these, PolicyPCR was fulfilled */
	size_t fault_count;
	struct tpm_fault faults[TPM_MODEL_MAX_FAULTS];
	uint32_t randoms;  /* bytes given */
	uint32_t commands; /* all so far */
	uint32_t changes;  /* commands that changed something */
	/* called before (and again after) each change; may not return (a power cut) */
	void (*on_change)(void *arg, bool after);
	void *arg;
};

/** tpm_model_submit() - as tpm_submit of struct platform; @ctx is the struct
 * tpm_model. */
enum lb_status tpm_model_submit(void *ctx, const uint8_t *command, size_t len,
				uint8_t *response, size_t *response_len);

/** tpm_model_restart() - a reset of the machine: locks until the next reset go,
 * PCR 8 is zeros, sessions are gone. */
void tpm_model_restart(struct tpm_model *tpm);

/** tpm_model_find() - an index by its handle, NULL when there is none. */
struct tpm_model_index *tpm_model_find(struct tpm_model *tpm, uint32_t handle);

/** tpm_model_put() - an index that is there; with a policy for writing it is the one of
 * the loader's. */
struct tpm_model_index *tpm_model_put(struct tpm_model *tpm, uint32_t handle,
				      uint32_t attributes, const void *data,
				      uint16_t size);

void tpm_model_fail(struct tpm_model *tpm, struct tpm_fault fault);

#endif
