/* Absent parts of a platform. */
#include "base/platform_none.h"

enum lb_status platform_none_read_key(void *ctx, struct platform_key *out)
{
	(void)ctx;
	*out = (struct platform_key){ 0 };
	return LB_ERR_NOT_FOUND;
}

void platform_none_show_text(void *ctx, const char *text)
{
	(void)ctx, (void)text;
}

enum lb_status platform_none_open_display(void *ctx, struct platform_display *out)
{
	(void)ctx, (void)out;
	return LB_ERR_NOT_FOUND;
}

enum lb_status platform_none_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
				  uint32_t height, const uint32_t *pixels, size_t stride)
{
	(void)ctx, (void)x, (void)y, (void)width, (void)height;
	(void)pixels, (void)stride;
	return LB_ERR_NOT_FOUND;
}

enum lb_status platform_none_read_floors(void *ctx, struct platform_floors *out)
{
	(void)ctx;
	*out = (struct platform_floors){ 0 };
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_raise_floors(void *ctx, const struct platform_floors *floors)
{
	(void)ctx, (void)floors;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_read_state(void *ctx, struct platform_state *out)
{
	(void)ctx;
	*out = (struct platform_state){ 0 };
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_write_state(void *ctx, const struct platform_state *state)
{
	(void)ctx, (void)state;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_take_request(void *ctx, uint8_t *request)
{
	(void)ctx, (void)request;
	return LB_ERR_NOT_FOUND;
}

enum lb_status platform_none_hand_over(void *ctx, const char *name, const char *value)
{
	(void)ctx, (void)name, (void)value;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_tpm_submit(void *ctx, const uint8_t *command, size_t len,
					uint8_t *response, size_t *response_len)
{
	(void)ctx, (void)command, (void)len, (void)response;
	*response_len = 0;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_measure(void *ctx, uint32_t event_type, const void *data,
				     size_t len, const void *event, size_t event_len)
{
	(void)ctx, (void)event_type, (void)data, (void)len;
	(void)event, (void)event_len;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_watchdog_arm(void *ctx, uint32_t seconds)
{
	(void)ctx, (void)seconds;
	return LB_ERR_NOT_FOUND;
}

enum lb_status platform_none_watchdog_died(void *ctx, bool *died)
{
	(void)ctx;
	*died = false;
	return LB_ERR_NOT_FOUND;
}

enum lb_status platform_none_crash_dumps(void *ctx, uint32_t *ids, size_t max,
					 size_t *count)
{
	(void)ctx, (void)ids, (void)max;
	*count = 0;
	return LB_ERR_UNSUPPORTED;
}

enum lb_status platform_none_prepare_start(void *ctx,
					   const struct prepared_kernel *kernel,
					   struct lb_verdict *why)
{
	(void)ctx, (void)kernel;
	(void)lb_verdict_set(why, LB_REASON_PREPARE_FAILED, "nothing is started here");
	return LB_ERR_UNSUPPORTED;
}

void platform_none_discard_start(void *ctx)
{
	(void)ctx;
}

enum lb_status platform_none_start(void *ctx)
{
	(void)ctx;
	return LB_ERR_UNSUPPORTED;
}
