/* What the manufacturing file allows, and the report. */
#include "recovery/installer/manufacture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "host/file.h"

#define FILE_PATH STICK_MOUNTED "/lifeboat/manufacturing"

/* --- the file ----------------------------------------------------------------------- */

static bool counts(struct program *p, const uint8_t *data, size_t len,
		   char why[REC_MANUFACTURING_WHY_BYTES])
{
	struct rec_manufacturing_parts parts;

	return rec_manufacturing_parse(data, len, &parts, why) &&
	       rec_manufacturing_verify(&parts, p->told.recovery_key,
					p->told.recovery_floor, why) &&
	       rec_manufacturing_read(parts.text, parts.text_bytes, p->told.model,
				      &p->manufacturing, why);
}

void manufacture_look(struct program *p)
{
	char why[REC_MANUFACTURING_WHY_BYTES] = "";
	uint8_t *data = NULL;
	size_t len;
	const enum lb_status status =
		host_read_file(FILE_PATH, REC_MANUFACTURING_MAX_BYTES, &data, &len, NULL);

	if (status == LB_ERR_NOT_FOUND)
		return;
	if (status != LB_OK)
		lb_format(why, sizeof why, "%s", lb_status_name(status));
	p->unasked = status == LB_OK && counts(p, data, len, why);
	free(data);
	if (p->unasked)
		lb_log(&p->talk.log, "installer: manufacturing without questions, %s",
		       p->manufacturing.wipe_any ? "whatever is on the disk"
						 : "on an empty disk");
	else
		lb_log(&p->talk.log, "installer: manufacturing file refused: %s", why);
}

/* --- the report --------------------------------------------------------------------- */

struct json {
	char *out;
	size_t room, used;
};

static void put(struct json *j, char c)
{
	if (j->used + 1 < j->room)
		j->out[j->used++] = c;
	j->out[j->used] = '\0';
}

static void put_text(struct json *j, const char *text)
{
	while (*text != '\0')
		put(j, *text++);
}

/* Texts come from firmware and disks: what is no plain ASCII becomes a question mark. */
static void put_pair(struct json *j, const char *name, const char *value)
{
	put_text(j, j->used > 0 ? ", \"" : "{\"");
	put_text(j, name);
	put_text(j, "\": \"");
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			put(j, '\\');
		put(j, *value >= ' ' && *value <= '~' ? *value : '?');
	}
	put(j, '"');
}

static void put_number(struct json *j, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	put_text(j, ", \"");
	put_text(j, name);
	put_text(j, "\": ");
	put_text(j, text);
}

static void put_file(struct json *j, const char *name, const char *path)
{
	char text[128];

	if (machine_read_text(path, text, sizeof text) && text[0] != '\0')
		put_pair(j, name, text);
}

/* virtio has it at the disk itself, others at its device. */
static void put_disk(struct json *j, const struct machine_disk *disk)
{
	char path[MACHINE_DEVICE_BYTES + 32];

	if (disk == NULL)
		return;
	put_pair(j, "disk", disk->disk.name);
	put_number(j, "disk-bytes", disk->disk.sectors * disk->disk.sector_bytes);
	snprintf(path, sizeof path, "/sys/block/%s/serial", disk->device);
	put_file(j, "disk-serial", path);
	snprintf(path, sizeof path, "/sys/block/%s/device/serial", disk->device);
	put_file(j, "disk-serial", path);
}

void manufacture_report(const struct program *p, char out[MANUFACTURE_REPORT_BYTES])
{
	struct json j = { out, MANUFACTURE_REPORT_BYTES - 2, 0 }; /* and an end */
	const struct update_release *r = &p->payload.release;
	char version[24];

	snprintf(version, sizeof version, "%u.%u", LB_VERSION_PARTS(r->version));
	put_pair(&j, "model", p->told.model);
	put_pair(&j, "hardware-id", p->told.hardware_id);
	put_pair(&j, "result", p->code[0] == '\0' ? "ok" : "failed");
	put_pair(&j, "code", p->code);
	put_pair(&j, "failure", p->failure);
	put_pair(&j, "version", version);
	put_file(&j, "serial", "/sys/class/dmi/id/product_serial");
	put_disk(&j, p->target.disk);
	put_number(&j, "seconds", program_now(p) / 1000);
	j.room += 2;
	put_text(&j, "}\n");
}
