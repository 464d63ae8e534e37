/* Details of a statement: unpacked by protobuf-c, then taken over field by field. */
#include "update/details.h"

#include <string.h>

#include "update/payload.pb-c.h"

#define ROOM_BYTES ((size_t)128 << 10) /* and eight times the message */

enum { CPU_X86_64 = 1, CPU_AARCH64 = 2 };

static enum update_reason bad(struct update_verdict *why, const char *field, size_t index,
			      const char *problem)
{
	return update_verdict_set(why, UPDATE_STATEMENT, "details: %s %zu: %s", field,
				  index + 1, problem);
}

static const char *text(const char *value)
{
	return value != NULL ? value : "";
}

/* Names that end up in messages, paths and tables: not empty, no control characters. */
static bool plain(const char *value)
{
	if (value[0] == '\0')
		return false;
	for (; *value != '\0'; value++)
		if ((uint8_t)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

static enum update_reason take_names(char *const *from, size_t count, size_t most,
				     const char *field, const char **to, size_t *to_count,
				     struct update_verdict *why)
{
	if (count > most)
		return bad(why, field, most, "too many");
	for (size_t i = 0; i < count; i++) {
		if (!plain(from[i]))
			return bad(why, field, i, "empty, or with control characters");
		to[i] = from[i];
	}
	*to_count = count;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static enum update_reason take_contents(const Lbpb__Details *d, struct update_release *r,
					struct update_verdict *why)
{
	if (d->n_content > UPDATE_MAX_CONTENTS)
		return bad(why, "content", UPDATE_MAX_CONTENTS, "too many");
	for (size_t i = 0; i < d->n_content; i++) {
		const Lbpb__Content *c = d->content[i];

		if (!plain(c->name) || update_release_content(r, c->name) != NULL)
			return bad(why, "content", i, "no name of its own");
		if (c->hash.len != CRYPTO_SHA256_BYTES || c->size == 0 ||
		    c->size > INT64_MAX)
			return bad(why, "content", i, "no SHA-256, or no size");
		r->content[i] =
			(struct update_content){ .name = c->name, .bytes = c->size };
		memcpy(r->content[i].sha256, c->hash.data, CRYPTO_SHA256_BYTES);
		r->content_count++;
	}
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static enum update_reason take_layout(const Lbpb__Details *d, struct update_release *r,
				      struct update_verdict *why)
{
	bool grows = false;

	if (d->n_layout > UPDATE_MAX_PLACES)
		return bad(why, "layout", UPDATE_MAX_PLACES, "too many");
	for (size_t i = 0; i < d->n_layout; i++) {
		const Lbpb__Place *p = d->layout[i];

		if (p->type.len != sizeof r->place[i].type || !plain(p->name))
			return bad(why, "layout", i, "no type, or no name");
		if (p->number == 0 || p->number > 128 || p->size == 0 ||
		    p->size > INT64_MAX || (p->grows && grows))
			return bad(why, "layout", i, "number, size or growth");
		for (size_t j = 0; j < i; j++)
			if (r->place[j].number == p->number)
				return bad(why, "layout", i, "a number twice");
		grows = grows || p->grows;
		r->place[i] = (struct update_place){ .number = p->number,
						     .name = p->name,
						     .bytes = p->size,
						     .grows = p->grows,
						     .attributes = p->attributes };
		memcpy(r->place[i].type, p->type.data, sizeof r->place[i].type);
	}
	r->place_count = d->n_layout;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static enum update_reason take_rest(const Lbpb__Details *d, struct update_release *r,
				    struct update_verdict *why)
{
	if (d->n_note > UPDATE_MAX_NOTES)
		return bad(why, "note", UPDATE_MAX_NOTES, "too many");
	for (size_t i = 0; i < d->n_note; i++)
		r->note[i] = (struct update_note){ d->note[i]->language,
						   text(d->note[i]->title),
						   text(d->note[i]->notes) };
	r->note_count = d->n_note;
	if (d->n_recipe_key > UPDATE_MAX_RECIPE_KEYS)
		return bad(why, "recipe key", UPDATE_MAX_RECIPE_KEYS, "too many");
	for (size_t i = 0; i < d->n_recipe_key; i++) {
		if (d->recipe_key[i].len != CRYPTO_KEY_ID_BYTES)
			return bad(why, "recipe key", i, "no SHA-256");
		memcpy(r->recipe_key[i], d->recipe_key[i].data, CRYPTO_KEY_ID_BYTES);
	}
	r->recipe_key_count = d->n_recipe_key;
	r->version_text = text(d->version);
	r->minimum_version = d->minimum_version;
	r->keeps_state = d->keeps_state;
	r->memory_bytes = d->memory_bytes;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static enum update_reason take_identity(const Lbpb__Details *d, struct update_release *r,
					struct update_verdict *why)
{
	enum update_reason reason = take_names(d->model, d->n_model, UPDATE_MAX_MODELS,
					       "model", r->model, &r->model_count, why);

	if (reason == UPDATE_OK)
		reason = take_names(d->hardware_id, d->n_hardware_id,
				    UPDATE_MAX_HARDWARE_IDS, "hardware id",
				    r->hardware_id, &r->hardware_id_count, why);
	if (reason != UPDATE_OK)
		return reason;
	if (r->model_count == 0)
		return bad(why, "model", 0, "there is none");
	if (d->cpu != CPU_X86_64 && d->cpu != CPU_AARCH64)
		return bad(why, "cpu", 0, "not a known processor");
	r->cpu = d->cpu == CPU_AARCH64 ? PLATFORM_CPU_AARCH64 : PLATFORM_CPU_X86_64;
	return reason;
}

enum update_reason update_details_unpack(const struct update_statement *statement,
					 struct update_memory *memory,
					 struct update_release *out,
					 struct update_verdict *why)
{
	struct update_arena arena;

	out->room_bytes = ROOM_BYTES + 8 * statement->details_bytes;
	out->room = update_alloc(memory, out->room_bytes);
	if (out->room == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for a statement");
	update_arena_init(&arena, out->room, out->room_bytes);
	const Lbpb__Details *d = lbpb__details__unpack(
		&arena.allocator, statement->details_bytes, statement->details);

	if (d == NULL)
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "details of %zu bytes cannot be unpacked",
					  statement->details_bytes);
	enum update_reason reason = take_identity(d, out, why);

	if (reason == UPDATE_OK)
		reason = take_contents(d, out, why);
	if (reason == UPDATE_OK)
		reason = take_layout(d, out, why);
	if (reason == UPDATE_OK)
		reason = take_rest(d, out, why);
	return reason;
}
