/* The watchdog drivers against models of their devices, made from the data sheets: when
 * the machine is reset, what stops it, what is left alone, and devices that do not
 * obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/watchdog/watchdog.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PMBASE   0x600u
#define TCO_AT   0x660u
#define SMI_AT   0x630u
#define TCO_OWN  0x400u /* where the SMBus controller says */
#define RCBA     0xfed1c000u
#define GCS      0xfed1f410u

/* Both devices, and time. */
static struct model {
	/* i6300esb */
	bool present, locked, enabled, timed_out, deaf;
	unsigned int unlocked; /* steps of the two */
	uint32_t config, stage[2];
	unsigned int at_stage;
	/* iTCO */
	bool smbus, strap, acpi_off, rcba_off, tco_off, stuck_timer;
	uint32_t smi, gcs, control, sts1, sts2, timer;
	unsigned int ends;
	/* time */
	double left_ms; /* until the stage or the timer ends; it runs while enabled */
	bool reset;
	unsigned int writes;
} m;

/* --- i6300esb ----------------------------------------------------------------------- */

static void esb_stage(unsigned int n)
{
	m.at_stage = n;
	m.left_ms = m.stage[n] * 32768.0 / 33000.0;
}

static uint32_t esb_read(void *ctx, enum watchdog_space space, uint32_t at,
			 unsigned int bytes)
{
	(void)ctx;
	if (space == WATCHDOG_CONFIG && at == 0x60 && bytes == 2)
		return m.config;
	if (space == WATCHDOG_CONFIG && at == 0x68 && bytes == 1)
		return (m.locked ? 1u : 0u) | (m.enabled ? 2u : 0u);
	if (space == WATCHDOG_BAR0 && at == 0xc && bytes == 2)
		return m.present ? (m.timed_out ? 0x1200u : 0u) : 0xffffu;
	fail_msg("read of %u at 0x%x", bytes, at);
	return 0;
}

static void esb_register(uint32_t at, unsigned int bytes, uint32_t value)
{
	if (at == 0xc && value == 0x80) {
		m.unlocked = 1;
		return;
	}
	if (at == 0xc && value == 0x86 && m.unlocked == 1) {
		m.unlocked = 2;
		return;
	}
	assert_int_equal(m.unlocked, 2); /* else the device takes no notice */
	m.unlocked = 0;
	assert_int_equal(bytes, at == 0xc ? 2 : 4);
	if (at < 8)
		m.stage[at / 4] = value & 0xfffff;
	if (at == 0xc && (value & 0x200) != 0)
		m.timed_out = false;
	if (at == 0xc && (value & 0x100) != 0)
		esb_stage(0);
}

static void esb_write(void *ctx, enum watchdog_space space, uint32_t at,
		      unsigned int bytes, uint32_t value)
{
	(void)ctx;
	m.writes++;
	if (space == WATCHDOG_BAR0) {
		esb_register(at, bytes, value);
	} else if (at == 0x60) {
		assert_int_equal(bytes, 2);
		m.config = value;
	} else {
		assert_int_equal(at, 0x68);
		assert_int_equal(bytes, 1);
		if (m.locked || m.deaf)
			return;
		m.locked = (value & 1) != 0;
		if (!m.enabled && (value & 2) != 0)
			esb_stage(0);
		m.enabled = (value & 2) != 0;
	}
}

static void esb_end(void)
{
	if (m.at_stage == 0) {
		esb_stage(1);
		return;
	}
	assert_int_equal(m.config & 0x24, 0); /* 1 kHz; the reset is let through */
	m.timed_out = m.reset = true;
}

/* --- iTCO --------------------------------------------------------------------------- */

static bool no_reboot(void)
{
	return m.strap || (m.smbus ? (m.control & 1) != 0 : (m.gcs & 0x20) != 0);
}

static uint32_t tco_config(uint32_t at)
{
	if (m.smbus)
		return at == 0x50 ? TCO_OWN | 1u : at == 0x54 && !m.tco_off ? 0x100u : 0;
	switch (at) {
	case 0x40:
		return PMBASE | 1u;
	case 0x44:
		return m.acpi_off ? 0 : 0x80u;
	case 0xf0:
		return m.rcba_off ? RCBA : RCBA | 1u;
	default:
		fail_msg("configuration 0x%x", at);
		return 0;
	}
}

static uint32_t tco_port(uint32_t at)
{
	switch (at - (m.smbus ? TCO_OWN : TCO_AT)) {
	case 0x04:
		return m.sts1;
	case 0x06:
		return m.sts2;
	case 0x08:
		return m.control;
	case 0x12:
		return m.timer | 0x8000; /* a bit that must stay */
	default:
		fail_msg("port 0x%x", at);
		return 0;
	}
}

static uint32_t tco_read(void *ctx, enum watchdog_space space, uint32_t at,
			 unsigned int bytes)
{
	(void)ctx;
	if (!m.present)
		return UINT32_MAX >> (32 - 8 * bytes);
	if (space == WATCHDOG_CONFIG)
		return tco_config(at);
	if (space == WATCHDOG_MEMORY) {
		assert_int_equal(at, GCS);
		return m.strap ? m.gcs | 0x20 : m.gcs;
	}
	assert_int_equal(space, WATCHDOG_PORT);
	if (at == SMI_AT && !m.smbus)
		return m.smi;
	assert_int_equal(bytes, 2);
	return tco_port(at);
}

static void tco_restart(void)
{
	m.left_ms = m.timer * 600.0;
	m.ends = 0;
}

static void tco_control(uint32_t value)
{
	assert_int_equal(value & 0x100, 0); /* NMI_NOW */
	m.control = value | 0x100;
	if (m.strap)
		m.control |= m.smbus ? 1u : 0u;
	m.enabled = (m.control & 0x800) == 0;
}

static void tco_write(void *ctx, enum watchdog_space space, uint32_t at,
		      unsigned int bytes, uint32_t value)
{
	(void)ctx;
	m.writes++;
	if (space == WATCHDOG_MEMORY) {
		assert_int_equal(at, GCS);
		m.gcs = value;
		return;
	}
	assert_int_equal(space, WATCHDOG_PORT);
	assert_int_equal(bytes, 2);
	switch (at - (m.smbus ? TCO_OWN : TCO_AT)) {
	case 0x00:
		tco_restart();
		break;
	case 0x04:
		m.sts1 &= ~value;
		break;
	case 0x06:
		m.sts2 &= ~value;
		break;
	case 0x08:
		tco_control(value);
		break;
	case 0x12:
		assert_int_equal(value & ~0x3ffu, 0x8000);
		if (!m.stuck_timer)
			m.timer = value & 0x3ff;
		break;
	default:
		fail_msg("port 0x%x", at);
	}
}

static void tco_end(void)
{
	const bool smi = (m.smi & 0x2001) == 0x2001;

	m.left_ms = m.timer * 600.0;
	m.sts1 |= 8;
	if (m.ends++ == 0 && !smi)
		return;
	m.sts2 |= 6;
	m.reset = !no_reboot();
}

/* --- time --------------------------------------------------------------------------- */

/* Lets time pass; tells when the machine was reset, or -1. */
static double run(double ms)
{
	double passed = 0;

	while (m.enabled && !m.reset && passed + m.left_ms <= ms) {
		passed += m.left_ms;
		if (m.gcs != 0)
			tco_end();
		else
			esb_end();
	}
	if (m.reset)
		return passed;
	m.left_ms -= ms - passed;
	return -1;
}

static struct watchdog device(const struct watchdog_driver *driver)
{
	struct watchdog w = { .driver = driver };

	m = (struct model){ .present = true };
	w.io = (struct watchdog_io){ NULL, esb_read, esb_write };
	if (driver == &watchdog_i6300esb)
		return w;
	m.smbus = driver == &watchdog_itco_smbus;
	m.gcs = 0x70; /* NO_REBOOT is set, and others */
	m.control = m.smbus ? 0x101 : 0x100;
	w.io = (struct watchdog_io){ NULL, tco_read, tco_write };
	return w;
}

static struct watchdog opened(const struct watchdog_driver *driver)
{
	struct watchdog w = device(driver);

	assert_int_equal(driver->open(&w), LB_OK);
	assert_int_equal(m.writes, 0);
	return w;
}

static const struct watchdog_driver *const drivers[] = { &watchdog_i6300esb,
							 &watchdog_itco_lpc,
							 &watchdog_itco_smbus };

/* --- tests -------------------------------------------------------------------------- */

/* Never sooner than asked, at most one tick and 2 per cent later; the first is the
 * least. */
static void resets_in_time(const struct watchdog_driver *driver, uint32_t seconds,
			   uint32_t least_ms, bool smi)
{
	const double asked = seconds * 1000.0;
	struct watchdog w = opened(driver);
	uint32_t ms = 0;

	/* Where SMIs are unknown the reset comes at the second end at the latest. */
	m.smi = smi ? 0x2001 : 0x0001;
	assert_int_equal(driver->arm(&w, seconds, &ms), LB_OK);
	const double at = run(1e9);

	if (at < asked || (m.smbus ? at / (smi ? 1 : 2) : at) > asked * 1.02 + least_ms)
		fail_msg("%s: %u s: reset after %.0f ms", driver->name, seconds, at);
	if (!m.smbus)
		assert_in_range(at + 1, ms, ms + 2);
	assert_true(driver->died(&w));
	assert_false(driver->died(&w));
}

static void test_resets_in_time(void **state)
{
	static const uint32_t seconds[] = { 1, 2, 3, 5, 59, 60, 61, 300, 600, 613 };

	(void)state;
	for (size_t d = 0; d < COUNT(drivers); d++)
		for (size_t i = 0; i < COUNT(seconds); i++)
			for (int smi = 0; smi < 2; smi++)
				resets_in_time(drivers[d], seconds[i], 4800, smi != 0);
	resets_in_time(&watchdog_itco_lpc, 1227, 0, false);
	resets_in_time(&watchdog_i6300esb, 2047, 0, false);
}

static void test_longer_than_it_counts(void **state)
{
	static const struct {
		const struct watchdog_driver *driver;
		uint32_t seconds;
		bool smi;
	} rows[] = {
		{ &watchdog_i6300esb, 2048, false },
		{ &watchdog_i6300esb, UINT32_MAX, false },
		{ &watchdog_i6300esb, 0x800001, false }, /* its ticks overflow */
		{ &watchdog_itco_lpc, 1228, false },
		{ &watchdog_itco_lpc, 614, true },
		{ &watchdog_itco_lpc, UINT32_MAX, false },
		{ &watchdog_itco_smbus, 614, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct watchdog w = opened(rows[i].driver);
		uint32_t ms;

		m.smi = rows[i].smi ? 0x2001 : 0;
		assert_int_equal(w.driver->arm(&w, rows[i].seconds, &ms), LB_ERR_RANGE);
		assert_int_equal(m.writes, 0);
	}
}

static void test_stopped(void **state)
{
	(void)state;
	for (size_t d = 0; d < COUNT(drivers); d++) {
		struct watchdog w = opened(drivers[d]);
		uint32_t ms;

		assert_int_equal(w.driver->arm(&w, 10, &ms), LB_OK);
		assert_true(run(5000) < 0);
		assert_int_equal(w.driver->stop(&w), LB_OK);
		assert_true(run(1e6) < 0);
		assert_false(m.enabled);
		assert_false(w.driver->died(&w));
		/* and again, from the start of the time */
		assert_int_equal(w.driver->arm(&w, 10, &ms), LB_OK);
		assert_true(run(9999) < 0);
		assert_true(run(1e6) >= 0);
	}
}

/* What the loader before, or the firmware, left: a status bit, a timer half way. */
static void test_armed_over_what_was_left(void **state)
{
	(void)state;
	for (size_t d = 0; d < COUNT(drivers); d++) {
		struct watchdog w = opened(drivers[d]);
		uint32_t ms;

		assert_int_equal(w.driver->arm(&w, 10, &ms), LB_OK);
		assert_true(run(9000) < 0);
		assert_int_equal(w.driver->arm(&w, 10, &ms), LB_OK);
		m.ends = 0; /* a status that was cleared begins anew */
		assert_int_equal(m.sts1 & 8, 0);
		assert_true(run(9999) < 0);
		assert_true(run(1e6) >= 0);
	}
}

static void test_nothing_there(void **state)
{
	(void)state;
	for (size_t d = 0; d < COUNT(drivers); d++) {
		struct watchdog w = device(drivers[d]);

		m.present = false;
		assert_int_equal(w.driver->open(&w), LB_ERR_NOT_FOUND);
		assert_int_equal(m.writes, 0);
	}
}

static void test_switched_off_by_the_firmware(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct watchdog w =
			device(how < 2 ? &watchdog_itco_lpc : &watchdog_itco_smbus);

		m.acpi_off = how == 0;
		m.rcba_off = how == 1;
		m.tco_off = how == 2;
		assert_int_equal(w.driver->open(&w), LB_ERR_NOT_FOUND);
		assert_int_equal(m.writes, 0);
	}
}

/* A board may keep NO_REBOOT set: the time would pass and nothing happen. */
static void test_strap_forbids_the_reset(void **state)
{
	(void)state;
	for (size_t d = 1; d < COUNT(drivers); d++) {
		struct watchdog w = opened(drivers[d]);
		uint32_t ms;

		m.strap = true;
		assert_int_equal(w.driver->arm(&w, 10, &ms), LB_ERR_DENIED);
		assert_false(m.enabled);
	}
}

static void test_other_bits_stay(void **state)
{
	struct watchdog w = opened(&watchdog_itco_lpc);
	uint32_t ms;

	(void)state;
	m.control = 0x1100; /* TCO_LOCK */
	assert_int_equal(w.driver->arm(&w, 10, &ms), LB_OK);
	assert_int_equal(m.control & 0x1800, 0x1000);
	assert_int_equal(m.gcs, 0x50);
	assert_int_equal(w.driver->stop(&w), LB_OK);
	assert_int_equal(m.gcs, 0x70);
}

static void test_timer_that_does_not_take_its_value(void **state)
{
	struct watchdog w = opened(&watchdog_itco_lpc);
	uint32_t ms;

	(void)state;
	m.stuck_timer = true;
	assert_int_equal(w.driver->arm(&w, 10, &ms), LB_ERR_IO);
	assert_false(m.enabled);
	assert_int_equal(m.gcs, 0x70);
}

static void test_locked(void **state)
{
	struct watchdog w = opened(&watchdog_i6300esb);
	uint32_t ms;

	(void)state;
	m.locked = true;
	assert_int_equal(w.driver->arm(&w, 10, &ms), LB_ERR_DENIED);
	assert_int_equal(m.writes, 0);
	m.enabled = true;
	assert_int_equal(w.driver->stop(&w), LB_ERR_DENIED);
}

static void test_device_that_does_not_start(void **state)
{
	struct watchdog w = opened(&watchdog_i6300esb);
	uint32_t ms;

	(void)state;
	m.deaf = true;
	assert_int_equal(w.driver->arm(&w, 10, &ms), LB_ERR_IO);
}

static void test_match(void **state)
{
	static const struct {
		uint16_t vendor, device, class_code;
		const struct watchdog_driver *driver;
		bool told;
	} rows[] = {
		{ 0x8086, 0x25ab, 0x0880, &watchdog_i6300esb, false },
		{ 0x8086, 0x2918, 0x0601, &watchdog_itco_lpc, false }, /* q35 */
		{ 0x8086, 0x8c50, 0x0601, &watchdog_itco_lpc, false },
		{ 0x8086, 0xa0a3, 0x0c05, &watchdog_itco_smbus, false },
		{ 0x8086, 0xa123, 0x0c05, NULL, true },  /* behind P2SB */
		{ 0x8086, 0x7000, 0x0601, NULL, true },  /* PIIX3, and what is to come */
		{ 0x8086, 0x2918, 0x0200, NULL, false }, /* ids do not name a class */
		{ 0x8086, 0x10d3, 0x0200, NULL, false },
		{ 0x1022, 0x25ab, 0x0880, NULL, false },
		{ 0x1022, 0x790e, 0x0601, NULL, false },
		{ 0xffff, 0xffff, 0xffff, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct watchdog_match got = watchdog_match(
			rows[i].vendor, rows[i].device, rows[i].class_code);

		assert_ptr_equal(got.driver, rows[i].driver);
		assert_int_equal(got.left_alone != NULL, rows[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resets_in_time),
		cmocka_unit_test(test_longer_than_it_counts),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_armed_over_what_was_left),
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_switched_off_by_the_firmware),
		cmocka_unit_test(test_strap_forbids_the_reset),
		cmocka_unit_test(test_other_bits_stay),
		cmocka_unit_test(test_timer_that_does_not_take_its_value),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_device_that_does_not_start),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
