/* What the loader's own verifier says about files, for scripts that compare it with other
 * judges. Reads one command a line from stdin, answers one line each:
 *
 *   MODE KEY FLOOR FILE     MODE normal, developer or recovery; KEY a .vbpubk file or
 *                           "-"; in developer mode self-signed kernels are allowed
 *
 * Answer: the reason's name ("ok", "body-damaged"), a tab, the detail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/kernel_verify.h"
#include "tests/host/host_platform.h"

struct file {
	uint8_t *bytes;
	size_t len;
};

static struct file load(const char *path)
{
	struct file file = { NULL, 0 };
	FILE *f = fopen(path, "rb");

	if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
		fprintf(stderr, "kernel_judge: cannot read %s\n", path);
		exit(2);
	}
	file.len = (size_t)ftell(f);
	file.bytes = malloc(file.len + 1);
	rewind(f);
	if (file.bytes == NULL || fread(file.bytes, 1, file.len, f) != file.len) {
		fprintf(stderr, "kernel_judge: cannot read %s\n", path);
		exit(2);
	}
	fclose(f);
	return file;
}

static enum lb_status read_file(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct file *file = ctx;

	if (!lb_within(offset, len, file->len))
		return LB_ERR_RANGE;
	memcpy(buf, file->bytes + offset, len);
	return LB_OK;
}

static void judge(struct host_platform *host, const struct crypto_policy *policy,
		  const char *path)
{
	struct file file = load(path);
	const struct lb_source source = { .ctx = &file,
					  .bytes = file.len,
					  .read = read_file };
	struct verified_kernel *kernel = NULL;
	struct lb_verdict why;
	const enum lb_reason reason = crypto_kernel_verify(
		&host->plat, policy, &source, PLATFORM_ANY_ADDRESS, &kernel, &why);

	if ((reason == LB_REASON_OK) != (kernel != NULL) || reason != why.reason) {
		fprintf(stderr, "kernel_judge: verdict and kernel disagree\n");
		exit(3);
	}
	printf("%s\t%s\n", lb_reason_name(reason), why.detail);
	fflush(stdout);
	crypto_kernel_free(&host->plat, kernel);
	free(file.bytes);
}

static enum crypto_mode read_mode(const char *word)
{
	if (strcmp(word, "developer") == 0)
		return CRYPTO_MODE_DEVELOPER;
	return strcmp(word, "recovery") == 0 ? CRYPTO_MODE_RECOVERY : CRYPTO_MODE_NORMAL;
}

static int command(struct host_platform *host, char *line)
{
	const char *mode = strtok(line, " \n"), *key = strtok(NULL, " \n");
	const char *floor = strtok(NULL, " \n"), *path = strtok(NULL, "\n");
	struct crypto_policy policy = { .self_signed_allowed = true };
	struct file key_file = { NULL, 0 };

	if (path == NULL)
		return 2;
	policy.mode = read_mode(mode);
	policy.floor = (uint32_t)strtoul(floor, NULL, 0);
	if (strcmp(key, "-") != 0) {
		key_file = load(key);
		if (crypto_key_parse(key_file.bytes, key_file.len, 0, &policy.key) !=
		    LB_OK)
			return 2;
	}
	judge(host, &policy, path);
	free(key_file.bytes);
	return 0;
}

int main(void)
{
	static struct host_platform host;
	static char line[4096];
	int status = 0;

	host_init(&host);
	while (status == 0 && fgets(line, sizeof line, stdin) != NULL)
		status = command(&host, line);
	if (host_release(&host) != 0 && status == 0) {
		fprintf(stderr, "kernel_judge: memory was not freed\n");
		status = 3;
	}
	return status;
}
