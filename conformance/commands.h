/* The commands of `sockspec`, one file each. argv[0] is "sockspec" and the command's name, which
 * getopt puts before what it says; each returns the exit status (engine/run.h: enum exit_status).
 */
#ifndef COMMANDS_H
#define COMMANDS_H

int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_fuzz(int argc, char **argv);
int command_coverage(int argc, char **argv);

/* One line on stderr, "sockspec COMMAND: ..." (of command "": "sockspec: ..."), and EXIT_USAGE;
 * control characters become "?". */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit status, or EXIT_SUITE with a line where what was written to stdout did not arrive. */
int told(int status);

#endif
