/* Whole disks by BlockIo: which there are, and reading and writing them.
 *
 * Partitions the firmware found are never used: the core reads the table itself. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/device_path.h"

#define LEAST_BLOCK_BYTES 256u /* the core refuses below 512, with a reason */

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;

void uefi_disks_init(struct uefi *u)
{
	struct uefi_disks *d = &u->disks;

	/* Without this a disk re-plugged between two looks would keep its id. */
	if (u->bs->CreateEvent(0, 0, NULL, NULL, &d->arrival) != EFI_SUCCESS ||
	    u->bs->RegisterProtocolNotify(&block_io_guid, d->arrival, &d->registration) !=
		    EFI_SUCCESS)
		d->registration = NULL;
}

/* --- the list --------------------------------------------------------------------- */

static void forget(struct uefi_disks *d, size_t index)
{
	d->count--;
	memmove(d->disk + index, d->disk + index + 1,
		(d->count - index) * sizeof d->disk[0]);
}

/* Handles that got BlockIo since the last look are new disks, even if known by
 * address. */
static void forget_replugged(struct uefi *u)
{
	struct uefi_disks *d = &u->disks;
	EFI_HANDLE handle;
	UINTN bytes = sizeof handle;

	while (d->registration != NULL &&
	       u->bs->LocateHandle(ByRegisterNotify, NULL, d->registration, &bytes,
				   &handle) == EFI_SUCCESS) {
		for (size_t i = d->count; i > 0; i--)
			if (d->disk[i - 1].handle == handle)
				forget(d, i - 1);
		bytes = sizeof handle;
	}
}

/* Network drivers (edk2's and iPXE's for PXE) put a BlockIo of one byte on their card, so
 * that boot options can be made of it: no disk has sectors that small. */
static bool is_whole_disk(const EFI_BLOCK_IO *io)
{
	const EFI_BLOCK_IO_MEDIA *m = io->Media;

	return m != NULL && !m->LogicalPartition && m->MediaPresent &&
	       m->BlockSize >= LEAST_BLOCK_BYTES && m->LastBlock != UINT64_MAX;
}

static struct uefi_disk *find_same(struct uefi_disks *d, EFI_HANDLE handle,
				   const EFI_BLOCK_IO *io)
{
	for (size_t i = 0; i < d->count; i++) {
		struct uefi_disk *disk = &d->disk[i];

		if (disk->handle == handle && disk->io == io &&
		    disk->media_id == io->Media->MediaId &&
		    disk->info.sector_bytes == io->Media->BlockSize &&
		    disk->info.sectors == io->Media->LastBlock + 1)
			return disk;
	}
	return NULL;
}

static bool holds_loader(const struct uefi *u, const uint8_t *disk_path,
			 size_t disk_bytes)
{
	size_t bytes;
	const uint8_t *path = uefi_device_path(u, u->loaded->DeviceHandle, &bytes);

	return path != NULL && uefi_path_is_on_disk(path, bytes, disk_path, disk_bytes);
}

/* A full list: the last disk behind USB goes for an internal one, so that a hub full of
 * readers hides no disk with slots. */
static bool make_room(struct uefi *u, enum platform_attachment attachment)
{
	struct uefi_disks *d = &u->disks;

	if (d->count < PLATFORM_MAX_DISKS)
		return true;
	for (size_t i = d->count; i > 0 && attachment == PLATFORM_ATTACHED_INTERNAL; i--)
		if (d->disk[i - 1].info.attachment == PLATFORM_ATTACHED_USB &&
		    !d->disk[i - 1].info.boot_disk) {
			forget(d, i - 1);
			return true;
		}
	return false;
}

static void add_disk(struct uefi *u, EFI_HANDLE handle, EFI_BLOCK_IO *io, bool boot_disk)
{
	struct uefi_disks *d = &u->disks;
	size_t bytes;
	const uint8_t *path = uefi_device_path(u, handle, &bytes);
	const enum platform_attachment attachment = uefi_path_attachment(path, bytes);

	if (d->count == PLATFORM_MAX_DISKS)
		uefi_log(u, "disk: more than %u disks, one is left out",
			 PLATFORM_MAX_DISKS);
	if (!make_room(u, attachment))
		return;

	struct uefi_disk *disk = &d->disk[d->count++];

	*disk = (struct uefi_disk){
		.info = { .id = d->next_id++,
			  .sector_bytes = io->Media->BlockSize,
			  .sectors = io->Media->LastBlock + 1,
			  .attachment = attachment,
			  .boot_disk = boot_disk,
			  .removable = io->Media->RemovableMedia },
		.handle = handle,
		.io = io,
		.media_id = io->Media->MediaId,
	};
	uefi_path_text(path, bytes, disk->info.path, sizeof disk->info.path);
	uefi_path_name(path, bytes, disk->info.name, sizeof disk->info.name);
}

/* Takes in one handle when it is a whole disk and @boot_disk says whether it holds us. */
static void look_at(struct uefi *u, EFI_HANDLE handle, bool boot_disk)
{
	EFI_BLOCK_IO *io = uefi_protocol_of(u, handle, block_io_guid);
	size_t bytes;
	const uint8_t *path = uefi_device_path(u, handle, &bytes);

	if (io == NULL || path == NULL || !is_whole_disk(io) ||
	    holds_loader(u, path, bytes) != boot_disk)
		return;

	struct uefi_disk *disk = find_same(&u->disks, handle, io);

	if (disk == NULL) {
		add_disk(u, handle, io, boot_disk);
		disk = find_same(&u->disks, handle, io);
	}
	if (disk != NULL) {
		disk->seen = true;
		disk->info.read_only = io->Media->ReadOnly;
	}
}

static enum lb_status refresh(struct uefi *u)
{
	struct uefi_disks *d = &u->disks;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	const EFI_STATUS status = u->bs->LocateHandleBuffer(ByProtocol, &block_io_guid,
							    NULL, &count, &handles);

	if (status != EFI_SUCCESS && status != EFI_NOT_FOUND)
		return status == EFI_OUT_OF_RESOURCES ? LB_ERR_NOMEM : LB_ERR_IO;
	if (status == EFI_NOT_FOUND)
		count = 0;

	forget_replugged(u);
	for (size_t i = 0; i < d->count; i++)
		d->disk[i].seen = false;
	for (UINTN i = 0; i < count;
	     i++) /* first, so that it is never the one left out */
		look_at(u, handles[i], true);
	for (UINTN i = 0; i < count; i++)
		look_at(u, handles[i], false);
	for (size_t i = d->count; i > 0; i--)
		if (!d->disk[i - 1].seen)
			forget(d, i - 1);
	if (handles != NULL)
		(void)u->bs->FreePool(handles); /* a leak at worst */
	return LB_OK;
}

static void copy_out(const struct uefi_disks *d, bool boot_disk,
		     struct platform_disk *out, size_t max, size_t *count)
{
	for (size_t i = 0; i < d->count && *count < max; i++)
		if (d->disk[i].info.boot_disk == boot_disk)
			out[(*count)++] = d->disk[i].info;
}

enum lb_status uefi_list_disks(void *ctx, struct platform_disk *out, size_t max,
			       size_t *count)
{
	struct uefi *u = ctx;

	*count = 0;
	uefi_watchdog_pet(u);

	const enum lb_status status = refresh(u);

	if (status != LB_OK)
		return status;
	copy_out(&u->disks, true, out, max, count);
	copy_out(&u->disks, false, out, max, count);
	return LB_OK;
}

enum lb_status uefi_connect_all(void *ctx)
{
	struct uefi *u = ctx;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;

	uefi_watchdog_pet(u);
	if (u->bs->LocateHandleBuffer(AllHandles, NULL, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return LB_ERR_NOMEM;
	/* Most handles are no controllers, so most calls fail, and that is as it should
	 * be. */
	for (UINTN i = 0; i < count; i++)
		(void)u->bs->ConnectController(handles[i], NULL, NULL, TRUE);
	(void)u->bs->FreePool(handles); /* a leak at worst */
	uefi_console_init(u);
	return LB_OK;
}

/* --- reading and writing ------------------------------------------------------------ */

/* The disk, when it and its medium are still there. */
static enum lb_status find_disk(struct uefi *u, uint32_t id, struct uefi_disk **out)
{
	for (size_t i = 0; i < u->disks.count; i++) {
		struct uefi_disk *disk = &u->disks.disk[i];

		if (disk->info.id != id)
			continue;
		/* A pulled disk takes its handle and structures with it: ask for them
		 * anew. */
		if (uefi_protocol_of(u, disk->handle, block_io_guid) != disk->io ||
		    !disk->io->Media->MediaPresent ||
		    disk->io->Media->MediaId != disk->media_id)
			return LB_ERR_REMOVED;
		*out = disk;
		return LB_OK;
	}
	return id < u->disks.next_id ? LB_ERR_REMOVED : LB_ERR_ARGUMENT;
}

/* What an error of the firmware means, when the disk may just have been pulled. */
static enum lb_status disk_status(struct uefi *u, uint32_t id, EFI_STATUS efi)
{
	const enum lb_status status = uefi_status(efi);
	struct uefi_disk *disk;

	if (status == LB_OK)
		return LB_OK;
	if (find_disk(u, id, &disk) != LB_OK)
		return LB_ERR_REMOVED;
	switch (status) {
	case LB_ERR_REMOVED:
	case LB_ERR_TIMEOUT:
	case LB_ERR_READ_ONLY:
	case LB_ERR_NOMEM:
		return status;
	default:
		return LB_ERR_IO;
	}
}

static bool is_aligned(const void *buf, uint32_t align)
{
	return align <= 1 || (uintptr_t)buf % align == 0;
}

static enum lb_status get_bounce(struct uefi *u, uint8_t **out)
{
	/* Aligned to its size: good for any alignment a device may ask for. */
	if (u->disks.bounce == NULL)
		u->disks.bounce = uefi_alloc(u, UEFI_IO_CHUNK_BYTES, UEFI_IO_CHUNK_BYTES,
					     PLATFORM_ANY_ADDRESS);
	*out = u->disks.bounce;
	return *out == NULL ? LB_ERR_NOMEM : LB_OK;
}

static EFI_STATUS read_chunk(const struct uefi_disk *d, uint64_t lba, size_t bytes,
			     uint8_t *buf, uint8_t *bounce)
{
	uint8_t *to = bounce != NULL ? bounce : buf;
	const EFI_STATUS status = d->io->ReadBlocks(d->io, d->media_id, lba, bytes, to);

	if (status == EFI_SUCCESS && bounce != NULL)
		memcpy(buf, bounce, bytes);
	return status;
}

static EFI_STATUS write_chunk(const struct uefi_disk *d, uint64_t lba, size_t bytes,
			      const uint8_t *buf, uint8_t *bounce)
{
	if (bounce != NULL)
		memcpy(bounce, buf, bytes);
	return d->io->WriteBlocks(d->io, d->media_id, lba, bytes,
				  bounce != NULL ? bounce : (void *)(uintptr_t)buf);
}

/* Exactly one of @in (to read into) and @from (to write) is set. */
static enum lb_status transfer(struct uefi *u, uint32_t id, uint64_t lba, size_t sectors,
			       uint8_t *in, const uint8_t *from)
{
	struct uefi_disk *d;
	uint8_t *bounce = NULL;
	enum lb_status status = find_disk(u, id, &d);

	uefi_watchdog_pet(u);
	if (status != LB_OK)
		return status;
	if (!lb_within(lba, sectors, d->info.sectors) ||
	    d->info.sector_bytes > UEFI_IO_CHUNK_BYTES)
		return LB_ERR_RANGE;
	if (from != NULL && d->io->Media->ReadOnly)
		return LB_ERR_READ_ONLY;

	const size_t sector_bytes = d->info.sector_bytes;
	const size_t most = UEFI_IO_CHUNK_BYTES / sector_bytes;

	while (sectors > 0 && status == LB_OK) {
		const size_t part = sectors < most ? sectors : most;
		const size_t bytes = part * sector_bytes;

		bounce = NULL;
		if (!is_aligned(from != NULL ? from : in, d->io->Media->IoAlign) &&
		    get_bounce(u, &bounce) != LB_OK)
			return LB_ERR_NOMEM;
		if (from != NULL) {
			status = disk_status(u, id,
					     write_chunk(d, lba, bytes, from, bounce));
			from += bytes;
		} else {
			status =
				disk_status(u, id, read_chunk(d, lba, bytes, in, bounce));
			in += bytes;
		}
		lba += part;
		sectors -= part;
	}
	return status;
}

enum lb_status uefi_read(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			 void *buf)
{
	return transfer(ctx, disk, lba, sectors, buf, NULL);
}

enum lb_status uefi_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			  const void *buf)
{
	return transfer(ctx, disk, lba, sectors, NULL, buf);
}

enum lb_status uefi_flush(void *ctx, uint32_t id)
{
	struct uefi *u = ctx;
	struct uefi_disk *d;
	const enum lb_status status = find_disk(u, id, &d);

	if (status != LB_OK)
		return status;
	/* On USB sticks edk2 answers success without sending anything; nothing helps
	 * there. */
	return disk_status(u, id, d->io->FlushBlocks(d->io));
}
