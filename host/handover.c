/* The loader's facts, from the three places where Linux shows them. */
#include "host/handover.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/handover.h"
#include "boot/kernel/told_words.h"
#include "host/file.h"

#define VARIABLE                                                                         \
	"%s/sys/firmware/efi/efivars/Lifeboat%s-782ed91d-b444-4d76-abd7-3374f0779f89"
#define PROPERTY "%s/proc/device-tree/firmware/lifeboat/%s"
#define CMDLINE  "%s/proc/cmdline"

enum {
	FACT_BYTES = 4096,
	CMDLINE_BYTES = 65536,
};

static enum lb_status no_memory(struct host_error *err)
{
	return host_fail(err, LB_ERR_NOMEM, "out of memory");
}

/* @out takes @len bytes of @data, which it owns from here on, without the first @skip. */
static enum lb_status take(struct host_fact *out, uint8_t *data, size_t len, size_t skip,
			   struct host_error *err)
{
	uint8_t *grown = realloc(data, len + 1);

	if (grown == NULL) {
		free(data);
		return no_memory(err);
	}
	out->len = len > skip ? len - skip : 0;
	memmove(grown, grown + (len - out->len), out->len);
	grown[out->len] = '\0';
	out->text = (char *)grown;
	return LB_OK;
}

/* LB_ERR_NOT_FOUND without a word when there is no such file. */
static enum lb_status read_if_there(const char *path, size_t limit, uint8_t **data,
				    size_t *len, struct host_error *err)
{
	if (access(path, F_OK) != 0)
		return LB_ERR_NOT_FOUND;
	const enum lb_status status = host_read_file(path, limit, data, len, err);

	/* It was there: this is another trouble than that nobody said anything. */
	return status == LB_ERR_NOT_FOUND ? LB_ERR_IO : status;
}

/* One search. */
struct search {
	const char *name;
	void (*aside)(const char *text);
	struct host_fact *out;
	struct host_error *err;
};

static void set_aside(const struct search *s, const char *path, const uint8_t *data)
{
	struct host_error words;

	if (s->aside == NULL)
		return;
	(void)host_fail(&words, LB_ERR_DENIED,
			"%s: attributes 0x%x, the loader's have 0x%x: not written by the "
			"loader, ignored",
			path, lb_le32(data), LB_HANDOVER_ATTRIBUTES);
	s->aside(words.text);
}

static enum lb_status read_variable(const struct search *s, const char *path)
{
	uint8_t *data;
	size_t len, bytes;
	const enum lb_status status =
		read_if_there(path, FACT_BYTES, &data, &len, s->err);

	if (status != LB_OK)
		return status;
	if (len >= LB_HANDOVER_ATTRIBUTE_BYTES &&
	    lb_handover_value(data, len, &bytes) == NULL) {
		set_aside(s, path, data);
		free(data);
		return LB_ERR_NOT_FOUND;
	}
	return take(s->out, data, len, LB_HANDOVER_ATTRIBUTE_BYTES, s->err);
}

static enum lb_status read_property(const struct search *s, const char *path)
{
	uint8_t *data;
	size_t len;
	const enum lb_status status =
		read_if_there(path, FACT_BYTES, &data, &len, s->err);

	return status == LB_OK ? take(s->out, data, len, 0, s->err) : status;
}

static enum lb_status find_word(const struct search *s, const char *path,
				const char *cmdline)
{
	char value[LB_HANDOVER_VALUE_BYTES];
	const enum lb_status status =
		kernel_told_find(cmdline, s->name, value, sizeof(value));

	if (status == LB_ERR_NOT_FOUND)
		return status;
	if (status != LB_OK)
		return host_fail(s->err, status, "%s: the loader's word for %s: %s", path,
				 s->name, lb_status_name(status));
	s->out->len = strlen(value);
	s->out->text = strdup(value);
	return s->out->text != NULL ? LB_OK : no_memory(s->err);
}

/* The last place: what only the loader can have put there (told_words.h). */
static enum lb_status read_word(const struct search *s, const char *path)
{
	struct host_fact cmdline = { 0 };
	struct host_error why;
	uint8_t *data;
	size_t len;
	enum lb_status status = read_if_there(path, CMDLINE_BYTES, &data, &len, &why);

	if (status != LB_OK) {
		if (status != LB_ERR_NOT_FOUND && s->aside != NULL)
			s->aside(why.text);
		return LB_ERR_NOT_FOUND;
	}
	status = take(&cmdline, data, len, 0, s->err);
	if (status == LB_OK)
		status = find_word(s, path, cmdline.text);
	free(cmdline.text);
	return status;
}

enum lb_status host_handover_read(const char *root, const char *name,
				  void (*aside)(const char *text), struct host_fact *out,
				  struct host_error *err)
{
	enum { PLACES = 3 };
	static enum lb_status (*const readers[PLACES])(
		const struct search *, const char *) = { read_variable, read_property,
							 read_word };
	const struct search search = { name, aside, out, err };
	char property[LB_HANDOVER_PROPERTY_BYTES], path[PLACES][HOST_ERROR_BYTES];
	enum lb_status status = LB_ERR_NOT_FOUND;

	*out = (struct host_fact){ 0 };
	lb_handover_property(name, property);
	snprintf(path[0], sizeof(path[0]), VARIABLE, root, name);
	snprintf(path[1], sizeof(path[1]), PROPERTY, root, property);
	snprintf(path[2], sizeof(path[2]), CMDLINE, root);
	for (size_t i = 0; i < PLACES && status == LB_ERR_NOT_FOUND; i++) {
		status = readers[i](&search, path[i]);
		if (status == LB_OK && (out->path = strdup(path[i])) == NULL)
			status = no_memory(err);
	}
	if (status == LB_ERR_NOT_FOUND)
		return host_fail(err, status, "%s, %s", path[0], path[1]);
	if (status != LB_OK)
		host_fact_free(out);
	return status;
}

void host_fact_free(struct host_fact *fact)
{
	free(fact->path);
	free(fact->text);
	*fact = (struct host_fact){ 0 };
}
