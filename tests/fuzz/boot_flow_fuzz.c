/* Fuzzing of the whole flow: the input is a machine - profile, stored state, what lies in
 * its slots and on its stick, which reads answer something else, what is broken, which
 * keys come
 * - and one boot of it. Whatever it is, the boot ends, media are not written, and what
 *   starts
 * may start and is what was announced (tests/host/flow_oracle.c).
 *
 * Bytes, all reads past the end give 0: see machine(), slots(), stick(), lies(),
 * damage(), keys(). */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"
#include "tests/host/flow_oracle.h"
#include "tests/host/gpt_image.h"
#include "tests/host/lying_disk.h"
#include "tests/host/media_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#define STICK_KERNELS  3u
#define NO_TEXTS_BYTES ((size_t)700 << 10)

static struct boot_rig rig;

static struct {
	const uint8_t *at;
	size_t left;
} in;

static uint8_t take(void)
{
	if (in.left == 0)
		return 0;
	in.left--;
	return *in.at++;
}

static uint32_t take32(void)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | take();
	return v;
}

static const struct rig_image *image(uint8_t choice)
{
	return &flow_images[choice % FLOW_IMAGES];
}

static void machine(void)
{
	const uint8_t how = take(), more = take();

	flow_machine(&rig, (how & 1) == 0);
	rig.developer = (enum profile_developer_mode)(more % 3);
	rig.serial = (enum profile_serial_input)(more / 3 % 3);
	rig.order = (more & 0x80) != 0 ? GPT_ORDER_PRIORITY : GPT_ORDER_ATTEMPTS_FIRST;
	rig_profile(&rig);
	rig_power_off(&rig);
	rig.recovery_requested = (how & 2) != 0;
	rig.host.state.developer = (how & 4) != 0;
	rig.host.machine.secure_boot = (how & 8) != 0;
	rig.host.floors = (struct platform_floors){ FLOW_FLOOR, FLOW_FLOOR, 0 };
	rig.host.floors_stored = true;
	rig.host.request = (how & 16) != 0 ? PLATFORM_REQUEST_RECOVERY : 0;
	if ((how & 32) != 0)
		flow_oracle_trust(&rig);
	if ((how & 64) != 0)
		rig.host.write_state_status = LB_ERR_IO;
	rig.host.start_does = (how & 128) != 0 ? HOST_START_FAILS : HOST_START_GOES;
	/* Unpacking the screens' texts is most of the time of a boot that shows
	 * something. */
	if ((more & 32) == 0)
		rig.host.memory_limit = NO_TEXTS_BYTES;
	rig.host.time_limit_ms = (more & 64) != 0 ? 70000 : 33000;
}

static void slots(void)
{
	for (size_t i = 0; i < 2; i++) {
		const uint8_t attributes = take();

		flow_put_kernel(&rig, i, image(take()));
		if ((attributes & 1) != 0)
			flow_set_slot(&rig, i, attributes >> 4);
	}
}

static void stick(void)
{
	struct rig_image images[STICK_KERNELS];
	const size_t count = take() % (STICK_KERNELS + 1);

	for (size_t i = 0; i < count; i++)
		images[i] = *image(take());
	if (count == 0)
		return;
	struct host_disk *disk = rig_stick(&rig, images, count);

	disk->from_ms = (uint64_t)take() * 64;
	disk->until_ms = (uint64_t)take() * 256;
}

static void lies(void)
{
	lying_init(&rig.host);
	for (uint8_t n = take() % (LYING_MAX + 1); n > 0; n--) {
		const uint8_t where = take();
		const bool on_stick = where >= 2 && rig.host.disk_count > 1;
		size_t bytes;
		const uint8_t *lie = rig_image_bytes(image(take()), &bytes);
		const uint64_t pattern = (uint64_t)take32() << 32 | take32();

		lying_add(&rig.host.disks[on_stick],
			  on_stick ? media_image_lba(512, (where - 2) % STICK_KERNELS)
				   : test_disk_slot_lba(512, where % 2),
			  lie, bytes, pattern);
	}
}

/* Bytes of the disks, tables included; and memory that is short. */
static void damage(void)
{
	for (uint8_t n = take() % 8; n > 0; n--) {
		struct mem_disk *disk = &rig.host.disks[take() % rig.host.disk_count].mem;
		const uint32_t at = take32();

		disk->now[at % mem_disk_bytes(disk)] ^= take();
	}
	rig.host.fail_alloc_at = take();
}

static void keys(void)
{
	uint64_t at = 0;

	while (in.left > 0 && rig.host.key_count < HOST_MAX_KEYS) {
		const uint8_t kind = take(), code = take();

		at += (uint64_t)(kind >> 3) * (kind >> 3) * 40;
		host_press(&rig.host, at,
			   (struct platform_key){
				   .scan = (kind & 1) != 0 ? code % 0x18 : 0,
				   .unicode = (kind & 1) != 0 ? 0 : code % 128,
				   .ctrl = (kind & 2) != 0,
				   .serial = (kind & 4) != 0,
			   });
	}
}

static void check(const struct platform_state *before)
{
	const char *wrong = flow_oracle_wrong(
		&rig, before, host_logged(&rig.host, "Trust this developer key?"));

	for (size_t i = 1; i < rig.host.disk_count && wrong == NULL; i++)
		if (rig.host.disks[i].mem.writes != 0)
			wrong = "a medium was written";
	if (wrong == NULL)
		return;
	printf("%s; log:\n%s", wrong, rig.host.log);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	in.at = input;
	in.left = len;
	machine();
	slots();
	stick();
	lies();
	damage();
	keys();

	const struct platform_state before = rig.host.state;

	(void)rig_boot_on(&rig);
	check(&before);
	(void)rig_release(&rig); /* what runs at the hand-off still holds its memory */
	return 0;
}
