/* Payloads and settings of a recovery medium. */
#include "tools/lib/media_data.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/profile.h"
#include "net/settings.h"
#include "tools/lib/certificate.h"
#include "tools/lib/copy.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/json_out.h"
#include "tools/lib/manufacturing.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"
#include "update/apply.h"

#define FAT_MAX_FILE    UINT64_C(0xffffffff)
#define PIECE_BYTES     ((uint64_t)2 << 30)
#define MAX_PIECES      100u
#define SERVER_CA_LIMIT 65535u
#define SETTINGS_LIMIT  ((uint64_t)1 << 20)

struct job {
	const struct tool_media_plan *plan;
	const char *folder;
	struct tool_media_data *out;
	struct tool_payload_file *file;
};

static bool add_file(struct job *job, const char *path, const char *target)
{
	struct tool_media_data *out = job->out;
	struct stat st;

	if (out->files.count == TOOL_LIST_MAX || out->text_count == TOOL_LIST_MAX)
		return tool_error("more than %u files", TOOL_LIST_MAX);
	if (stat(path, &st) != 0)
		return tool_error("%s: %s", path, strerror(errno));
	tool_input_add(path);
	out->bytes += (uint64_t)st.st_size;
	out->text[out->text_count] = tool_format("%s=%s", path, target);
	out->files.item[out->files.count].option = "file";
	out->files.item[out->files.count++].value = out->text[out->text_count++];
	return true;
}

/* --- judgement ---------------------------------------------------------------------- */

/* Each device of the profile, until one would install it. */
static bool judge_by_profile(struct job *job, struct update_verdict *why)
{
	struct tool_payload_file *f = job->file;
	struct tool_buffer bytes = { 0 };
	size_t count = 0;
	bool good = tool_read_file(job->plan->profile, PROFILE_SECTION_BYTES, &bytes) &&
		    (profile_count(bytes.data, bytes.len, &count, NULL) == LB_OK ||
		     tool_profile_refuse(job->plan->profile, 0, bytes.data, bytes.len));

	(void)update_verdict_set(why, UPDATE_KEY, NULL);
	for (size_t i = 0; good && i < count && !f->open; i++) {
		struct update_device device = { .any_cpu = true };
		struct profile profile;
		char model[256];

		if (profile_get(bytes.data, bytes.len, i, &profile) != LB_OK ||
		    profile.kernel_key.data == NULL)
			continue;
		snprintf(model, sizeof(model), "%.*s", (int)profile.model.len,
			 profile.model.data != NULL ? (const char *)profile.model.data
						    : "");
		device.model = model;
		device.policy.key = profile.kernel_key;
		f->open = update_payload_open(&f->source, &device, &f->memory,
					      &f->payload, why) == UPDATE_OK;
	}
	tool_buffer_free(&bytes);
	return good;
}

/* Whoever signed it: is it what its own data key says it is? */
static void judge_by_itself(struct tool_payload_file *f, struct update_verdict *why)
{
	const struct update_device anyone = {
		.policy = { .mode = CRYPTO_MODE_DEVELOPER, .self_signed_allowed = true },
		.any_cpu = true,
	};

	f->open = update_payload_open(&f->source, &anyone, &f->memory, &f->payload,
				      why) == UPDATE_OK;
}

static bool judge(struct job *job, bool developer)
{
	struct tool_payload_file *f = job->file;
	struct update_job check = { .payload = &f->payload };
	struct update_verdict why;

	if (!developer && job->plan->profile != NULL) {
		if (!judge_by_profile(job, &why))
			return false;
	} else {
		judge_by_itself(f, &why);
	}
	if (!f->open)
		return tool_update_refuse(f->path, &why);
	if (!developer && !f->payload.release.headers.keyblock.has_signature)
		return tool_error("%s: self-signed; that is for --developer-payload",
				  f->path);
	return update_check(&check, &why) == UPDATE_OK ||
	       tool_update_refuse(f->path, &why);
}

/* --- files -------------------------------------------------------------------------- */

/* Names that every FAT driver writes down the same way. */
static bool name_good(const char *name)
{
	const size_t len = strlen(name);

	if (len == 0 || len > 200 || name[0] == '.' || name[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && strchr("._-+", name[i]) == NULL)
			return false;
	return true;
}

static bool is_new(const struct job *job, const char *target)
{
	for (size_t i = 0; i < job->out->files.count; i++) {
		const char *equals = strrchr(job->out->files.item[i].value, '=');

		if (equals != NULL && strcasecmp(equals + 1, target) == 0)
			return tool_error("%s: two files of that name", target);
	}
	return true;
}

static bool copy_piece(struct job *job, uint64_t offset, uint64_t bytes, const char *path)
{
	const struct tool_payload_file *f = job->file;
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = fd >= 0 || tool_error("%s: %s", path, strerror(errno));

	good = good &&
	       (ftruncate(fd, (off_t)bytes) == 0 ||
		tool_error("%s: %s", path, strerror(errno))) &&
	       tool_copy_sparse(f->fd[0], f->path, offset, bytes, fd, path, 0);
	if (fd >= 0)
		close(fd);
	return good;
}

static bool add_pieces(struct job *job, const char *target, uint64_t step)
{
	const uint64_t bytes = job->file->source.bytes;
	bool good = bytes / step < MAX_PIECES ||
		    tool_error("%s: more than %u pieces", job->file->path, MAX_PIECES);

	for (unsigned int i = 0; good && i * step < bytes; i++) {
		const uint64_t left = bytes - i * step;
		char *path =
			tool_format("%s/piece-%zu", job->folder, job->out->files.count);
		char *name = tool_format("%s.%03u", target, i);

		good = is_new(job, name) &&
		       copy_piece(job, i * step, left < step ? left : step, path) &&
		       add_file(job, path, name);
		free(path);
		free(name);
	}
	return good;
}

static void describe(struct job *job, const char *target, bool developer)
{
	const struct update_release *r = &job->file->payload.release;
	json_t *object = json_object(), *models = json_array();

	for (size_t i = 0; i < r->model_count; i++)
		tool_json_append(models, tool_json_string(r->model[i]));
	tool_json_text(object, "name", target);
	tool_json_set(object, "model", models);
	tool_json_text(object, "cpu",
		       r->cpu == PLATFORM_CPU_AARCH64 ? "aarch64" : "x86_64");
	tool_json_number(object, "version", r->version);
	tool_json_text(object, "release", r->version_text);
	tool_json_bool(object, "developer", developer);
	tool_json_append(job->out->payloads, object);
}

static bool place(struct job *job, const char *path, bool developer)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const struct tool_optional_number *piece = &job->plan->piece_size;
	char *target =
		tool_format("%s%s", developer ? "payload/developer/" : "payload/", name);
	bool good = (name_good(name) ||
		     tool_error("%s: letters, digits and ._-+ only, please", path)) &&
		    judge(job, developer) && is_new(job, target);

	if (good &&
	    job->file->source.bytes > (piece->given ? piece->value : FAT_MAX_FILE))
		good = add_pieces(job, target, piece->given ? piece->value : PIECE_BYTES);
	else if (good)
		good = add_file(job, path, target);
	if (good)
		describe(job, target, developer);
	free(target);
	return good;
}

static bool add_payload(struct job *job, const char *path, bool developer)
{
	job->file = tool_alloc(sizeof(*job->file));
	bool good = tool_payload_file_open(path, job->file);

	if (good) {
		good = (job->file->count == 1 ||
			tool_error("%s: the whole payload, please", path)) &&
		       place(job, path, developer);
		tool_payload_file_close(job->file);
	}
	free(job->file);
	return good;
}

/* --- settings ----------------------------------------------------------------------- */

static bool add_setting(struct job *job, const char *path, const char *target)
{
	struct stat st;

	if (path == NULL)
		return true;
	if (stat(path, &st) == 0 && (uint64_t)st.st_size > SETTINGS_LIMIT)
		return tool_error("%s: larger than a MiB", path);
	return is_new(job, target) && add_file(job, path, target);
}

/* By the very reader that the device has. */
static bool add_network(struct job *job)
{
	const char *path = job->plan->network;
	struct tool_buffer text = { 0 };
	struct net_settings settings;
	char why[96] = "";

	if (path == NULL)
		return true;
	bool good = tool_read_file(path, NET_SETTINGS_MAX_BYTES - 1, &text);

	if (good && !net_settings_parse((const char *)text.data, text.len, &settings, why,
					sizeof why))
		good = tool_error("%s: %s", path, why);
	tool_buffer_free(&text);
	return good && add_setting(job, path, "lifeboat/network.ini");
}

static bool add_server_ca(struct job *job)
{
	const char *path = job->plan->server_ca;
	struct tool_buffer der = { 0 }, text = { 0 };

	if (path == NULL)
		return true;
	/* PEM, because the device asks for that; all of it has to be certificates. */
	bool good = tool_certificates_der(path, SERVER_CA_LIMIT, &der) &&
		    tool_read_file(path, SERVER_CA_LIMIT, &text);

	if (good && text.data[0] == 0x30)
		good = tool_error("%s: --server-ca: PEM is wanted", path);
	tool_buffer_free(&der);
	tool_buffer_free(&text);
	return good && add_setting(job, path, "lifeboat/server-ca.pem");
}

static bool add_language(struct job *job)
{
	const char *language = job->plan->language;
	bool good = true;

	if (language == NULL)
		return true;
	if (strlen(language) < 2 || strlen(language) > 8)
		good = false;
	for (const char *p = language; good && *p != '\0'; p++)
		good = isalnum((unsigned char)*p) || *p == '-';
	if (!good)
		return tool_error("--language: '%s' is no language (de, pt-BR)",
				  language);
	char *path = tool_format("%s/language", job->folder);

	good = tool_write_file(path, language, strlen(language), 0600, HOST_REPLACE) &&
	       add_setting(job, path, "lifeboat/language");
	free(path);
	return good;
}

bool tool_media_data_make(const struct tool_media_plan *plan, const char *folder,
			  struct tool_media_data *out)
{
	struct job job = { .plan = plan, .folder = folder, .out = out };

	*out = (struct tool_media_data){ .files = plan->files, .payloads = json_array() };
	if (plan->piece_size.given && plan->piece_size.value == 0)
		return tool_error("--piece-size: not zero, please");
	if (plan->piece_size.given && plan->piece_size.value > FAT_MAX_FILE)
		return tool_error("--piece-size: FAT32 holds less than 4G in a file");
	for (size_t i = 0; i < plan->payloads.count; i++)
		if (!add_payload(&job, plan->payloads.item[i].value,
				 strcmp(plan->payloads.item[i].option, "payload") != 0))
			return false;
	return add_network(&job) && add_server_ca(&job) &&
	       (plan->manufacturing == NULL ||
		tool_manufacturing_check(plan->manufacturing, plan->key,
					 plan->profile)) &&
	       add_setting(&job, plan->manufacturing, "lifeboat/manufacturing") &&
	       add_language(&job);
}

void tool_media_data_free(struct tool_media_data *data)
{
	for (size_t i = 0; i < data->text_count; i++)
		free(data->text[i]);
	json_decref(data->payloads);
	*data = (struct tool_media_data){ 0 };
}
