/* Power cut at every write of charge, rejection, mark-good and repair, from every state
 * of the two copies: the table is always there, no attempt is ever gained, and what was
 * reported stored is what the next load sees. Then the same for the repair that follows,
 * after every fifth cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gpt/gpt_slot.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define SEED UINT64_C(20261121)
#define NEST_EVERY                                                                       \
	5u /* no divisor of the torn variants of one write, so all kinds come up */

/* What was wrong with the table before. */
enum wound {
	NOTHING,
	PRIMARY_HEADER,
	PRIMARY_ENTRIES,
	BACKUP_HEADER,
	BACKUP_ENTRIES,
	STALE_BACKUP,       /* whole, with more attempts than the primary */
	STALE_TORN_PRIMARY, /* its header is whole, vouches for more attempts */
	TORN_HEADER_FIRST,  /* primary: new header, old entries */
	TORN_ENTRIES_FIRST, /* primary: old header, new entries */
	BACKUP_HAS_HEADER,  /* backup's header fits only the primary's entries */
	GROWN,
	GROWN_NO_ENTRIES, /* ... and the primary's entries are damaged */
	WRONG_LINKS,
	WOUNDS
};

enum change { CHARGE, REJECT, MARK_GOOD, REPAIR, GUIDS, CHANGES };

static const struct {
	uint32_t sector_bytes, entry_count, entry_bytes;
	uint64_t sectors;
} formats[] = {
	{ 512, 4, 128, 16 }, { 512, 8, 128, 20 },    { 512, 128, 128, 100 },
	{ 512, 6, 256, 24 }, { 4096, 128, 128, 24 },
};
#define FORMATS (sizeof formats / sizeof formats[0])

static const uint64_t attributes_before = GPT_IMAGE_ATTR(3, 4, 0);
static const uint64_t attributes_more = GPT_IMAGE_ATTR(3, 5, 0);
#define SLOT_ENTRY 1u

static struct host_platform recorded, replayed, nested;

static struct mem_disk *disk_of(struct host_platform *host)
{
	return &host->disks[0].mem;
}

static const struct platform_disk *info_of(struct host_platform *host)
{
	host->disks[0].info.sectors = disk_of(host)->sectors;
	return &host->disks[0].info;
}

static void make_table(struct mem_disk *disk, size_t format)
{
	const uint64_t at =
		2 + (formats[format].entry_count * formats[format].entry_bytes +
		     disk->sector_bytes - 1) /
			    disk->sector_bytes;
	const struct gpt_image_part parts[] = {
		{ 'd', at, at, 0 },
		{ 'k', at + 1, at + 1, attributes_before },
		{ 'r', at + 2, at + 2, 0 },
		{ 'k', at + 3, at + 3, GPT_IMAGE_ATTR(1, 0, 1) },
	};

	gpt_image_make(disk, formats[format].entry_count, formats[format].entry_bytes,
		       parts, sizeof parts / sizeof parts[0]);
}

/* The primary's header with another table's checksum. */
static void torn_primary(struct mem_disk *disk, bool header_first)
{
	uint8_t old[4096];
	uint8_t *header = gpt_image_header(disk, 0);
	uint8_t *entry = gpt_image_entry(disk, 0, SLOT_ENTRY);

	memcpy(old, header, disk->sector_bytes);
	gpt_image_set_attributes(disk, 0, SLOT_ENTRY, GPT_IMAGE_ATTR(3, 3, 0));
	if (header_first)
		memcpy(entry, gpt_image_entry(disk, 1, SLOT_ENTRY), 128);
	else
		memcpy(header, old, disk->sector_bytes);
}

static void hurt(struct mem_disk *disk, enum wound wound)
{
	switch (wound) {
	case NOTHING:
	case WOUNDS:
		break;
	case PRIMARY_HEADER:
		gpt_image_spoil_header(disk, 0);
		break;
	case PRIMARY_ENTRIES:
		gpt_image_spoil_entries(disk, 0);
		break;
	case BACKUP_HEADER:
		gpt_image_spoil_header(disk, 1);
		break;
	case BACKUP_ENTRIES:
		gpt_image_spoil_entries(disk, 1);
		break;
	case STALE_BACKUP:
		gpt_image_set_attributes(disk, 1, SLOT_ENTRY, attributes_more);
		break;
	case STALE_TORN_PRIMARY:
		gpt_image_set_attributes(disk, 0, SLOT_ENTRY, attributes_more);
		gpt_image_entry(disk, 0, 0)[60] ^= 1;
		break;
	case TORN_HEADER_FIRST:
	case TORN_ENTRIES_FIRST:
		torn_primary(disk, wound == TORN_HEADER_FIRST);
		break;
	case BACKUP_HAS_HEADER:
		gpt_image_put(disk, 0, GPT_AT_ENTRIES_CRC, 4, 1);
		gpt_image_spoil_entries(disk, 1);
		break;
	case GROWN_NO_ENTRIES:
		gpt_image_spoil_entries(disk, 0);
		mem_disk_resize(disk, disk->sectors + 40);
		break;
	case GROWN:
		mem_disk_resize(disk, disk->sectors + 40);
		break;
	case WRONG_LINKS:
		gpt_image_put(disk, 0, GPT_AT_ALTERNATE, 8, disk->sectors + 7);
		gpt_image_put(disk, 1, GPT_AT_ALTERNATE, 8, 2);
		break;
	}
}

static bool load_slot(struct host_platform *host, struct gpt_slot *out)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];
	struct lb_verdict why;
	struct gpt gpt;

	if (gpt_load(&host->plat, info_of(host), &gpt, &why) != LB_OK)
		return false;
	const bool found = gpt_slots(&gpt, slots) == 2;

	*out = slots[0];
	gpt_unload(&host->plat, &gpt);
	return found;
}

/* What the cuts of one recording are held against. */
struct expectation {
	const char *name;
	uint64_t before, after; /* the slot's attributes */
	size_t stored_at;       /* from this many events on, @after is certain */
	uint8_t most;           /* attempts that must never be exceeded */
	size_t cuts, nested_cuts, repaired;
	bool guids;        /* these change, nothing else */
	size_t nest_every; /* also cut the repair that follows every n-th cut; 0: none */
};

static void fail_cut(const struct expectation *e, const struct mem_cut *cut,
		     const char *what)
{
	print_error("%s: cut after %zu events%s, sector %zu byte %zu%s: %s\n", e->name,
		    cut->events, cut->torn ? ", next torn" : "", cut->torn_sectors,
		    cut->torn_bytes, cut->garbage ? " noise" : "", what);
	fail();
}

static void check_nested(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct expectation *e = ctx;
	struct gpt_slot slot;

	memcpy(disk_of(&nested)->now, image, mem_disk_bytes(disk_of(&nested)));
	e->cuts++;
	if (!load_slot(&nested, &slot))
		fail_cut(e, cut, "no table after a cut of the repair");
	if (slot.remaining_attempts > e->most)
		fail_cut(e, cut, "attempts gained by a cut of the repair");
}

/* The next boot's repair: afterwards both copies are good, and nothing has changed. */
static void repair_after(struct expectation *e, const struct mem_cut *cut,
			 const struct gpt_slot *found)
{
	struct gpt gpt;
	struct lb_verdict why;
	struct gpt_slot slot;
	char fixed[200];

	const bool nest = e->nest_every > 0 && e->cuts % e->nest_every == 0;

	if (nest)
		mem_disk_record(disk_of(&replayed));
	if (gpt_load(&replayed.plat, info_of(&replayed), &gpt, &why) != LB_OK ||
	    gpt_repair(&replayed.plat, info_of(&replayed), &gpt, fixed, sizeof fixed) !=
		    LB_OK)
		fail_cut(e, cut, "repair failed");
	if (gpt_state(&gpt) != GPT_STATE_GOOD)
		fail_cut(e, cut, gpt_state_words(gpt_state(&gpt)));
	gpt_unload(&replayed.plat, &gpt);
	if (!load_slot(&replayed, &slot) || slot.attributes != found->attributes)
		fail_cut(e, cut, "repair changed the attributes");
	e->repaired++;
	if (nest) {
		struct expectation inner = *e;

		inner.cuts = 0;
		inner.most = found->remaining_attempts;
		(void)mem_disk_each_cut(disk_of(&replayed), SEED, check_nested, &inner);
		e->nested_cuts += inner.cuts;
	}
}

/* The disk's own GUIDs: all of them, or the old ones. */
static const struct gpt_guid own[] = { { 1, { 0xa1, 1 } }, { 3, { 0xa3, 3 } } };
static const uint8_t own_disk[16] = { 0xad, 9 };

static void check_guids(const struct expectation *e, const struct mem_cut *cut)
{
	struct gpt_entry entry;
	struct lb_verdict why;
	unsigned int fresh = 0;
	struct gpt gpt;

	if (gpt_load(&replayed.plat, info_of(&replayed), &gpt, &why) != LB_OK)
		fail_cut(e, cut, "no table");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(gpt_entry_get(&gpt, own[i].index, &entry), LB_OK);
		fresh += memcmp(entry.guid, own[i].guid, 16) == 0;
	}
	fresh += memcmp(gpt_header_in_use(&gpt)->disk_guid, own_disk, 16) == 0;
	gpt_unload(&replayed.plat, &gpt);
	if (fresh != 0 && fresh != 3)
		fail_cut(e, cut, "some GUIDs are old and some are new");
	if (cut->events >= e->stored_at && fresh != 3)
		fail_cut(e, cut, "the new GUIDs are gone");
}

static void check_cut(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct expectation *e = ctx;
	struct gpt_slot slot;

	memcpy(disk_of(&replayed)->now, image, mem_disk_bytes(disk_of(&replayed)));
	e->cuts++;
	if (!load_slot(&replayed, &slot))
		fail_cut(e, cut, "no table");
	if (slot.remaining_attempts > e->most)
		fail_cut(e, cut, "attempts gained");
	if (slot.attributes != e->before && slot.attributes != e->after)
		fail_cut(e, cut, "attributes that never were");
	if (cut->events >= e->stored_at && slot.attributes != e->after)
		fail_cut(e, cut, "the stored attributes are gone");
	if (e->guids)
		check_guids(e, cut);
	repair_after(e, cut, &slot);
}

static uint64_t wanted(const struct gpt_slot *slot, enum change change)
{
	switch (change) {
	case CHARGE:
		return gpt_slot_charged(slot, GPT_ORDER_ATTEMPTS_FIRST);
	case REJECT:
		return gpt_slot_rejected(slot, GPT_ORDER_ATTEMPTS_FIRST);
	case MARK_GOOD:
		return gpt_slot_marked_good(slot);
	case REPAIR:
	case GUIDS:
	case CHANGES:
		break;
	}
	return slot->attributes;
}

static void store_guids(struct expectation *e, struct gpt *gpt)
{
	assert_int_equal(gpt_store_guids(&recorded.plat, info_of(&recorded), gpt,
					 own_disk, own, 2),
			 LB_OK);
	/* The second copy: entries (one sector or more), header, flush. */
	e->guids = true;
	e->stored_at = disk_of(&recorded)->event_count - 1;
}

static void apply(struct expectation *e, enum change change)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];
	enum lb_status second = LB_ERR_INTERNAL;
	struct lb_verdict why;
	char fixed[200];
	struct gpt gpt;

	assert_int_equal(gpt_load(&recorded.plat, info_of(&recorded), &gpt, &why), LB_OK);
	assert_int_equal(gpt_slots(&gpt, slots), 2);
	e->before = slots[0].attributes;
	e->most = slots[0].remaining_attempts;
	e->after = wanted(&slots[0], change);
	mem_disk_record(disk_of(&recorded));
	if (change == REPAIR) {
		assert_int_equal(gpt_repair(&recorded.plat, info_of(&recorded), &gpt,
					    fixed, sizeof fixed),
				 LB_OK);
		e->stored_at = 0;
	} else if (change == GUIDS) {
		store_guids(e, &gpt);
	} else {
		assert_int_equal(gpt_store_attributes(&recorded.plat, info_of(&recorded),
						      &gpt, SLOT_ENTRY, e->after,
						      &second),
				 LB_OK);
		assert_int_equal(second, LB_OK);
		/* The last three events write, write and flush the second copy. */
		assert_true(disk_of(&recorded)->event_count >= 6);
		e->stored_at = disk_of(&recorded)->event_count - 3;
	}
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
	gpt_unload(&recorded.plat, &gpt);
}

static void open_disk(struct host_platform *host, uint32_t sector_bytes, uint64_t sectors)
{
	host_init(host);
	host_add_disk(host, PLATFORM_ATTACHED_INTERNAL, sector_bytes, sectors);
}

static size_t cut_everywhere(size_t format, enum wound wound, enum change change,
			     size_t nest_every)
{
	char name[64];
	struct expectation e = { .name = name, .nest_every = nest_every };

	snprintf(name, sizeof name, "format %zu, wound %d, change %d", format, wound,
		 change);
	open_disk(&recorded, formats[format].sector_bytes, formats[format].sectors);
	make_table(disk_of(&recorded), format);
	hurt(disk_of(&recorded), wound);
	open_disk(&replayed, formats[format].sector_bytes, disk_of(&recorded)->sectors);
	open_disk(&nested, formats[format].sector_bytes, disk_of(&recorded)->sectors);

	apply(&e, change);
	(void)mem_disk_each_cut(disk_of(&recorded), SEED, check_cut, &e);
	assert_true(e.repaired > 0);

	assert_int_equal(host_release(&recorded), 0);
	assert_int_equal(host_release(&replayed), 0);
	assert_int_equal(host_release(&nested), 0);
	return e.cuts + e.nested_cuts;
}

static void test_every_cut(void **state)
{
	size_t cuts = 0;

	(void)state;
	for (size_t format = 0; format < FORMATS; format++)
		for (int wound = 0; wound < WOUNDS; wound++)
			for (int change = 0; change < CHANGES; change++)
				cuts += cut_everywhere(format, (enum wound)wound,
						       (enum change)change, 0);
	print_message("%zu cuts\n", cuts);
}

static void test_every_cut_of_the_repair_after_a_cut(void **state)
{
	size_t cuts = 0;

	(void)state;
	for (int wound = 0; wound < WOUNDS; wound++)
		cuts += cut_everywhere(0, (enum wound)wound, CHARGE, NEST_EVERY);
	print_message("%zu cuts\n", cuts);
}

/* With one copy marked to be ignored there is no second one: a cut may lose the table,
 * but attempts are not gained, and what was reported stored stays. */
static void check_only_copy(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct expectation *e = ctx;
	struct gpt_slot slot;

	memcpy(disk_of(&replayed)->now, image, mem_disk_bytes(disk_of(&replayed)));
	e->cuts++;
	if (!load_slot(&replayed, &slot)) {
		if (cut->events == 0 && !cut->torn)
			fail_cut(e, cut, "no table before the first write");
		if (cut->events >= 3)
			fail_cut(e, cut, "no table after it was stored");
		return;
	}
	if (slot.remaining_attempts > e->most)
		fail_cut(e, cut, "attempts gained");
	if (cut->events >= 3 && slot.attributes != e->after)
		fail_cut(e, cut, "the stored attributes are gone");
}

static void test_only_copy(void **state)
{
	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		struct expectation e = { .name = "only copy", .most = 4 };
		enum lb_status second;
		struct lb_verdict why;
		struct gpt gpt;

		open_disk(&recorded, 512, 100);
		open_disk(&replayed, 512, 100);
		make_table(disk_of(&recorded), 2);
		gpt_image_spoil_header(disk_of(&recorded), ignored);
		memcpy(gpt_image_header(disk_of(&recorded), ignored), "IGNOREME", 8);
		e.after = GPT_IMAGE_ATTR(3, 3, 0);
		assert_int_equal(gpt_load(&recorded.plat, info_of(&recorded), &gpt, &why),
				 LB_OK);
		mem_disk_record(disk_of(&recorded));
		assert_int_equal(gpt_store_attributes(&recorded.plat, info_of(&recorded),
						      &gpt, SLOT_ENTRY, e.after, &second),
				 LB_OK);
		assert_int_equal(disk_of(&recorded)->event_count, 3);
		gpt_unload(&recorded.plat, &gpt);
		(void)mem_disk_each_cut(disk_of(&recorded), SEED, check_only_copy, &e);
		assert_true(e.cuts > 50);
		assert_int_equal(host_release(&recorded), 0);
		assert_int_equal(host_release(&replayed), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_cut_of_the_repair_after_a_cut),
		cmocka_unit_test(test_only_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
