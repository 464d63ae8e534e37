/* Linux's memory, clock and random source. */
#include "host/system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

#define HUGE_PAGE_BYTES 0x200000u
#define MIN_ALIGN       4096u /* as struct platform promises */

void *host_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	void *memory;

	(void)ctx;
	(void)limit; /* nothing is started here */
	if (posix_memalign(&memory, align < MIN_ALIGN ? MIN_ALIGN : align,
			   bytes != 0 ? bytes : 1) != 0)
		return NULL;
	/* A kernel's body: fewer page faults. Only advice, so the answer does not
	 * matter. */
	if (bytes >= HUGE_PAGE_BYTES)
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

void host_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

uint64_t host_clock_ms(void *ctx)
{
	struct timespec now = { 0 };

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail on Linux */
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void host_sleep_ms(void *ctx, uint32_t ms)
{
	const struct timespec time = { .tv_sec = ms / 1000,
				       .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)ctx;
	(void)nanosleep(&time, NULL); /* a shorter sleep does no harm */
}

enum lb_status host_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	while (len > 0) {
		const ssize_t got = getrandom(out, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return LB_ERR_UNSUPPORTED;
		out += got;
		len -= (size_t)got;
	}
	return LB_OK;
}

enum platform_cpu host_cpu(void)
{
	struct utsname name = { 0 };

	(void)uname(&name); /* cannot fail */
	return strcmp(name.machine, "aarch64") == 0 ? PLATFORM_CPU_AARCH64
						    : PLATFORM_CPU_X86_64;
}
