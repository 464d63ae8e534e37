/* Temporary files and folders that do not outlive the command, whatever ends it (but
 * SIGKILL and power cuts). */
#ifndef LIFEBOAT_TOOLS_TEMPORARY_H
#define LIFEBOAT_TOOLS_TEMPORARY_H

#include "host/output.h"

/* For host/output.h: remembers the names, and removes what is left at exit and on the
 * usual signals. What a whole process is to do when it is ended belongs to its program,
 * so this is not in host/. */
extern const struct host_temporary tool_temporary;

/** tool_temporary_child() - a program that may be writing into the folder: it goes first
 * when a signal comes. 0: none. */
void tool_temporary_child(pid_t pid);

/** tool_temporary_folder() - a new private folder; removed, with the files directly in
 * it, at exit and by tool_temporary_folder_remove(). NULL with a message on failure. */
char *tool_temporary_folder(void);
void tool_temporary_folder_remove(char *folder);

#endif
