/* What is wrong with a server's certificates, as mbedtls tells its callback: one by one,
 * so that each fault has a name, and a clock that is behind can be told from everything
 * else. */
#ifndef LIFEBOAT_NET_CERTIFICATE_H
#define LIFEBOAT_NET_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "net/reason.h"

struct net_judge {
	uint32_t faults; /* MBEDTLS_X509_BADCERT_... of all certificates of the chain */
	int64_t valid_from; /* the latest of those that are not valid yet */
	int64_t valid_to;   /* the earliest of those that have expired */
	char subject[80];   /* of the server's own: its first name */
	const uint8_t *ca_id;
};

/**
 * net_judge_attach() - listen to the judgement of a connection.
 * @ca_id: NULL, or the SHA-256 of the one CA's certificate: then it is looked for among
 *         those that the server sends
 * @config: struct mbedtls_ssl_config
 */
void net_judge_attach(struct net_judge *judge, const uint8_t *ca_id, void *config);

/** net_judge_reason() - the worst of the faults, with @detail. */
enum net_reason net_judge_reason(const struct net_judge *judge, char *detail,
				 size_t detail_bytes);

/** net_judge_only_too_early() - seconds since 1970 from when they are all valid, if that
 * is all that is wrong with them; else 0. */
int64_t net_judge_only_too_early(const struct net_judge *judge);

#endif
