/* What the recovery program reads from a network file, a server's list and DHCP servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/dhcp.h"
#include "net/json.h"
#include "net/offers.h"
#include "net/reason.h"
#include "net/router.h"
#include "net/settings.h"

static void test_urls(void **state)
{
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{ "https://example.com", true },
		{ "http://10.0.2.2:8080/devices/", true },
		{ "https://[2001:db8::1]:443/a", true },
		{ "https://", false },
		{ "https://:443/", false },
		{ "https://a:/", false },
		{ "https://a:123456/", false },
		{ "https://a:12x/", false },
		{ "ftp://example.com", false },
		{ "file:///etc/passwd", false },
		{ "https://user@example.com", false },
		{ "https://example.com/a?b", false },
		{ "https://example.com/a b", false },
		{ "https://example.com/%2e", false },
		{ "https://example.com/a/../b", false },
		{ "https://[::1", false },
		{ "HTTPS://example.com", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (net_url_good(rows[i].url) != rows[i].good)
			fail_msg("%s", rows[i].url);
}

static bool settings(const char *text, struct net_settings *out, char why[96])
{
	return net_settings_parse(text, strlen(text), out, why, 96);
}

static void test_settings(void **state)
{
	static const uint8_t address[] = { 192, 0, 2, 7 };
	struct net_settings s;
	char why[96] = "";

	(void)state;
	assert_true(
		settings("# a comment\r\n[network]\n\n server = https://a.example/x \n"
			 "address=192.0.2.7/24\ngateway = 192.0.2.1\n"
			 "address = 2001:db8::7/64\nproxy=http://10.0.0.1:3128\n"
			 "nameserver = 192.0.2.53 2001:db8::53",
			 &s, why));
	assert_string_equal(s.server, "https://a.example/x");
	assert_string_equal(s.proxy, "http://10.0.0.1:3128");
	assert_memory_equal(s.address.bytes, address, 4);
	assert_int_equal(s.address.prefix, 24);
	assert_true(s.gateway.set && s.address6.set && !s.gateway6.set);
	assert_int_equal(s.address6.prefix, 64);
	assert_int_equal(s.nameserver_count, 2);
	assert_string_equal(s.nameserver[1], "2001:db8::53");
	assert_true(settings("", &s, why));
	assert_false(s.address.set || s.server[0] != '\0');
}

static void test_settings_that_are_wrong(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "\nserver = ftp://a", "line 2: no address of a server" },
		{ "server = https://a\nserver = https://b",
		  "line 2: no address of a server" },
		{ "proxy = https://a", "line 1: no address of a proxy" },
		{ "address = 192.0.2.7", "line 1: no address with a prefix" },
		{ "address = 192.0.2.7/33", "line 1: no address with a prefix" },
		{ "address = 192.0.2.7/0", "line 1: no address with a prefix" },
		{ "address = 1.2.3.4/8\naddress = 1.2.3.5/8", "line 2: no address with" },
		{ "gateway = 192.0.2.1/24", "line 1: no address, or" },
		{ "gateway = 192.0.2.300", "line 1: no address, or" },
		{ "nameserver =", "line 1: no addresses, or too many" },
		{ "nameserver = 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4",
		  "line 1: no addresses" },
		{ "nameserver = a.example", "line 1: no addresses" },
		{ "ssid = home", "line 1: no such key" },
		{ "hello", "line 1: neither KEY" },
	};
	struct net_settings s;
	char why[96], big[1024];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (settings(rows[i].text, &s, why) ||
		    strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: %s", rows[i].text, why);
	memset(big, '#', sizeof big);
	assert_false(net_settings_parse(big, sizeof big, &s, why, sizeof why));
	assert_false(net_settings_parse("#\0#", 3, &s, why, sizeof why));
}

static bool offers(const char *text, struct net_offers *out, char why[96])
{
	return net_offers_parse(text, strlen(text), out, why, 96);
}

#define HEAD "{\"format\": \"lifeboat-model-1\", "

static void test_offers(void **state)
{
	struct net_offers o;
	char why[96] = "";

	(void)state;
	assert_true(offers(HEAD
			   "\"model\": \"Kiosk \\u0041\", \"x\": [1, {\"y\": [null, "
			   "true, -1.5e3, {}]}, []],\n \"payloads\": [{\"path\": "
			   "\"p/a-1.2.payload\", \"size\": 123, \"cpu\": \"x86_64\"}, "
			   "{\"size\": 9, \"path\": \"b\"}]} \n",
			   &o, why));
	assert_int_equal(o.count, 2);
	assert_string_equal(o.offer[0].path, "p/a-1.2.payload");
	assert_string_equal(o.offer[0].cpu, "x86_64");
	assert_int_equal(o.offer[0].bytes, 123);
	assert_string_equal(o.offer[1].cpu, "");
	assert_true(offers(HEAD "\"payloads\": []}", &o, why));
	assert_int_equal(o.count, 0);
}

static void test_offers_that_are_wrong(void **state)
{
	static const char *const rows[] = {
		"",
		"<html>",
		"[]",
		"{}",
		HEAD,
		HEAD "}",
		"{\"format\": \"lifeboat-model-2\", \"payloads\": []}",
		HEAD "\"payloads\": [{}]}",
		HEAD "\"payloads\": [{\"path\": \"a\"}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 0}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": -1}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 1.5}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 1e9}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 99999999999999999999}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 9999999999999999}]}",
		HEAD "\"payloads\": [{\"path\": \"../a\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"/a\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"a//b\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"https://b/a\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"a?b\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"a\\n\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"a\\u0000\", \"size\": 1}]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 1},]}",
		HEAD "\"payloads\": [{\"path\": \"a\", \"size\": 1}]} x",
		HEAD "\"payloads\": [{\"path\": \"a\" \"size\": 1}]}",
		HEAD "\"x\": [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]], \"payloads\": []}",
		HEAD "\"x\": \"",
		HEAD "\"x\": \"\\",
	};
	struct net_offers o;
	char why[96];

	(void)state;
	/* The empty object of ours: a list that was left out offers nothing. */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const bool good = offers(rows[i], &o, why);

		if (good && (strcmp(rows[i], HEAD "}") != 0 || o.count != 0))
			fail_msg("%s", rows[i]);
	}
}

static void test_model_paths(void **state)
{
	static const struct {
		const char *model, *path;
	} rows[] = {
		{ "kiosk-3", "kiosk-3.json" },
		{ "Kiosk 3", "Kiosk%203.json" },
		{ "../etc", "%2E.%2Fetc.json" },
		{ "\xc3\xa4", "%C3%A4.json" },
	};
	char path[NET_PATH_BYTES], longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(net_model_path(rows[i].model, path));
		assert_string_equal(path, rows[i].path);
		assert_true(net_path_good(path));
	}
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(net_model_path(longest, path));
	assert_false(net_model_path("", path));
}

/* --- DHCP --------------------------------------------------------------------------- */

static const struct dhcp_client client = { .mac = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 },
					   .transaction = 0x01020304 };

/* What a server would say: our own question turned round, with @options. */
static size_t answer(uint8_t p[DHCP_FRAME_BYTES], const uint8_t *options, size_t len)
{
	uint8_t *m = p + 28;
	uint32_t sum = 0;

	(void)dhcp_make(&client, DHCP_DISCOVER, NULL, p);
	m[0] = 2;
	memcpy(m + 16, "\xc0\x00\x02\x07", 4);
	memset(m + 240, 0, 60);
	memcpy(m + 240, options, len);
	p[21] = 67;
	p[23] = 68;
	p[10] = p[11] = 0;
	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	p[10] = (uint8_t)(~sum >> 8);
	p[11] = (uint8_t)~sum;
	return 28 + 300;
}

static const uint8_t offer[] = { 53, 1, 2, 1,  4,   255, 255, 254, 0, 3, 4, 192, 0,
				 2,  1, 6, 8,  192, 0,   2,   5,   8, 8, 8, 8,   51,
				 4,  0, 0, 14, 16,  54,  4,   192, 0, 2, 1, 255 };

static void test_dhcp_offer(void **state)
{
	uint8_t p[DHCP_FRAME_BYTES];
	struct dhcp_lease l;

	(void)state;
	const size_t len = answer(p, offer, sizeof offer);

	assert_true(dhcp_parse(&client, p, len, &l));
	assert_int_equal(l.kind, DHCP_OFFER);
	assert_int_equal(l.address, 0xc0000207);
	assert_int_equal(l.prefix, 23);
	assert_int_equal(l.gateway, 0xc0000201);
	assert_int_equal(l.server, 0xc0000201);
	assert_int_equal(l.nameserver_count, 2);
	assert_int_equal(l.nameserver[1], 0x08080808);
	assert_int_equal(l.lease_s, 3600);
	/* Our own question is no answer. */
	assert_false(dhcp_parse(&client, p, dhcp_make(&client, DHCP_REQUEST, &l, p), &l));
}

static void test_dhcp_that_is_not_ours(void **state)
{
	static const size_t places[] = { 0,
					 9,
					 20 /* ports */,
					 23,
					 28,
					 29,
					 30,
					 32 /* transaction */,
					 56 /* mac */,
					 264 /* magic */ };
	uint8_t p[DHCP_FRAME_BYTES];
	struct dhcp_lease l;

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const size_t len = answer(p, offer, sizeof offer);

		p[places[i]] ^= 0x81;
		if (dhcp_parse(&client, p, len, &l))
			fail_msg("byte %zu", places[i]);
	}
	const size_t len = answer(p, offer, sizeof offer);

	for (size_t cut = 0; cut < len; cut++)
		assert_false(dhcp_parse(&client, p, cut, &l));
	memcpy(p + 28 + 16, "\x7f\0\0\1", 4); /* no host's address */
	assert_false(dhcp_parse(&client, p, len, &l));
}

static void test_dhcp_options_that_are_odd(void **state)
{
	static const uint8_t bare[] = { 53, 1, 5, 255 },
			     hole[] = { 53, 1, 5, 1, 4, 255, 0, 255, 0, 255 };
	uint8_t p[DHCP_FRAME_BYTES], endless[60];
	struct dhcp_lease l;

	(void)state;
	assert_true(dhcp_parse(&client, p, answer(p, bare, sizeof bare), &l));
	assert_int_equal(l.prefix, 24); /* of 192.0.2.7's class */
	assert_int_equal(l.lease_s, 3600);
	assert_true(dhcp_parse(&client, p, answer(p, hole, sizeof hole), &l));
	assert_int_equal(l.prefix, 24);
	memset(endless, 0, sizeof endless);
	memcpy(endless, "\x35\1\5\3\xff", 5);
	assert_false(dhcp_parse(&client, p, answer(p, endless, sizeof endless), &l));
	memset(endless, 0, sizeof endless);
	assert_false(dhcp_parse(&client, p, answer(p, endless, sizeof endless), &l));
}

static void test_nameservers_of_routers(void **state)
{
	uint8_t m[16 + 40] = { 10 /* AF_INET6 */, 0, 40 };
	char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES];
	size_t count = 7;

	(void)state;
	m[16] = 25;
	m[17] = 5;
	memcpy(m + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x53", 16);
	memcpy(m + 40, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	assert_true(net_router_options(m, sizeof m, list, &count));
	assert_int_equal(count, 1);
	assert_string_equal(list[0], "2001:db8::53");
	for (size_t cut = 0; cut < sizeof m; cut++)
		assert_false(net_router_options(m, cut, list, &count));
	m[17] = 0;
	assert_false(net_router_options(m, sizeof m, list, &count));
	m[17] = 6;
	assert_false(net_router_options(m, sizeof m, list, &count));
}

static void test_every_reason_has_words(void **state)
{
	struct net_problem p;

	(void)state;
	for (unsigned int r = 0; r < NET_REASONS; r++)
		assert_non_null(net_reason_text(r));
	assert_string_equal(net_reason_text(NET_REASONS), "unknown");
	assert_int_equal(net_problem_set(&p, NET_CUT, "after %d bytes", 7), NET_CUT);
	assert_string_equal(p.detail, "after 7 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_settings_that_are_wrong),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_offers_that_are_wrong),
		cmocka_unit_test(test_model_paths),
		cmocka_unit_test(test_dhcp_offer),
		cmocka_unit_test(test_dhcp_that_is_not_ours),
		cmocka_unit_test(test_dhcp_options_that_are_odd),
		cmocka_unit_test(test_nameservers_of_routers),
		cmocka_unit_test(test_every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
