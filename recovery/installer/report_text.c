/* The pure part of reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recovery/installer/report.h"

#define PREFIX "lifeboat-log-"

void report_tail(const char *before, const char *text, char *out, size_t size)
{
	const size_t used = (size_t)snprintf(out, size, "%s", before);
	const size_t len = strlen(text);
	const size_t room = used + 1 < size ? size - used - 1 : 0;
	const char *from = text + (len > room ? len - room : 0);

	if (used + 1 >= size)
		return;
	if (from != text && strchr(from, '\n') != NULL)
		from = strchr(from, '\n') + 1; /* whole lines, if there is any */
	snprintf(out + used, size - used, "%s", from);
	for (char *c = out + used; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = ' ';
}

void report_model(const char *model, char out[REPORT_MODEL_BYTES])
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = 0;

	for (; *model != '\0' && n < REPORT_MODEL_BYTES - 1; model++)
		out[n++] = strchr(good, *model) != NULL ? *model : '_';
	out[n] = '\0';
}

uint32_t report_number(const char *file, const char *model)
{
	const size_t len = strlen(model);
	char *end;

	if (strncmp(file, PREFIX, sizeof PREFIX - 1) != 0)
		return 0;
	file += sizeof PREFIX - 1;
	if (strncmp(file, model, len) != 0 || file[len] != '-')
		return 0;
	file += len + 1;
	if (file[0] < '1' || file[0] > '9')
		return 0;
	const unsigned long number = strtoul(file, &end, 10);

	return number <= 999999999 && strcmp(end, ".txt") == 0 ? (uint32_t)number : 0;
}
