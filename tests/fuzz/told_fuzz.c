/* Fuzzes what the recovery program is told: the loader's values, and the firmware's lists
 * of certificates. The first byte chooses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recovery/installer/signature_db.h"
#include "recovery/installer/told.h"
#include "tests/host/test_pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void values(const char *text)
{
	struct told told = { 0 };
	uint32_t kernel, recovery;
	uint8_t key[2][CRYPTO_KEY_ID_BYTES];

	if (!told_input_parse(text, &told))
		must(told.keyboard == PROFILE_KEYBOARD_NONE &&
		     told.serial == PROFILE_SERIAL_NONE);
	if (!told_limits_parse(text, &told.limits))
		must(!told.limits.known);
	if (!told_developer_parse(text, &told.developer))
		must(!told.developer.on && told.developer.key_count == 0);
	must(told.developer.key_count <= CRYPTO_MAX_DEV_KEYS);
	if (!told_disk_parse(text, &told.disk))
		must(!told.disk.recorded);
	(void)told_generation_parse(text, &told);
	(void)told_floors_parse(text, &kernel, &recovery);
	(void)told_keys_parse(text, key[0], key[1]);
}

static void lists(const uint8_t *list, size_t len)
{
	static const struct test_section section = { ".text", "x" };
	static uint8_t file[TEST_PE_BYTES];
	struct lb_verdict why;
	struct kernel_pe pe;
	const struct signature_db_image image = { file,
						  test_pe_make(file, 0x8664, &section, 1),
						  &pe };
	size_t bytes = 0;

	must(kernel_pe_parse(file, image.len, &pe, &why) == LB_REASON_OK);
	(void)signature_db_names(&image, list, len);
	const uint8_t *subject = signature_db_subject(list, len, &bytes);

	must(subject == NULL ||
	     (subject >= list && bytes > 2 && subject + bytes <= list + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	char *text = malloc(size); /* one less, and an end */

	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] % 2 == 0)
		values(text);
	else
		lists((const uint8_t *)text, size - 1);
	free(text);
	return 0;
}
