/* One request. */
#include "net/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/certificate.h"

#define PORTAL_MS 5000L

struct net_client {
	CURL *curl;
	const struct net_server *server;
	struct net_limits limits;
	bool (*idle)(void *ctx);
	void *ctx;
	bool https, fresh;
	bool old_tls; /* 1.2 at most: see no_agreement() */
	struct net_judge judge;
	/* of the request that runs */
	const struct net_part *part;
	struct net_answer *answer;
	uint64_t began; /* Content-Range: the first byte */
	bool overflow, html;
	char error[CURL_ERROR_SIZE];
};

struct net_client *net_client_open(const struct net_server *server,
				   const struct net_limits *limits,
				   bool (*idle)(void *ctx), void *ctx)
{
	struct net_client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->server = server;
	c->limits = *limits;
	c->idle = idle;
	c->ctx = ctx;
	c->https = strncmp(server->base, "https:", 6) == 0;
	c->curl = curl_easy_init();
	if (c->curl != NULL)
		return c;
	free(c);
	return NULL;
}

void net_client_close(struct net_client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	free(client);
}

void net_client_forget(struct net_client *client)
{
	client->fresh = true;
}

/* --- what comes --------------------------------------------------------------------- */

static bool status_good(const struct net_client *c)
{
	long status = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	return status == (c->part->whole ? 200 : 206);
}

/* An error's page is of no interest; it is left unread by ending the transfer. */
static size_t take_body(char *bytes, size_t one, size_t count, void *ctx)
{
	struct net_client *c = ctx;
	const size_t len = one * count;

	if (!status_good(c) || (!c->part->whole && c->began != c->part->offset))
		return CURL_WRITEFUNC_ERROR;
	if (len > c->part->room - c->answer->bytes) {
		c->overflow = true;
		return CURL_WRITEFUNC_ERROR;
	}
	memcpy(c->part->out + c->answer->bytes, bytes, len);
	c->answer->bytes += len;
	return len;
}

static const char *header_value(const char *line, size_t len, const char *name)
{
	const size_t n = strlen(name);

	return len > n && strncasecmp(line, name, n) == 0 ? line + n : NULL;
}

static bool take_digits(const char **at, const char *end, uint64_t *out)
{
	const char *from = *at;

	*out = 0;
	for (; *at < end && **at >= '0' && **at <= '9' && *at - from < 19; (*at)++)
		*out = *out * 10 + (uint64_t)(**at - '0');
	return *at > from;
}

/* " bytes 0-1023/4096" */
static void take_range(struct net_client *c, const char *at, const char *end)
{
	uint64_t first, last, total;

	while (at < end && *at == ' ')
		at++;
	if (end - at < 6 || strncasecmp(at, "bytes ", 6) != 0)
		return;
	at += 6;
	if (!take_digits(&at, end, &first) || at == end || *at++ != '-' ||
	    !take_digits(&at, end, &last) || at == end || *at++ != '/' ||
	    !take_digits(&at, end, &total) || last < first || total <= last)
		return;
	c->began = first;
	c->answer->total = total;
}

static void take_date(struct net_client *c, const char *at, const char *end)
{
	char text[64];
	const size_t len = (size_t)(end - at);

	if (!c->https || len >= sizeof text)
		return;
	memcpy(text, at, len);
	text[len] = '\0';
	const time_t date = curl_getdate(text, NULL);

	c->answer->date = date > 0 ? date : 0;
}

static size_t take_header(char *line, size_t one, size_t count, void *ctx)
{
	struct net_client *c = ctx;
	const size_t len = one * count;
	const char *value;

	if ((value = header_value(line, len, "content-range:")) != NULL)
		take_range(c, value, line + len);
	else if ((value = header_value(line, len, "date:")) != NULL)
		take_date(c, value, line + len);
	else if ((value = header_value(line, len, "content-type:")) != NULL)
		c->html = memmem(value, len - (size_t)(value - line), "text/html", 9) !=
			  NULL;
	return len;
}

static int tick(void *ctx, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
	struct net_client *c = ctx;

	(void)a, (void)b, (void)d, (void)e;
	return c->idle == NULL || c->idle(c->ctx) ? 0 : 1;
}

/* --- asking ------------------------------------------------------------------------- */

static CURLcode set_up_tls(CURL *curl, void *config, void *ctx)
{
	struct net_client *c = ctx;

	(void)curl;
	net_judge_attach(&c->judge, c->server->ca == NULL ? c->server->ca_id : NULL,
			 config);
	return CURLE_OK;
}

static void set_ca(struct net_client *c)
{
	struct curl_blob ca = { (void *)(uintptr_t)c->server->ca, c->server->ca_bytes,
				CURL_BLOB_NOCOPY };

	curl_easy_setopt(c->curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(c->curl, CURLOPT_CAPATH, NULL);
	if (c->server->ca != NULL)
		curl_easy_setopt(c->curl, CURLOPT_CAINFO_BLOB, &ca);
	curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c->curl, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2 |
				 (c->old_tls ? (long)CURL_SSLVERSION_MAX_TLSv1_2 : 0));
	/* A session that is taken up again shows no certificate. */
	curl_easy_setopt(c->curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(c->curl, CURLOPT_SSL_CTX_FUNCTION, set_up_tls);
	curl_easy_setopt(c->curl, CURLOPT_SSL_CTX_DATA, c);
}

static void set_common(struct net_client *c, const char *url)
{
	const char *proxy = c->server->proxy;

	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_PROXY, proxy != NULL ? proxy : "");
	curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "");
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, tick);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, c);
}

static void set_request(struct net_client *c, const char *url)
{
	char range[48];

	set_common(c, url);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, c->https ? "https" : "http");
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)c->limits.connect_ms);
	curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, (long)c->limits.silence_s);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)c->limits.total_s);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, c->fresh ? 1L : 0L);
	if (c->https)
		set_ca(c);
	if (c->part->whole)
		return;
	snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)c->part->offset,
		 (unsigned long long)(c->part->offset + c->part->room - 1));
	curl_easy_setopt(c->curl, CURLOPT_RANGE, range);
}

/* --- what went wrong ---------------------------------------------------------------- */

static const char *host_of(const char *url, size_t *len)
{
	const char *host = strstr(url, "://");

	host = host != NULL ? host + 3 : url;
	*len = strcspn(host, "/:");
	return host;
}

static bool same_host(const char *a, const char *b)
{
	size_t a_len, b_len;
	const char *a_host = host_of(a, &a_len), *b_host = host_of(b, &b_len);

	return a_len == b_len && strncasecmp(a_host, b_host, a_len) == 0;
}

/* Somebody between us and the server answers for it: sends us elsewhere, or says so. */
static bool is_portal(const struct net_client *c, long status)
{
	char *there = NULL;

	if (status == 511)
		return true;
	if (status < 300 || status > 399)
		return false;
	(void)curl_easy_getinfo(c->curl, CURLINFO_REDIRECT_URL, &there);
	return there != NULL && !same_host(there, c->server->base);
}

static size_t drop(char *bytes, size_t one, size_t count, void *ctx)
{
	(void)bytes, (void)ctx;
	return one * count;
}

/* Portals answer plain requests in everybody's name, which the server itself does not. */
static bool portal_answers(struct net_client *c)
{
	char url[300];
	size_t len;
	long status = 0;
	const char *host = host_of(c->server->base, &len);

	snprintf(url, sizeof url, "http://%.*s/", (int)(len < 256 ? len : 256), host);
	set_common(c, url);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, PORTAL_MS);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c->curl, CURLOPT_NOBODY, 1L);
	if (curl_easy_perform(c->curl) != CURLE_OK)
		return false;
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	return is_portal(c, status);
}

static enum net_reason no_connection(const struct net_client *c, struct net_problem *p)
{
	long error = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &error);
	if (error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN)
		return net_problem_set(p, NET_NO_ROUTE, "%s", c->server->base);
	if (c->server->proxy != NULL && c->server->proxy[0] != '\0')
		return net_problem_set(p, NET_PROXY, "%s: %s", c->server->proxy,
				       error != 0 ? strerror((int)error) : c->error);
	if (error == ETIMEDOUT)
		return net_problem_set(p, NET_SILENT, "%s", c->server->base);
	return net_problem_set(p, NET_REFUSED, "%s", c->server->base);
}

static enum net_reason no_tls(struct net_client *c, struct net_problem *p)
{
	enum net_reason reason = NET_TLS;
	char detail[NET_DETAIL_BYTES];

	snprintf(detail, sizeof detail, "%.150s", c->error);
	if (c->judge.faults != 0)
		reason = net_judge_reason(&c->judge, detail, sizeof detail);
	else if (strstr(c->error, "-0x7200") != NULL) /* no record of TLS */
		reason = NET_NO_TLS;
	c->answer->valid_from = net_judge_only_too_early(&c->judge);
	if ((reason == NET_NO_TLS || reason == NET_CA) && portal_answers(c))
		return net_problem_set(p, NET_PORTAL, "%s", c->server->base);
	return net_problem_set(p, reason, "%s", detail);
}

static enum net_reason cut(const struct net_client *c, struct net_problem *p)
{
	long connect = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_HTTP_CONNECTCODE, &connect);
	if (connect != 0 && connect / 100 != 2)
		return net_problem_set(p, NET_PROXY, "%s answers %ld%s", c->server->proxy,
				       connect,
				       connect == 407 ? ": it wants a password" : "");
	return net_problem_set(p, NET_CUT, "after %zu bytes: %.100s", c->answer->bytes,
			       c->error);
}

/* Of an answer that came as a whole, or was ended by us. */
static enum net_reason bad_answer(const struct net_client *c, struct net_problem *p)
{
	const char *path = c->part->path;
	long status = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (is_portal(c, status) || (!c->https && c->html && status == 200))
		return net_problem_set(p, NET_PORTAL, "%s: status %ld", c->server->base,
				       status);
	if (status == 407)
		return net_problem_set(p, NET_PROXY, "%s: it wants a password",
				       c->server->proxy);
	if (status == 404 || status == 410)
		return net_problem_set(p, NET_NOT_THERE, "%s: status %ld", path, status);
	if (status == 200 && !c->part->whole)
		return net_problem_set(p, NET_NO_PARTS, "%s", path);
	if (status == 416)
		return net_problem_set(p, NET_SIZE, "%s: shorter than byte %llu", path,
				       (unsigned long long)c->part->offset);
	if (!status_good(c))
		return net_problem_set(p, NET_ANSWER, "%s: status %ld", path, status);
	if (c->overflow || (c->part->whole ? 0
					   : c->began != c->part->offset ||
						     c->answer->bytes != c->part->room))
		return net_problem_set(p, NET_SIZE, "%s: %zu%s bytes from byte %llu",
				       path, c->answer->bytes,
				       c->overflow ? " and more" : "",
				       (unsigned long long)c->began);
	return NET_OK;
}

static enum net_reason judge_result(struct net_client *c, CURLcode result,
				    struct net_problem *p)
{
	switch (result) {
	case CURLE_OK:
	case CURLE_WRITE_ERROR:
		return bad_answer(c, p);
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return net_problem_set(p, NET_ADDRESS, "%s", c->server->base);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return net_problem_set(p, NET_PROXY, "%s: no such name",
				       c->server->proxy);
	case CURLE_COULDNT_RESOLVE_HOST:
		return net_problem_set(p, NET_NAME, "%s", c->server->base);
	case CURLE_COULDNT_CONNECT:
		return no_connection(c, p);
	case CURLE_OPERATION_TIMEDOUT:
		if (c->answer->bytes > 0)
			return net_problem_set(p, NET_SLOW, "after %zu bytes",
					       c->answer->bytes);
		return net_problem_set(p, NET_SILENT, "%s", c->server->base);
	case CURLE_ABORTED_BY_CALLBACK:
		return net_problem_set(p, NET_STOPPED, "%s", "");
	case CURLE_OUT_OF_MEMORY:
		return net_problem_set(p, NET_MEMORY, "%s", "");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
		return no_tls(c, p);
	default:
		return cut(c, p);
	}
}

/* mbedtls 3.6, when it could do TLS 1.3 as well, offers signatures that it then refuses
 * in TLS 1.2, and servers with an RSA key take them. Without 1.3 it does not offer them.
 */
static bool no_agreement(const struct net_client *c, CURLcode result)
{
	return result == CURLE_SSL_CONNECT_ERROR && c->judge.faults == 0 && !c->old_tls &&
	       strstr(c->error, "-0x6600") != NULL; /* an illegal parameter */
}

enum net_reason net_fetch(struct net_client *client, const struct net_part *part,
			  struct net_answer *answer, struct net_problem *problem)
{
	char url[600];
	const char *base = client->server->base;
	const size_t len = strlen(base);
	CURLcode result;

	*answer = (struct net_answer){ 0 };
	client->part = part;
	client->answer = answer;
	client->began = 0;
	client->overflow = client->html = false;
	client->error[0] = '\0';
	client->judge = (struct net_judge){ 0 };
	if (snprintf(url, sizeof url, "%s%s%s", base, base[len - 1] == '/' ? "" : "/",
		     part->path) >= (int)sizeof url)
		return net_problem_set(problem, NET_ADDRESS, "too long");
	if (client->https && client->server->ca == NULL && client->server->ca_id == NULL)
		return net_problem_set(problem, NET_NO_CA, "%s", base);
	set_request(client, url);
	result = curl_easy_perform(client->curl);
	if (no_agreement(client, result)) {
		client->old_tls = true;
		set_request(client, url);
		result = curl_easy_perform(client->curl);
	}
	client->fresh = false;
	return judge_result(client, result, problem);
}
