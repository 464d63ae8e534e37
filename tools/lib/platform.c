/* The platform over files, with messages. */
#include "tools/lib/platform.h"

#include <stdio.h>
#include <string.h>

#include "tools/lib/inputs.h"
#include "tools/lib/tool.h"

static void say_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)fwrite(text, 1, len, stderr);
}

static void say_text(void *ctx, const char *text)
{
	say_log(ctx, text, strlen(text));
}

/* The core has a status for it; people want to know where and why. */
static enum lb_status say_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
				const void *buf)
{
	struct host_error err;
	const enum lb_status status =
		host_platform_write(ctx, disk, lba, sectors, buf, &err);

	if (status == LB_ERR_IO)
		tool_error("%s", err.text);
	return status;
}

static void refuse_reset(void *ctx, enum platform_reset how)
{
	(void)ctx;
	(void)how;
	tool_fatal("the core asked a host tool for a reset");
}

void tool_platform_init(struct host_platform *plat)
{
	host_platform_init(plat);
	plat->platform.write = say_write;
	plat->platform.reset = refuse_reset;
	if (!platform_complete(&plat->platform))
		tool_fatal("the file platform lacks a function");
}

void tool_platform_verbose(struct host_platform *plat)
{
	plat->platform.log = say_log;
	plat->platform.show_text = say_text;
}

bool tool_platform_open(struct host_platform *plat, const char *path, bool writable,
			uint32_t sector_bytes, const struct platform_disk **out)
{
	struct host_error err;

	return (!writable || tool_input_spared(path)) &&
	       tool_check(
		       host_platform_open(plat, path, writable, sector_bytes, out, &err),
		       &err);
}

struct lb_source tool_platform_source(struct host_platform *plat,
				      const struct platform_disk *disk)
{
	struct host_error err;
	struct lb_source source;

	(void)tool_check(host_platform_source(plat, disk, &source, &err), &err);
	return source; /* without bytes everything will be refused */
}
