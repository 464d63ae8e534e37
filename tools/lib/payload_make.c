/* Making a payload: from parts to a file. */
#include "tools/lib/payload_make.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "tools/lib/copy.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_sign.h"
#include "tools/lib/payload_spool.h"
#include "tools/lib/payload_statement.h"
#include "tools/lib/tool.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

#define OPERATION_BYTES  ((size_t)2 << 20)
#define LEVEL            9u
#define MAX_THREADS      64u
#define COPY_BYTES       ((size_t)1 << 20)
#define FIELD_PARTITIONS 13u
#define FIELD_STATEMENT  1000u

/* Everything between input and output; freed together. */
struct job {
	const struct tool_payload_plan *plan;
	struct tool_payload_input input;
	struct tool_payload_input old; /* of a delta */
	struct tool_payload_signers signers;
	struct tool_payload_spool spool;
	struct host_output blobs; /* never committed */
	struct tool_payload_packed packed[TOOL_PAYLOAD_PARTS];
	struct tool_buffer statement, partitions, manifest, metadata_signatures,
		signatures;
	uint64_t memory_bytes;     /* that the statement promises */
	uint64_t own_memory_bytes; /* that these operations need */
};

static uint64_t chosen(const struct tool_optional_number *number, uint64_t preset)
{
	return number->given ? number->value : preset;
}

static bool choose(struct job *job)
{
	const struct tool_payload_plan *p = job->plan;
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const uint64_t threads = chosen(&p->threads, cores > 0 ? (uint64_t)cores : 1);
	const uint64_t level = chosen(&p->level, LEVEL);
	const uint64_t operation = chosen(&p->operation_size, OPERATION_BYTES);

	if (threads == 0 || threads > MAX_THREADS)
		return tool_error("--jobs: 1 to %u", MAX_THREADS);
	if (level == 0 || level > 9)
		return tool_error("--level: 1 to 9");
	if (operation == 0 || operation % UPDATE_BLOCK_BYTES != 0 ||
	    operation > UPDATE_MAX_OPERATION_BYTES)
		return tool_error("--operation-size: a multiple of 4096, at most %u",
				  UPDATE_MAX_OPERATION_BYTES);
	job->spool.threads = (unsigned int)threads;
	job->spool.cut = (struct tool_payload_cut){ (size_t)operation, p->compatible };
	job->spool.choice =
		(struct tool_pack_choice){ .bz = true,
					   .xz = true,
					   .zstd = !p->compatible,
					   /* checkers refuse them in a full one */
					   .zero = !p->compatible,
					   .level = (unsigned int)level };
	return true;
}

static bool load_signers(struct job *job)
{
	const struct tool_payload_plan *p = job->plan;

	if (!tool_payload_add_data_key(&job->signers, p->data_key, p->signer,
				       &job->input.headers.keyblock.data_key))
		return false;
	for (size_t i = 0; i < p->sign_with.count; i++)
		if (!tool_payload_add_recipe_key(&job->signers,
						 p->sign_with.item[i].value))
			return false;
	return true;
}

/* --- operations --------------------------------------------------------------------- */

/* The installed partition of that name; NULL: a full payload, or a new partition. */
static const struct tool_payload_part *old_part(const struct job *job, const char *name)
{
	for (size_t i = 0; i < job->old.count; i++)
		if (strcmp(job->old.part[i].name, name) == 0)
			return &job->old.part[i];
	return NULL;
}

static void put_info(Lbpb__PartitionInfo *info, uint64_t bytes, uint8_t *sha256)
{
	info->has_size = info->has_hash = 1;
	info->size = bytes;
	info->hash.data = sha256;
	info->hash.len = CRYPTO_SHA256_BYTES;
}

static void put_partition(struct job *job, size_t index)
{
	const struct tool_payload_part *part = &job->input.part[index];
	const struct tool_payload_part *old = old_part(job, part->name);
	Lbpb__PartitionInfo info = LBPB__PARTITION_INFO__INIT, old_info = info;
	Lbpb__PartitionUpdate head = LBPB__PARTITION_UPDATE__INIT;
	struct tool_buffer message = { 0 };

	put_info(&info, part->bytes, job->packed[index].sha256);
	if (old != NULL) {
		put_info(&old_info, old->bytes, job->packed[index].old_sha256);
		head.old_partition_info = &old_info;
	}
	head.partition_name = (char *)(uintptr_t)part->name;
	head.new_partition_info = &info;
	(void)lbpb__partition_update__pack(
		&head, tool_buffer_grow(&message,
					lbpb__partition_update__get_packed_size(&head)));
	/* The operations follow as further fields of the same message. */
	tool_buffer_append(&message, job->packed[index].operations.data,
			   job->packed[index].operations.len);
	tool_payload_put_message(&job->partitions, FIELD_PARTITIONS, &message);
	tool_buffer_free(&message);
}

static bool pack_parts(struct job *job)
{
	for (size_t i = 0; i < job->input.count; i++) {
		const struct tool_payload_part *part = &job->input.part[i];

		if (!tool_payload_spool(&job->spool, part, old_part(job, part->name),
					&job->packed[i]))
			return false;
		put_partition(job, i);
	}
	return true;
}

/* --- manifest ----------------------------------------------------------------------- */

/* As if the statement were as large as it may be: then the number is there before it. */
static bool count_memory(struct job *job)
{
	const struct update_sizes sizes = {
		.manifest = job->partitions.len + UPDATE_MAX_STATEMENT_BYTES,
		.details = UPDATE_MAX_DETAILS_BYTES,
		.largest_blob = job->spool.largest_blob,
		.largest_output = job->spool.largest_output,
		.largest_source = job->spool.largest_source,
	};

	const uint64_t most = job->old.count != 0 ? UPDATE_DELTA_MEMORY_BYTES
						  : UPDATE_FULL_MEMORY_BYTES;

	job->memory_bytes = update_memory_needed(&sizes);
	if (job->memory_bytes > most)
		return tool_error(
			"applying it would take %llu bytes of memory, at most %llu are "
			"allowed: another --operation-size, please",
			(unsigned long long)job->memory_bytes, (unsigned long long)most);
	return true;
}

static bool make_statement(struct job *job)
{
	if (!count_memory(job))
		return false;
	const struct tool_statement_parts parts = {
		.plan = job->plan,
		.input = &job->input,
		.packed = job->packed,
		.data_key = &job->signers.signer[0].key,
		.memory_bytes = job->memory_bytes,
	};

	return tool_statement_make(&parts, &job->statement);
}

/* Readers that do not know a type, or targets in pieces, must not try. */
static uint32_t minor_version(const struct job *job)
{
	if (job->spool.own_types || (job->old.count != 0 && !job->plan->compatible))
		return UPDATE_OWN_MINOR_VERSION;
	return job->old.count != 0 ? TOOL_PAYLOAD_DELTA_MINOR : 0;
}

/* The statement first, so that it is what a device reads first. */
static bool make_manifest(struct job *job)
{
	Lbpb__Manifest m = LBPB__MANIFEST__INIT;
	struct tool_buffer rest = { 0 }, size = { 0 };

	if (!tool_payload_signatures(&job->signers, NULL, NULL, &size))
		return false;
	m.has_block_size = m.has_signatures_offset = m.has_signatures_size = 1;
	m.has_minor_version = m.has_memory_bytes = 1;
	m.block_size = UPDATE_BLOCK_BYTES;
	m.signatures_offset = job->spool.bytes;
	m.signatures_size = size.len;
	m.minor_version = minor_version(job);
	m.memory_bytes = job->memory_bytes;
	(void)lbpb__manifest__pack(
		&m, tool_buffer_grow(&rest, lbpb__manifest__get_packed_size(&m)));
	const struct update_header header = {
		.manifest_bytes = 0,
		.signature_bytes = (uint32_t)size.len,
	};
	struct update_header h = header;

	tool_buffer_grow(&job->manifest, UPDATE_HEADER_BYTES);
	tool_payload_put_message(&job->manifest, FIELD_STATEMENT, &job->statement);
	tool_buffer_append(&job->manifest, rest.data, rest.len);
	tool_buffer_append(&job->manifest, job->partitions.data, job->partitions.len);
	h.manifest_bytes = job->manifest.len - UPDATE_HEADER_BYTES;
	update_header_encode(&h, job->manifest.data);
	tool_buffer_free(&rest);
	tool_buffer_free(&size);
	return h.manifest_bytes <= UPDATE_MAX_MANIFEST_BYTES ||
	       tool_error(
		       "a manifest of %llu bytes, at most %u: another --operation-size, "
		       "please",
		       (unsigned long long)h.manifest_bytes, UPDATE_MAX_MANIFEST_BYTES);
}

/* --- signatures and output ---------------------------------------------------------- */

struct digests {
	struct crypto_digest sha256, sha512;
};

static void update_both(struct digests *d, const void *data, size_t len)
{
	crypto_digest_update(&d->sha256, data, len);
	crypto_digest_update(&d->sha512, data, len);
}

static bool sign_digests(const struct job *job, struct digests d, struct tool_buffer *out)
{
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES], sha512[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_final(&d.sha256, sha256);
	crypto_digest_final(&d.sha512, sha512);
	return tool_payload_signatures(&job->signers, sha256, sha512, out);
}

static bool copy_blobs(struct job *job, const struct host_output *out, uint64_t at,
		       struct digests *d)
{
	uint8_t *piece = tool_alloc(COPY_BYTES);
	bool good = true;

	for (uint64_t done = 0; good && done < job->spool.bytes;) {
		const uint64_t left = job->spool.bytes - done;
		const size_t n = left < COPY_BYTES ? (size_t)left : COPY_BYTES;

		good = tool_pread(job->spool.fd, job->spool.path, piece, n, done) &&
		       tool_output_write(out, piece, n, at + done);
		update_both(d, piece, n);
		done += n;
	}
	free(piece);
	return good;
}

static bool write_payload(struct job *job, const struct host_output *out)
{
	struct digests d;
	uint64_t at = job->manifest.len;

	crypto_digest_init(&d.sha256, CRYPTO_SHA256);
	crypto_digest_init(&d.sha512, CRYPTO_SHA512);
	update_both(&d, job->manifest.data, job->manifest.len);
	if (!sign_digests(job, d, &job->metadata_signatures) ||
	    !tool_output_write(out, job->manifest.data, job->manifest.len, 0) ||
	    !tool_output_write(out, job->metadata_signatures.data,
			       job->metadata_signatures.len, at))
		return false;
	at += job->metadata_signatures.len;
	return copy_blobs(job, out, at, &d) && sign_digests(job, d, &job->signatures) &&
	       tool_output_write(out, job->signatures.data, job->signatures.len,
				 at + job->spool.bytes);
}

/* As a device of that model will: what it would refuse gets no name. */
static bool judge_own(struct job *job, const struct host_output *out)
{
	struct tool_payload_file file;
	struct update_device device = {
		.policy = { .mode = CRYPTO_MODE_NORMAL, .floor = 0 },
		.any_cpu = true,
	};
	struct tool_buffer key = { 0 };
	char *model = NULL;
	bool good = tool_statement_key(job->plan, &key) &&
		    tool_statement_model(job->plan, &model);

	device.model = model;
	if (good && key.len == 0) {
		device.policy.mode = CRYPTO_MODE_DEVELOPER;
		device.policy.self_signed_allowed = true;
	} else if (good) {
		good = crypto_key_parse(key.data, key.len, 0, &device.policy.key) ==
		       LB_OK;
	}
	good = good && tool_payload_file_fd(out->fd, out->path, &file);
	if (good) {
		good = tool_payload_open(&file, &device);
		if (good)
			job->own_memory_bytes = update_payload_memory(&file.payload);
		tool_payload_file_close(&file);
	}
	tool_buffer_free(&key);
	free(model);
	return good;
}

static bool write_output(struct job *job, const char *output)
{
	struct host_output out;

	if (!tool_output_begin(&out, output, 0644, HOST_REPLACE))
		return false;
	if (write_payload(job, &out) && judge_own(job, &out))
		return tool_output_commit(&out);
	host_output_abort(&out);
	return false;
}

static json_t *describe(const struct job *job, const char *output)
{
	json_t *object = json_object(), *parts = json_array();

	tool_json_text(object, "file", output);
	tool_json_number(object, "bytes",
			 job->manifest.len + job->metadata_signatures.len +
				 job->spool.bytes + job->signatures.len);
	tool_json_number(object, "manifest_bytes",
			 job->manifest.len - UPDATE_HEADER_BYTES);
	tool_json_number(object, "memory_bytes", job->own_memory_bytes);
	for (size_t i = 0; i < job->input.count; i++) {
		json_t *part = json_object();

		tool_json_text(part, "name", job->input.part[i].name);
		tool_json_number(part, "bytes", job->input.part[i].bytes);
		tool_json_number(part, "operations", job->packed[i].count);
		tool_json_append(parts, part);
	}
	tool_json_set(object, "partition", parts);
	return object;
}

static void release(struct job *job)
{
	tool_payload_input_close(&job->input);
	tool_payload_input_close(&job->old);
	tool_payload_signers_free(&job->signers);
	for (size_t i = 0; i < TOOL_PAYLOAD_PARTS; i++)
		tool_buffer_free(&job->packed[i].operations);
	tool_buffer_free(&job->statement);
	tool_buffer_free(&job->partitions);
	tool_buffer_free(&job->manifest);
	tool_buffer_free(&job->metadata_signatures);
	tool_buffer_free(&job->signatures);
	free(job);
}

static bool open_inputs(struct job *job)
{
	const struct tool_payload_plan *p = job->plan;

	if (!tool_payload_input_open(&p->source, &job->input))
		return false;
	return (p->from.image == NULL && p->from.kernel == NULL) ||
	       tool_payload_input_open(&p->from, &job->old);
}

bool tool_payload_make(const struct tool_payload_plan *plan, const char *output,
		       json_t **report)
{
	struct job *job = tool_alloc(sizeof(*job));
	bool good;

	job->plan = plan;
	if (!choose(job) || !open_inputs(job)) {
		release(job);
		return false;
	}
	char *spool = tool_format("%s.blobs", output);

	good = tool_output_begin(&job->blobs, spool, 0600, HOST_REPLACE);
	if (good) {
		job->spool.fd = job->blobs.fd;
		job->spool.path = job->blobs.path;
		good = load_signers(job) && pack_parts(job) && make_statement(job) &&
		       make_manifest(job) && write_output(job, output);
		if (good)
			*report = describe(job, output);
		host_output_abort(&job->blobs);
	}
	free(spool);
	release(job);
	return good;
}
