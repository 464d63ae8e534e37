/* Making payloads for tests. */
#include "tests/host/payload_image.h"

#include <bzlib.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "update/container.h"
#include "update/decode.h"
#include "update/payload.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

#define MAX_BYTES ((size_t)4 << 20)
#define RSA_BYTES 256u

struct bytes {
	uint8_t *data;
	size_t len;
};

static void must(int ok)
{
	if (!ok)
		abort();
}

static uint8_t *grow(struct bytes *b, size_t len)
{
	if (b->data == NULL)
		b->data = calloc(1, MAX_BYTES);
	must(b->data != NULL && len <= MAX_BYTES - b->len);
	b->len += len;
	return b->data + b->len - len;
}

static void append(struct bytes *b, const void *data, size_t len)
{
	if (len != 0)
		memcpy(grow(b, len), data, len);
}

static void put_field(struct bytes *b, uint32_t number, const struct bytes *message)
{
	uint8_t prefix[2 * UPDATE_VARINT_MAX_BYTES];
	size_t n = update_wire_put_tag(prefix, number, UPDATE_WIRE_BYTES);

	n += update_wire_put_varint(prefix + n, message->len);
	append(b, prefix, n);
	append(b, message->data, message->len);
}

static void sign(const struct test_key *key, const struct bytes *data, size_t len,
		 uint8_t out[RSA_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t sig_len = RSA_BYTES;

	must(ctx != NULL &&
	     EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1);
	must(EVP_DigestSign(ctx, out, &sig_len, data->data, len) == 1);
	EVP_MD_CTX_free(ctx);
}

/* --- operations --------------------------------------------------------------------- */

/* Where @old has these bytes; false: nowhere. */
static bool find_old(const struct bytes *old, const uint8_t *data, size_t len,
		     Lbpb__Extent *source)
{
	for (size_t at = 0; len <= old->len && at <= old->len - len; at += 4096) {
		if (memcmp(old->data + at, data, len) != 0)
			continue;
		source->has_start_block = source->has_num_blocks = 1;
		source->start_block = at / 4096;
		source->num_blocks = len / 4096;
		return true;
	}
	return false;
}

/* Packed against all of @old. */
static void put_lzma(Lbpb__InstallOperation *o, Lbpb__Extent **sources,
		     Lbpb__Extent *source, const struct bytes *old, uint8_t hash[32],
		     const uint8_t *data, size_t len, struct bytes *packed)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options },
					{ LZMA_VLI_UNKNOWN, NULL } };
	uint8_t room[2 * 4096];
	size_t used = 0;

	must(!lzma_lzma_preset(&options, 1) && len < sizeof room);
	options.dict_size = update_source_dictionary(old->len, len);
	options.preset_dict = old->data;
	options.preset_dict_size = (uint32_t)old->len;
	must(lzma_raw_buffer_encode(filters, NULL, data, len, room, &used, sizeof room) ==
	     LZMA_OK);
	append(packed, room, used);
	SHA256(old->data, old->len, hash);
	source->has_start_block = source->has_num_blocks = 1;
	source->start_block = 0;
	source->num_blocks = old->len / 4096;
	o->type = UPDATE_SOURCE_LZMA;
	o->n_src_extents = 1;
	o->src_extents = sources;
	o->has_src_sha256_hash = 1;
	o->src_sha256_hash = (ProtobufCBinaryData){ 32, hash };
}

/* Every third block that is not zero is packed, so that several kinds occur. */
static void put_operation(struct bytes *message, struct bytes *blobs,
			  const struct bytes *old, const uint8_t *data, uint64_t at,
			  size_t len)
{
	Lbpb__Extent extent = LBPB__EXTENT__INIT, *extents[] = { &extent };
	Lbpb__Extent source = LBPB__EXTENT__INIT, *sources[] = { &source };
	Lbpb__InstallOperation o = LBPB__INSTALL_OPERATION__INIT;
	struct bytes packed = { 0 }, operation = { 0 };
	uint8_t hash[32], source_hash[32];

	extent.has_start_block = extent.has_num_blocks = 1;
	extent.start_block = at / 4096;
	extent.num_blocks = len / 4096;
	o.n_dst_extents = 1;
	o.dst_extents = extents;
	if (lb_all_zero(data, len)) {
		o.type = UPDATE_ZERO;
	} else if (find_old(old, data, len, &source)) {
		SHA256(data, len, source_hash);
		o.type = UPDATE_SOURCE_COPY;
		o.n_src_extents = 1;
		o.src_extents = sources;
		o.has_src_sha256_hash = 1;
		o.src_sha256_hash =
			(ProtobufCBinaryData){ sizeof source_hash, source_hash };
	} else if (old->len != 0 && at / len % 2 == 1) {
		put_lzma(&o, sources, &source, old, source_hash, data, len, &packed);
	} else if (at / len % 3 == 1) {
		unsigned int room = (unsigned int)(len + len / 2 + 600);

		o.type = UPDATE_REPLACE_BZ;
		must(BZ2_bzBuffToBuffCompress((char *)grow(&packed, room), &room,
					      (char *)(uintptr_t)data, (unsigned int)len,
					      1, 0, 0) == BZ_OK);
		packed.len = room;
	} else {
		o.type = UPDATE_REPLACE;
		append(&packed, data, len);
	}
	if (packed.len != 0) {
		SHA256(packed.data, packed.len, hash);
		o.has_data_offset = o.has_data_length = o.has_data_sha256_hash = 1;
		o.data_offset = blobs->len;
		o.data_length = packed.len;
		o.data_sha256_hash = (ProtobufCBinaryData){ sizeof hash, hash };
		append(blobs, packed.data, packed.len);
	}
	(void)lbpb__install_operation__pack(
		&o, grow(&operation, lbpb__install_operation__get_packed_size(&o)));
	put_field(message, 8, &operation);
	free(packed.data);
	free(operation.data);
}

static void put_operations(struct bytes *message, struct bytes *blobs,
			   const struct bytes *old, const uint8_t *data, size_t bytes,
			   size_t step)
{
	for (size_t at = 0; at < bytes; at += step)
		put_operation(message, blobs, old, data + at, at,
			      bytes - at < step ? bytes - at : step);
}

static void put_partition(struct bytes *manifest, struct bytes *blobs, const char *name,
			  const struct bytes *old, const uint8_t *data, size_t bytes,
			  const struct test_payload *p)
{
	const size_t step = p->operation_bytes != 0 ? p->operation_bytes : 4096;
	Lbpb__PartitionInfo info = LBPB__PARTITION_INFO__INIT, old_info = info;
	Lbpb__PartitionUpdate head = LBPB__PARTITION_UPDATE__INIT;
	struct bytes message = { 0 };
	uint8_t hash[32], old_hash[32];

	SHA256(data, bytes, hash);
	if (old->len != 0) {
		SHA256(old->data, old->len, old_hash);
		old_info.has_size = old_info.has_hash = 1;
		old_info.size = old->len;
		old_info.hash = (ProtobufCBinaryData){ sizeof old_hash, old_hash };
		head.old_partition_info = &old_info;
	}
	info.has_size = info.has_hash = 1;
	info.size = bytes;
	info.hash = (ProtobufCBinaryData){ sizeof hash, hash };
	head.partition_name = (char *)(uintptr_t)name;
	head.new_partition_info = &info;
	(void)lbpb__partition_update__pack(
		&head, grow(&message, lbpb__partition_update__get_packed_size(&head)));
	for (int i = 0; i < (p->twice ? 2 : 1); i++)
		put_operations(&message, blobs, old, data, bytes, step);
	put_field(manifest, 13, &message);
	free(message.data);
}

/* --- statement ---------------------------------------------------------------------- */

static void put_details(struct bytes *out, const struct test_payload *p)
{
	Lbpb__Details d = LBPB__DETAILS__INIT;
	Lbpb__Content content[2] = { LBPB__CONTENT__INIT, LBPB__CONTENT__INIT };
	Lbpb__Content *contents[] = { &content[0], &content[1] };
	char *model[] = { (char *)(uintptr_t)(p->model != NULL ? p->model : "kiosk") };
	char *hardware_id[] = { (char *)(uintptr_t)p->hardware_id };
	ProtobufCBinaryData recipe_key = { 32, (uint8_t *)(uintptr_t)p->recipe_key_id };
	uint8_t hash[2][32];

	SHA256(p->kernel, p->kernel_bytes, hash[0]);
	SHA256(p->root, p->root_bytes, hash[1]);
	for (size_t i = 0; i < 2; i++) {
		content[i].name = (char *)(uintptr_t)(i == 0 ? "kernel" : "root");
		content[i].size = i == 0 ? p->kernel_bytes : p->root_bytes;
		content[i].hash = (ProtobufCBinaryData){ 32, hash[i] };
	}
	d.n_model = 1;
	d.model = model;
	d.n_hardware_id = p->hardware_id != NULL;
	d.hardware_id = hardware_id;
	d.cpu = p->cpu != 0 ? p->cpu : 1;
	d.n_content = 2;
	d.content = contents;
	d.n_recipe_key = p->recipe_key_id != NULL;
	d.recipe_key = &recipe_key;
	(void)lbpb__details__pack(&d, grow(out, lbpb__details__get_packed_size(&d)));
}

static void put_statement(struct bytes *out, const struct test_payload *p)
{
	struct bytes details = { 0 };
	size_t head = CRYPTO_HEAD_BYTES;

	while (head > 0 && p->kernel[head - 1] == 0)
		head--;
	head = (head + 3) / 4 * 4;
	put_details(&details, p);
	const struct update_statement_sizes sizes = {
		.key = (uint32_t)p->kernel_key->packed_bytes,
		.headers = (uint32_t)head,
		.details = (uint32_t)details.len,
		.signature = RSA_BYTES,
	};

	update_statement_frame(&sizes, grow(out, UPDATE_STATEMENT_FRAME_BYTES));
	append(out, p->kernel_key->packed, p->kernel_key->packed_bytes);
	append(out, p->kernel, head);
	append(out, details.data, details.len);
	const size_t signed_bytes = out->len;

	sign(p->data_key, out, signed_bytes, grow(out, RSA_BYTES));
	free(details.data);
}

/* --- the whole ---------------------------------------------------------------------- */

static void put_signatures(struct bytes *out, const struct test_payload *p,
			   const struct bytes *over)
{
	Lbpb__Signature one = LBPB__SIGNATURE__INIT, *list[] = { &one };
	Lbpb__Signatures all = LBPB__SIGNATURES__INIT;
	uint8_t sig[RSA_BYTES] = { 0 };
	const struct test_key *key =
		p->recipe_signer != NULL ? p->recipe_signer : p->data_key;

	if (over != NULL)
		sign(key, over, over->len, sig);
	one.has_data = 1;
	one.data = (ProtobufCBinaryData){ sizeof sig, sig };
	one.has_public_key = 1;
	one.public_key = (ProtobufCBinaryData){ key->packed_bytes,
						(uint8_t *)(uintptr_t)key->packed };
	all.n_signatures = 1;
	all.signatures = list;
	(void)lbpb__signatures__pack(&all,
				     grow(out, lbpb__signatures__get_packed_size(&all)));
}

uint8_t *test_payload_make(const struct test_payload *p, size_t *bytes)
{
	struct bytes all = { 0 }, blobs = { 0 }, statement = { 0 }, rest = { 0 };
	struct bytes signatures = { 0 }, whole = { 0 };
	Lbpb__Manifest m = LBPB__MANIFEST__INIT;

	grow(&all, UPDATE_HEADER_BYTES);
	put_statement(&statement, p);
	put_field(&all, 1000, &statement);
	const struct bytes old_kernel = { (uint8_t *)(uintptr_t)p->old_kernel,
					  p->old_kernel_bytes };
	const struct bytes old_root = { (uint8_t *)(uintptr_t)p->old_root,
					p->old_root_bytes };

	put_partition(&rest, &blobs, "kernel", &old_kernel, p->kernel, p->kernel_bytes,
		      p);
	put_partition(&rest, &blobs, "root", &old_root, p->root, p->root_bytes, p);
	put_signatures(&signatures, p, NULL);
	m.has_block_size = m.has_signatures_offset = m.has_signatures_size = 1;
	m.has_minor_version = 1;
	m.minor_version = p->old_root_bytes != 0 ? UPDATE_OWN_MINOR_VERSION : 0;
	m.block_size = 4096;
	m.signatures_offset = blobs.len;
	m.signatures_size = signatures.len;
	(void)lbpb__manifest__pack(&m, grow(&all, lbpb__manifest__get_packed_size(&m)));
	append(&all, rest.data, rest.len);
	const struct update_header header = {
		.manifest_bytes = all.len - UPDATE_HEADER_BYTES,
		.signature_bytes = (uint32_t)signatures.len,
	};

	update_header_encode(&header, all.data);
	append(&whole, all.data, all.len);
	append(&whole, blobs.data, blobs.len);
	put_signatures(&rest, p, &all); /* rest: only its end is used from here on */
	append(&all, rest.data + rest.len - signatures.len, signatures.len);
	append(&all, blobs.data, blobs.len);
	put_signatures(&all, p, &whole);
	free(blobs.data);
	free(statement.data);
	free(rest.data);
	free(signatures.data);
	free(whole.data);
	*bytes = all.len;
	return all.data;
}

static enum lb_status read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct test_bytes *b = ctx;

	if (!lb_within(offset, len, b->bytes))
		return LB_ERR_RANGE;
	memcpy(buf, b->data + offset, len);
	return LB_OK;
}

struct lb_source test_source(struct test_bytes *bytes)
{
	return (struct lb_source){ bytes, bytes->bytes, read_bytes };
}

struct update_device test_payload_device(const struct test_payload *payload)
{
	struct update_device device = { .policy = { .mode = CRYPTO_MODE_NORMAL },
					.model = "kiosk",
					.cpu = PLATFORM_CPU_X86_64 };
	struct crypto_key key;

	must(crypto_key_parse(payload->kernel_key->packed,
			      payload->kernel_key->packed_bytes, 0, &key) == LB_OK);
	crypto_key_id(&key, device.key_id);
	return device;
}
