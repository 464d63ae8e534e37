/* QR codes: sizes, bounds, and a symbol as qrencode makes it (the two often choose
 * different masks; here they agree). That they can be read is
 * tests/ui/test_screens.py's business (zbarimg). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/qr.h"

/* Level M, byte mode: ISO/IEC 18004, table 7. */
static const uint32_t capacity[QR_MAX_VERSION] = { 14,  26,  42,  62,  84,
						   106, 122, 152, 180, 213 };

static void smallest_symbol_that_holds_it(void **state)
{
	uint8_t text[QR_MAX_TEXT_BYTES + 1];
	struct qr_code qr;

	(void)state;
	memset(text, 'x', sizeof text);
	for (uint32_t i = 0; i < QR_MAX_VERSION; i++) {
		assert_int_equal(qr_encode(text, capacity[i], &qr), LB_OK);
		assert_int_equal(qr.side, 21u + 4u * i);
		if (i + 1u < QR_MAX_VERSION) {
			assert_int_equal(qr_encode(text, capacity[i] + 1u, &qr), LB_OK);
			assert_int_equal(qr.side, 25u + 4u * i);
		}
	}
}

static void refuses_what_is_too_long(void **state)
{
	uint8_t text[QR_MAX_TEXT_BYTES + 1] = { 0 };
	struct qr_code qr = { .side = 7 };

	(void)state;
	assert_int_equal(qr_encode(text, sizeof text, &qr), LB_ERR_RANGE);
	assert_int_equal(qr_encode(text, SIZE_MAX, &qr), LB_ERR_RANGE);
	assert_int_equal(qr.side, 7);
}

static void outside_is_light(void **state)
{
	struct qr_code qr;

	(void)state;
	assert_int_equal(qr_encode((const uint8_t *)"a", 1, &qr), LB_OK);
	assert_true(qr_dark(&qr, 0, 0));
	assert_false(qr_dark(&qr, qr.side, 0));
	assert_false(qr_dark(&qr, 0, UINT32_MAX));
}

/* qrencode -8 -l M -m 0 -t ASCII 'https://example.com/r9?m=K200' */
static const char *const judged[] = {
	"####### ##  #  ### #  #######", "#     # # # # ##  #   #     #",
	"# ### #  #######  ##  # ### #", "# ### # #       ## ## # ### #",
	"# ### #    ###     ## # ### #", "#     #  #  # #   ##  #     #",
	"####### # # # # # # # #######", "        # ## ##  ####        ",
	"# ## ### # #### ## ## #  # ##", "  ##   #    #  ### ## ###   #",
	"  ### ## #  # ## ##       ## ", "#  # # #     ###  # # ###   #",
	"#  #  # # # #   #  #     ##  ", " # ### #### ##     ## #   ###",
	"# # ### # ### #  # ### #  ###", " ## ## ##### # #    ##  #  # ",
	" # #  #  ##        ### ### # ", " #####  ## # #    # #  # ### ",
	"# #  ###         ## #   # #  ", "  ###  ######  ### # # ## #  ",
	" # #  #   # ## # #  #######  ", "        ## #####    #   #####",
	"####### # ## #  ## ## # ## # ", "#     # #       #   #   ## ##",
	"# ### #  # #  ## ## ##### # #", "# ### # ##  # # ####    ## # ",
	"# ### # # ##  ###  #   #  # #", "#     #  #   #  # # # #### # ",
	"####### #   #### # ## #    # ",
};

static void as_qrencode_has_it(void **state)
{
	static const char text[] = "https://example.com/r9?m=K200";
	struct qr_code qr;

	(void)state;
	assert_int_equal(qr_encode((const uint8_t *)text, strlen(text), &qr), LB_OK);
	assert_int_equal(qr.side, sizeof judged / sizeof judged[0]);
	for (uint32_t y = 0; y < qr.side; y++)
		for (uint32_t x = 0; x < qr.side; x++)
			assert_int_equal(qr_dark(&qr, x, y), judged[y][x] == '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest_symbol_that_holds_it),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(outside_is_light),
		cmocka_unit_test(as_qrencode_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
