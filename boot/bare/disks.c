/* The disks of the board. The first one in device-tree order that works is the boot disk:
 * nothing else says where a loader in flash or memory came from. */
#include "boot/bare/disks.h"

#include <string.h>

#include "base/format.h"

static const char compatible[] = "virtio,mmio";

void disks_init(struct bare_disks *disks, struct board *board)
{
	memset(disks, 0, sizeof(*disks));
	disks->board = board;
	disks->next_id = 1;
	disks->refused = -1;
}

static struct bare_disk *disk_of_node(struct bare_disks *disks, int node)
{
	for (size_t i = 0; i < disks->count; i++)
		if (disks->at[i].node == node)
			return &disks->at[i];
	return NULL;
}

/* Says once per node that there is a disk that cannot be used. */
static void refuse(struct bare_disks *disks, int node, uint32_t version)
{
	char path[PLATFORM_DISK_PATH_BYTES];

	if (node <= disks->refused)
		return;
	disks->refused = node;
	bare_fdt_path(&disks->board->fdt, node, path, sizeof(path));
	board_say(disks->board,
		  "bare: %s: a disk with virtio transport version %u, only version 2 is "
		  "known "
		  "(QEMU: -global virtio-mmio.force-legacy=false)",
		  path, version);
}

/* True when there is a block device this driver can talk to. */
static bool is_block_device(struct bare_disks *disks, int node, struct bare_io *io)
{
	uint32_t device, version;

	if (board_device(disks->board, node, VIRTIO_MMIO_REGISTER_BYTES, io) != LB_OK)
		return false;
	const enum lb_status status = virtio_mmio_identify(io, &device, &version);
	if (device != VIRTIO_DEVICE_BLOCK)
		return false;
	if (status != LB_OK)
		refuse(disks, node, version);
	return status == LB_OK;
}

static struct virtio_blk_memory *working_memory(struct board *board)
{
	uint64_t base;

	if (bare_memory_alloc(&board->memory, sizeof(struct virtio_blk_memory),
			      BARE_PAGE_BYTES, PLATFORM_ANY_ADDRESS, &base) != LB_OK)
		return NULL;
	return (struct virtio_blk_memory *)(uintptr_t)base;
}

static void describe(struct bare_disks *disks, struct bare_disk *disk)
{
	struct platform_disk *info = &disk->info;

	*info = (struct platform_disk){
		.id = disks->next_id++,
		.sector_bytes = disk->block->sector_bytes,
		.sectors = disk->block->sectors,
		.attachment = PLATFORM_ATTACHED_INTERNAL,
		.boot_disk = info->boot_disk,
		.read_only = disk->block->read_only,
	};
	(void)lb_format(info->name, sizeof(info->name), "virtio%u",
			(unsigned)(disk - disks->at));
	bare_fdt_path(&disks->board->fdt, disk->node, info->path, sizeof(info->path));
}

/* Starts (again) the device of @disk, whose registers and memory are set. */
static bool start(struct bare_disks *disks, struct bare_disk *disk)
{
	const struct board *board = disks->board;
	char path[PLATFORM_DISK_PATH_BYTES];
	const enum lb_status status = disk->block->ops->start(disk->block->ctx);

	if (status == LB_OK) {
		describe(disks, disk);
		return true;
	}
	bare_fdt_path(&board->fdt, disk->node, path, sizeof(path));
	board_say(board, "bare: %s: the disk does not start: %s", path,
		  lb_status_name(status));
	return false;
}

static void connect_node(struct bare_disks *disks, int node)
{
	struct bare_disk *disk = disk_of_node(disks, node);
	struct bare_io io;

	if (disk != NULL) {
		if (disk->block->dead)
			(void)start(disks, disk);
		return;
	}
	if (disks->count == PLATFORM_MAX_DISKS || !is_block_device(disks, node, &io))
		return;

	disk = &disks->at[disks->count];
	*disk = (struct bare_disk){
		.node = node,
		.virtio = { .dev = { .io = io,
				     .dma = board_dma(disks->board, node),
				     .clock = disks->board->clock },
			    .memory = working_memory(disks->board) },
		.info = { .boot_disk = disks->count == 0 },
	};
	if (disk->virtio.memory == NULL)
		return;
	virtio_blk_init(&disk->virtio);
	disk->block = &disk->virtio.block;
	/* Kept even if it does not start: its memory is the device's, and it is tried
	 * again with the next connect. */
	disks->count++;
	(void)start(disks, disk);
}

void disks_connect(struct bare_disks *disks, bool first_only)
{
	const struct bare_fdt *fdt = &disks->board->fdt;

	disks->looked = true;
	for (int node = bare_fdt_next(fdt, -1, compatible); node >= 0;
	     node = bare_fdt_next(fdt, node, compatible)) {
		connect_node(disks, node);
		if (first_only && disks->count > 0)
			return;
	}
}

enum lb_status disks_list(const struct bare_disks *disks, struct platform_disk *out,
			  size_t max, size_t *count)
{
	size_t used = 0;

	for (size_t i = 0; i < disks->count && used < max; i++)
		if (!disks->at[i].block->dead)
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

		/* One that does not start stays dead: the next connect tries it. */
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
		*out = (struct bare_range){ (uintptr_t)block->memory,
					    block->memory_bytes };
		return true;
	}
	return false;
}
