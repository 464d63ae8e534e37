/* A server's payloads. */
#include "recovery/installer/online.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "net/source.h"
#include "recovery/installer/clock.h"

#define NETWORK_FILE  STICK_MOUNTED "/lifeboat/network.ini"
#define CA_FILE       STICK_MOUNTED "/lifeboat/server-ca.pem"
#define CA_MAX_BYTES  65536u
#define POLL_MS       200u
#define RETRY_MS      30000u /* when nothing changes */
#define MAX_WAIT_MS   30000u /* between two tries at one part */
#define ADDRESS_MS    15000u /* for an address, before it is called missing */
#define RESERVE_BYTES (UINT64_C(48) << 20) /* left alone: installing, screens, kernel */

static const struct net_limits limits = { .connect_ms = 20000,
					  .silence_s = 20,
					  .total_s = 3600 };

/* --- what is known ------------------------------------------------------------------ */

/* A small file of the medium, with a NUL behind it; NULL: there is none that can be
 * read, and why is in the log. */
static uint8_t *read_text(struct program *p, const char *path, size_t max, size_t *len)
{
	struct host_error err = { 0 };
	uint8_t *bytes = NULL;

	if (p->stick.disk == NULL)
		return NULL;
	const enum lb_status status = host_read_file(path, max, &bytes, len, &err);

	if (status != LB_OK) {
		if (status != LB_ERR_NOT_FOUND)
			lb_log(&p->talk.log, "network: %s", err.text);
		return NULL;
	}
	uint8_t *text = *len > 0 ? realloc(bytes, *len + 1) : NULL;

	if (text == NULL)
		free(bytes);
	else
		text[*len] = '\0';
	return text;
}

static void read_settings(struct program *p)
{
	struct online *o = &p->online;
	char why[96];
	size_t len;
	uint8_t *text = read_text(p, NETWORK_FILE, NET_SETTINGS_MAX_BYTES, &len);

	if (text != NULL &&
	    !net_settings_parse((const char *)text, len, &o->settings, why, sizeof why))
		lb_log(&p->talk.log, "network: lifeboat/network.ini: %s", why);
	free(text);
}

static void read_ca(struct program *p)
{
	struct online *o = &p->online;
	size_t len;

	free(o->ca);
	o->ca = read_text(p, CA_FILE, CA_MAX_BYTES, &len);
	o->server.ca = o->ca;
	o->server.ca_bytes = o->ca != NULL ? len + 1 : 0;
	o->server.ca_id = p->told.limits.has_ca ? p->told.limits.ca : NULL;
}

void online_settings(struct program *p)
{
	struct online *o = &p->online;

	o->settings = (struct net_settings){ 0 };
	read_settings(p);
	read_ca(p);
	if (o->settings.server[0] == '\0' && net_url_good(p->told.server))
		snprintf(o->settings.server, sizeof o->settings.server, "%.255s",
			 p->told.server);
	o->server.base = o->settings.server;
	o->server.proxy = o->settings.proxy;
	o->known = o->settings.server[0] != '\0';
}

/* --- waiting ------------------------------------------------------------------------ */

void online_idle(struct program *p)
{
	struct online *o = &p->online;
	const uint64_t now = program_now(p);
	char words[160];

	if (!o->links_open || now - o->polled_ms < POLL_MS)
		return;
	o->polled_ms = now;
	if (!net_links_poll(&o->links, now))
		return;
	net_links_words(&o->links, words, sizeof words);
	lb_log(&p->talk.log, "network: %s", words);
}

static bool medium_gone(const struct program *p)
{
	return p->stick.disk != NULL && !machine_disk_present(p->stick.disk);
}

/* For libcurl, in the middle of a request. */
static bool look_after(void *ctx)
{
	struct program *p = ctx;

	(void)talk_poll(&p->talk);
	return !medium_gone(p);
}

/* False: the medium was pulled. Ends early when a cable or an address comes. */
static bool wait_a_while(struct program *p, uint64_t ms)
{
	const uint32_t changes = p->online.links.changes;
	const uint64_t until = program_now(p) + ms;

	while (program_now(p) < until && p->online.links.changes == changes) {
		(void)talk_wait(&p->talk);
		if (medium_gone(p))
			return false;
	}
	return !medium_gone(p);
}

static enum net_reason wait_for_links(struct program *p)
{
	struct online *o = &p->online;
	const uint64_t began = program_now(p);
	enum net_reason reason;

	if (!o->links_open) {
		net_links_open(&o->links, &o->settings);
		o->links_open = true;
	}
	while ((reason = net_links_ready(&o->links, &o->why)) != NET_OK &&
	       program_now(p) - began < ADDRESS_MS)
		if (!wait_a_while(p, POLL_MS))
			return net_problem_set(&o->why, NET_STOPPED, "%s", "");
	return reason;
}

/* --- asking ------------------------------------------------------------------------- */

static void move_clock(struct program *p, int64_t when, const char *what)
{
	char text[32];

	if (!clock_forward(when, text, sizeof text))
		return;
	lb_log(&p->talk.log, "network: clock moved to %s UTC: %s", text, what);
	net_client_forget(p->online.client);
}

/* One request; where nothing but this clock makes the server's certificates too young, it
 * is moved, and asked again. A connection made before a move is not used again: then its
 * certificates are judged by the later time. */
static enum net_reason ask(struct program *p, const struct net_part *part,
			   struct net_answer *answer)
{
	struct online *o = &p->online;
	enum net_reason reason = net_fetch(o->client, part, answer, &o->why);

	if (reason == NET_NOT_YET && answer->valid_from > 0) {
		move_clock(p, answer->valid_from,
			   "the server's certificate begins there");
		reason = net_fetch(o->client, part, answer, &o->why);
	}
	if (reason == NET_OK && answer->date > 0)
		move_clock(p, answer->date, "the server's");
	return reason;
}

static bool open_client(struct program *p)
{
	struct online *o = &p->online;

	if (o->client == NULL)
		o->client = net_client_open(&o->server, &limits, look_after, p);
	if (o->client == NULL)
		(void)net_problem_set(&o->why, NET_MEMORY, "%s", "");
	return o->client != NULL;
}

static bool fetch_list(struct program *p)
{
	struct online *o = &p->online;
	static char text[NET_OFFERS_MAX_BYTES];
	char path[NET_PATH_BYTES], wrong[96];
	struct net_part part = {
		.path = path, .whole = true, .out = (uint8_t *)text, .room = sizeof text
	};
	struct net_answer answer;

	o->offers.count = 0;
	if (!net_model_path(p->told.model, path)) {
		(void)net_problem_set(&o->why, NET_ADDRESS, "the model's name");
		return false;
	}
	lb_log(&p->talk.log, "network: asking %s for %s", o->server.base, path);
	if (ask(p, &part, &answer) != NET_OK)
		return false;
	if (net_offers_parse(text, answer.bytes, &o->offers, wrong, sizeof wrong))
		return true;
	(void)net_problem_set(&o->why, NET_LIST, "%s: %s", path, wrong);
	return false;
}

static void show_failure(struct program *p, const char *code, const char *text,
			 const char *detail)
{
	lb_log(&p->talk.log, "network: %s: %s: %s", code, text, detail);
	talk_show(&p->talk, UI_SCREEN_INSTALL_FAILED, "%s: %s: %s", code, text, detail);
}

static void show_problem(struct program *p)
{
	const struct net_problem *why = &p->online.why;
	char code[8];

	snprintf(code, sizeof code, "N%u", (unsigned int)why->reason);
	show_failure(p, code, net_reason_text(why->reason), why->detail);
}

/* True: there is a payload for this device, and it is open. */
static bool try_once(struct program *p)
{
	struct online *o = &p->online;

	if (wait_for_links(p) != NET_OK || !open_client(p) || !fetch_list(p)) {
		show_problem(p);
		return false;
	}
	o->chosen = true;
	if (o->offers.count > 0 && choose_payload(p))
		return true;
	o->chosen = false;
	if (o->offers.count > 0)
		show_failure(p, p->code, p->failure, "");
	else
		show_failure(p, "N17", net_reason_text(NET_NOT_THERE), "an empty list");
	return false;
}

bool online_choose(struct program *p)
{
	char text[32];

	online_settings(p);
	if (!p->online.known)
		return false;
	if (clock_forward(clock_built(), text, sizeof text))
		lb_log(&p->talk.log, "network: clock moved to %s UTC: built then", text);
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->online.settings.server);
	while (!try_once(p))
		if (!wait_a_while(p, RETRY_MS))
			return program_fail(p, PROGRAM_NO_PAYLOAD,
					    "the medium was pulled");
	return true;
}

/* --- a file ------------------------------------------------------------------------- */

static uint64_t memory_left(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	uint64_t bytes = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "MemAvailable:", 13) == 0)
			bytes = strtoull(line + 13, NULL, 10) << 10;
	if (f != NULL)
		(void)fclose(f);
	return bytes;
}

/* While it does not come, somebody in front of the screen sees why. */
static bool wait_again(struct program *p, unsigned int tries)
{
	const struct net_problem *why = &p->online.why;
	const uint64_t ms = tries < 5 ? UINT64_C(1000) << tries : MAX_WAIT_MS;

	lb_log(&p->talk.log, "network: N%u: %s: %s; asking again",
	       (unsigned int)why->reason, net_reason_text(why->reason), why->detail);
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "N%u: %s", (unsigned int)why->reason,
		  net_reason_text(why->reason));
	if (!wait_a_while(p, ms))
		return false;
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->told.model);
	return true;
}

static enum lb_status gave_up(struct program *p)
{
	const struct net_problem *why = &p->online.why;

	if (why->reason == NET_STOPPED || medium_gone(p))
		return LB_ERR_REMOVED;
	lb_log(&p->talk.log, "network: N%u: %s: %s", (unsigned int)why->reason,
	       net_reason_text(why->reason), why->detail);
	return LB_ERR_IO;
}

/* However often it is cut: from the byte where it was. */
static enum lb_status fetch(void *ctx, uint64_t offset, uint8_t *out, size_t len)
{
	struct program *p = ctx;
	struct online *o = &p->online;
	unsigned int tries = 0;

	while (len > 0) {
		const struct net_part part = {
			.path = o->file->path, .offset = offset, .out = out, .room = len
		};
		struct net_answer answer;
		const enum net_reason reason = ask(p, &part, &answer);

		offset += answer.bytes, out += answer.bytes, len -= answer.bytes;
		if (answer.bytes > 0)
			tries = 0;
		if (reason == NET_OK && answer.total != o->file->bytes) {
			(void)net_problem_set(&o->why, NET_SIZE,
					      "%s: %llu bytes, not %llu", o->file->path,
					      (unsigned long long)answer.total,
					      (unsigned long long)o->file->bytes);
			return gave_up(p);
		}
		if (reason != NET_OK &&
		    (!net_reason_passes(reason) || !wait_again(p, tries++)))
			return gave_up(p);
	}
	return LB_OK;
}

bool online_open(struct program *p, size_t index, struct lb_source *out, const char **why)
{
	struct online *o = &p->online;
	const uint64_t left = memory_left();
	const uint64_t room = UPDATE_FULL_MEMORY_BYTES + RESERVE_BYTES;

	*why = "not enough memory for a file of the server";
	o->file = &o->offers.offer[index];
	return net_source_open(o->file->bytes, left > room ? left - room : 0, fetch, p,
			       out) == LB_OK;
}

void online_close(struct program *p, struct lb_source *source)
{
	net_source_close(source);
	p->online.file = NULL;
}
