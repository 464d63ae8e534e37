/* The disks of the board, whatever their drivers. */
#include "boot/bare/disks.h"

#include <string.h>

#include "base/format.h"

void disks_init(struct bare_disks *disks, struct board *board)
{
	memset(disks, 0, sizeof(*disks));
	disks->board = board;
	disks->next_id = 1;
	disks->refused = -1;
}

/* --- controllers -------------------------------------------------------------------- */

static struct bare_controller *controller_of(struct bare_disks *disks, int node)
{
	for (size_t i = 0; i < disks->controllers; i++)
		if (disks->controller[i].node == node)
			return &disks->controller[i];
	return NULL;
}

/* Says once per node that there is a disk that cannot be used. */
static void refuse(struct bare_disks *disks, int node, const char *why)
{
	char path[PLATFORM_DISK_PATH_BYTES];

	if (node <= disks->refused)
		return;
	disks->refused = node;
	bare_fdt_path(&disks->board->fdt, node, path, sizeof(path));
	board_say(disks->board, "bare: %s: %s", path, why);
}

static void *new_state(struct board *board, size_t bytes)
{
	uint64_t base;

	if (bare_memory_alloc(&board->memory, bytes, BARE_PAGE_BYTES,
			      PLATFORM_ANY_ADDRESS, &base) != LB_OK)
		return NULL;
	return memset((void *)(uintptr_t)base, 0, bytes);
}

/* Asks the driver what is there. NULL: nothing to use, now. */
static struct bare_controller *probe(struct bare_disks *disks, int node,
				     const struct bare_driver *driver)
{
	struct bare_controller *c = &disks->controller[disks->controllers];
	struct board *board = disks->board;
	char why[BLOCK_WHY_BYTES] = "";
	struct bare_device device;

	if (disks->controllers == PLATFORM_MAX_DISKS ||
	    board_device(board, node, driver->register_bytes, &c->dma, &device) != LB_OK)
		return NULL;
	c->node = node;
	c->driver = driver->block;
	c->state = new_state(board, c->driver->state_bytes);
	if (c->state == NULL)
		return NULL;

	const enum lb_status status = c->driver->probe(c->state, &device, why);

	if (status == LB_OK) {
		disks->controllers++;
		return c;
	}
	bare_memory_free(&board->memory, (uintptr_t)c->state, c->driver->state_bytes);
	if (status != LB_ERR_NOT_FOUND)
		refuse(disks, node, why);
	return NULL;
}

/* --- disks -------------------------------------------------------------------------- */

static struct bare_disk *disk_at(struct bare_disks *disks,
				 const struct bare_controller *c, size_t place)
{
	for (size_t i = 0; i < disks->count; i++)
		if (disks->at[i].controller == c && disks->at[i].place == place)
			return &disks->at[i];
	return NULL;
}

/* How many of the same kind came before it. */
static unsigned number_of(const struct bare_disks *disks, const struct bare_disk *disk)
{
	unsigned number = 0;

	for (const struct bare_disk *d = disks->at; d < disk; d++)
		number += strcmp(d->block->kind, disk->block->kind) == 0;
	return number;
}

static void describe(struct bare_disks *disks, struct bare_disk *disk)
{
	const struct block *block = disk->block;
	struct platform_disk *info = &disk->info;

	*info = (struct platform_disk){
		.id = disks->next_id++,
		.sector_bytes = block->sector_bytes,
		.sectors = block->sectors,
		.attachment = block->attachment,
		.boot_disk = disk == disks->boot,
		.read_only = block->read_only,
	};
	(void)lb_format(info->name, sizeof(info->name), "%s%u", block->kind,
			number_of(disks, disk));
	bare_fdt_path(&disks->board->fdt, disk->controller->node, info->path,
		      sizeof(info->path));
}

static uint64_t now_us(const struct bare_disks *disks)
{
	return disks->board->clock.now_us(disks->board->clock.ctx);
}

/* Starts (again) a disk that is not in use. */
static void start(struct bare_disks *disks, struct bare_disk *disk)
{
	const struct board *board = disks->board;
	char path[PLATFORM_DISK_PATH_BYTES];
	const enum lb_status status = disk->block->ops->start(disk->block->ctx);

	disk->tried_us = now_us(disks);
	if (status == LB_OK) {
		if (disks->boot == NULL)
			disks->boot = disk;
		describe(disks, disk);
		return;
	}
	bare_fdt_path(&board->fdt, disk->controller->node, path, sizeof(path));
	board_say(board, "bare: %s: the disk does not start: %s", path,
		  lb_status_name(status));
}

/* One that never started is kept, too: its memory is the device's. */
static struct bare_disk *add(struct bare_disks *disks, const struct bare_controller *c,
			     size_t place, struct block *block)
{
	struct bare_disk *disk = &disks->at[disks->count];

	if (disks->count == PLATFORM_MAX_DISKS)
		return NULL;
	*disk = (struct bare_disk){ .controller = c, .place = place, .block = block };
	disks->count++;
	return disk;
}

/* What is at one place of a controller now. @at_once: also what was tried shortly
 * before. */
static void look_at(struct bare_disks *disks, const struct bare_controller *c,
		    size_t place, bool at_once)
{
	struct block *block = c->driver->disk(c->state, place);
	struct bare_disk *disk = disk_at(disks, c, place);
	const bool came = block != NULL && (disk == NULL || !disk->there);

	if (disk == NULL && block != NULL)
		disk = add(disks, c, place, block);
	if (disk == NULL)
		return;
	disk->there = block != NULL;
	if (!disk->there)
		disk->block->dead = true; /* should it come back, it is another one */
	else if (disk->block->dead &&
		 (came || at_once || now_us(disks) - disk->tried_us > DISKS_RETRY_US))
		start(disks, disk);
}

static void look(struct bare_disks *disks, bool at_once)
{
	const struct bare_fdt *fdt = &disks->board->fdt;
	const struct bare_driver *driver;

	for (int node = bare_device_next(fdt, -1, BARE_BLOCK, &driver); node >= 0;
	     node = bare_device_next(fdt, node, BARE_BLOCK, &driver)) {
		const struct bare_controller *c = controller_of(disks, node);

		if (c == NULL)
			c = probe(disks, node, driver);
		for (size_t i = 0; c != NULL && i < c->driver->places; i++)
			look_at(disks, c, i, at_once);
		if (!disks->all && disks->boot != NULL)
			return;
	}
}

void disks_connect(struct bare_disks *disks)
{
	disks->all = true;
	look(disks, true);
}

enum lb_status disks_list(struct bare_disks *disks, struct platform_disk *out, size_t max,
			  size_t *count)
{
	size_t used = 0;

	look(disks, false);
	if (disks->boot != NULL && !disks->boot->block->dead && max > 0)
		out[used++] = disks->boot->info;
	for (size_t i = 0; i < disks->count && used < max; i++)
		if (!disks->at[i].block->dead && &disks->at[i] != disks->boot)
			out[used++] = disks->at[i].info;
	*count = used;
	return LB_OK;
}

struct block *disks_find(struct bare_disks *disks, uint32_t id)
{
	for (size_t i = 0; i < disks->count; i++)
		if (disks->at[i].info.id == id && !disks->at[i].block->dead)
			return disks->at[i].block;
	return NULL;
}

/* --- the end ------------------------------------------------------------------------ */

void disks_stop(struct bare_disks *disks)
{
	for (size_t i = 0; i < disks->count; i++) {
		struct bare_disk *disk = &disks->at[i];

		/* One that died may not have let go then, and may now. */
		if ((!disk->block->dead || disk->block->holds) &&
		    disk->block->ops->stop(disk->block->ctx) != LB_OK)
			board_say(disks->board, "bare: %s: does not stop",
				  disk->info.path);
		disk->stopped = !disk->block->dead;
		disk->block->dead = true;
	}
}

void disks_resume(struct bare_disks *disks)
{
	for (size_t i = 0; i < disks->count; i++) {
		struct bare_disk *disk = &disks->at[i];

		/* One that does not start stays dead, and is tried again later. */
		if (disk->stopped && disk->block->ops->start(disk->block->ctx) != LB_OK)
			board_say(disks->board, "bare: %s: does not start again",
				  disk->info.path);
		disk->stopped = false;
	}
}

bool disks_held(const struct bare_disks *disks, size_t index, struct bare_range *out)
{
	for (size_t i = 0; i < disks->count; i++) {
		const struct block *block = disks->at[i].block;

		if (!block->holds || index-- > 0)
			continue;
		*out = (struct bare_range){ (uintptr_t)block->memory.cpu,
					    block->memory.bytes };
		return true;
	}
	return false;
}
