/* What a platform does not have: named functions to put into struct platform, so that it
 * is plain in the table what is missing. Each answers as base/platform.h says for "there
 * is none": LB_ERR_UNSUPPORTED or LB_ERR_NOT_FOUND, and nothing in what it fills in.
 * Pure. */
#ifndef LIFEBOAT_BASE_PLATFORM_NONE_H
#define LIFEBOAT_BASE_PLATFORM_NONE_H

#include "base/platform.h"

enum lb_status platform_none_read_key(void *ctx, struct platform_key *out);
/* For where the log has said it, or nobody looks. */
void platform_none_show_text(void *ctx, const char *text);
enum lb_status platform_none_open_display(void *ctx, struct platform_display *out);
enum lb_status platform_none_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
				  uint32_t height, const uint32_t *pixels, size_t stride);

/* No storage that only loaders write. */
enum lb_status platform_none_read_floors(void *ctx, struct platform_floors *out);
enum lb_status platform_none_raise_floors(void *ctx,
					  const struct platform_floors *floors);
enum lb_status platform_none_read_state(void *ctx, struct platform_state *out);
enum lb_status platform_none_write_state(void *ctx, const struct platform_state *state);
enum lb_status platform_none_take_request(void *ctx, uint8_t *request);
enum lb_status platform_none_hand_over(void *ctx, const char *name, const char *value);

enum lb_status platform_none_tpm_submit(void *ctx, const uint8_t *command, size_t len,
					uint8_t *response, size_t *response_len);
enum lb_status platform_none_measure(void *ctx, uint32_t event_type, const void *data,
				     size_t len, const void *event, size_t event_len);
enum lb_status platform_none_watchdog_arm(void *ctx, uint32_t seconds);
enum lb_status platform_none_watchdog_died(void *ctx, bool *died);
enum lb_status platform_none_crash_dumps(void *ctx, uint32_t *ids, size_t max,
					 size_t *count);

/* Nothing is started here. */
enum lb_status platform_none_prepare_start(void *ctx,
					   const struct prepared_kernel *kernel,
					   struct lb_verdict *why);
void platform_none_discard_start(void *ctx);
enum lb_status platform_none_start(void *ctx);

#endif
