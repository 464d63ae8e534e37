/* SERVER/MODEL.json: what a server has for a model.
 *
 * Untrusted: it names files to look at, and the files speak for themselves. Format:
 * docs/formats/model-json.md. Pure. */
#ifndef LIFEBOAT_NET_OFFERS_H
#define LIFEBOAT_NET_OFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_OFFERS_MAX_BYTES 65536u /* of the file */
#define NET_MAX_OFFERS       16u
#define NET_PATH_BYTES       200u
#define NET_CPU_BYTES        12u
#define NET_MAX_FILE_BYTES   (UINT64_C(1) << 40)

struct net_offer {
	char path[NET_PATH_BYTES]; /* below the server's address */
	char cpu[NET_CPU_BYTES];   /* "x86_64", "aarch64"; "": not said */
	uint64_t bytes;
};

struct net_offers {
	struct net_offer offer[NET_MAX_OFFERS];
	size_t count;
};

/**
 * net_offers_parse() - @text of @len bytes.
 * @why: on false, where and what is wrong
 */
bool net_offers_parse(const char *text, size_t len, struct net_offers *out, char *why,
		      size_t why_bytes);

/** net_model_path() - "MODEL.json", every byte but letters, digits and "._-" as "%XX". */
bool net_model_path(const char *model, char out[NET_PATH_BYTES]);

/** net_path_good() - letters, digits and "._-+/%~", relative, no empty, "." or ".."
 * part. */
bool net_path_good(const char *path);

#endif
