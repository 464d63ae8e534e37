/* Command lines by table: parsing and help. */
#include "tools/lib/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

#define HELP_COLUMN 26
#define MAX_OPTIONS 64

static const struct tool_option help_option = {
	TOOL_OPTION_FLAG, 'h', "help", NULL, NULL, "print this and exit",
};

static void print_option(const struct tool_option *option)
{
	char left[96];
	int len = 0;

	if (option->letter != '\0')
		len = snprintf(left, sizeof(left), "  -%c, --%s", option->letter,
			       option->name);
	else
		len = snprintf(left, sizeof(left), "      --%s", option->name);
	if (option->argument != NULL)
		snprintf(left + len, sizeof(left) - (size_t)len, " %s", option->argument);
	if (strlen(left) < HELP_COLUMN)
		printf("%-*s", HELP_COLUMN, left);
	else
		printf("%s\n%*s", left, HELP_COLUMN, "");

	/* Further lines of a help text are indented as the first one. */
	for (const char *c = option->help; *c != '\0'; c++) {
		putchar(*c);
		if (*c == '\n')
			printf("%*s", HELP_COLUMN, "");
	}
	putchar('\n');
}

static void print_help(const struct tool_usage *usage)
{
	printf("Usage: %s [option...]%s%s\n\n%s\n\nOptions:\n", usage->command,
	       usage->operands[0] != '\0' ? " " : "", usage->operands, usage->about);
	for (const struct tool_option *o = usage->options; o->kind != TOOL_OPTION_END;
	     o++)
		print_option(o);
	print_option(&help_option);
}

int tool_usage_error(const struct tool_usage *usage, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", usage->command);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry '%s --help'.\n", usage->command);
	return TOOL_USAGE;
}

static bool store_list(const struct tool_option *option, const char *text)
{
	struct tool_list *list = option->value;

	if (list->count == TOOL_LIST_MAX)
		return false;
	list->item[list->count].option = option->name;
	list->item[list->count].value = text;
	list->count++;
	return true;
}

static bool store(const struct tool_usage *usage, const struct tool_option *option,
		  const char *text)
{
	const char **slot;
	struct tool_optional_number *number;

	switch (option->kind) {
	case TOOL_OPTION_FLAG:
		*(bool *)option->value = true;
		return true;
	case TOOL_OPTION_TEXT:
		slot = option->value;
		if (*slot != NULL) {
			tool_usage_error(usage, "--%s is given twice", option->name);
			return false;
		}
		*slot = text;
		return true;
	case TOOL_OPTION_LIST:
		if (!store_list(option, text)) {
			tool_usage_error(usage, "--%s: more than %u", option->name,
					 TOOL_LIST_MAX);
			return false;
		}
		return true;
	case TOOL_OPTION_NUMBER:
		number = option->value;
		if (!tool_number(text, &number->value)) {
			tool_usage_error(usage, "--%s: '%s' is not a number",
					 option->name, text);
			return false;
		}
		number->given = true;
		return true;
	case TOOL_OPTION_END:
		break;
	}
	tool_fatal("option --%s has no kind", option->name);
}

/* The table in getopt's terms. Values above the letters are 256 + index. */
static void fill_getopt(const struct tool_usage *usage, struct option *longs,
			char *shorts)
{
	size_t n = 0;

	*shorts++ = ':';
	for (const struct tool_option *o = usage->options; o->kind != TOOL_OPTION_END;
	     o++, n++) {
		if (n == MAX_OPTIONS)
			tool_fatal("%s has too many options", usage->command);
		longs[n] = (struct option){
			.name = o->name,
			.has_arg = o->argument != NULL ? required_argument : no_argument,
			.val = 256 + (int)n,
		};
		if (o->letter == '\0')
			continue;
		*shorts++ = o->letter;
		if (o->argument != NULL)
			*shorts++ = ':';
	}
	longs[n++] = (struct option){ .name = "help", .val = 'h' };
	longs[n] = (struct option){ 0 };
	*shorts++ = 'h';
	*shorts = '\0';
}

static const struct tool_option *find_option(const struct tool_usage *usage, int code)
{
	const struct tool_option *o = usage->options;

	if (code >= 256)
		return &o[code - 256];
	while (o->kind != TOOL_OPTION_END && o->letter != code)
		o++;
	return o;
}

static enum tool_parse check_operands(const struct tool_usage *usage, size_t count)
{
	if (count < usage->least)
		tool_usage_error(usage, "%s is missing",
				 count == 0 && usage->least == 1 ? usage->operands
								 : "an operand");
	else if (count > usage->most)
		tool_usage_error(usage, "too many operands");
	else
		return TOOL_PARSE_RUN;
	return TOOL_PARSE_WRONG;
}

enum tool_parse tool_options_parse(const struct tool_usage *usage, int argc, char **argv,
				   char ***operands)
{
	struct option longs[MAX_OPTIONS + 2];
	char shorts[3 * MAX_OPTIONS + 4];
	int code;

	fill_getopt(usage, longs, shorts);
	optind = 0; /* glibc: start afresh */
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == 'h') {
			print_help(usage);
			return TOOL_PARSE_HELP;
		}
		if (code == '?' || code == ':') {
			tool_usage_error(usage,
					 code == ':' ? "%s needs an argument"
						     : "unknown option %s",
					 argv[optind - 1]);
			return TOOL_PARSE_WRONG;
		}
		if (!store(usage, find_option(usage, code), optarg))
			return TOOL_PARSE_WRONG;
	}
	*operands = argv + optind;
	return check_operands(usage, (size_t)(argc - optind));
}

bool tool_sector_bytes_good(const struct tool_optional_number *wanted)
{
	return !wanted->given || (wanted->value >= 512 && wanted->value <= 4096 &&
				  (wanted->value & (wanted->value - 1)) == 0);
}

int tool_parse_exit(enum tool_parse parse)
{
	return parse == TOOL_PARSE_HELP ? TOOL_YES : TOOL_USAGE;
}

static void print_subcommands(const char *command, const char *about,
			      const struct tool_subcommand *table)
{
	printf("Usage: %s COMMAND [option...] [operand...]\n\n%s\n\nCommands:\n", command,
	       about);
	for (; table->name != NULL; table++)
		printf("  %-14s %s\n", table->name, table->about);
	printf("\n'%s COMMAND --help' tells more.\n", command);
}

int tool_subcommands_run(const char *command, const char *about,
			 const struct tool_subcommand *table, int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "%s: a command is missing\nTry '%s --help'.\n", command,
			command);
		return TOOL_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_subcommands(command, about, table);
		return TOOL_YES;
	}
	for (; table->name != NULL; table++)
		if (strcmp(table->name, argv[1]) == 0)
			return table->run(argc - 1, argv + 1);
	fprintf(stderr, "%s: there is no command '%s'\nTry '%s --help'.\n", command,
		argv[1], command);
	return TOOL_USAGE;
}
