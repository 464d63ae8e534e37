/* Helper of test_net_fetch.py: one request by net/fetch.c, and what it says of it.
 *
 * usage: net_fetch BASE CA-FILE|sha256:HEX|- PATH whole|OFFSET+LENGTH [PROXY [SECONDS]]
 * prints "REASON BYTES TOTAL DATE VALID_FROM DETAIL", then a line of the bytes in hex */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/fetch.h"

#define ROOM ((size_t)1 << 20)

static uint8_t ca[65536], id[NET_CA_ID_BYTES], out[ROOM];

static void read_ca(const char *name, struct net_server *server)
{
	if (strncmp(name, "sha256:", 7) == 0) {
		for (size_t i = 0; i < sizeof id; i++) {
			char digits[3] = { name[7 + 2 * i], name[8 + 2 * i], '\0' };

			id[i] = (uint8_t)strtoul(digits, NULL, 16);
		}
		server->ca_id = id;
		return;
	}
	FILE *f = strcmp(name, "-") == 0 ? NULL : fopen(name, "rb");

	if (f == NULL)
		return;
	server->ca = ca;
	server->ca_bytes = fread(ca, 1, sizeof ca - 1, f) + 1;
	fclose(f);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	const unsigned int s = argc > 6 ? (unsigned int)strtoul(argv[6], NULL, 10) : 5;
	struct net_server server = { .base = argv[1],
				     .proxy = argc > 5 ? argv[5] : NULL };
	const struct net_limits limits = { s * 1000, s, s * 4 };
	struct net_part part = { .path = argv[3], .out = out, .room = ROOM };
	struct net_problem problem = { .reason = NET_OK };
	struct net_answer answer;
	char *plus;

	part.whole = strcmp(argv[4], "whole") == 0;
	if (!part.whole) {
		part.offset = strtoull(argv[4], &plus, 10);
		part.room = strtoull(plus + 1, NULL, 10);
	}
	read_ca(argv[2], &server);
	struct net_client *client = net_client_open(&server, &limits, NULL, NULL);

	if (client == NULL || part.room > ROOM)
		return 2;
	printf("%d ", (int)net_fetch(client, &part, &answer, &problem));
	printf("%zu %llu %lld %lld %s\n", answer.bytes, (unsigned long long)answer.total,
	       (long long)answer.date, (long long)answer.valid_from, problem.detail);
	for (size_t i = 0; i < answer.bytes; i++)
		printf("%02x", out[i]);
	printf("\n");
	net_client_close(client);
	return 0;
}
