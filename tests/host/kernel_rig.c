/* Bodies and made-up kernels for the tests of boot/kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "tests/host/kernel_rig.h"

#define LOAD_ADDRESS 0x100000u
#define PAGE         4096u

static size_t pages(size_t bytes)
{
	return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

void kernel_rig_init(struct kernel_rig *rig, enum platform_cpu cpu, bool uefi)
{
	memset(rig, 0, sizeof *rig);
	rig->host = calloc(1, sizeof *rig->host);
	assert_non_null(rig->host);
	host_init(rig->host);
	rig->host->machine.cpu = cpu;
	rig->host->machine.uefi = uefi;
	rig->host->machine.acpi = cpu == PLATFORM_CPU_X86_64;
	rig->context = (struct kernel_context){
		.machine = &rig->host->machine,
		.hardware_id = "",
		.handover = &rig->handover,
		.extra_args = "",
	};
	for (uint8_t i = 0; i < 16; i++)
		rig->context.partition_guid[i] = i;
}

static void drop_body(struct kernel_rig *rig)
{
	kernel_release(&rig->host->plat, &rig->prepared);
	if (rig->body != NULL)
		rig->host->plat.free(rig->host->plat.ctx, rig->body, rig->body_room);
	rig->body = NULL;
}

void kernel_rig_release(struct kernel_rig *rig)
{
	drop_body(rig);
	assert_int_equal(host_release(rig->host), 0);
	free(rig->host);
}

void kernel_rig_body(struct kernel_rig *rig, const void *kernel, size_t bytes,
		     const char *cmdline, const uint8_t *params, size_t room)
{
	drop_body(rig);
	rig->config_offset = pages(bytes);
	rig->body_bytes = rig->config_offset + 3 * PAGE;
	rig->body_room = room > rig->body_bytes ? room : rig->body_bytes;
	rig->body = rig->host->plat.alloc(rig->host->plat.ctx, rig->body_room,
					  KERNEL_ALIGN_BYTES, PLATFORM_ANY_ADDRESS);
	assert_non_null(rig->body);
	memset(rig->body, 0, rig->body_room);
	memcpy(rig->body, kernel, bytes);
	strcpy((char *)rig->body + rig->config_offset, cmdline);
	if (params != NULL)
		memcpy(rig->body + rig->config_offset + PAGE, params, PAGE);
}

enum lb_reason kernel_rig_place(struct kernel_rig *rig)
{
	const struct crypto_preamble preamble = {
		.body_load_address = LOAD_ADDRESS,
		.body_bytes = rig->body_bytes,
		.bootloader_address = LOAD_ADDRESS + rig->config_offset + 2 * PAGE,
		.bootloader_bytes = PAGE,
	};
	struct kernel_job job = {
		.plat = &rig->host->plat,
		.context = &rig->context,
		.prepared = &rig->prepared,
		.why = &rig->why,
	};
	enum kernel_kind kind;

	kernel_release(&rig->host->plat, &rig->prepared);
	memset(&rig->prepared, 0, sizeof rig->prepared);
	enum lb_reason reason = kernel_body_find(&preamble, rig->body, rig->body_bytes,
						 rig->body_room, &job.body, &rig->why);
	if (reason == LB_REASON_OK)
		reason = kernel_body_kind(&job.body, 0, &kind, &rig->why);
	if (reason == LB_REASON_OK)
		reason = kernel_place(&job, kind);
	if (reason != LB_REASON_OK) {
		assert_int_equal(rig->why.reason, reason);
		print_message("  %s: %s\n", lb_reason_name(reason), rig->why.detail);
	}
	return reason;
}

static void pattern(uint8_t *out, size_t bytes, uint32_t seed)
{
	for (size_t i = 0; i < bytes; i++) {
		seed = seed * 1664525 + 1013904223;
		out[i] = (uint8_t)(seed >> 24);
	}
}

void rig_make_bzimage(uint8_t out[RIG_BZIMAGE_BYTES])
{
	memset(out, 0, RIG_SETUP_BYTES);
	pattern(out + RIG_SETUP_BYTES, RIG_KERNEL_BYTES, 1);
	out[0x1f1] = RIG_SETUP_BYTES / 512 - 1;
	lb_put_le32(out + 0x1f4, RIG_KERNEL_BYTES / 16);
	lb_put_le16(out + 0x1fe, 0xaa55);
	out[0x200] = 0xeb;
	out[0x201] = 0x6a;
	memcpy(out + 0x202, "HdrS", 4);
	lb_put_le16(out + 0x206, 0x20f);
	out[0x211] = 0x81; /* loaded high, heap */
	lb_put_le32(out + 0x214, 0x100000);
	lb_put_le32(out + 0x22c, 0x7fffffff);
	lb_put_le32(out + 0x230, 0x200000);
	out[0x234] = 1;
	lb_put_le16(out + 0x236, 0x7f);
	lb_put_le32(out + 0x238, 2047);
	lb_put_le64(out + 0x258, 0x1000000);
	lb_put_le32(out + 0x260, RIG_INIT_SIZE);
}

void rig_make_params(const uint8_t *bzimage, uint8_t params[4096])
{
	memset(params, 0, 4096);
	memcpy(params + 0x1f1, bzimage + 0x1f1, 0x2d0 - 0x1f1);
	lb_put_le16(params + 0x1fe, 0);
	lb_put_le32(params + 0x218, 0);
	lb_put_le32(params + 0x228, LOAD_ADDRESS + RIG_KERNEL_BYTES);
	params[0x210] = 0xff;
	params[0x1e8] = 2; /* two made-up e820 entries */
}

/* One section that covers everything behind the headers. */
static void put_arm64_pe(uint8_t *out)
{
	uint8_t *pe = out + 64;
	uint8_t *optional = pe + 24;
	uint8_t *section = optional + 160;

	memcpy(out, "MZ", 2);
	lb_put_le32(out + 60, 64);
	memcpy(pe, "PE\0", 4);
	lb_put_le16(pe + 4, 0xaa64);
	lb_put_le16(pe + 6, 1);
	lb_put_le16(pe + 20, 160);
	lb_put_le16(optional, 0x20b);
	lb_put_le16(optional + 68, 10);
	lb_put_le32(optional + 108, 6);
	memcpy(section, ".text", 5);
	lb_put_le32(section + 8, RIG_ARM64_BYTES - 4096);
	lb_put_le32(section + 16, RIG_ARM64_BYTES - 4096);
	lb_put_le32(section + 20, 4096);
}

void rig_make_arm64(uint8_t out[RIG_ARM64_BYTES], bool efi_stub)
{
	memset(out, 0, 4096);
	pattern(out + 4096, RIG_ARM64_BYTES - 4096, 2);
	lb_put_le32(out + 4, 0x14000400); /* b +0x1000 */
	lb_put_le64(out + 16, RIG_ARM64_ROOM);
	lb_put_le64(out + 24, 0xa);
	memcpy(out + 56, "ARM\x64", 4);
	if (efi_stub)
		put_arm64_pe(out);
}
