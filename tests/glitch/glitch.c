/* The fault campaign: runs the guest (the loader's own objects, guest.c) under emulation
 * and, for each instruction it executes, once more with that instruction skipped.
 *
 * Two engines: the first runs the guest undisturbed with a hook at each instruction;
 * where a trial is due, the hook copies registers and memory to the second engine, which
 * goes on behind the instruction, at full speed, until the guest ends. Nothing is
 * repeated from the start, and the trials do not see one another. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "tests/glitch/guest.h"

#define PAGE         4096u
#define MAX_REGIONS  16u
#define MAX_REGS     80u
#define MAX_FOUND    4096u
#define BLOCKS_SPARE 200000u /* a trial may take so many more blocks than the whole run */
#define CODE_END     0x02000000u
/* In code that decides: up to so many executions of an instruction all are tried; of more
 * (a loop over bytes) so many at each end and between. */
#define LOOP_ALL     16u
#define LOOP_ENDS    4u
#define LOOP_BETWEEN 4u

enum outcome { BOOTED, REFUSED, RESET, CRASHED, HUNG, OUTCOMES };
static const char *const outcome_names[OUTCOMES] = { "booted", "refused", "reset",
						     "crashed", "hung" };

/* What happens to the instruction. */
enum fault { FAULT_SKIP, FAULT_ZERO, FAULTS };

struct region {
	uint64_t base;
	size_t bytes;
	uint32_t prot;
	uint8_t *memory[2]; /* of the two engines; the same when it is never written */
};

struct symbol {
	uint64_t base, bytes;
	const char *name;
};

struct found {
	uint64_t at;
	uint32_t nth; /* execution of that instruction */
};

struct campaign {
	bool arm;
	uint64_t entry, end, outcome_at, arena_used_at;
	struct region region[MAX_REGIONS];
	size_t regions;
	uc_engine *uc[2];
	int reg[MAX_REGS];
	size_t regs;
	int pc;

	struct symbol *symbol;
	size_t symbols;
	bool *decision; /* by symbol: all executions are tried */

	uint32_t *count, *seen; /* by code address / step: executions in all, so far */
	uint64_t instructions, blocks, blocks_left;
	uint32_t head, tail, spread, every; /* which executions are tried */

	enum fault fault;
	bool recording;
	uint64_t trials, results[OUTCOMES];
	struct found found[MAX_FOUND];
	size_t founds;
	uint64_t arena_dirty;
	uint64_t ready_at; /* the self-test is over when this code is reached */
	bool ready;
};

static _Noreturn void fail(const char *what, const char *detail)
{
	fprintf(stderr, "glitch: %s%s\n", what, detail);
	exit(2);
}

static void check(uc_err err, const char *what)
{
	if (err != UC_ERR_OK) {
		fprintf(stderr, "glitch: %s: %s\n", what, uc_strerror(err));
		exit(2);
	}
}

static void *grab(size_t bytes)
{
	void *memory = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);

	if (memory == NULL)
		fail("no memory", "");
	memset(memory, 0, (bytes + PAGE - 1) / PAGE * PAGE);
	return memory;
}

static uint8_t *slurp(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	long size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		fail(path, ": cannot be read");
	rewind(file);
	uint8_t *data = grab((size_t)size + 1);

	if (fread(data, 1, (size_t)size, file) != (size_t)size)
		fail(path, ": cannot be read");
	(void)fclose(file);
	*bytes = (size_t)size;
	return data;
}

static struct region *add_region(struct campaign *c, uint64_t base, size_t bytes,
				 uint32_t prot)
{
	if (c->regions == MAX_REGIONS)
		fail("too many regions", "");
	struct region *r = &c->region[c->regions++];

	r->base = base & ~(uint64_t)(PAGE - 1);
	r->bytes = (size_t)((base + bytes - r->base + PAGE - 1) / PAGE * PAGE);
	r->prot = prot;
	r->memory[0] = grab(r->bytes);
	r->memory[1] = (prot & UC_PROT_WRITE) != 0 ? grab(r->bytes) : r->memory[0];
	return r;
}

static struct region *region_of(struct campaign *c, uint64_t at)
{
	for (size_t i = 0; i < c->regions; i++)
		if (at - c->region[i].base < c->region[i].bytes)
			return &c->region[i];
	fail("an address without memory", "");
}

static uint64_t guest_u64(struct campaign *c, size_t engine, uint64_t at)
{
	const struct region *r = region_of(c, at);
	uint64_t value;

	memcpy(&value, r->memory[engine] + (at - r->base), sizeof value);
	return value;
}

/* --- the guest's file --------------------------------------------------------------- */

static int by_base(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->base < y->base ? -1 : x->base > y->base;
}

static void load_symbols(struct campaign *c, const uint8_t *elf)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)elf;
	const Elf64_Shdr *sh = (const Elf64_Shdr *)(elf + eh->e_shoff);

	for (size_t i = 0; i < eh->e_shnum; i++) {
		if (sh[i].sh_type != SHT_SYMTAB)
			continue;
		const Elf64_Sym *sym = (const Elf64_Sym *)(elf + sh[i].sh_offset);
		const char *names = (const char *)elf + sh[sh[i].sh_link].sh_offset;
		const size_t n = sh[i].sh_size / sizeof *sym;

		c->symbol = calloc(n, sizeof *c->symbol);
		for (size_t k = 0; k < n; k++) {
			const char *name = names + sym[k].st_name;

			if (strcmp(name, "profile_select") == 0)
				c->ready_at = sym[k].st_value;
			else if (strcmp(name, "guest_end") == 0)
				c->end = sym[k].st_value;
			else if (strcmp(name, "guest_outcome") == 0)
				c->outcome_at = sym[k].st_value;
			else if (strcmp(name, "guest_arena_used") == 0)
				c->arena_used_at = sym[k].st_value;
			if (ELF64_ST_TYPE(sym[k].st_info) == STT_FUNC &&
			    sym[k].st_size > 0)
				c->symbol[c->symbols++] =
					(struct symbol){ sym[k].st_value, sym[k].st_size,
							 name };
		}
	}
	qsort(c->symbol, c->symbols, sizeof *c->symbol, by_base);
	if (c->end == 0 || c->outcome_at == 0 || c->arena_used_at == 0 ||
	    c->ready_at == 0)
		fail("the guest lacks a symbol", "");
}

static void load_guest(struct campaign *c, const char *path)
{
	size_t bytes;
	uint8_t *elf = slurp(path, &bytes);
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)elf;

	if (bytes < sizeof *eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 ||
	    (eh->e_machine != EM_X86_64 && eh->e_machine != EM_AARCH64))
		fail(path, ": not an x86_64 or aarch64 ELF file");
	c->arm = eh->e_machine == EM_AARCH64;
	c->entry = eh->e_entry;
	for (size_t i = 0; i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph =
			(const Elf64_Phdr *)(elf + eh->e_phoff + i * eh->e_phentsize);

		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		const uint32_t prot =
			(ph->p_flags & PF_X) != 0   ? UC_PROT_READ | UC_PROT_EXEC
			: (ph->p_flags & PF_W) != 0 ? UC_PROT_READ | UC_PROT_WRITE
						    : UC_PROT_READ;
		struct region *r = add_region(c, ph->p_vaddr, ph->p_memsz, prot);

		memcpy(r->memory[0] + (ph->p_vaddr - r->base), elf + ph->p_offset,
		       ph->p_filesz);
	}
	load_symbols(c, elf);
}

static const struct symbol *symbol_at(const struct campaign *c, uint64_t at)
{
	size_t low = 0, high = c->symbols;

	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (c->symbol[mid].base + c->symbol[mid].bytes <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->symbols && at >= c->symbol[low].base ? &c->symbol[low] : NULL;
}

/* --- engines ------------------------------------------------------------------------ */

static void list_registers(struct campaign *c)
{
	if (!c->arm) {
		static const int x86[] = {
			UC_X86_REG_RAX,    UC_X86_REG_RBX, UC_X86_REG_RCX, UC_X86_REG_RDX,
			UC_X86_REG_RSI,    UC_X86_REG_RDI, UC_X86_REG_RBP, UC_X86_REG_RSP,
			UC_X86_REG_R8,     UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
			UC_X86_REG_R12,    UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
			UC_X86_REG_EFLAGS,
		};

		memcpy(c->reg, x86, sizeof x86);
		c->regs = sizeof x86 / sizeof x86[0];
		c->pc = UC_X86_REG_RIP;
		return;
	}
	for (int i = 0; i < 29; i++)
		c->reg[c->regs++] = UC_ARM64_REG_X0 + i;
	c->reg[c->regs++] = UC_ARM64_REG_X29;
	c->reg[c->regs++] = UC_ARM64_REG_X30;
	c->reg[c->regs++] = UC_ARM64_REG_SP;
	c->reg[c->regs++] = UC_ARM64_REG_NZCV;
	for (int i = 0; i < 32; i++)
		c->reg[c->regs++] = UC_ARM64_REG_Q0 + i;
	c->pc = UC_ARM64_REG_PC;
}

static void copy_registers(struct campaign *c)
{
	static uint64_t value[MAX_REGS][2];
	static void *pointer[MAX_REGS];

	for (size_t i = 0; i < c->regs; i++)
		pointer[i] = value[i];
	check(uc_reg_read_batch(c->uc[0], c->reg, pointer, (int)c->regs), "registers");
	check(uc_reg_write_batch(c->uc[1], c->reg, pointer, (int)c->regs), "registers");
}

/* The arena only as far as either engine can have written it. */
static void copy_memory(struct campaign *c)
{
	const uint64_t used = guest_u64(c, 0, c->arena_used_at);
	const uint64_t dirty = used > c->arena_dirty ? used : c->arena_dirty;

	for (size_t i = 0; i < c->regions; i++) {
		struct region *r = &c->region[i];
		size_t bytes = r->bytes;

		if (r->memory[0] == r->memory[1])
			continue;
		if (r->base == GUEST_ARENA_BASE && dirty < bytes)
			bytes = (size_t)dirty;
		memcpy(r->memory[1], r->memory[0], bytes);
	}
}

static void note_arena(struct campaign *c)
{
	const uint64_t used = guest_u64(c, 1, c->arena_used_at);

	/* A fault may have made the number itself wrong: then all of it. */
	c->arena_dirty = used <= GUEST_ARENA_BYTES ? used : GUEST_ARENA_BYTES;
}

static enum outcome judge(struct campaign *c, size_t engine, uc_err err)
{
	if (c->blocks_left == 0)
		return HUNG;
	if (err != UC_ERR_OK)
		return CRASHED;
	switch (guest_u64(c, engine, c->outcome_at)) {
	case GUEST_BOOTED:
		return BOOTED;
	case GUEST_REFUSED:
		return REFUSED;
	case GUEST_RESET:
		return RESET;
	default:
		return CRASHED;
	}
}

static void on_block(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
	struct campaign *c = user;

	(void)at;
	(void)size;
	if (c->recording) {
		c->blocks++;
		return;
	}
	if (c->blocks_left == 0 || --c->blocks_left == 0)
		(void)uc_emu_stop(uc);
}

static void describe(struct campaign *c, uint64_t at, uint32_t nth, enum outcome outcome)
{
	const struct symbol *s = symbol_at(c, at);

	if (outcome != BOOTED)
		return;
	if (c->founds < MAX_FOUND)
		c->found[c->founds++] = (struct found){ at, nth };
	printf("found %s+0x%" PRIx64 " 0x%" PRIx64 " execution %u of %u\n",
	       s != NULL ? s->name : "?", s != NULL ? at - s->base : 0, at, nth,
	       c->count[at]);
	(void)fflush(stdout);
}

/* --- trials ------------------------------------------------------------------------- */

/* Is the @nth of @count executions of the instruction @at tried? */
static bool due(const struct campaign *c, uint64_t at, uint32_t nth, uint32_t count)
{
	const struct symbol *s = symbol_at(c, at);

	if (s == NULL || strncmp(s->name, "guest_", 6) == 0)
		return false;
	if (!c->ready)
		return c->head > 0 && nth == 1;
	if (c->decision[s - c->symbol]) {
		if (count <= LOOP_ALL)
			return true;
		return nth <= LOOP_ENDS || nth > count - LOOP_ENDS ||
		       nth % (count / LOOP_BETWEEN) == 0;
	}
	if (nth <= c->head || nth > count - (c->tail < count ? c->tail : count))
		return true;
	return c->spread > 0 && (nth - c->head) % ((count / c->spread) + 1) == 0;
}

static void zero_result(struct campaign *c)
{
	static const uint64_t zero[2];

	check(uc_reg_write(c->uc[1], c->arm ? UC_ARM64_REG_X0 : UC_X86_REG_RAX, zero),
	      "result");
}

static void trial(struct campaign *c, uint64_t at, uint32_t size, uint32_t nth)
{
	copy_registers(c);
	copy_memory(c);
	if (c->fault == FAULT_ZERO)
		zero_result(c);
	c->blocks_left = c->blocks + BLOCKS_SPARE;
	c->recording = false;
	const uint64_t from = c->fault == FAULT_ZERO ? at : at + size;
	const uc_err err = uc_emu_start(c->uc[1], from, c->end, 0, 0);
	const enum outcome outcome = judge(c, 1, err);

	c->recording = true;
	note_arena(c);
	c->trials++;
	c->results[outcome]++;
	describe(c, at, nth, outcome);
}

/* First pass: how often each instruction is executed. */
static void count_code(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
	struct campaign *c = user;

	(void)uc;
	(void)size;
	c->count[at]++;
	c->instructions++;
}

/* A return: where a register is zeroed behind it. */
static bool is_return(struct campaign *c, uint64_t at)
{
	const struct region *r = region_of(c, at);
	const uint8_t *code = r->memory[0] + (at - r->base);
	uint32_t word;

	memcpy(&word, code, 4);
	return c->arm ? (word & 0xfffffc1f) == 0xd65f0000 : code[0] == 0xc3;
}

static void try_code(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
	struct campaign *c = user;
	const uint32_t nth = ++c->seen[at];

	(void)uc;
	c->ready |= at == c->ready_at;
	if (at >= CODE_END || !due(c, at, nth, c->count[at]))
		return;
	if (c->fault == FAULT_ZERO && !is_return(c, at))
		return;
	/* A reduced campaign takes each so-manieth, the same ones each time. */
	static uint64_t turn;

	if (c->every > 1 && turn++ % c->every != 0)
		return;
	trial(c, at, size, nth);
}

static enum outcome run_through(struct campaign *c, uc_cb_hookcode_t hook)
{
	static const uint64_t stack[2] = { GUEST_STACK_BASE + GUEST_STACK_BYTES - 72 };
	uc_hook code;

	for (size_t i = 0; i < c->regions; i++)
		if (c->region[i].memory[0] != c->region[i].memory[1])
			memcpy(c->region[i].memory[0], c->region[i].memory[1],
			       c->region[i].bytes);
	check(uc_hook_add(c->uc[0], &code, UC_HOOK_CODE, (void *)hook, c, 1, 0), "hook");
	if (c->arm) {
		static const uint64_t aligned[2] = { GUEST_STACK_BASE +
						     GUEST_STACK_BYTES - 64 };

		check(uc_reg_write(c->uc[0], UC_ARM64_REG_SP, aligned), "stack");
	} else {
		check(uc_reg_write(c->uc[0], UC_X86_REG_RSP, stack), "stack");
	}
	c->recording = true;
	c->blocks_left = UINT64_MAX;
	const uc_err err = uc_emu_start(c->uc[0], c->entry, c->end, 0, 0);

	check(uc_hook_del(c->uc[0], code), "hook");
	if (err != UC_ERR_OK) {
		uint64_t pc = 0;

		(void)uc_reg_read(c->uc[0], c->pc, &pc);
		fprintf(stderr, "glitch: undisturbed run: %s at 0x%" PRIx64 "\n",
			uc_strerror(err), pc);
		exit(2);
	}
	return judge(c, 0, err);
}

/* --- set-up ------------------------------------------------------------------------- */

static void open_engines(struct campaign *c)
{
	for (size_t e = 0; e < 2; e++) {
		uc_hook block;

		check(uc_open(c->arm ? UC_ARCH_ARM64 : UC_ARCH_X86,
			      c->arm ? UC_MODE_ARM : UC_MODE_64, &c->uc[e]),
		      "engine");
		for (size_t i = 0; i < c->regions; i++)
			check(uc_mem_map_ptr(c->uc[e], c->region[i].base,
					     c->region[i].bytes, c->region[i].prot,
					     c->region[i].memory[e]),
			      "memory");
		check(uc_hook_add(c->uc[e], &block, UC_HOOK_BLOCK, (void *)on_block, c, 1,
				  0),
		      "hook");
	}
}

static void put_input(struct campaign *c, char **word)
{
	struct region *r =
		add_region(c, GUEST_INPUT_BASE, GUEST_INPUT_BYTES, UC_PROT_READ);
	size_t profile_bytes, disk_bytes;
	uint8_t *profile = slurp(word[0], &profile_bytes);
	uint8_t *disk = slurp(word[1], &disk_bytes);

	if (profile_bytes > GUEST_DISK_AT - GUEST_PROFILE_AT ||
	    disk_bytes > GUEST_INPUT_BYTES - GUEST_DISK_AT)
		fail("profile or disk too large", "");
	const struct guest_input input = {
		.profile_bytes = (uint32_t)profile_bytes,
		.disk_sectors = (uint32_t)(disk_bytes / 512),
		.kernel_floor = (uint32_t)strtoul(word[2], NULL, 0),
		.recovery_floor = (uint32_t)strtoul(word[3], NULL, 0),
		.loader_floor = (uint32_t)strtoul(word[4], NULL, 0),
		.cpu = c->arm ? 1 : 0,
		.recovery = strcmp(word[5], "recovery") == 0,
		.smash = strncmp(word[5], "smash=", 6) == 0
				 ? (uint32_t)strtoul(word[5] + 6, NULL, 0)
				 : 0,
	};

	memcpy(r->memory[0], &input, sizeof input);
	memcpy(r->memory[0] + GUEST_PROFILE_AT, profile, profile_bytes);
	memcpy(r->memory[0] + GUEST_DISK_AT, disk, disk_bytes);
}

/* The names of the functions that decide, one a line; of these as good as all is
 * tried. */
static void mark_decisions(struct campaign *c, const char *path)
{
	char line[256];
	FILE *file = fopen(path, "r");

	c->decision = calloc(c->symbols, sizeof *c->decision);
	if (file == NULL)
		fail(path, ": cannot be read");
	while (fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < c->symbols; i++)
			if (strncmp(c->symbol[i].name, line, strlen(line)) == 0 &&
			    (c->symbol[i].name[strlen(line)] == '\0' ||
			     c->symbol[i].name[strlen(line)] == '.'))
				c->decision[i] = true;
	}
	(void)fclose(file);
}

static void usage(void)
{
	fail("usage: glitch GUEST DECISIONS HEAD,TAIL,SPREAD,EVERY skip|zero PROFILE "
	     "DISK KERNEL-FLOOR RECOVERY-FLOOR LOADER-FLOOR boot|recovery|smash=BYTES",
	     "");
}

int main(int argc, char **argv)
{
	static struct campaign c;

	if (argc != 11)
		usage();
	if (sscanf(argv[3], "%u,%u,%u,%u", &c.head, &c.tail, &c.spread, &c.every) != 4)
		usage();
	c.fault = strcmp(argv[4], "zero") == 0 ? FAULT_ZERO : FAULT_SKIP;
	load_guest(&c, argv[1]);
	mark_decisions(&c, argv[2]);
	put_input(&c, argv + 5);
	add_region(&c, GUEST_STACK_BASE, GUEST_STACK_BYTES, UC_PROT_READ | UC_PROT_WRITE);
	add_region(&c, GUEST_ARENA_BASE, GUEST_ARENA_BYTES, UC_PROT_READ | UC_PROT_WRITE);
	add_region(&c, GUEST_BODY_BASE, GUEST_BODY_BYTES, UC_PROT_READ | UC_PROT_WRITE);
	/* The state at the start lies in the second engine's memory until the first
	 * trial. */
	for (size_t i = 0; i < c.regions; i++)
		if (c.region[i].memory[0] != c.region[i].memory[1])
			memcpy(c.region[i].memory[1], c.region[i].memory[0],
			       c.region[i].bytes);
	list_registers(&c);
	open_engines(&c);
	c.count = calloc(CODE_END, sizeof *c.count);
	c.seen = calloc(CODE_END, sizeof *c.seen);

	const enum outcome plain = run_through(&c, count_code);
	uint64_t addresses = 0;

	for (size_t i = 0; i < CODE_END; i++)
		addresses += c.count[i] != 0;
	printf("plain %s instructions %" PRIu64 " addresses %" PRIu64 " blocks %" PRIu64
	       "\n",
	       outcome_names[plain], c.instructions, addresses, c.blocks);
	(void)fflush(stdout);
	if (plain == BOOTED || c.every == 0)
		return 0;
	if (run_through(&c, try_code) != plain)
		fail("the second run ended otherwise", "");
	printf("trials %" PRIu64, c.trials);
	for (size_t i = 0; i < OUTCOMES; i++)
		printf(" %s %" PRIu64, outcome_names[i], c.results[i]);
	printf("\n");
	return c.results[BOOTED] != 0;
}
