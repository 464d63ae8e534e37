/* Memory, time and chance of Linux, in the form that struct platform wants: for the
 * tables of every platform over Linux. @ctx is not looked at. */
#ifndef LIFEBOAT_HOST_SYSTEM_H
#define LIFEBOAT_HOST_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"

void *host_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit);
void host_free(void *ctx, void *memory, size_t bytes);
uint64_t host_clock_ms(void *ctx);
void host_sleep_ms(void *ctx, uint32_t ms);
enum lb_status host_random(void *ctx, uint8_t *out, size_t len);

/** host_cpu() - of the running kernel. */
enum platform_cpu host_cpu(void);

#endif
