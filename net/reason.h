/* Why something could not be had from the network: one reason for each thing that
 * somebody could mend. */
#ifndef LIFEBOAT_NET_REASON_H
#define LIFEBOAT_NET_REASON_H

#include <stdint.h>

#define NET_DETAIL_BYTES 160u

/* Numbers never change: they stand on screens as "N9". */
enum net_reason {
	NET_OK = 0,
	NET_NO_CARD = 1,      /* no wired interface */
	NET_NO_CABLE = 2,     /* none with a link */
	NET_NO_ADDRESS = 3,   /* nobody gives one, and none is configured */
	NET_NO_ROUTE = 4,     /* no way to the server's network */
	NET_NAME = 5,         /* the server's name has no address */
	NET_REFUSED = 6,      /* nothing listens there */
	NET_SILENT = 7,       /* no answer */
	NET_NO_TLS = 8,       /* what answers does not speak TLS */
	NET_CA = 9,           /* the certificate is not by the pinned CA */
	NET_WRONG_NAME = 10,  /* it is for another server */
	NET_EXPIRED = 11,     /* it was valid until then */
	NET_NOT_YET = 12,     /* it is valid from then: this clock is wrong */
	NET_CERTIFICATE = 13, /* something else about it */
	NET_TLS = 14,         /* no agreement on encryption */
	NET_PROXY = 15,       /* the proxy: absent, or it refuses */
	NET_PORTAL = 16,      /* a captive portal wants somebody to log in */
	NET_NOT_THERE = 17,   /* the server has no such file */
	NET_ANSWER = 18,      /* the server answered something else */
	NET_NO_PARTS = 19,    /* the server gives no parts of files */
	NET_SIZE = 20,        /* not as many bytes as there should be */
	NET_CUT = 21,         /* the connection ended half-way */
	NET_SLOW = 22,        /* nothing more came */
	NET_ADDRESS = 23,     /* the address is malformed */
	NET_LIST = 24,        /* MODEL.json is malformed */
	NET_NO_SERVER = 25,   /* neither medium nor loader names one */
	NET_NO_CA = 26,       /* ... a CA, and the server's address says https */
	NET_MEMORY = 27,
	NET_STOPPED = 28, /* by the caller */
	NET_REASONS
};

struct net_problem {
	enum net_reason reason;
	char detail[NET_DETAIL_BYTES]; /* for people: names and numbers */
};

/** net_reason_text() - a few words. */
const char *net_reason_text(enum net_reason reason);

/** net_problem_set() - returns @reason. @problem may be NULL. */
enum net_reason net_problem_set(struct net_problem *problem, enum net_reason reason,
				const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** net_reason_passes() - it may be gone by itself: ask again later. */
int net_reason_passes(enum net_reason reason);

#endif
