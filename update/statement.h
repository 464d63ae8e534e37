/* The statement: what a release is, said once by whoever signs its kernel. It is the
 * first thing in a payload and the first thing looked at; who may say so is decided by
 * the loader's own code for kernels (crypto_headers_verify), with the device's mode, keys
 * and floor.
 *
 * Format: docs/formats/payload.md. Design: DESIGN 12 "One authority". */
#ifndef LIFEBOAT_UPDATE_STATEMENT_H
#define LIFEBOAT_UPDATE_STATEMENT_H

#include <stdbool.h>

#include "update/memory.h"
#include "update/reason.h"
#include "update/release.h"

#define UPDATE_STATEMENT_FRAME_BYTES 32u
#define UPDATE_MAX_STATEMENT_BYTES   (256u << 10)
#define UPDATE_MAX_DETAILS_BYTES     (64u << 10)

/** update_statement_parse() - decode the untrusted frame; nothing is verified. @bytes
 * must be aligned to 4. */
enum update_reason update_statement_parse(const uint8_t *bytes, size_t len,
					  struct update_statement *out,
					  struct update_verdict *why);

/* Whom it is judged for. On a device all this comes from the loader's hand-over. */
struct update_device {
	/* Mode (normal or developer: what the installed kernel will be judged by, never
	 * recovery), what developer mode accepts, and the floor. key.data == NULL: the
	 * key that the statement names counts if key_id is its SHA-256. */
	struct crypto_policy policy;
	uint8_t key_id[CRYPTO_KEY_ID_BYTES];
	const char *model;       /* NULL: any */
	const char *hardware_id; /* NULL or "": any */
	bool any_cpu;
	enum platform_cpu cpu;
	/* Combined version of the system that is updated; 0: none is, as in recovery,
	 * which comes before every version. */
	uint32_t running;
};

/**
 * update_statement_judge() - would this device start what the statement is about?
 *
 * In this order: kernel key, keyblock, mode, preamble, version (the loader's code); the
 * statement's signature by the data key; only then the details are unpacked: model,
 * hardware id, CPU, and whether they fit the headers. Nothing is written anywhere.
 * @out: on UPDATE_OK to be released by update_release_free()
 */
enum update_reason update_statement_judge(const struct update_statement *statement,
					  const struct update_device *device,
					  struct update_memory *memory,
					  struct update_release *out,
					  struct update_verdict *why);

/**
 * update_statement_read() - the same fields from a statement that nobody vouches for, for
 * `payload show`. Headers, version and developer are not filled in.
 */
enum update_reason update_statement_read(const struct update_statement *statement,
					 struct update_memory *memory,
					 struct update_release *out,
					 struct update_verdict *why);
void update_release_free(struct update_memory *memory, struct update_release *release);

/** update_statement_frame() - the first bytes of a statement to be made. */
struct update_statement_sizes {
	uint32_t key, headers, details, signature;
};
void update_statement_frame(const struct update_statement_sizes *sizes,
			    uint8_t out[UPDATE_STATEMENT_FRAME_BYTES]);

#endif
