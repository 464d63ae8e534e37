/* Signing programs and PKCS#11 tokens. */
#define OPENSSL_SUPPRESS_DEPRECATED /* engines: bookworm has no PKCS#11 provider */
#include "tools/lib/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <openssl/engine.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/buffer.h"
#include "tools/lib/openssl_error.h"
#include "tools/lib/tool.h"

/* What PKCS#1 v1.5 signs in front of the digest. Spec: RFC 8017, 9.2, note 1. */
static const uint8_t sha256_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
				       0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
				       0x01, 0x05, 0x00, 0x04, 0x20 };
static const uint8_t sha512_info[] = { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60,
				       0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
				       0x03, 0x05, 0x00, 0x04, 0x40 };

static void make_input(const char *hash, const uint8_t *digest, struct tool_buffer *out)
{
	const bool is512 = strcmp(hash, "SHA512") == 0;

	tool_buffer_append(out, is512 ? sha512_info : sha256_info,
			   is512 ? sizeof(sha512_info) : sizeof(sha256_info));
	tool_buffer_append(out, digest, is512 ? 64 : 32);
}

static _Noreturn void become(const char *program, const char *name, int in, int out)
{
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execlp(program, program, name, (char *)NULL);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

/* One byte more than there may be, so that too many are noticed. */
static size_t read_all(int fd, uint8_t *out, size_t most)
{
	size_t len = 0;

	while (len <= most) {
		uint8_t more[TOOL_MAX_SIGNATURE_BYTES + 1];
		const ssize_t got = read(fd, more, sizeof(more));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++, len++)
			if (len < most)
				out[len] = more[i];
	}
	return len;
}

/* Less than a pipe holds, so that nobody waits for anybody. */
static void feed(int fd, const struct tool_buffer *input)
{
	ssize_t put;

	do
		put = write(fd, input->data, input->len);
	while (put < 0 && errno == EINTR);
	/* A program that does not read its input gives no good signature either. */
}

static bool talk(const char *program, const char *name, const struct tool_buffer *input,
		 uint8_t *sig, size_t sig_len)
{
	int to[2], from[2], status = 0;

	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		return tool_error("%s: %s", program, strerror(errno));
	fflush(NULL);
	const pid_t pid = fork();

	if (pid == 0)
		become(program, name, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (pid > 0)
		feed(to[1], input);
	close(to[1]);
	const size_t got = pid > 0 ? read_all(from[0], sig, sig_len) : 0;

	close(from[0]);
	if (pid < 0)
		return tool_error("%s: %s", program, strerror(errno));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			tool_fatal("%s: %s", program, strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return tool_error("%s: failed to sign with %s", program, name);
	return got == sig_len ||
	       tool_error("%s: printed %zu bytes for %s, a signature has %zu", program,
			  got, name, sig_len);
}

bool tool_signer_run(const char *program, const char *name, const char *hash,
		     const uint8_t *digest, uint8_t *sig, size_t sig_len)
{
	struct tool_buffer input = { 0 };
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);

	make_input(hash, digest, &input);
	const bool good = talk(program, name, &input, sig, sig_len);

	(void)signal(SIGPIPE, old); /* the same call went well before */
	tool_buffer_free(&input);
	return good;
}

EVP_PKEY *tool_token_key(const char *uri)
{
	EVP_PKEY *key = NULL;

	ENGINE_load_dynamic();
	ENGINE *engine = ENGINE_by_id("pkcs11");

	if (engine == NULL) {
		tool_openssl_error("no PKCS#11 engine (libengine-pkcs11-openssl)", uri);
		return NULL;
	}
	if (ENGINE_init(engine) == 1) {
		key = ENGINE_load_private_key(engine, uri, NULL, NULL);
		ENGINE_finish(engine); /* the key keeps it */
	}
	if (key == NULL)
		tool_openssl_error("no such key on a token", uri);
	ENGINE_free(engine);
	return key;
}
