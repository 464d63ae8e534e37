/* The commands, one file each: tools/cmd_NAME.c. Arguments as main()'s, argv[0] being the
 * command's own name; the result is the exit status. */
#ifndef LIFEBOAT_TOOLS_COMMANDS_H
#define LIFEBOAT_TOOLS_COMMANDS_H

int cmd_image(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_keys_import(int argc, char **argv);
int cmd_keys_keyblock(int argc, char **argv);
int cmd_keys_new(int argc, char **argv);
int cmd_keys_show(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_payload(int argc, char **argv);
int cmd_payload_apply(int argc, char **argv);
int cmd_payload_extract(int argc, char **argv);
int cmd_payload_make(int argc, char **argv);
int cmd_payload_show(int argc, char **argv);
int cmd_payload_verify(int argc, char **argv);
int cmd_profile(int argc, char **argv);
int cmd_profile_install(int argc, char **argv);
int cmd_profile_make(int argc, char **argv);
int cmd_profile_show(int argc, char **argv);
int cmd_recovery_media(int argc, char **argv);
int cmd_recovery_media_manufacturing(int argc, char **argv);
int cmd_secure_boot(int argc, char **argv);
int cmd_secure_boot_enroll(int argc, char **argv);
int cmd_secure_boot_keys(int argc, char **argv);
int cmd_secure_boot_revoke(int argc, char **argv);
int cmd_secure_boot_sign(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_slots(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
