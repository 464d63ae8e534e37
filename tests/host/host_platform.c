/* The host back end. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_32BIT */
#include "tests/host/host_platform.h"

#define POISON_BYTES ((size_t)256 * 1024)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/format.h"

#define MEMORY_LIMIT ((size_t)1 << 30)
#define POLL_MS      1u /* a poll that finds nothing costs this much time */

/* One alloc(), in a list so that nothing is lost over a long jump. */
struct host_block {
	struct host_block *next;
	uint8_t *memory;
	size_t bytes;
	void *mapped; /* NULL: from the heap, so that sanitizers watch its ends */
	size_t mapped_bytes;
};

static void stop(const char *what)
{
	fprintf(stderr, "host_platform: %s\n", what);
	abort();
}

static void end_run(struct host_platform *host, enum host_end how)
{
	if (!host->running)
		stop("hand-off, reset or time-out outside host_run()");
	longjmp(host->end, (int)how + 1);
}

static void pass_time(struct host_platform *host, uint64_t ms)
{
	host->now_ms += ms;
	if (host->now_ms >= host->time_limit_ms)
		end_run(host, HOST_END_TIME_UP);
}

/* --- disks ------------------------------------------------------------------------- */

static bool plugged(const struct host_platform *host, const struct host_disk *disk)
{
	return host->now_ms >= disk->from_ms &&
	       (disk->until_ms == 0 || host->now_ms < disk->until_ms) &&
	       !disk->mem.removed;
}

static enum lb_status list_disks(void *ctx, struct platform_disk *out, size_t max,
				 size_t *count)
{
	struct host_platform *host = ctx;

	*count = 0;
	if (host->list_status != LB_OK)
		return host->list_status;
	for (size_t i = 0; i < host->disk_count && *count < max; i++) {
		struct host_disk *disk = &host->disks[i];

		if (!plugged(host, disk) || (disk->late && host->connects == 0))
			continue;
		disk->info.sector_bytes = disk->mem.sector_bytes;
		disk->info.sectors = disk->mem.sectors;
		out[(*count)++] = disk->info;
	}
	return LB_OK;
}

static enum lb_status connect_all(void *ctx)
{
	struct host_platform *host = ctx;

	if (host->connect_status == LB_OK)
		host->connects++;
	return host->connect_status;
}

static struct mem_disk *find_disk(struct host_platform *host, uint32_t id)
{
	for (size_t i = 0; i < host->disk_count; i++)
		if (host->disks[i].info.id == id && plugged(host, &host->disks[i]))
			return &host->disks[i].mem;
	return NULL;
}

static enum lb_status read_disk(void *ctx, uint32_t id, uint64_t lba, size_t sectors,
				void *buf)
{
	struct mem_disk *disk = find_disk(ctx, id);

	return disk != NULL ? mem_disk_read(disk, lba, sectors, buf) : LB_ERR_REMOVED;
}

static enum lb_status write_disk(void *ctx, uint32_t id, uint64_t lba, size_t sectors,
				 const void *buf)
{
	struct mem_disk *disk = find_disk(ctx, id);

	return disk != NULL ? mem_disk_write(disk, lba, sectors, buf) : LB_ERR_REMOVED;
}

static enum lb_status flush_disk(void *ctx, uint32_t id)
{
	struct mem_disk *disk = find_disk(ctx, id);

	return disk != NULL ? mem_disk_flush(disk) : LB_ERR_REMOVED;
}

/* --- memory ------------------------------------------------------------------------ */

static bool take_memory(struct host_block *b, size_t align, uint64_t limit)
{
	void *heap;

	if (limit == PLATFORM_ANY_ADDRESS) {
		if (posix_memalign(&heap, align, b->bytes) != 0)
			return false;
		b->memory = heap;
		return true;
	}
	b->mapped_bytes = b->bytes + align;
	b->mapped = mmap(NULL, b->mapped_bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (b->mapped == MAP_FAILED)
		return false;
	b->memory =
		(uint8_t *)(((uintptr_t)b->mapped + align - 1) & ~(uintptr_t)(align - 1));
	if ((uintptr_t)b->memory + b->bytes <= limit)
		return true;
	(void)munmap(b->mapped, b->mapped_bytes); /* our own mapping, just made */
	return false;
}

static void *alloc_memory(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	struct host_platform *host = ctx;

	if (align != 0 && !lb_is_power_of_two(align))
		stop("alloc: alignment is not a power of two");
	if (host->fail_alloc_at > 0 && --host->fail_alloc_at == 0)
		return NULL;
	if (!lb_within(host->memory_used, bytes, host->memory_limit))
		return NULL;
	struct host_block *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->bytes = bytes;
	if (!take_memory(b, align < 4096 ? 4096 : align, limit)) {
		free(b);
		return NULL;
	}
	/* "Not cleared"; of large ones only the start, or tests spend their time here. */
	memset(b->memory, 0xa5, bytes < POISON_BYTES ? bytes : POISON_BYTES);
	b->next = host->blocks;
	host->blocks = b;
	host->memory_used += bytes;
	if (host->memory_used > host->memory_peak)
		host->memory_peak = host->memory_used;
	return b->memory;
}

static void drop_block(struct host_platform *host, struct host_block **at)
{
	struct host_block *b = *at;

	*at = b->next;
	host->memory_used -= b->bytes;
	if (b->mapped != NULL)
		(void)munmap(b->mapped, b->mapped_bytes); /* our own mapping */
	else
		free(b->memory);
	free(b);
}

static void free_memory(void *ctx, void *memory, size_t bytes)
{
	struct host_platform *host = ctx;

	if (memory == NULL)
		return;
	for (struct host_block **at = &host->blocks; *at != NULL; at = &(*at)->next) {
		if ((*at)->memory != memory)
			continue;
		if ((*at)->bytes != bytes)
			stop("free: not the size that was allocated");
		drop_block(host, at);
		return;
	}
	stop("free: memory that is not allocated");
}

/* --- time, chance, people ---------------------------------------------------------- */

static uint64_t clock_ms(void *ctx)
{
	return ((struct host_platform *)ctx)->now_ms;
}

static void sleep_ms(void *ctx, uint32_t ms)
{
	struct host_platform *host = ctx;

	host->slept_ms += ms;
	pass_time(host, ms);
}

static enum lb_status random_bytes(void *ctx, uint8_t *out, size_t len)
{
	struct host_platform *host = ctx;

	if (host->random_status != LB_OK)
		return host->random_status;
	for (size_t i = 0; i < len; i++) {
		host->random_seed = host->random_seed * UINT64_C(6364136223846793005) +
				    UINT64_C(1442695040888963407);
		out[i] = (uint8_t)(host->random_seed >> 56);
	}
	return LB_OK;
}

static enum lb_status read_key(void *ctx, struct platform_key *out)
{
	struct host_platform *host = ctx;

	if (host->keys_read < host->key_count &&
	    host->keys[host->keys_read].at_ms <= host->now_ms) {
		*out = host->keys[host->keys_read++].key;
		return LB_OK;
	}
	pass_time(host, POLL_MS);
	return LB_ERR_NOT_FOUND;
}

/* Appends to a text of HOST_TEXT_BYTES, dropping the older half when it is full. */
static void append(char *text, size_t *used, const char *more, size_t len)
{
	const size_t half = HOST_TEXT_BYTES / 2;

	if (len >= half) {
		more += len - (half - 1);
		len = half - 1;
	}
	if (*used + len >= HOST_TEXT_BYTES) {
		memmove(text, text + half, *used - half);
		*used -= half;
	}
	memcpy(text + *used, more, len);
	*used += len;
	text[*used] = '\0';
}

static void log_text(void *ctx, const char *text, size_t len)
{
	struct host_platform *host = ctx;

	append(host->log, &host->log_len, text, len);
	if (host->echo)
		printf("%.*s", (int)len, text);
}

static void show_text(void *ctx, const char *text)
{
	struct host_platform *host = ctx;

	append(host->shown, &host->shown_len, text, strlen(text));
	if (host->echo)
		printf("[screen] %s", text);
}

/* --- identity and state ------------------------------------------------------------ */

static const struct platform_machine *machine(void *ctx)
{
	return &((struct host_platform *)ctx)->machine;
}

static enum lb_status read_floors(void *ctx, struct platform_floors *out)
{
	struct host_platform *host = ctx;

	*out = (struct platform_floors){ 0 };
	if (host->read_floors_status != LB_OK)
		return host->read_floors_status;
	if (!host->floors_stored)
		return LB_ERR_NOT_FOUND;
	*out = host->floors;
	return LB_OK;
}

static enum lb_status read_state(void *ctx, struct platform_state *out)
{
	struct host_platform *host = ctx;

	*out = host->state;
	if (host->read_state_status != LB_OK)
		memset(out, 0, sizeof *out);
	return host->read_state_status;
}

static enum lb_status write_state(void *ctx, const struct platform_state *state)
{
	struct host_platform *host = ctx;

	host->state_writes++;
	if (host->write_state_status != LB_OK)
		return host->write_state_status;
	host->state = *state;
	host->read_state_status = LB_OK;
	return LB_OK;
}

static enum lb_status take_request(void *ctx, uint8_t *request)
{
	struct host_platform *host = ctx;

	if (host->request == 0)
		return LB_ERR_NOT_FOUND;
	if (host->request_stays)
		return LB_ERR_IO;
	*request = host->request;
	host->request = 0;
	return LB_OK;
}

static enum lb_status open_display(void *ctx, struct platform_display *out)
{
	const struct host_platform *host = ctx;

	if (host->display.width == 0)
		return LB_ERR_NOT_FOUND;
	*out = host->display;
	return LB_OK;
}

static enum lb_status blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			   uint32_t height, const uint32_t *pixels, size_t stride)
{
	struct host_platform *host = ctx;

	if (!lb_within(x, width, host->display.width) ||
	    !lb_within(y, height, host->display.height))
		stop("blit: outside the display");
	host->blits++;
	for (uint32_t row = 0; host->pixels != NULL && row < height; row++)
		memcpy(host->pixels + (size_t)(y + row) * host->display.width + x,
		       pixels + row * stride, width * sizeof *pixels);
	return LB_OK;
}

static enum lb_status raise_floors(void *ctx, const struct platform_floors *floors)
{
	struct host_platform *host = ctx;

	host->raises++;
	if (host->raise_floors_status != LB_OK)
		return host->raise_floors_status;
	host->floors_stored = true;
	if (floors->kernel > host->floors.kernel)
		host->floors.kernel = floors->kernel;
	if (floors->recovery > host->floors.recovery)
		host->floors.recovery = floors->recovery;
	if (floors->loader > host->floors.loader)
		host->floors.loader = floors->loader;
	return LB_OK;
}

static enum lb_status hand_over(void *ctx, const char *name, const char *value)
{
	struct host_platform *host = ctx;
	struct lb_handover *all = &host->handed_over;
	size_t i = 0;

	if (host->hand_over_status != LB_OK)
		return host->hand_over_status;
	while (i < all->count && strcmp(all->item[i].name, name) != 0)
		i++;
	if (i == LB_HANDOVER_MAX)
		return LB_ERR_FULL;
	if (strlen(name) >= LB_HANDOVER_NAME_BYTES ||
	    strlen(value) >= LB_HANDOVER_VALUE_BYTES)
		return LB_ERR_RANGE;
	strcpy(all->item[i].name, name);
	strcpy(all->item[i].value, value);
	if (i == all->count)
		all->count++;
	return LB_OK;
}

/* --- trust ------------------------------------------------------------------------- */

static enum lb_status tpm_submit(void *ctx, const uint8_t *command, size_t len,
				 uint8_t *response, size_t *response_len)
{
	struct host_platform *host = ctx;

	if (host->tpm != NULL)
		return host->tpm(host->tpm_ctx, command, len, response, response_len);
	*response_len = 0;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status measure(void *ctx, uint32_t event_type, const void *data,
			      size_t len, const void *event, size_t event_len)
{
	struct host_platform *host = ctx;

	if (!host->has_tpm)
		return LB_ERR_UNSUPPORTED;
	host->measures++;
	if (host->measure_fails_at != 0 && host->measures >= host->measure_fails_at &&
	    (host->measure_recovers_at == 0 ||
	     host->measures < host->measure_recovers_at))
		return host->measure_status;
	if (host->event_count == HOST_MAX_EVENTS || len > HOST_EVENT_BYTES ||
	    event_len >= HOST_EVENT_BYTES)
		stop("measure: more than the test keeps");

	struct host_event *e = &host->events[host->event_count++];

	*e = (struct host_event){ .type = event_type, .len = len, .text_len = event_len };
	memcpy(e->data, data, len);
	memcpy(e->text, event, event_len);
	return LB_OK;
}

/* --- watchdog ---------------------------------------------------------------------- */

static enum lb_status watchdog_arm(void *ctx, uint32_t seconds)
{
	struct host_platform *host = ctx;

	if (host->watchdog_status != LB_OK)
		return host->watchdog_status;
	host->watchdog_s = seconds;
	host->watchdog_arms += seconds != 0;
	return LB_OK;
}

static enum lb_status crash_dumps(void *ctx, uint32_t *ids, size_t max, size_t *count)
{
	const struct host_platform *host = ctx;

	*count = host->dump_count;
	for (size_t i = 0; i < host->dump_count && i < max; i++)
		ids[i] = host->dumps[i];
	return host->dump_status;
}

static enum lb_status watchdog_died(void *ctx, bool *died)
{
	struct host_platform *host = ctx;

	*died = host->watchdog_status == LB_OK && host->watchdog_bit;
	host->watchdog_bit = false;
	return host->watchdog_status;
}

/* --- the end ----------------------------------------------------------------------- */

static enum lb_status prepare_start(void *ctx, const struct prepared_kernel *kernel,
				    struct lb_verdict *why)
{
	struct host_platform *host = ctx;

	host->prepares++;
	*why = host->prepare_start_why;
	if (host->prepare_start_status != LB_OK)
		return host->prepare_start_status;
	host->prepared = kernel;
	return LB_OK;
}

static void discard_start(void *ctx)
{
	struct host_platform *host = ctx;

	host->discards++;
	host->prepared = NULL;
}

static enum lb_status start(void *ctx)
{
	struct host_platform *host = ctx;

	if (host->prepared == NULL)
		stop("start without a prepared kernel");
	host->starts++;
	if (host->on_start != NULL)
		host->on_start(host);
	if (host->start_does == HOST_START_GOES)
		end_run(host, HOST_END_STARTED);
	return host->start_does == HOST_START_RETURNS ? LB_OK : host->start_status;
}

static void reset(void *ctx, enum platform_reset how)
{
	end_run(ctx,
		how == PLATFORM_RESET_RESTART ? HOST_END_RESTART : HOST_END_POWER_OFF);
}

/* --- for tests --------------------------------------------------------------------- */

static const struct platform functions = {
	.list_disks = list_disks,
	.connect_all = connect_all,
	.read = read_disk,
	.write = write_disk,
	.flush = flush_disk,
	.alloc = alloc_memory,
	.free = free_memory,
	.clock_ms = clock_ms,
	.sleep_ms = sleep_ms,
	.random = random_bytes,
	.read_key = read_key,
	.log = log_text,
	.show_text = show_text,
	.machine = machine,
	.read_floors = read_floors,
	.raise_floors = raise_floors,
	.read_state = read_state,
	.write_state = write_state,
	.take_request = take_request,
	.open_display = open_display,
	.blit = blit,
	.hand_over = hand_over,
	.tpm_submit = tpm_submit,
	.measure = measure,
	.watchdog_arm = watchdog_arm,
	.watchdog_died = watchdog_died,
	.crash_dumps = crash_dumps,
	.prepare_start = prepare_start,
	.discard_start = discard_start,
	.start = start,
	.reset = reset,
};

void host_init(struct host_platform *host)
{
	memset(host, 0, sizeof *host);
	host->plat = functions;
	host->plat.ctx = host;
	host->memory_limit = MEMORY_LIMIT;
	host->time_limit_ms = HOST_DEFAULT_TIME_MS;
	host->random_seed = 1;
	host->machine.cpu = PLATFORM_CPU_X86_64;
	host->machine.uefi = true;
	host->machine.acpi = true;
	host->machine.keyboard = true;
	lb_format(host->machine.firmware, sizeof host->machine.firmware, "Host 1.2");
	lb_format(host->machine.vendor, sizeof host->machine.vendor, "Lifeboat");
	lb_format(host->machine.product, sizeof host->machine.product, "Test machine");
	host->prepare_start_status = LB_OK;
	host->start_status = LB_ERR_UNSUPPORTED;
	host->watchdog_status = LB_ERR_NOT_FOUND;
	host->log = calloc(1, HOST_TEXT_BYTES);
	host->shown = calloc(1, HOST_TEXT_BYTES);
	if (host->log == NULL || host->shown == NULL)
		stop("out of memory");
}

static void free_blocks(struct host_platform *host)
{
	while (host->blocks != NULL)
		drop_block(host, &host->blocks);
}

size_t host_release(struct host_platform *host)
{
	const size_t leaked = host->memory_used;

	free_blocks(host);
	for (size_t i = 0; i < host->disk_count; i++)
		mem_disk_release(&host->disks[i].mem);
	free(host->log);
	free(host->shown);
	host->log = host->shown = NULL;
	host->disk_count = 0;
	return leaked;
}

struct host_disk *host_add_disk(struct host_platform *host, enum platform_attachment how,
				uint32_t sector_bytes, uint64_t sectors)
{
	if (host->disk_count == HOST_MAX_DISKS)
		stop("too many disks");
	const unsigned int n = (unsigned int)host->disk_count++;
	struct host_disk *disk = &host->disks[n];

	*disk = (struct host_disk){ 0 };
	mem_disk_init(&disk->mem, sector_bytes, sectors);
	disk->info.id = n + 100;
	disk->info.attachment = how;
	disk->info.boot_disk = n == 0;
	disk->info.removable = how != PLATFORM_ATTACHED_INTERNAL;
	disk->info.sector_bytes = sector_bytes;
	disk->info.sectors = sectors;
	lb_format(disk->info.name, sizeof disk->info.name, "disk%u", n);
	lb_format(disk->info.path, sizeof disk->info.path, "host/disk%u", n);
	return disk;
}

bool host_load_image(struct host_disk *disk, const char *path)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return false;
	const size_t room = mem_disk_bytes(&disk->mem);
	const size_t got = fread(disk->mem.now, 1, room, file);
	const bool good = ferror(file) == 0 && (got < room || fgetc(file) == EOF);

	(void)fclose(file); /* was only read */
	return good;
}

void host_press(struct host_platform *host, uint64_t at_ms, struct platform_key key)
{
	if (host->key_count == HOST_MAX_KEYS)
		stop("too many keys");
	host->keys[host->key_count++] = (struct host_key){ at_ms, key };
}

void host_type(struct host_platform *host, uint64_t at_ms, const char *text)
{
	for (; *text != '\0'; text++, at_ms += HOST_TYPING_MS)
		host_press(host, at_ms,
			   (struct platform_key){ .unicode = (uint16_t)(uint8_t)*text });
}

bool host_logged(const struct host_platform *host, const char *text)
{
	return strstr(host->log, text) != NULL;
}

bool host_showed(const struct host_platform *host, const char *text)
{
	return strstr(host->shown, text) != NULL;
}

void host_forget(struct host_platform *host)
{
	free_blocks(host);
	host->memory_peak = 0;
	host->now_ms = host->slept_ms = 0;
	host->connects = host->raises = 0;
	host->state_writes = host->blits = 0;
	host->watchdog_s = host->watchdog_arms = 0;
	host->prepares = host->discards = host->starts = 0;
	host->key_count = host->keys_read = 0;
	host->log_len = host->shown_len = 0;
	host->log[0] = host->shown[0] = '\0';
	host->handed_over.count = 0;
	host->event_count = host->measures = 0;
	host->prepared = NULL;
}

enum host_end host_run(struct host_platform *host, void (*fn)(void *arg), void *arg)
{
	host->running = true;
	const int how = setjmp(host->end);

	if (how == 0)
		fn(arg);
	host->running = false;
	return how == 0 ? HOST_END_RETURNED : (enum host_end)(how - 1);
}
