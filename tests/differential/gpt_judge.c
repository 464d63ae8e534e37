/* What the loader makes of partition tables, for scripts that compare it with other
 * judges. Reads one command a line from stdin:
 *
 *   show SECTOR_BYTES FILE          judge it
 *   repair SECTOR_BYTES FILE        judge it, repair it and write the file back
 *   store SECTOR_BYTES FILE INDEX ATTRIBUTES   change one entry, write the file back
 *
 * Answers: "ok HEADER ENTRIES STATE" (0: primary's, 1: backup's), or "bad REASON", each
 * with a tab and words; after "ok" one line "INDEX FIRST LAST TYPE GUID ATTRIBUTES NAME"
 * for each used entry (in hex as on disk, but numbers in decimal); after repair and
 * store a line "done STATUS" and a tab and words; and "end". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "gpt/gpt_table.h"
#include "tests/host/host_platform.h"

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "gpt_judge: %s %s\n", what, path);
	exit(2);
}

static struct host_disk *load(struct host_platform *host, const char *path,
			      uint32_t sector_bytes)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		fail("cannot read", path);
	const uint64_t sectors = (uint64_t)ftell(f) / sector_bytes;

	(void)fclose(f); /* was only measured */
	struct host_disk *disk =
		host_add_disk(host, PLATFORM_ATTACHED_INTERNAL, sector_bytes, sectors);

	if (!host_load_image(disk, path))
		fail("cannot load", path);
	return disk;
}

static void save(const struct host_disk *disk, const char *path)
{
	FILE *f = fopen(path, "wb");
	const size_t bytes = mem_disk_bytes(&disk->mem);

	if (f == NULL || fwrite(disk->mem.now, 1, bytes, f) != bytes || fclose(f) != 0)
		fail("cannot write", path);
}

static void show_entries(const struct gpt *gpt)
{
	struct gpt_entry e;

	for (uint32_t i = 0; gpt_entry_get(gpt, i, &e) == LB_OK; i++) {
		char type[33], guid[33], name[2 * sizeof e.name + 1];

		if (!gpt_entry_used(&e))
			continue;
		lb_format_hex(type, e.type, sizeof e.type);
		lb_format_hex(guid, e.guid, sizeof e.guid);
		lb_format_hex(name, (const uint8_t *)e.name, sizeof e.name);
		printf("%u %" PRIu64 " %" PRIu64 " %s %s %" PRIu64 " %s\n", i,
		       e.first_lba, e.last_lba, type, guid, e.attributes, name);
	}
}

static void change(struct host_platform *host, const struct host_disk *disk,
		   struct gpt *gpt, const char *command, unsigned int index,
		   uint64_t attributes)
{
	char words[200] = "";
	enum lb_status second = LB_OK;
	enum lb_status status;

	if (strcmp(command, "repair") == 0)
		status = gpt_repair(&host->plat, &disk->info, gpt, words, sizeof words);
	else
		status = gpt_store_attributes(&host->plat, &disk->info, gpt, index,
					      attributes, &second);
	printf("done %d\t%s\n", status != LB_OK ? status : second, words);
}

static void judge(struct host_platform *host, const char *command, uint32_t sector_bytes,
		  const char *path, unsigned int index, uint64_t attributes)
{
	const struct host_disk *disk = load(host, path, sector_bytes);
	struct lb_verdict why;
	struct gpt gpt;

	if (gpt_load(&host->plat, &disk->info, &gpt, &why) != LB_OK) {
		printf("bad %s\t%s\n", lb_reason_name(why.reason), why.detail);
		return;
	}
	printf("ok %d %d %d\t%s\n", gpt.in_use, gpt.entries_from, gpt_state(&gpt),
	       gpt_state_words(gpt_state(&gpt)));
	show_entries(&gpt);
	if (strcmp(command, "show") != 0) {
		change(host, disk, &gpt, command, index, attributes);
		save(disk, path);
	}
	gpt_unload(&host->plat, &gpt);
}

int main(void)
{
	static struct host_platform host;
	char line[4096];

	while (fgets(line, sizeof line, stdin) != NULL) {
		char command[16], path[3000];
		unsigned int sector_bytes, index = 0;
		uint64_t attributes = 0;

		if (sscanf(line, "%15s %u %2999s %u %" SCNu64, command, &sector_bytes,
			   path, &index, &attributes) < 3)
			fail("not understood:", line);
		host_init(&host);
		judge(&host, command, sector_bytes, path, index, attributes);
		if (host_release(&host) != 0)
			fail("memory was not freed:", line);
		puts("end");
		fflush(stdout);
	}
	return 0;
}
