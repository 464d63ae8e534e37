/* Putting a loader onto the EFI system partition. */
#include "recovery/installer/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/handover.h"
#include "boot/kernel/pe.h"
#include "host/file.h"

#include "recovery/installer/esp.h"
#include "recovery/installer/fat_make.h"
#include "recovery/installer/loader_judge.h"
#include "recovery/installer/probe.h"

#define MOST_BYTES ((uint64_t)16 << 20)

static const char *const name_of[] = {
	[PLATFORM_CPU_X86_64] = "BOOTX64.EFI", [PLATFORM_CPU_AARCH64] = "BOOTAA64.EFI"
};
static const char *const fat_name_of[] = {
	[PLATFORM_CPU_X86_64] = "BOOTX64 EFI", [PLATFORM_CPU_AARCH64] = "BOOTAA64EFI"
};

#define VARIABLES "/sys/firmware/efi/efivars/"
#define GLOBAL    "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define DATABASE  "-d719b2cb-3d3a-4596-a3bc-dad00e67656f"
#define MOST_LIST ((size_t)1 << 20)

/* A variable behind its attributes; to be freed with @file. NULL: there is none. */
static const uint8_t *variable(const char *path, uint8_t **file, size_t *bytes)
{
	const size_t head = LB_HANDOVER_ATTRIBUTE_BYTES;

	*file = NULL;
	if (host_read_file(path, MOST_LIST, file, bytes, NULL) != LB_OK || *bytes < head)
		return NULL;
	*bytes -= head;
	return *file + head;
}

/* The firmware's own word is the next start; this is what can be known before. */
static const char *judge(struct program *p, const uint8_t *file, size_t len,
			 uint32_t least)
{
	struct loader_firmware firmware = { 0 };
	uint8_t *state, *db, *dbx;
	size_t bytes = 0;
	const uint8_t *on = variable(VARIABLES "SecureBoot" GLOBAL, &state, &bytes);

	firmware.secure_boot = on != NULL && bytes == 1 && *on == 1;
	firmware.db = variable(VARIABLES "db" DATABASE, &db, &firmware.db_bytes);
	firmware.dbx = variable(VARIABLES "dbx" DATABASE, &dbx, &firmware.dbx_bytes);
	const char *wrong =
		loader_judge(file, len, &p->told, p->machine.facts.cpu, &firmware, least);

	free(state);
	free(db);
	free(dbx);
	return wrong;
}

static enum update_reason collect(void *ctx, uint64_t offset, const void *buf, size_t len,
				  struct update_verdict *why)
{
	struct program *p = ctx;
	const size_t room = (size_t)offset < p->loader_room ? p->loader_room - offset : 0;

	(void)why;
	/* The last block is filled up with zeros; the size is the statement's. */
	memcpy(p->loader + offset, buf, len < room ? len : room);
	return UPDATE_OK;
}

static bool extract(struct program *p, const struct update_partition *partition)
{
	struct update_job job = { .payload = &p->payload };
	const struct update_sink sink = { p, collect };
	uint8_t sum[CRYPTO_MAX_DIGEST_BYTES];
	const struct platform *plat = program_platform(p);
	struct lb_verdict verdict;
	struct kernel_pe pe;

	p->loader_room = partition->bytes <= MOST_BYTES ? (size_t)partition->bytes : 0;
	if (p->loader_room == 0)
		return program_fail(p, PROGRAM_LOADER,
				    "the payload's loader is too large");
	p->loader = plat->alloc(plat->ctx, p->loader_room, 4096, PLATFORM_ANY_ADDRESS);
	if (p->loader == NULL)
		return program_fail(p, PROGRAM_LOADER, "no memory for the loader");
	if (update_extract(&job, partition, &sink, &p->why) != UPDATE_OK)
		return program_fail_why(p, "the payload's loader");
	crypto_digest_once(CRYPTO_SHA256, p->loader, p->loader_room, sum);
	if (memcmp(sum, partition->sha256, sizeof partition->sha256) != 0)
		return program_fail(p, PROGRAM_LOADER,
				    "the payload's loader is not what it says");
	/* A payload's partitions are whole blocks: firmware that checks a signature takes
	 * no file with zeros behind it. */
	p->loader_bytes =
		kernel_pe_parse(p->loader, p->loader_room, &pe, &verdict) == LB_REASON_OK
			? pe.bytes
			: p->loader_room;
	return true;
}

static uint32_t least_generation(const struct told *told)
{
	return told->generation > told->generation_floor ? told->generation
							 : told->generation_floor;
}

bool loader_take(struct program *p)
{
	const struct update_partition *partition =
		update_payload_partition(&p->payload, "firmware");
	const char *wrong = "it brings none";

	p->loader_bytes = 0;
	if (partition != NULL) {
		if (!extract(p, partition))
			return false;
		wrong = p->payload.release.developer
				? "it is a developer's"
				: judge(p, p->loader, p->loader_bytes,
					least_generation(&p->told));
	}
	if (wrong == NULL)
		return true;
	p->loader_bytes = 0;
	lb_log(&p->talk.log, "installer: no loader from the payload: %s", wrong);
	if (p->target.kind == DISK_SYSTEM || !p->machine.facts.uefi)
		return true;
	return program_fail(p, PROGRAM_LOADER,
			    "this disk needs a loader, and of the payload's: %s", wrong);
}

bool loader_fits(struct program *p)
{
	const struct update_area *area = &p->layout.efi;

	if (p->target.kind == DISK_SYSTEM || p->loader_bytes == 0 || area->sectors == 0 ||
	    fat_fits(&p->target.disk->disk, area, p->loader_bytes))
		return true;
	return program_fail(p, PROGRAM_LOADER,
			    "the payload's layout has no room for its loader");
}

static bool make_new(struct program *p, const struct update_area *area)
{
	const struct platform *plat = program_platform(p);
	const struct fat_file file = { fat_name_of[p->machine.facts.cpu], p->loader,
				       p->loader_bytes };
	uint32_t serial = 0;

	if (plat->random(plat->ctx, (uint8_t *)&serial, sizeof serial) != LB_OK)
		serial = 1;
	const enum lb_status status =
		fat_make(plat, &p->target.disk->disk, area, &file, serial);

	if (status == LB_OK)
		return true;
	return program_fail(p, PROGRAM_LOADER, "the EFI system partition: %s",
			    lb_status_name(status));
}

/* The one that is there is good enough when it would start this device. */
static const char *judge_installed(struct program *p, const struct esp *esp)
{
	uint8_t *file = NULL;
	size_t len;

	if (esp_read(esp, MOST_BYTES, &file, &len) != LB_OK)
		return "none that can be read";
	const char *wrong = judge(p, file, len, p->told.generation_floor);

	free(file);
	return wrong;
}

/* There may be somebody's other files on it. */
static bool may_erase(struct program *p, const char *why)
{
	char what[96];

	snprintf(what, sizeof what, "the EFI system partition of %.40s: %s",
		 p->target.disk->disk.name, why);
	while (!talk_can_answer(&p->talk)) {
		question_unanswerable(p, what, NULL);
		if (!machine_disk_present(p->stick.disk))
			return program_fail(p, PROGRAM_REFUSED, "the medium was pulled");
	}
	return question_ask(p, UI_SCREEN_INSTALL_ERASE, what);
}

/* False: it takes no file, and is not mounted any more. */
static bool update_there(struct program *p, const struct esp *esp)
{
	const char *wrong = judge_installed(p, esp);

	if (wrong == NULL)
		lb_log(&p->talk.log, "installer: the loader stays");
	else
		lb_log(&p->talk.log, "installer: loader on the disk: %s", wrong);
	/* With none in the payload there is nothing better. */
	if (wrong != NULL && p->loader_bytes != 0)
		wrong = esp_write(esp, p->loader, p->loader_bytes);
	else
		wrong = NULL;
	esp_leave();
	if (wrong != NULL)
		lb_log(&p->talk.log, "installer: a file on the EFI system partition %s",
		       wrong);
	return wrong == NULL;
}

/* One that Linux cannot mount, or that takes no file, starts no device. What is nothing,
 * or a FAT that is read by nobody any more, is made anew; anything else only when
 * somebody says so. */
static bool replace(struct program *p, const struct update_area *area, bool mounted)
{
	const uint64_t sector = p->target.disk->disk.sector_bytes;
	const enum probe_result has =
		mounted ? PROBE_SOMETHING
			: probe_area(p->target.disk, area->first_lba * sector,
				     area->sectors * sector);

	if (p->loader_bytes == 0) {
		lb_log(&p->talk.log,
		       "installer: the EFI system partition cannot be mounted");
		return true;
	}
	if (has != PROBE_NOTHING && has != PROBE_FAT &&
	    !may_erase(p, mounted ? "cannot be written" : "cannot be mounted"))
		return false;
	lb_log(&p->talk.log, "installer: a new EFI system partition");
	return make_new(p, area);
}

bool loader_install(struct program *p)
{
	const struct platform *plat = program_platform(p);
	struct esp esp = { .name = name_of[p->machine.facts.cpu] };
	struct update_area area = p->layout.efi;
	bool good = true;

	lb_log(&p->talk.log, "installer: the loader");
	if (p->target.kind != DISK_SYSTEM) {
		good = area.sectors == 0 || p->loader_bytes == 0 || make_new(p, &area);
	} else if (!esp_find(plat, p->target.disk, &esp, &area)) {
		lb_log(&p->talk.log, "installer: there is no EFI system partition");
	} else {
		const bool mounted = esp_mount(&esp);

		good = (mounted && update_there(p, &esp)) || replace(p, &area, mounted);
	}
	if (p->loader != NULL)
		plat->free(plat->ctx, p->loader, p->loader_room);
	p->loader = NULL;
	return good;
}
