/* The bzImage setup header and the zero page. */
#include "boot/kernel/bzimage.h"

#include <string.h>

#include "base/bytes.h"

/* Offsets in a bzImage, and the same in the zero page. */
enum {
	EXT_RAMDISK_IMAGE = 0x0c0,
	EXT_RAMDISK_SIZE = 0x0c4,
	EXT_CMD_LINE_PTR = 0x0c8,
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	VID_MODE = 0x1fa,
	HEADER_LENGTH = 0x201, /* second byte of the jump: the header ends 0x202 + this */
	MAGIC = 0x202,
	VERSION = 0x206,
	TYPE_OF_LOADER = 0x210,
	LOADFLAGS = 0x211,
	CODE32_START = 0x214,
	RAMDISK_IMAGE = 0x218,
	RAMDISK_SIZE = 0x21c,
	HEAP_END_PTR = 0x224,
	CMD_LINE_PTR = 0x228,
	INITRD_ADDR_MAX = 0x22c,
	KERNEL_ALIGNMENT = 0x230,
	RELOCATABLE = 0x234,
	XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	SETUP_DATA = 0x250,
	PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
	INIT_SIZE_END = 0x264,
};

#define HDRS_MAGIC          0x53726448u /* "HdrS" */
#define VERSION_MIN         0x020cu
#define LOADED_HIGH         0x01u
#define CAN_USE_HEAP        0x80u
#define XLF_KERNEL_64       0x0001u
#define XLF_ABOVE_4G        0x0002u
#define LOADER_UNDEFINED    0xffu
#define VID_MODE_NORMAL     0xffffu
#define SETUP_SECTS_DEFAULT 4u
#define SECTOR_BYTES        512u
#define PARAGRAPH_BYTES     16u
#define ALIGNMENT_MAX       0x40000000u

bool kernel_bzimage_recognised(const uint8_t *setup, size_t len)
{
	return len >= VERSION + 2 && lb_le32(setup + MAGIC) == HDRS_MAGIC;
}

/* What this loader cannot do without; NULL when all is there. */
static const char *missing_feature(const uint8_t *setup)
{
	if ((setup[LOADFLAGS] & LOADED_HIGH) == 0)
		return "a zImage, loaded low";
	if ((lb_le16(setup + XLOADFLAGS) & XLF_KERNEL_64) == 0)
		return "no 64-bit entry point";
	if (setup[RELOCATABLE] == 0)
		return "kernel is not relocatable";
	return NULL;
}

static enum lb_reason check_values(const struct kernel_bzimage *h, struct lb_verdict *why)
{
	if (!lb_is_power_of_two(h->alignment) || h->alignment > ALIGNMENT_MAX)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "kernel_alignment 0x%x", h->alignment);
	if (h->kernel_bytes <= KERNEL_BZIMAGE_ENTRY_OFFSET)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "syssize is %llu bytes",
				      (unsigned long long)h->kernel_bytes);
	if (h->init_size < h->kernel_bytes)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "init_size %u is smaller than the kernel, %llu",
				      h->init_size, (unsigned long long)h->kernel_bytes);
	return LB_REASON_OK;
}

static struct kernel_bzimage decode(const uint8_t *setup)
{
	const uint32_t sects =
		setup[SETUP_SECTS] != 0 ? setup[SETUP_SECTS] : SETUP_SECTS_DEFAULT;
	const bool above_4g = (lb_le16(setup + XLOADFLAGS) & XLF_ABOVE_4G) != 0;
	const uint32_t initrd_max = lb_le32(setup + INITRD_ADDR_MAX);

	return (struct kernel_bzimage){
		.setup_bytes = (sects + 1) * SECTOR_BYTES,
		.kernel_bytes = (uint64_t)lb_le32(setup + SYSSIZE) * PARAGRAPH_BYTES,
		.init_size = lb_le32(setup + INIT_SIZE),
		.alignment = lb_le32(setup + KERNEL_ALIGNMENT),
		.cmdline_max = lb_le32(setup + CMDLINE_SIZE),
		.pref_address = lb_le64(setup + PREF_ADDRESS),
		.load_limit = above_4g ? PLATFORM_ANY_ADDRESS : LB_4_GIB,
		/* The old field only counts for kernels that know no upper halves. */
		.initrd_limit =
			above_4g ? PLATFORM_ANY_ADDRESS : (uint64_t)initrd_max + 1,
	};
}

enum lb_reason kernel_bzimage_parse(const uint8_t *setup, size_t len,
				    struct kernel_bzimage *out, struct lb_verdict *why)
{
	if (!kernel_bzimage_recognised(setup, len))
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "no bzImage setup header at offset 0x%x", MAGIC);
	const uint32_t version = lb_le16(setup + VERSION);
	if (version < VERSION_MIN)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "boot protocol %u.%02u, 2.12 needed", version >> 8,
				      version & 0xff);
	const uint32_t header_end = MAGIC + (uint32_t)setup[HEADER_LENGTH];
	if (header_end < INIT_SIZE_END || header_end > KERNEL_BZIMAGE_HEADER_END ||
	    len < KERNEL_BZIMAGE_HEADER_END)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
				      "setup header ends at 0x%x", header_end);
	const char *missing = missing_feature(setup);
	if (missing != NULL)
		return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL, "%s", missing);

	const struct kernel_bzimage header = decode(setup);
	const enum lb_reason reason = check_values(&header, why);
	if (reason == LB_REASON_OK)
		*out = header;
	return reason;
}

void kernel_bzimage_zero_page(const uint8_t *setup, uint8_t page[KERNEL_ZERO_PAGE_BYTES])
{
	const size_t end = MAGIC + (size_t)setup[HEADER_LENGTH];

	memset(page, 0, KERNEL_ZERO_PAGE_BYTES);
	memcpy(page + SETUP_SECTS, setup + SETUP_SECTS, end - SETUP_SECTS);
	page[TYPE_OF_LOADER] = LOADER_UNDEFINED;
	page[LOADFLAGS] &= (uint8_t)~CAN_USE_HEAP;
	lb_put_le16(page + VID_MODE, VID_MODE_NORMAL);
	lb_put_le16(page + HEAP_END_PTR, 0);
	lb_put_le32(page + RAMDISK_IMAGE, 0);
	lb_put_le32(page + RAMDISK_SIZE, 0);
	lb_put_le32(page + CMD_LINE_PTR, 0);
	lb_put_le64(page + SETUP_DATA, 0);
}

void kernel_bzimage_set_kernel(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address)
{
	/* 32 bits only; the 64-bit entry finds its own address. */
	lb_put_le32(page + CODE32_START, address < LB_4_GIB ? (uint32_t)address : 0);
}

void kernel_bzimage_set_cmdline(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address)
{
	lb_put_le32(page + CMD_LINE_PTR, (uint32_t)address);
	lb_put_le32(page + EXT_CMD_LINE_PTR, (uint32_t)(address >> 32));
}

void kernel_bzimage_set_initrd(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address,
			       uint64_t bytes)
{
	lb_put_le32(page + RAMDISK_IMAGE, (uint32_t)address);
	lb_put_le32(page + EXT_RAMDISK_IMAGE, (uint32_t)(address >> 32));
	lb_put_le32(page + RAMDISK_SIZE, (uint32_t)bytes);
	lb_put_le32(page + EXT_RAMDISK_SIZE, (uint32_t)(bytes >> 32));
}
