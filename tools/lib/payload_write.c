/* Extracting partitions. */
#include "tools/lib/payload_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"

#define PIECE ((size_t)1 << 20)

struct file_sink {
	int fd;
	const char *path;
	uint64_t bytes; /* of the partition; what operations write behind it is cut off */
};

/* Zeros stay holes: the file was empty. */
static enum update_reason write_file(void *ctx, uint64_t offset, const void *buf,
				     size_t len, struct update_verdict *why)
{
	const struct file_sink *s = ctx;
	const uint64_t left = offset < s->bytes ? s->bytes - offset : 0;
	const size_t n = left < len ? (size_t)left : len;

	if (n == 0 || lb_all_zero(buf, n) || tool_pwrite(s->fd, s->path, buf, n, offset))
		return UPDATE_OK;
	return update_verdict_set(why, UPDATE_DISK_WRITE, "%s", s->path);
}

static bool digest_file(const struct file_sink *s, uint8_t *digest)
{
	uint8_t *piece = tool_alloc(PIECE);
	struct crypto_digest d;
	bool good = true;

	crypto_digest_init(&d, CRYPTO_SHA256);
	for (uint64_t at = 0; good && at < s->bytes;) {
		const uint64_t left = s->bytes - at;
		const size_t n = left < PIECE ? (size_t)left : PIECE;

		good = tool_pread(s->fd, s->path, piece, n, at);
		crypto_digest_update(&d, piece, n);
		at += n;
	}
	crypto_digest_final(&d, digest);
	free(piece);
	return good;
}

/* An errno of the file that is written. */
static enum update_reason output_fails(const char *path, struct update_verdict *why)
{
	return update_verdict_set(why, UPDATE_DISK_WRITE, "%s: %s", path,
				  strerror(errno));
}

static enum update_reason write_partition(struct tool_payload_file *file,
					  const struct update_partition *partition,
					  const struct host_output *out,
					  struct update_verdict *why)
{
	struct file_sink target = { out->fd, out->path, partition->bytes };
	const struct update_sink sink = { &target, write_file };
	struct update_job job = { .payload = &file->payload };
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	if (ftruncate(out->fd, (off_t)partition->bytes) != 0)
		return output_fails(out->path, why);
	if (update_extract(&job, partition, &sink, why) != UPDATE_OK)
		return why->reason;
	if (!digest_file(&target, digest))
		return update_verdict_set(why, UPDATE_DISK_READ, "%s", out->path);
	if (memcmp(digest, partition->sha256, CRYPTO_SHA256_BYTES) == 0)
		return update_verdict_set(why, UPDATE_OK, NULL);
	return update_verdict_set(why, UPDATE_RESULT, "partition %s of %llu bytes",
				  partition->name, (unsigned long long)partition->bytes);
}

bool tool_payload_extract(struct tool_payload_file *file,
			  const struct update_partition *partition, const char *folder)
{
	char *path = tool_format("%s/%s.img", folder, partition->name);
	struct update_verdict why;
	struct host_output out;
	bool good = tool_output_begin(&out, path, 0644, HOST_REPLACE);

	free(path);
	if (!good)
		return false;
	if (write_partition(file, partition, &out, &why) == UPDATE_OK)
		return tool_output_commit(&out);
	host_output_abort(&out);
	return tool_update_error(file->path, &why);
}

enum update_reason tool_payload_unpack(struct tool_payload_file *file,
				       const struct update_partition *partition,
				       struct update_verdict *why)
{
	const char *folder = getenv("TMPDIR");
	char *path = tool_format("%s/lifeboat-payload-%ld",
				 folder != NULL ? folder : "/var/tmp", (long)getpid());
	struct host_output out;
	enum update_reason reason = UPDATE_OK;

	if (!tool_output_begin(&out, path, 0600, HOST_REPLACE))
		reason = update_verdict_set(why, UPDATE_DISK_WRITE,
					    "%s: no temporary file (TMPDIR)", path);
	free(path);
	if (reason != UPDATE_OK)
		return reason;
	reason = write_partition(file, partition, &out, why);
	host_output_abort(&out);
	return reason;
}
