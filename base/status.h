/* Status codes: what a function that can fail returns. Why a kernel was refused is
 * a different list, with numbers that never change: reason.h. */
#ifndef LIFEBOAT_BASE_STATUS_H
#define LIFEBOAT_BASE_STATUS_H

enum lb_status {
	LB_OK = 0,
	LB_ERR_INTERNAL,  /* our own mistake; also the preset before anything was done */
	LB_ERR_ARGUMENT,  /* the caller asked for something that makes no sense */
	LB_ERR_IO,        /* the device answered with an error */
	LB_ERR_REMOVED,   /* the device is gone */
	LB_ERR_TIMEOUT,   /* the device did not answer in time */
	LB_ERR_READ_ONLY, /* the device or the policy forbids writing */
	LB_ERR_NOMEM,     /* no memory (of the kind asked for) */
	LB_ERR_NOT_FOUND, /* there is no such thing; for a poll: nothing yet */
	LB_ERR_TRUNCATED, /* the data ends before what it announces */
	LB_ERR_MAGIC,     /* not this format */
	LB_ERR_VERSION,   /* this format, a version not known here */
	LB_ERR_CRC,       /* checksum does not match */
	LB_ERR_RANGE,     /* a field is outside its allowed range */
	LB_ERR_DUPLICATE, /* something that must be unique is there twice */
	LB_ERR_ALGORITHM, /* algorithm unknown or refused */
	LB_ERR_DIGEST,    /* data does not match its digest */
	LB_ERR_SIGNATURE, /* digest does not match its signature */
	LB_ERR_UNSUPPORTED, /* understood, but not possible on this machine or build */
	LB_ERR_DENIED,      /* policy or firmware says no */
	LB_ERR_FULL,        /* no room left */
	LB_STATUS_COUNT
};

/** lb_status_name() - short English name, never NULL ("unknown status" out of range). */
const char *lb_status_name(enum lb_status status);

#endif
