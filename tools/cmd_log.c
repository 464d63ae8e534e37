/* lifeboat log: the boot history of a disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "boot/history/history.h"
#include "crypto/kernel_verify.h"
#include "recovery/rec_reason.h"
#include "tools/commands.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/running.h"
#include "tools/lib/tool.h"

/* All that could be read, oldest first. */
struct past {
	size_t count;
	struct history_record record[HISTORY_CELLS];
	size_t torn,
		unreadable; /* cells; torn ones include forged ones in wrong places */
};

static int older_first(const void *a, const void *b)
{
	return history_newer(a, b) ? 1 : history_newer(b, a) ? -1 : 0;
}

static void read_past(const struct tool_disk_slots *disk, uint64_t first_lba,
		      struct past *past)
{
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++) {
		const enum lb_status status =
			history_read(&disk->plat->platform, disk->disk, first_lba, cell,
				     &past->record[past->count]);

		if (status == LB_OK)
			past->count++;
		else if (status == LB_ERR_CRC || status == LB_ERR_RANGE)
			past->torn++;
		else if (status != LB_ERR_MAGIC) /* which is a cell that was never used */
			past->unreadable++;
	}
	qsort(past->record, past->count, sizeof(past->record[0]), older_first);
}

static bool names_slot(const struct history_record *r)
{
	static const uint8_t none[16];

	return memcmp(r->slot, none, sizeof(none)) != 0;
}

/* '\0' for a partition that this disk does not have (any more). */
static char letter_of(const struct tool_disk_slots *disk, const uint8_t guid[16])
{
	for (size_t i = 0; i < disk->count; i++)
		if (memcmp(disk->slot[i].guid, guid, 16) == 0)
			return disk->slot[i].letter;
	return '\0';
}

/* "AC": of slots as bits. */
static void letters(char out[HISTORY_SLOTS + 1], uint32_t bits)
{
	size_t n = 0;

	for (unsigned int i = 0; i < HISTORY_SLOTS; i++)
		if ((bits >> i & 1) != 0)
			out[n++] = (char)('A' + i);
	out[n] = '\0';
}

/* --- as JSON ------------------------------------------------------------------------ */

static void set_slot(json_t *object, const struct tool_disk_slots *disk,
		     const struct history_record *r)
{
	const char letter[2] = { letter_of(disk, r->slot), '\0' };
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, r->slot);
	tool_json_set(object, "slot",
		      letter[0] != '\0' ? tool_json_string(letter) : json_null());
	tool_json_set(object, "guid",
		      names_slot(r) ? tool_json_string(guid) : json_null());
}

static json_t *describe(const struct tool_disk_slots *disk,
			const struct history_record *r)
{
	json_t *object = json_object();
	char behind[HISTORY_SLOTS + 1];

	tool_json_number(object, "boot", r->boot);
	tool_json_number(object, "update", r->update);
	tool_json_number(object, "stage", r->stage);
	tool_json_text(object, "stage_text", history_stage_text(r->stage));
	tool_json_text(object, "mode", crypto_mode_name((enum crypto_mode)r->mode));
	tool_json_number(object, "reason", r->reason);
	tool_json_text(object, "reason_name",
		       rec_reason_name((enum rec_reason)r->reason));
	set_slot(object, disk, r);
	tool_json_number(object, "version", r->version);
	tool_json_number(object, "floor", r->floor);
	tool_json_bool(object, "developer_mode",
		       (r->flags & HISTORY_FLAG_DEVELOPER) != 0);
	tool_json_bool(object, "after_watchdog", (r->flags & HISTORY_FLAG_WATCHDOG) != 0);
	tool_json_bool(object, "before_not_marked",
		       (r->flags & HISTORY_FLAG_NOT_MARKED) != 0);
	tool_json_bool(object, "after_panic", (r->flags & HISTORY_FLAG_PANIC) != 0);
	tool_json_bool(object, "marked", (r->flags & HISTORY_FLAG_MARKED) != 0);
	tool_json_text(object, "started_as", history_start_text(r->started_as));
	letters(behind, r->behind);
	tool_json_text(object, "behind", behind);
	return object;
}

static bool print_json(const struct tool_disk_slots *disk, const struct past *past)
{
	json_t *object = json_object(), *records = json_array();

	for (size_t i = 0; i < past->count; i++)
		tool_json_append(records, describe(disk, &past->record[i]));
	tool_json_text(object, "disk", disk->path);
	tool_json_set(object, "records", records);
	tool_json_number(object, "torn_cells", past->torn);
	tool_json_number(object, "unreadable_cells", past->unreadable);
	return tool_json_print(object);
}

/* --- for people --------------------------------------------------------------------- */

static void print_slot(const struct tool_disk_slots *disk, const struct history_record *r)
{
	const char letter = letter_of(disk, r->slot);
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, r->slot);
	if (letter != '\0')
		printf(" %c", letter);
	printf(" (%s), key version %u, kernel version %u", guid,
	       LB_VERSION_PARTS(r->version));
}

static void print_record(const struct tool_disk_slots *disk,
			 const struct history_record *r)
{
	char behind[HISTORY_SLOTS + 1];

	printf("boot %llu.%u: %s", (unsigned long long)r->boot, r->update,
	       history_stage_text(r->stage));
	if (r->stage != HISTORY_STAGE_RECOVERY && names_slot(r))
		print_slot(disk, r);
	if (r->started_as == HISTORY_START_LAST_RESORT)
		printf(", as a last resort");
	letters(behind, r->behind);
	if (r->behind != 0)
		printf(", which went before slot %s", behind);
	if (r->stage == HISTORY_STAGE_RECOVERY)
		printf(", reason %u: %s", r->reason,
		       rec_reason_text((enum rec_reason)r->reason));
	printf(", %s mode, floor %u.%u", crypto_mode_name((enum crypto_mode)r->mode),
	       LB_VERSION_PARTS(r->floor));
	if ((r->flags & HISTORY_FLAG_WATCHDOG) != 0)
		printf(", the watchdog ended the boot before");
	if ((r->flags & HISTORY_FLAG_NOT_MARKED) != 0)
		printf(", the slot before was not marked good");
	if ((r->flags & HISTORY_FLAG_PANIC) != 0)
		printf(", the boot before left a crash dump");
	putchar('\n');
}

static void print_text(const struct tool_disk_slots *disk, const struct past *past)
{
	for (size_t i = 0; i < past->count; i++)
		print_record(disk, &past->record[i]);
	if (past->count == 0)
		printf("no boot was recorded yet\n");
	if (past->torn > 0)
		printf("%zu torn cells (power was cut while they were written)\n",
		       past->torn);
	if (past->unreadable > 0)
		printf("%zu cells could not be read\n", past->unreadable);
}

/* --- command ------------------------------------------------------------------------ */

static int show(const struct tool_disk_slots *disk, bool json)
{
	struct past *past;
	uint64_t first_lba;
	bool good = true;

	if (!history_find(&disk->gpt, &first_lba)) {
		tool_error("%s: there is no boot history partition on this disk",
			   disk->path);
		return TOOL_NO;
	}
	past = tool_alloc(sizeof(*past));
	read_past(disk, first_lba, past);
	if (json)
		good = print_json(disk, past);
	else
		print_text(disk, past);
	free(past);
	return good ? TOOL_YES : TOOL_USAGE;
}

static int run(const char *image, const char *root, uint32_t sector_bytes, bool json)
{
	struct tool_running running = { 0 };
	struct tool_disk_slots disk;
	int status = TOOL_USAGE;

	if (image == NULL && !tool_running_find(root, &running))
		return TOOL_USAGE;
	if (tool_disk_slots_open(image != NULL ? image : running.disk, false,
				 sector_bytes, &disk)) {
		status = show(&disk, json);
		tool_disk_slots_close(&disk);
	}
	tool_running_free(&running);
	return status;
}

int cmd_log(int argc, char **argv)
{
	struct tool_optional_number sector_size = { 0 };
	const char *root = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &sector_size, "BYTES",
		  "of an image whose table is damaged (else found out)" },
		{ TOOL_OPTION_TEXT, 0, "system-root", &root, "DIR",
		  "look for the running system's /sys, /proc and /dev below DIR" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat log",
		"[IMAGE|DEVICE]",
		"Shows what a device's last boots did, oldest first: which slot was "
		"started, "
		"when and why\n"
		"it went to recovery, when developer mode was switched. Without an "
		"operand "
		"it is the\n"
		"running system's disk. Exit status 1: the disk has no boot history.",
		options,
		0,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (!tool_sector_bytes_good(&sector_size))
		return tool_usage_error(&usage, "--sector-size: 512, 1024, 2048 or 4096");
	return run(operands[0], root, (uint32_t)sector_size.value, json);
}
