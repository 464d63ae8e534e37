/* Disks on a made-up firmware: which are listed, ids when they come and go, alignment,
 * chunks, and what the firmware's errors become. */
#define _ISOC11_SOURCE
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <stdlib.h>

#include "boot/uefi/uefi.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define DISKS      4u
#define DISK_BYTES (5u << 19) /* 2.5 MiB: three chunks */
#define END        0x7f, 0xff, 4, 0
#define PCI(d)     1, 1, 6, 0, 0, d
#define USB(p)     3, 5, 6, 0, p, 0
#define HD         4, 1, 4, 0 /* the content of the node does not matter here */

static const EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static const EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

static const uint8_t paths[DISKS][16] = {
	{ PCI(1), END }, { PCI(2), END }, { PCI(3), USB(1), END }, { PCI(2), HD, END }
};

/* The address of one of these is its handle. */
static struct fake_disk {
	bool there, arrived; /* arrived: not reported to LocateHandle yet */
	EFI_BLOCK_IO io;
	EFI_BLOCK_IO_MEDIA media;
	uint8_t *data;
	EFI_STATUS fail; /* of the next read, write or flush */
	bool vanish;     /* with it */
	size_t requests, flushes, largest;
} fake[DISKS];

static struct fake_disk *disk_of(EFI_BLOCK_IO *io)
{
	for (size_t i = 0; i < DISKS; i++)
		if (&fake[i].io == io)
			return &fake[i];
	fail_msg("no such disk");
	return NULL;
}

static EFI_STATUS request(struct fake_disk *d, UINT32 media_id, EFI_LBA lba, UINTN bytes,
			  const void *buf)
{
	assert_true(d->there);
	assert_int_equal((uintptr_t)buf % (d->media.IoAlign > 1 ? d->media.IoAlign : 1),
			 0);
	assert_int_equal(bytes % d->media.BlockSize, 0);
	assert_true(lba + bytes / d->media.BlockSize <= d->media.LastBlock + 1);
	d->requests++;
	if (bytes > d->largest)
		d->largest = bytes;
	if (d->vanish)
		d->there = false;
	if (d->fail != EFI_SUCCESS)
		return d->fail;
	return media_id == d->media.MediaId ? EFI_SUCCESS : EFI_MEDIA_CHANGED;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba,
				     UINTN bytes, void *buf)
{
	struct fake_disk *d = disk_of(io);
	const EFI_STATUS status = request(d, media_id, lba, bytes, buf);

	if (status == EFI_SUCCESS)
		memcpy(buf, d->data + lba * d->media.BlockSize, bytes);
	return status;
}

static EFI_STATUS EFIAPI write_blocks(EFI_BLOCK_IO *io, UINT32 media_id, EFI_LBA lba,
				      UINTN bytes, void *buf)
{
	struct fake_disk *d = disk_of(io);
	const EFI_STATUS status = request(d, media_id, lba, bytes, buf);

	if (status == EFI_SUCCESS)
		memcpy(d->data + lba * d->media.BlockSize, buf, bytes);
	return status;
}

static EFI_STATUS EFIAPI flush_blocks(EFI_BLOCK_IO *io)
{
	struct fake_disk *d = disk_of(io);

	d->flushes++;
	return d->fail;
}

/* --- boot services ------------------------------------------------------------------ */

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
	for (size_t i = 0; i < DISKS; i++) {
		if (handle != &fake[i] || !fake[i].there)
			continue;
		*out = memcmp(guid, &block_io_guid, sizeof *guid) == 0
			       ? (void *)&fake[i].io
		       : memcmp(guid, &path_guid, sizeof *guid) == 0
			       ? (void *)(uintptr_t)paths[i]
			       : NULL;
		return *out != NULL ? EFI_SUCCESS : EFI_UNSUPPORTED;
	}
	return EFI_INVALID_PARAMETER;
}

static EFI_STATUS EFIAPI locate_handle_buffer(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid,
					      void *key, UINTN *count, EFI_HANDLE **out)
{
	(void)key;
	assert_int_equal(type, ByProtocol);
	assert_memory_equal(guid, &block_io_guid, sizeof *guid);
	*count = 0;
	*out = calloc(DISKS, sizeof **out);
	for (size_t i = 0; i < DISKS; i++)
		if (fake[i].there)
			(*out)[(*count)++] = &fake[i];
	if (*count != 0)
		return EFI_SUCCESS;
	free(*out);
	*out = NULL;
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI locate_handle(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid,
				       void *key, UINTN *bytes, EFI_HANDLE *out)
{
	(void)guid;
	assert_int_equal(type, ByRegisterNotify);
	assert_non_null(key);
	assert_true(*bytes >= sizeof *out);
	for (size_t i = 0; i < DISKS; i++) {
		if (fake[i].there && fake[i].arrived) {
			fake[i].arrived = false;
			*out = &fake[i];
			return EFI_SUCCESS;
		}
	}
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI free_pool(void *p)
{
	free(p);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI create_event(UINT32 type, EFI_TPL tpl, EFI_EVENT_NOTIFY notify,
				      void *context, EFI_EVENT *out)
{
	(void)type;
	(void)tpl;
	(void)notify;
	(void)context;
	*out = &fake;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI register_notify(EFI_GUID *guid, EFI_EVENT event, void **out)
{
	assert_memory_equal(guid, &block_io_guid, sizeof *guid);
	*out = event;
	return EFI_SUCCESS;
}

static uint8_t
	*page_memory; /* what AllocatePages gave; one piece is all that is asked for */

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory,
					UINTN pages, EFI_PHYSICAL_ADDRESS *out)
{
	(void)type;
	(void)memory;
	assert_null(page_memory);
	page_memory = aligned_alloc(4096, pages * 4096);
	*out = (uintptr_t)page_memory;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
	(void)at;
	(void)pages;
	return EFI_SUCCESS; /* parts of page_memory, which goes as a whole */
}

static EFI_BOOT_SERVICES services = {
	.HandleProtocol = handle_protocol,
	.LocateHandleBuffer = locate_handle_buffer,
	.LocateHandle = locate_handle,
	.FreePool = free_pool,
	.CreateEvent = create_event,
	.RegisterProtocolNotify = register_notify,
	.AllocatePages = allocate_pages,
	.FreePages = free_pages,
};
static EFI_LOADED_IMAGE loaded;
static struct uefi uefi;

static void plug(size_t i)
{
	fake[i].there = fake[i].arrived = true;
}

static int start(void **state)
{
	(void)state;
	memset(&uefi, 0, sizeof uefi);
	uefi.bs = &services;
	uefi.loaded = &loaded;
	loaded.DeviceHandle = &fake[3]; /* a partition of fake[1] */
	for (size_t i = 0; i < DISKS; i++) {
		const UINT32 sector = i == 1 ? 4096 : 512;

		fake[i] = (struct fake_disk){
			.io = { .Media = &fake[i].media,
				.ReadBlocks = read_blocks,
				.WriteBlocks = write_blocks,
				.FlushBlocks = flush_blocks },
			.media = { .MediaId = 7,
				   .MediaPresent = TRUE,
				   .LogicalPartition = i == 3,
				   .BlockSize = sector,
				   .IoAlign = 16,
				   .LastBlock = DISK_BYTES / sector - 1 },
			.data = malloc(DISK_BYTES),
		};
		for (size_t j = 0; j < DISK_BYTES; j++)
			fake[i].data[j] = (uint8_t)(j * 31 + j / 4096 + i);
		plug(i);
	}
	uefi_disks_init(&uefi);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < DISKS; i++)
		free(fake[i].data);
	free(page_memory);
	page_memory = NULL;
	return 0;
}

static struct platform_disk list[PLATFORM_MAX_DISKS];

static size_t refresh(void)
{
	size_t count = 99;

	assert_int_equal(uefi_list_disks(&uefi, list, PLATFORM_MAX_DISKS, &count), LB_OK);
	return count;
}

/* --- tests -------------------------------------------------------------------------- */

static void whole_disks_are_listed_the_boot_disk_first(void **state)
{
	size_t count;

	(void)state;
	assert_int_equal(refresh(), 3);
	assert_true(list[0].boot_disk);
	assert_int_equal(list[0].sector_bytes, 4096);
	assert_int_equal(list[0].sectors, DISK_BYTES / 4096);
	assert_string_equal(list[0].path, "Pci(0x2,0x0)");
	assert_false(list[1].boot_disk || list[2].boot_disk);
	assert_int_equal(list[1].attachment, PLATFORM_ATTACHED_INTERNAL);
	assert_int_equal(list[2].attachment, PLATFORM_ATTACHED_USB);

	assert_int_equal(uefi_list_disks(&uefi, list, 1, &count), LB_OK);
	assert_int_equal(count, 1);
	assert_true(list[0].boot_disk);

	fake[0].media.MediaPresent = FALSE;
	fake[2].media.BlockSize = 1; /* a network card's dummy, as for PXE */
	fake[2].media.LastBlock = 0;
	assert_int_equal(refresh(), 1);
	fake[2].media.BlockSize = 0;
	assert_int_equal(refresh(), 1);
	for (size_t i = 0; i < DISKS; i++)
		fake[i].there = false;
	assert_int_equal(refresh(), 0);
}

static void ids_are_kept_and_never_used_again(void **state)
{
	uint8_t buf[512];

	(void)state;
	assert_int_equal(refresh(), 3);
	const uint32_t boot = list[0].id, stick = list[2].id;

	assert_int_equal(refresh(), 3);
	assert_int_equal(list[0].id, boot);
	assert_int_equal(list[2].id, stick);

	fake[2].there = false;
	assert_int_equal(refresh(), 2);
	assert_int_equal(uefi_read(&uefi, stick, 0, 1, buf), LB_ERR_REMOVED);
	plug(2); /* the same handle, the same everything */
	assert_int_equal(refresh(), 3);
	assert_int_not_equal(list[2].id, stick);
	assert_int_equal(uefi_read(&uefi, stick, 0, 1, buf), LB_ERR_REMOVED);

	const uint32_t second = list[2].id;

	plug(2); /* pulled and put back between two looks */
	assert_int_equal(refresh(), 3);
	assert_true(list[2].id != second && list[2].id != stick);

	const uint32_t third = list[2].id;

	fake[2].media.MediaId++; /* another medium in the same reader */
	assert_int_equal(uefi_read(&uefi, third, 0, 1, buf), LB_ERR_REMOVED);
	assert_int_equal(refresh(), 3);
	assert_true(list[2].id != third && list[2].id != second && list[2].id != stick);
	assert_int_equal(list[0].id, boot);
	assert_int_equal(uefi_read(&uefi, 1000, 0, 1, buf), LB_ERR_ARGUMENT);
}

static void reads_are_whole_in_any_buffer(void **state)
{
	uint8_t *buf = aligned_alloc(64, DISK_BYTES + 64);

	(void)state;
	assert_int_equal(refresh(), 3);
	for (size_t shift = 0; shift < 64; shift += 21) {
		memset(buf, 0, DISK_BYTES + 64);
		fake[0].requests = 0;
		assert_int_equal(
			uefi_read(&uefi, list[1].id, 0, DISK_BYTES / 512, buf + shift),
			LB_OK);
		assert_memory_equal(buf + shift, fake[0].data, DISK_BYTES);
		assert_int_equal(fake[0].requests, 3);
		assert_int_equal(fake[0].largest, 1 << 20);
	}
	assert_int_equal(uefi_read(&uefi, list[0].id, 3, 2, buf + 1), LB_OK);
	assert_memory_equal(buf + 1, fake[1].data + 3 * 4096, 2 * 4096);
	free(buf);
}

static void writes_are_whole_from_any_buffer(void **state)
{
	uint8_t *buf = aligned_alloc(64, DISK_BYTES + 64), *want = malloc(DISK_BYTES);

	(void)state;
	assert_int_equal(refresh(), 3);
	memcpy(want, fake[0].data, DISK_BYTES);
	for (size_t shift = 0; shift < 64; shift += 21) {
		memset(buf, (int)shift + 1, DISK_BYTES + 64);
		memset(want + 512, (int)shift + 1, DISK_BYTES - 1024);
		assert_int_equal(uefi_write(&uefi, list[1].id, 1, DISK_BYTES / 512 - 2,
					    buf + shift),
				 LB_OK);
		assert_memory_equal(fake[0].data, want, DISK_BYTES);
	}
	free(buf);
	free(want);
}

static void only_sectors_of_the_disk(void **state)
{
	const uint64_t sectors = DISK_BYTES / 512;
	uint8_t buf[1024];

	(void)state;
	assert_int_equal(refresh(), 3);
	fake[0].requests = 0;
	assert_int_equal(uefi_read(&uefi, list[1].id, sectors - 1, 2, buf), LB_ERR_RANGE);
	assert_int_equal(uefi_read(&uefi, list[1].id, sectors, 1, buf), LB_ERR_RANGE);
	assert_int_equal(uefi_read(&uefi, list[1].id, UINT64_MAX, 1, buf), LB_ERR_RANGE);
	assert_int_equal(uefi_read(&uefi, list[1].id, 1, SIZE_MAX, buf), LB_ERR_RANGE);
	assert_int_equal(uefi_write(&uefi, list[1].id, sectors - 1, 2, buf),
			 LB_ERR_RANGE);
	assert_int_equal(fake[0].requests, 0);
	assert_int_equal(uefi_read(&uefi, list[1].id, sectors - 1, 1, buf), LB_OK);
}

static const struct {
	const char *name;
	EFI_STATUS firmware;
	bool vanish;
	enum lb_status want;
} errors[] = {
	{ "device error", EFI_DEVICE_ERROR, false, LB_ERR_IO },
	{ "device error of a pulled disk", EFI_DEVICE_ERROR, true, LB_ERR_REMOVED },
	{ "no medium", EFI_NO_MEDIA, false, LB_ERR_REMOVED },
	{ "medium changed", EFI_MEDIA_CHANGED, false, LB_ERR_REMOVED },
	{ "timeout", EFI_TIMEOUT, false, LB_ERR_TIMEOUT },
	{ "write-protected", EFI_WRITE_PROTECTED, false, LB_ERR_READ_ONLY },
	{ "out of memory", EFI_OUT_OF_RESOURCES, false, LB_ERR_NOMEM },
	{ "nonsense", EFI_INVALID_PARAMETER, false, LB_ERR_IO },
	{ "not found is no answer of a disk", EFI_NOT_FOUND, false, LB_ERR_IO },
};

static void errors_are_told_apart(void **state)
{
	uint8_t buf[512] = { 0 };

	for (size_t i = 0; i < COUNT(errors); i++) {
		for (int write = 0; write < 2; write++) {
			(void)end(state);
			(void)start(state);
			assert_int_equal(refresh(), 3);
			fake[0].fail = errors[i].firmware;
			fake[0].vanish = errors[i].vanish;
			const enum lb_status got =
				write ? uefi_write(&uefi, list[1].id, 0, 1, buf)
				      : uefi_read(&uefi, list[1].id, 0, 1, buf);

			if (got != errors[i].want)
				fail_msg("%s: %s", errors[i].name, lb_status_name(got));
		}
	}
}

static void read_only_and_flush(void **state)
{
	uint8_t buf[512] = { 0 };

	(void)state;
	assert_int_equal(refresh(), 3);
	assert_int_equal(uefi_flush(&uefi, list[1].id), LB_OK);
	assert_int_equal(fake[0].flushes, 1);
	fake[0].fail = EFI_DEVICE_ERROR;
	assert_int_equal(uefi_flush(&uefi, list[1].id), LB_ERR_IO);
	fake[0].fail = EFI_SUCCESS;
	fake[0].media.ReadOnly = TRUE;
	fake[0].requests = 0;
	assert_int_equal(uefi_write(&uefi, list[1].id, 0, 1, buf), LB_ERR_READ_ONLY);
	assert_int_equal(fake[0].requests, 0);
	assert_int_equal(refresh(), 3);
	assert_true(list[1].read_only);
	fake[0].there = false;
	assert_int_equal(uefi_flush(&uefi, list[1].id), LB_ERR_REMOVED);
}

/* Of files that need more firmware than this. */
void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

void uefi_watchdog_pet(struct uefi *u)
{
	(void)u;
}

/* A reader with a slot for every place in the list, and then a disk inside the
 * machine. */
static void sticks_hide_no_internal_disk(void **state)
{
	struct uefi_disks *d = &uefi.disks;
	bool internal = false;
	size_t count;

	(void)state;
	fake[0].there = fake[1].there = false;
	assert_int_equal(refresh(), 1);
	for (d->count = 1; d->count < PLATFORM_MAX_DISKS; d->count++)
		d->disk[d->count] = d->disk[0];
	plug(0);
	plug(1);
	count = refresh();
	assert_true(list[0].boot_disk);
	for (size_t i = 1; i < count; i++)
		internal = internal || list[i].attachment == PLATFORM_ATTACHED_INTERNAL;
	assert_true(internal);
}

void uefi_console_init(struct uefi *u)
{
	(void)u;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			whole_disks_are_listed_the_boot_disk_first, start, end),
		cmocka_unit_test_setup_teardown(ids_are_kept_and_never_used_again, start,
						end),
		cmocka_unit_test_setup_teardown(reads_are_whole_in_any_buffer, start,
						end),
		cmocka_unit_test_setup_teardown(writes_are_whole_from_any_buffer, start,
						end),
		cmocka_unit_test_setup_teardown(sticks_hide_no_internal_disk, start, end),
		cmocka_unit_test_setup_teardown(only_sectors_of_the_disk, start, end),
		cmocka_unit_test_setup_teardown(errors_are_told_apart, start, end),
		cmocka_unit_test_setup_teardown(read_only_and_flush, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
