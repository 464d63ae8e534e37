/* Files, and parts of files, from one HTTPS server with one pinned CA, by libcurl and
 * mbedtls. Nothing that comes is trusted for more than being from there.
 *
 * Bounded: bytes by the caller's buffer, time by limits; no redirect is followed, nothing
 * is unpacked, no cookie, password or name of a file is kept. */
#ifndef LIFEBOAT_NET_FETCH_H
#define LIFEBOAT_NET_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/reason.h"

#define NET_CA_ID_BYTES 32u

struct net_server {
	const char *base;  /* net_url_good(); must outlive the client, as all here */
	const char *proxy; /* "http://..."; NULL or "": none */
	/* Certificates of CAs, PEM (with its NUL counted) or one in DER; NULL: see ca_id.
	 */
	const uint8_t *ca;
	size_t ca_bytes;
	/* SHA-256 of the CA's certificate, which the server then has to send itself;
	 * NULL: not known. */
	const uint8_t *ca_id;
};

struct net_limits {
	uint32_t connect_ms; /* until a connection stands, TLS included */
	uint32_t silence_s;  /* without one byte */
	uint32_t total_s;    /* for one request */
};

struct net_part {
	const char *path; /* net_path_good() */
	uint64_t offset;  /* with @whole: 0 */
	bool whole;       /* all of the file, whatever its size, if @room is enough */
	uint8_t *out;
	size_t room; /* not whole: exactly so many bytes are wanted */
};

struct net_answer {
	size_t bytes;   /* that came, also when it failed */
	uint64_t total; /* the file's size, as the server says; 0: it did not */
	int64_t date;   /* the server's clock, 0: not said. Of https with a verified
			 * certificate only */
	/* With NET_NOT_YET: when the certificates begin to be valid, if nothing else is
	 * wrong with them; else 0. */
	int64_t valid_from;
};

struct net_client;

/**
 * net_client_open() - NULL: no memory.
 * @idle: called about once a second and whenever something came; false: stop. May be
 *        NULL.
 */
struct net_client *net_client_open(const struct net_server *server,
				   const struct net_limits *limits,
				   bool (*idle)(void *ctx), void *ctx);
void net_client_close(struct net_client *client);

/** net_client_forget() - the next request makes a connection of its own, so that
 * certificates are judged anew (the clock was moved). */
void net_client_forget(struct net_client *client);

/** net_fetch() - one request, one answer. @answer is filled in whatever happens. */
enum net_reason net_fetch(struct net_client *client, const struct net_part *part,
			  struct net_answer *answer, struct net_problem *problem);

#endif
