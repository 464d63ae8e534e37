/* The ChromeOS x86 layout: placement, in place and moved, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "tests/host/kernel_rig.h"

struct made {
	uint8_t image[RIG_BZIMAGE_BYTES];
	uint8_t params[4096];
};

static void make(struct made *m)
{
	rig_make_bzimage(m->image);
	rig_make_params(m->image, m->params);
}

static void check_layout(const struct kernel_rig *rig, const struct made *m)
{
	const struct kernel_layout *l = &rig->prepared.layout;

	assert_int_equal(l->kind, KERNEL_KIND_CROS_X86);
	assert_int_equal(l->start, KERNEL_START_LINUX64);
	assert_int_equal((uintptr_t)l->image % KERNEL_ALIGN_BYTES, 0);
	assert_true(l->image_room >= RIG_INIT_SIZE);
	assert_int_equal(l->image_bytes, RIG_KERNEL_BYTES);
	assert_memory_equal(l->image, m->image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES);
	assert_string_equal(l->cmdline,
			    "console=ttyS0 root=03020100-0504-0706-0809-0a0b0c0d0e0f");
	assert_null(l->initrd);
	assert_null(l->device_tree);
	assert_int_equal(lb_le32(l->zero_page + 0x228),
			 (uintptr_t)l->cmdline & 0xffffffff);
	assert_int_equal(lb_le32(l->zero_page + 0xc8), (uintptr_t)l->cmdline >> 32);
	assert_int_equal(l->zero_page[0x1e8], 0); /* vbutil's e820 entries are not kept */
	assert_true((uintptr_t)l->zero_page < LB_4_GIB);
}

static void in_place(void **state)
{
	struct kernel_rig rig;
	struct made m;

	(void)state;
	make(&m);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
			"console=ttyS0 root=%U\n", m.params, RIG_INIT_SIZE);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	check_layout(&rig, &m);
	assert_ptr_equal(rig.prepared.layout.image, rig.body);
	kernel_rig_release(&rig);
}

static void moved(void **state)
{
	struct kernel_rig rig;
	struct made m;

	(void)state;
	make(&m);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
			"console=ttyS0 root=%U\n", m.params, RIG_INIT_SIZE - 4096);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	check_layout(&rig, &m);
	assert_ptr_not_equal(rig.prepared.layout.image, rig.body);
	kernel_rig_release(&rig);
}

static void moved_for_its_alignment(void **state)
{
	struct kernel_rig rig;
	struct made m;

	(void)state;
	make(&m);
	lb_put_le32(m.params + 0x230, 0x20000000);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
			"console=ttyS0 root=%U\n", m.params, RIG_INIT_SIZE);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	check_layout(&rig, &m);
	assert_int_equal((uintptr_t)rig.prepared.layout.image % 0x20000000, 0);
	kernel_rig_release(&rig);
}

/* A gigabyte of address space at 256 MiB, given out from the bottom up. */
#define LOW_START 0x10000000u
#define LOW_BYTES 0x40000000u
#define PREFERRED 0x12000000u
static uint8_t *low_next;

static void *low_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	uint8_t *p = (uint8_t *)(((uintptr_t)low_next + align - 1) & ~(align - 1));

	(void)ctx;
	assert_true((uintptr_t)p + bytes <= LOW_START + (uint64_t)LOW_BYTES);
	assert_true((uintptr_t)p + bytes <= limit);
	low_next = p + bytes;
	return p;
}

static void low_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)memory;
	(void)bytes;
}

/* Below its preferred address a kernel would move itself over memory that is not ours. */
static void moved_for_its_preferred_address(void **state)
{
	struct kernel_rig rig;
	struct platform low;
	struct made m;

	(void)state;
	low_next = mmap((void *)(uintptr_t)LOW_START, LOW_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
			-1, 0);
	assert_ptr_equal(low_next, (void *)(uintptr_t)LOW_START);
	make(&m);
	lb_put_le64(m.params + 0x258, PREFERRED);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	low = rig.host->plat;
	rig.host->plat.alloc = low_alloc;
	rig.host->plat.free = low_free;
	kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
			"console=ttyS0 root=%U\n", m.params, RIG_INIT_SIZE);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	check_layout(&rig, &m);
	assert_ptr_not_equal(rig.prepared.layout.image, rig.body);
	assert_true((uintptr_t)rig.prepared.layout.image >= PREFERRED);
	assert_true(rig.prepared.layout.image + rig.prepared.layout.image_room <=
		    low_next);
	kernel_release(&rig.host->plat, &rig.prepared);
	rig.body = NULL;
	rig.host->plat = low;
	kernel_rig_release(&rig);
	assert_int_equal(munmap((void *)(uintptr_t)LOW_START, LOW_BYTES), 0);
}

static const struct {
	const char *name;
	enum platform_cpu cpu;
	size_t offset; /* in the params page */
	uint32_t value;
	const char *cmdline;
	enum lb_reason want;
} refused[] = {
	{ "on an ARM machine", PLATFORM_CPU_AARCH64, 0x1fc, 0, "", LB_REASON_WRONG_CPU },
	{ "32-bit kernel", PLATFORM_CPU_X86_64, 0x236, 0, "", LB_REASON_KERNEL_PROTOCOL },
	{ "no setup header", PLATFORM_CPU_X86_64, 0x202, 0, "",
	  LB_REASON_KIND_UNSUPPORTED },
	{ "kernel longer than its place", PLATFORM_CPU_X86_64, 0x1f4,
	  RIG_KERNEL_BYTES / 16 + 1, "", LB_REASON_BODY_LAYOUT },
	{ "command line not ASCII", PLATFORM_CPU_X86_64, 0x1fc, 0, "a=\xff",
	  LB_REASON_COMMAND_LINE },
	{ "a word that only the loader may say", PLATFORM_CPU_X86_64, 0x1fc, 0,
	  "quiet -- \"lifeboat.mode=normal\"", LB_REASON_COMMAND_LINE },
	{ "command line longer than the kernel takes", PLATFORM_CPU_X86_64, 0x238, 7,
	  "12345678", LB_REASON_COMMAND_LINE },
	{ "room that no machine has", PLATFORM_CPU_X86_64, 0x260, 0xfffffff0, "",
	  LB_REASON_TOO_LITTLE_MEMORY },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct kernel_rig rig;
		struct made m;

		print_message("%s\n", refused[i].name);
		make(&m);
		lb_put_le32(m.params + refused[i].offset, refused[i].value);
		kernel_rig_init(&rig, refused[i].cpu, true);
		kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
				refused[i].cmdline, m.params, 0);
		assert_int_equal(kernel_rig_place(&rig), refused[i].want);
		kernel_rig_release(&rig);
	}
}

/* The kernel takes @room characters: what the loader adds goes first, its first word
 * before the others, and never keeps a slot from starting. */
static void additions_give_way(void **state)
{
	static const struct {
		uint32_t room;
		enum lb_reason want;
		const char *cmdline;
	} rows[] = {
		{ 40, LB_REASON_OK, "quiet lifeboat.mode=b lifeboat.slot=a" },
		{ 37, LB_REASON_OK, "quiet lifeboat.mode=b lifeboat.slot=a" },
		{ 36, LB_REASON_OK, "quiet lifeboat.slot=a" },
		{ 21, LB_REASON_OK, "quiet lifeboat.slot=a" },
		{ 20, LB_REASON_OK, "quiet" },
		{ 5, LB_REASON_OK, "quiet" },
		{ 4, LB_REASON_COMMAND_LINE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct kernel_rig rig;
		struct made m;

		make(&m);
		lb_put_le32(m.params + 0x238, rows[i].room);
		kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
		rig.context.extra_args = "lifeboat.mode=b lifeboat.slot=a";
		kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES,
				"quiet\n", m.params, 0);
		assert_int_equal(kernel_rig_place(&rig), rows[i].want);
		if (rows[i].cmdline != NULL)
			assert_string_equal(rig.prepared.layout.cmdline, rows[i].cmdline);
		kernel_rig_release(&rig);
	}
}

static void slots(void **state)
{
	static const struct {
		const char *name;
		uint64_t load, bootloader;
		size_t body;
		enum lb_reason want;
		size_t config;
	} rows[] = {
		{ "usual", 0x100000, 0x105000, 0x6000, LB_REASON_OK, 0x3000 },
		{ "bootloader at the end", 0x100000, 0x106000, 0x6000, LB_REASON_OK,
		  0x4000 },
		{ "one byte of kernel", 0, 8193, 8193, LB_REASON_OK, 1 },
		{ "no kernel", 0, 8192, 8192, LB_REASON_BODY_LAYOUT, 0 },
		{ "no pages", 0x100000, 0x101000, 0x6000, LB_REASON_BODY_LAYOUT, 0 },
		{ "below the body", 0x100000, 0xfffff, 0x6000, LB_REASON_BODY_LAYOUT, 0 },
		{ "behind the body", 0x100000, 0x106001, 0x6000, LB_REASON_BODY_LAYOUT,
		  0 },
		{ "no addresses", 0, 0, 0x6000, LB_REASON_BODY_LAYOUT, 0 },
		{ "wraps", 0xfffffffffffff000, 0x3000, 0x6000, LB_REASON_BODY_LAYOUT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct crypto_preamble preamble = {
			.body_load_address = rows[i].load,
			.bootloader_address = rows[i].bootloader,
		};
		struct kernel_body body;
		struct lb_verdict why;
		uint8_t data;

		print_message("%s\n", rows[i].name);
		assert_int_equal(kernel_body_find(&preamble, &data, rows[i].body,
						  rows[i].body, &body, &why),
				 rows[i].want);
		if (rows[i].want == LB_REASON_OK)
			assert_int_equal(body.config_offset, rows[i].config);
	}
}

/* Every allocation that can fail, fails once: always a clear reason, nothing lost. */
static void memory_runs_out(void **state)
{
	struct kernel_rig rig;
	struct made m;
	uint32_t at = 1;

	(void)state;
	make(&m);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, m.image + RIG_SETUP_BYTES, RIG_KERNEL_BYTES, "", m.params,
			0);
	for (;; at++) {
		rig.host->fail_alloc_at = at;
		const enum lb_reason reason = kernel_rig_place(&rig);
		if (reason == LB_REASON_OK)
			break;
		assert_int_equal(reason, LB_REASON_TOO_LITTLE_MEMORY);
	}
	assert_int_equal(at, 4); /* zero page, command line, kernel */
	rig.host->fail_alloc_at = 0;
	kernel_rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_place),
		cmocka_unit_test(moved),
		cmocka_unit_test(moved_for_its_alignment),
		cmocka_unit_test(moved_for_its_preferred_address),
		cmocka_unit_test(refuses),
		cmocka_unit_test(additions_give_way),
		cmocka_unit_test(slots),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
