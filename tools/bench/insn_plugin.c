/* QEMU plugin: counts guest instructions between places in the guest's code.
 *
 * A place is known by the bytes of its code, so nothing has to be built into the guest:
 *   at=NAME:HEX         a place; the first time it runs, one line is written (the same
 *                       name may be given to several)
 *   base=NAME:OFFSET    place NAME lies OFFSET (hex) bytes into its image: from there on
 *   range=LOW-HIGH      instructions at image offsets [LOW, HIGH) (hex) are also counted
 *                       apart (all ranges together)
 *   out=FILE            where the lines go
 * A line: NAME, instructions since the start of the machine, of these in the ranges.
 *
 * Debian's QEMU loads plugins but comes without their header; what is used of interface
 * version 1 is declared here. Built by tools/bench/run:
 *   gcc -O2 -shared -fPIC -o insn_plugin.so insn_plugin.c */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLACES 64
#define MAX_RANGES 16
#define MAX_CODE   64
#define MIN_CODE   8 /* a block shorter than this cannot be told from others */

struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*run)(uint64_t id,
						       struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op,
						void *counter, uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *,
					    void (*run)(unsigned int vcpu, void *data),
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id,
							       const void *info, int argc,
							       char **argv);

struct place {
	char name[32];
	uint8_t code[MAX_CODE];
	size_t code_bytes;
	bool reached;
	bool has_base;
	uint64_t base_offset;
	uint64_t address;
};

static struct place places[MAX_PLACES];
static size_t place_count;
static struct {
	uint64_t low, high;
} ranges[MAX_RANGES];
static size_t range_count;
static bool base_known;
static uint64_t image_base;
static uint64_t all, in_ranges;
static FILE *out;

static void reach(unsigned int vcpu, void *data)
{
	struct place *p = data;

	(void)vcpu;
	if (p->reached)
		return;
	p->reached = true;
	if (p->has_base) {
		image_base = p->address - p->base_offset;
		base_known = true;
	}
	fprintf(out, "%s %" PRIu64 " %" PRIu64 "\n", p->name, all, in_ranges);
	fflush(out);
}

/* The bytes of a block's instructions, at most MAX_CODE; returns how many. */
static size_t block_code(const struct qemu_plugin_tb *tb, uint8_t code[MAX_CODE])
{
	const size_t count = qemu_plugin_tb_n_insns(tb);
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const size_t len = qemu_plugin_insn_size(insn);

		if (used + len > MAX_CODE)
			break;
		memcpy(code + used, qemu_plugin_insn_data(insn), len);
		used += len;
	}
	return used;
}

static bool counts_apart(uint64_t address)
{
	for (size_t i = 0; base_known && i < range_count; i++)
		if (address - image_base >= ranges[i].low &&
		    address - image_base < ranges[i].high)
			return true;
	return false;
}

static void watch_places(struct qemu_plugin_tb *tb)
{
	uint8_t code[MAX_CODE];
	const size_t have = block_code(tb, code);

	for (size_t i = 0; i < place_count; i++) {
		struct place *p = &places[i];
		const size_t len = have < p->code_bytes ? have : p->code_bytes;

		if (p->reached || len < MIN_CODE || memcmp(code, p->code, len) != 0)
			continue;
		p->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
		qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, 0),
						       reach, 0, p);
	}
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	watch_places(tb);
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, 0, &all, 1);
		if (counts_apart(qemu_plugin_insn_vaddr(insn)))
			qemu_plugin_register_vcpu_insn_exec_inline(insn, 0, &in_ranges,
								   1);
	}
}

static struct place *place_named(const char *name, size_t len)
{
	for (size_t i = 0; i < place_count; i++)
		if (strlen(places[i].name) == len &&
		    memcmp(places[i].name, name, len) == 0)
			return &places[i];
	return NULL;
}

static bool add_place(const char *text)
{
	const char *colon = strchr(text, ':');
	struct place *p = &places[place_count];

	if (colon == NULL || place_count == MAX_PLACES ||
	    (size_t)(colon - text) >= sizeof p->name)
		return false;
	memcpy(p->name, text, (size_t)(colon - text));
	for (const char *hex = colon + 1; *hex != '\0'; hex += 2) {
		unsigned int byte;

		if (p->code_bytes == MAX_CODE || sscanf(hex, "%2x", &byte) != 1)
			return false;
		p->code[p->code_bytes++] = (uint8_t)byte;
	}
	place_count++;
	return p->code_bytes >= MIN_CODE;
}

static bool set_base(const char *text)
{
	const char *colon = strchr(text, ':');
	struct place *p;

	if (colon == NULL || (p = place_named(text, (size_t)(colon - text))) == NULL)
		return false;
	p->has_base = true;
	p->base_offset = strtoull(colon + 1, NULL, 16);
	return true;
}

static bool add_range(const char *text)
{
	char *end;

	if (range_count == MAX_RANGES)
		return false;
	ranges[range_count].low = strtoull(text, &end, 16);
	if (*end != '-')
		return false;
	ranges[range_count++].high = strtoull(end + 1, NULL, 16);
	return true;
}

static bool option(const char *text)
{
	if (strncmp(text, "at=", 3) == 0)
		return add_place(text + 3);
	if (strncmp(text, "base=", 5) == 0)
		return set_base(text + 5);
	if (strncmp(text, "range=", 6) == 0)
		return add_range(text + 6);
	if (strncmp(text, "out=", 4) == 0)
		return (out = fopen(text + 4, "w")) != NULL;
	return false;
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	out = stderr;
	for (int i = 0; i < argc; i++) {
		if (!option(argv[i])) {
			fprintf(stderr, "insn_plugin: bad argument %s\n", argv[i]);
			return -1;
		}
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
