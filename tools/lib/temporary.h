/* Temporary files and folders that do not outlive the command, whatever ends it (but
 * SIGKILL and power cuts). */
#ifndef LIFEBOAT_TOOLS_TEMPORARY_H
#define LIFEBOAT_TOOLS_TEMPORARY_H

/** tool_temporary_file() - mkstemp() that remembers the name. Returns a descriptor or
 * -1. */
int tool_temporary_file(char *name_template);

/** tool_temporary_remove() - remove the file (a missing one is fine) and forget it. */
void tool_temporary_remove(const char *name);

/** tool_temporary_folder() - a new private folder; removed, with the files directly in
 * it, at exit and by tool_temporary_folder_remove(). NULL with a message on failure. */
char *tool_temporary_folder(void);
void tool_temporary_folder_remove(char *folder);

#endif
