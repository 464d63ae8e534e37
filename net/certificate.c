/* A server's certificates. */
#include "net/certificate.h"

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/digest.h"

static int64_t seconds(const mbedtls_x509_time *t)
{
	struct tm tm = { .tm_year = t->year - 1900,
			 .tm_mon = t->mon - 1,
			 .tm_mday = t->day,
			 .tm_hour = t->hour,
			 .tm_min = t->min,
			 .tm_sec = t->sec };

	return timegm(&tm);
}

/* For people: letters and digits of the first name, nothing that a screen could obey. */
static void keep_subject(struct net_judge *judge, const mbedtls_x509_crt *crt)
{
	const mbedtls_x509_buf *name = &crt->subject.val;
	const mbedtls_x509_sequence *other = &crt->subject_alt_names;
	size_t n = 0;

	if (other->buf.p != NULL && (other->buf.tag & 0x1f) == 2) /* dNSName */
		name = &other->buf;
	for (size_t i = 0; i < name->len && n + 1 < sizeof judge->subject; i++)
		judge->subject[n++] =
			name->p[i] > ' ' && name->p[i] < 0x7f ? (char)name->p[i] : '?';
	judge->subject[n] = '\0';
}

static int judge_one(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct net_judge *judge = ctx;
	const int64_t from = seconds(&crt->valid_from), to = seconds(&crt->valid_to);

	judge->faults |= *flags;
	if ((*flags & MBEDTLS_X509_BADCERT_FUTURE) != 0 && from > judge->valid_from)
		judge->valid_from = from;
	if ((*flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0 &&
	    (judge->valid_to == 0 || to < judge->valid_to))
		judge->valid_to = to;
	if (depth == 0)
		keep_subject(judge, crt);
	return 0;
}

/* The certificates that the server sent hang together behind @child. */
static int find_ca(void *ctx, mbedtls_x509_crt const *child, mbedtls_x509_crt **found)
{
	const struct net_judge *judge = ctx;
	struct crypto_digest digest;
	uint8_t id[CRYPTO_MAX_DIGEST_BYTES];

	*found = NULL;
	for (; child != NULL; child = child->next) {
		crypto_digest_init(&digest, CRYPTO_SHA256);
		crypto_digest_update(&digest, child->raw.p, child->raw.len);
		crypto_digest_final(&digest, id);
		if (memcmp(id, judge->ca_id, CRYPTO_SHA256_BYTES) != 0)
			continue;
		mbedtls_x509_crt *copy = calloc(1, sizeof *copy); /* mbedtls frees it */

		if (copy == NULL)
			return MBEDTLS_ERR_X509_ALLOC_FAILED;
		mbedtls_x509_crt_init(copy);
		*found = copy;
		return mbedtls_x509_crt_parse_der(copy, child->raw.p, child->raw.len);
	}
	return 0;
}

void net_judge_attach(struct net_judge *judge, const uint8_t *ca_id, void *config)
{
	judge->ca_id = ca_id;
	mbedtls_ssl_conf_verify(config, judge_one, judge);
	if (ca_id != NULL)
		mbedtls_ssl_conf_ca_cb(config, find_ca, judge);
}

static void say_day(char *out, size_t size, const char *what, int64_t when)
{
	const time_t now = time(NULL), then = (time_t)when;
	struct tm a, b;
	char day[16] = "?", today[16] = "?";

	if (gmtime_r(&then, &a) != NULL)
		(void)strftime(day, sizeof day, "%Y-%m-%d", &a);
	if (gmtime_r(&now, &b) != NULL)
		(void)strftime(today, sizeof today, "%Y-%m-%d", &b);
	snprintf(out, size, "%s %s, and this clock says %s", what, day, today);
}

enum net_reason net_judge_reason(const struct net_judge *judge, char *detail,
				 size_t detail_bytes)
{
	const uint32_t faults = judge->faults;

	if ((faults & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
		snprintf(detail, detail_bytes, "of %s", judge->subject);
		return NET_CA;
	}
	if ((faults & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
		snprintf(detail, detail_bytes, "for %s", judge->subject);
		return NET_WRONG_NAME;
	}
	if ((faults & MBEDTLS_X509_BADCERT_EXPIRED) != 0) {
		say_day(detail, detail_bytes, "until", judge->valid_to);
		return NET_EXPIRED;
	}
	if ((faults & MBEDTLS_X509_BADCERT_FUTURE) != 0) {
		say_day(detail, detail_bytes, "from", judge->valid_from);
		return NET_NOT_YET;
	}
	snprintf(detail, detail_bytes, "flags %x", (unsigned int)faults);
	return NET_CERTIFICATE;
}

int64_t net_judge_only_too_early(const struct net_judge *judge)
{
	return judge->faults == MBEDTLS_X509_BADCERT_FUTURE ? judge->valid_from : 0;
}
