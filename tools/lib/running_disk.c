/* Telling a disk from its clones. */
#include "tools/lib/running_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/history/history.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/tool.h"

enum {
	MAX_FUNCTIONS = 16,
};

/* --- what the loader said ----------------------------------------------------------- */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static bool parse_tag(const char *text, uint8_t tag[HISTORY_TAG_BYTES])
{
	for (size_t i = 0; i < HISTORY_TAG_BYTES; i++) {
		const int high = hex_digit(text[2 * i]);
		const int low = high >= 0 ? hex_digit(text[2 * i + 1]) : -1;

		if (low < 0)
			return false;
		tag[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * HISTORY_TAG_BYTES] == ' ';
}

bool tool_disk_fact_parse(const char *text, struct tool_disk_fact *out)
{
	struct tool_disk_fact fact = { .given = true };
	unsigned long long boot;
	int used = 0;

	if (strncmp(text, "- - ", 4) == 0) {
		text += 4;
	} else {
		if (text[0] < '0' || text[0] > '9' ||
		    sscanf(text, "%20llu %n", &boot, &used) != 1 || used == 0 ||
		    !parse_tag(text + used, fact.tag))
			return false;
		fact.recorded = true;
		fact.boot = boot;
		text += (size_t)used + 2 * HISTORY_TAG_BYTES + 1;
	}
	if (strlen(text) >= sizeof(fact.path))
		return false;
	strcpy(fact.path, text);
	*out = fact;
	return true;
}

/* --- by the history ----------------------------------------------------------------- */

static bool is_it(const struct history_record *r, const struct tool_disk_fact *fact)
{
	return r->boot == fact->boot && memcmp(r->tag, fact->tag, sizeof(r->tag)) == 0;
}

bool tool_disk_has_record(const char *device, const struct tool_disk_fact *fact)
{
	struct tool_disk_slots disk;
	struct history_record record;
	uint64_t first_lba;
	bool found = false;

	if (!tool_disk_slots_open_quietly(device, &disk))
		return false;
	if (history_find(&disk.gpt, &first_lba))
		for (uint32_t cell = 0; cell < HISTORY_CELLS && !found; cell++)
			found = history_read(&disk.plat->platform, disk.disk, first_lba,
					     cell, &record) == LB_OK &&
				is_it(&record, fact);
	tool_disk_slots_close(&disk);
	return found;
}

/* --- by its place ------------------------------------------------------------------- */

/* PCI functions on the way to a disk: device << 8 | function. */
struct way {
	size_t count;
	unsigned int function[MAX_FUNCTIONS];
};

static void add_function(struct way *way, unsigned int device, unsigned int function)
{
	if (way->count < MAX_FUNCTIONS)
		way->function[way->count++] = device << 8 | function;
}

/* "PciRoot(0x0)/Pci(0x1C,0x0)/Pci(0x0,0x0)/NVMe(0x1,...)" */
static void way_of_loader(const char *path, struct way *out)
{
	unsigned int device, function;

	*out = (struct way){ 0 };
	for (const char *at = path; (at = strstr(at, "Pci(0x")) != NULL; at++)
		if ((at == path || at[-1] == '/') &&
		    sscanf(at, "Pci(0x%x,0x%x)", &device, &function) == 2)
			add_function(out, device, function);
}

/* ".../devices/pci0000:00/0000:00:1c.0/0000:01:00.0/nvme/nvme0/nvme0n1" */
static void way_of_linux(const char *place, struct way *out)
{
	unsigned int domain, bus, device, function;
	int used;

	*out = (struct way){ 0 };
	for (const char *at = strchr(place, '/'); at != NULL; at = strchr(at + 1, '/')) {
		used = 0;
		if (sscanf(at, "/%x:%2x:%2x.%1x%n", &domain, &bus, &device, &function,
			   &used) == 4 &&
		    used > 0 && (at[used] == '/' || at[used] == '\0'))
			add_function(out, device, function);
	}
}

/* Another namespace of the same drive is another disk. */
static bool other_namespace(const char *name, const char *path)
{
	const char *loader = strstr(path, "/NVMe(0x");
	unsigned int wanted, has;

	return loader != NULL && sscanf(loader, "/NVMe(0x%x", &wanted) == 1 &&
	       sscanf(name, "nvme%*un%u", &has) == 1 && wanted != has;
}

static enum tool_disk_place by_functions(const char *name, const char *place,
					 const char *loader_path)
{
	struct way wanted, has;

	way_of_loader(loader_path, &wanted);
	way_of_linux(place, &has);
	if (wanted.count == 0 || has.count == 0)
		return TOOL_DISK_PERHAPS;
	if (wanted.count != has.count ||
	    memcmp(wanted.function, has.function,
		   wanted.count * sizeof(wanted.function[0])) != 0 ||
	    other_namespace(name, loader_path))
		return TOOL_DISK_ELSEWHERE;
	return TOOL_DISK_THERE;
}

/* The device-tree node of the disk, or of the nearest thing above that has one. */
static char *node_of(char *place)
{
	for (char *slash; (slash = strrchr(place, '/')) != NULL; *slash = '\0') {
		char *link = tool_format("%s/of_node", place);
		char *node = realpath(link, NULL);

		free(link);
		if (node != NULL)
			return node;
	}
	return NULL;
}

static enum tool_disk_place by_node(char *place, const char *loader_path)
{
	static const char base[] = "/devicetree/base";
	char *node = node_of(place);
	const char *path = node != NULL ? strstr(node, base) : NULL;
	enum tool_disk_place result = TOOL_DISK_PERHAPS;

	if (path != NULL)
		result = strcmp(path + sizeof(base) - 1, loader_path) == 0
				 ? TOOL_DISK_THERE
				 : TOOL_DISK_ELSEWHERE;
	free(node);
	return result;
}

enum tool_disk_place tool_disk_place(const char *root, const char *name,
				     const char *loader_path)
{
	char *entry = tool_format("%s/sys/class/block/%s", root, name);
	char *place = realpath(entry, NULL);
	enum tool_disk_place result = TOOL_DISK_PERHAPS;

	if (place != NULL)
		result = loader_path[0] == '/' ? by_node(place, loader_path)
					       : by_functions(name, place, loader_path);
	free(place);
	free(entry);
	return result;
}
