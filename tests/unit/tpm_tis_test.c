/* The TIS driver against a made-up TPM that follows the interface's states, or does
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/bare/drivers/tpm_tis.h"

#define COMMAND_BYTES 300u

enum fault {
	FAULT_NONE,
	FAULT_NOTHING_THERE,
	FAULT_NOT_VALID,
	FAULT_NO_LOCALITY,
	FAULT_NOT_READY,
	FAULT_NO_BURST,
	FAULT_EXPECTS_LESS, /* than the command has */
	FAULT_EXPECTS_MORE,
	FAULT_NO_ANSWER,
	FAULT_STOPS_IN_HEADER,
	FAULT_STOPS_IN_RESPONSE,
	FAULT_HAS_MORE, /* than its header says */
};

enum state { IDLE, READY, RECEPTION, EXECUTION, COMPLETION };

static struct device {
	enum fault fault;
	uint16_t burst;
	enum state state;
	bool active;
	uint8_t command[COMMAND_BYTES + 8];
	size_t got;
	uint8_t response[COMMAND_BYTES];
	size_t response_bytes, given;
	uint64_t now_us, answers_after_us, started_us;
	unsigned commands;
} dev;

static size_t expected(void)
{
	const size_t len = dev.got < 6 ? 10 : lb_be32(dev.command + 2);

	return dev.fault == FAULT_EXPECTS_LESS   ? len - 2
	       : dev.fault == FAULT_EXPECTS_MORE ? len + 1
						 : len;
}

static size_t data_left(void)
{
	size_t end = dev.response_bytes;

	if (dev.fault == FAULT_STOPS_IN_HEADER)
		end = 4;
	if (dev.fault == FAULT_STOPS_IN_RESPONSE)
		end = 12;
	if (dev.fault == FAULT_HAS_MORE)
		end++;
	return dev.state == COMPLETION ? end - dev.given : 0;
}

static bool has_data(void)
{
	return data_left() > 0;
}

static uint16_t burst(void)
{
	if (dev.fault == FAULT_NO_BURST)
		return 0;
	return dev.state == COMPLETION && data_left() < dev.burst ? (uint16_t)data_left()
								  : dev.burst;
}

static uint8_t status(void)
{
	uint8_t value = 0x80;

	if (dev.state == EXECUTION && dev.fault != FAULT_NO_ANSWER &&
	    dev.now_us - dev.started_us >= dev.answers_after_us)
		dev.state = COMPLETION;
	if (dev.state == READY && dev.fault != FAULT_NOT_READY)
		value |= 0x40;
	if (dev.state == RECEPTION && dev.got < expected())
		value |= 0x08;
	if (has_data())
		value |= 0x10;
	return value;
}

static uint8_t read8(void *ctx, uint32_t offset)
{
	(void)ctx;
	switch (offset) {
	case 0x00:
		return (uint8_t)((dev.fault != FAULT_NOT_VALID ? 0x80 : 0) |
				 (dev.active ? 0x20 : 0));
	case 0x18:
		return status();
	case 0x19:
		return (uint8_t)burst();
	case 0x1a:
		return (uint8_t)(burst() >> 8);
	case 0x24:
		assert_int_equal(dev.state, COMPLETION);
		assert_true(has_data());
		return dev.response[dev.given++];
	default:
		fail_msg("read of 0x%x", offset);
		return 0;
	}
}

static void write_status(uint8_t value)
{
	switch (value) {
	case 0x40:
		/* From completion only back to idle, as TIS allows. */
		dev.state = dev.state == COMPLETION ? IDLE : READY;
		dev.got = 0;
		return;
	case 0x20:
		assert_int_equal(dev.state, RECEPTION);
		assert_int_equal(dev.got, expected());
		dev.state = EXECUTION;
		dev.given = 0;
		dev.started_us = dev.now_us;
		dev.commands++;
		return;
	default:
		fail_msg("status 0x%x written", value);
	}
}

static void write8(void *ctx, uint32_t offset, uint8_t value)
{
	(void)ctx;
	if (offset == 0x00) {
		if (value == 0x02)
			dev.active = dev.fault != FAULT_NO_LOCALITY;
		else
			dev.active = false;
		return;
	}
	if (offset == 0x18) {
		write_status(value);
		return;
	}
	assert_int_equal(offset, 0x24);
	assert_true(dev.active);
	assert_true(dev.state == READY || dev.state == RECEPTION);
	dev.state = RECEPTION;
	assert_in_range(dev.got, 0, sizeof dev.command - 1);
	dev.command[dev.got++] = value;
}

static uint32_t read32(void *ctx, uint32_t offset)
{
	(void)ctx;
	assert_int_equal(offset, 0xf00);
	return dev.fault == FAULT_NOTHING_THERE ? 0xffffffff : 0x00011014;
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	fail_msg("0x%x written to 0x%x", value, offset);
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return dev.now_us += 3;
}

static void relax(void *ctx)
{
	(void)ctx;
	dev.now_us += 1000;
}

static const struct tpm_tis fresh = {
	.io = { .read32 = read32, .write32 = write32, .read8 = read8, .write8 = write8 },
	.clock = { .now_us = now_us, .relax = relax },
};
static struct tpm_tis tis;
static uint8_t command[COMMAND_BYTES], response[COMMAND_BYTES];

static void start(enum fault fault, size_t len, size_t response_bytes)
{
	memset(&dev, 0, sizeof dev);
	tis = fresh;
	dev.fault = fault;
	dev.burst = 64;
	for (size_t i = 0; i < sizeof command; i++) {
		command[i] = (uint8_t)(i * 7);
		dev.response[i] = (uint8_t)(i * 11);
	}
	lb_put_be32(command + 2, (uint32_t)len);
	lb_put_be32(dev.response + 2, (uint32_t)response_bytes);
	dev.response_bytes = response_bytes;
	memset(response, 0xcc, sizeof response);
}

static enum lb_status submit(size_t len, size_t *got)
{
	*got = sizeof response;
	return tpm_tis_submit(&tis, command, len, response, got);
}

static void test_commands_of_every_size(void **state)
{
	static const uint16_t bursts[] = { 1, 3, 64, 0x101, 0x1000 };

	(void)state;
	for (size_t b = 0; b < sizeof bursts / sizeof bursts[0]; b++)
		for (size_t len = 10; len <= COMMAND_BYTES; len += len < 80 ? 1 : 37) {
			const size_t answer = 310 - len;
			size_t got;

			start(FAULT_NONE, len, answer);
			dev.burst = bursts[b];
			dev.answers_after_us = 20000;
			assert_int_equal(tpm_tis_probe(&tis), LB_OK);
			assert_int_equal(submit(len, &got), LB_OK);
			assert_int_equal(got, answer);
			assert_memory_equal(response, dev.response, answer);
			assert_memory_equal(dev.command, command, len);
			assert_false(dev.active); /* free for the kernel */
			assert_int_equal(submit(len, &got), LB_OK); /* and again */
			assert_int_equal(dev.commands, 2);
		}
}

static const struct {
	const char *name;
	enum fault fault;
	enum lb_status want;
	unsigned commands; /* that were let go */
} faults[] = {
	{ "no locality", FAULT_NO_LOCALITY, LB_ERR_TIMEOUT, 0 },
	{ "not valid", FAULT_NOT_VALID, LB_ERR_TIMEOUT, 0 },
	{ "not ready", FAULT_NOT_READY, LB_ERR_TIMEOUT, 0 },
	{ "no burst", FAULT_NO_BURST, LB_ERR_TIMEOUT, 0 },
	{ "expects less", FAULT_EXPECTS_LESS, LB_ERR_TIMEOUT, 0 },
	{ "expects more", FAULT_EXPECTS_MORE, LB_ERR_TIMEOUT, 0 },
	{ "no answer", FAULT_NO_ANSWER, LB_ERR_TIMEOUT, 1 },
	{ "stops in its header", FAULT_STOPS_IN_HEADER, LB_ERR_TIMEOUT, 1 },
	{ "stops in its response", FAULT_STOPS_IN_RESPONSE, LB_ERR_TIMEOUT, 1 },
	{ "has more", FAULT_HAS_MORE, LB_ERR_TIMEOUT, 1 },
};

/* Every wait ends, and a TPM that hung once does not cost that time again. */
static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		size_t got;

		start(faults[i].fault, 20, 40);
		if (submit(20, &got) != faults[i].want ||
		    dev.commands != faults[i].commands)
			fail_msg("%s: %u commands", faults[i].name, dev.commands);
		assert_int_equal(got, 0);
		assert_in_range(dev.now_us, 0,
				TPM_TIS_COMMAND_US + 2 * TPM_TIS_TIMEOUT_US);
		const uint64_t then = dev.now_us;

		dev.fault = FAULT_NONE;
		assert_int_equal(submit(20, &got), LB_ERR_IO);
		assert_int_equal(dev.now_us, then);
	}
}

static void test_slow_but_in_time(void **state)
{
	size_t got;

	(void)state;
	start(FAULT_NONE, 20, 40);
	dev.answers_after_us = TPM_TIS_COMMAND_US - 5000;
	assert_int_equal(submit(20, &got), LB_OK);
}

/* What its header says of a response is not believed. */
static void test_sizes(void **state)
{
	static const uint32_t bad[] = { 0, 9, 301, 0x7fffffff, 0xffffffff };
	size_t got = 9;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		start(FAULT_NONE, 20, 40);
		lb_put_be32(dev.response + 2, bad[i]);
		assert_int_equal(submit(20, &got), LB_ERR_RANGE);
		assert_int_equal(got, 0);
		lb_put_be32(dev.response + 2, 40);
		assert_int_equal(submit(20, &got), LB_OK); /* it lives */
	}
	start(FAULT_NONE, 20, 40);
	got = 9;
	assert_int_equal(tpm_tis_submit(&tis, command, 20, response, &got), LB_ERR_RANGE);
	assert_int_equal(submit(9, &got), LB_ERR_RANGE);
	got = 39;
	assert_int_equal(tpm_tis_submit(&tis, command, 20, response, &got), LB_ERR_RANGE);
	assert_int_equal(response[39], 0xcc);
}

static void test_probe(void **state)
{
	(void)state;
	start(FAULT_NOTHING_THERE, 20, 40);
	assert_int_equal(tpm_tis_probe(&tis), LB_ERR_NOT_FOUND);
	start(FAULT_NOT_VALID, 20, 40);
	assert_int_equal(tpm_tis_probe(&tis), LB_ERR_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_of_every_size),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_slow_but_in_time),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
