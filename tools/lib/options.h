/* Command lines: one table per command gives parsing and --help, so that they agree. */
#ifndef LIFEBOAT_TOOLS_OPTIONS_H
#define LIFEBOAT_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tool_option_kind {
	TOOL_OPTION_END,
	TOOL_OPTION_FLAG, /* value: bool */
	TOOL_OPTION_TEXT, /* value: const char *, may be given once */
	/* value: struct tool_list; several options may share one, so that the order
	 * between them is kept */
	TOOL_OPTION_LIST,
	TOOL_OPTION_NUMBER, /* value: struct tool_optional_number */
};

struct tool_optional_number {
	bool given;
	uint64_t value;
};

/** tool_sector_bytes_good() - not given, or 512, 1024, 2048 or 4096. */
bool tool_sector_bytes_good(const struct tool_optional_number *wanted);

#define TOOL_LIST_MAX 256u

struct tool_list {
	size_t count;
	struct {
		const char *option; /* name without dashes */
		const char *value;
	} item[TOOL_LIST_MAX];
};

struct tool_option {
	enum tool_option_kind kind;
	char letter; /* 0: none */
	const char *name;
	void *value;
	const char *argument; /* its name in the help, NULL for flags */
	const char *help;
};

struct tool_usage {
	const char *command;               /* "lifeboat keys new" */
	const char *operands;              /* "DIR" */
	const char *about;                 /* one or more sentences */
	const struct tool_option *options; /* ends with TOOL_OPTION_END */
	size_t least, most;                /* how many operands */
};

enum tool_parse {
	TOOL_PARSE_RUN,
	TOOL_PARSE_HELP,  /* help was printed: exit 0 */
	TOOL_PARSE_WRONG, /* message was printed: exit 2 */
};

/**
 * tool_options_parse() - parse the arguments of one command.
 * @argv: argv[0] is the command's name, not looked at; operands are moved to the end
 * @operands: the first operand in @argv; NULL-terminated
 */
enum tool_parse tool_options_parse(const struct tool_usage *usage, int argc, char **argv,
				   char ***operands);

/** tool_parse_exit() - the exit status for a parse that does not run. */
int tool_parse_exit(enum tool_parse parse);

/** tool_usage_error() - a message that ends with where help is. Returns TOOL_USAGE. */
int tool_usage_error(const struct tool_usage *usage, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct tool_subcommand {
	const char *name;
	const char *operands;
	const char *about;
	int (*run)(int argc, char **argv);
};

/**
 * tool_subcommands_run() - find argv[1] in a table and run it with what follows.
 * @command: "lifeboat", "lifeboat keys"
 * @table:   ends with a NULL name
 */
int tool_subcommands_run(const char *command, const char *about,
			 const struct tool_subcommand *table, int argc, char **argv);

#endif
