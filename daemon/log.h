/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the daemon has to say: to standard error, or to the keeper (keeper.h), who passes it on to syslog.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>
#include <syslog.h>

#define LOG_LINE 512 /* longer ones are cut */

/* Diagnostics too, not only what an operator has to know. */
void log_verbose(bool on);
bool log_is_verbose(void);

/*
 * From now on lines go into this pipe, as "<LEVEL>TEXT\n". Those that do not fit are lost: packets do not wait for a
 * reader.
 */
void log_to_pipe(int fd);

/* To standard error, lines begin with "<LEVEL>", as the journal wants them, in place of the program's name. */
void log_for_journal(bool on);

/* From now on lines go to syslog. */
void log_to_syslog(void);

/* Level: LOG_ERR, LOG_WARNING, LOG_NOTICE; LOG_DEBUG only shows with log_verbose(). One line, without its end. */
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Passes a line of a pipe on to wherever this process logs to. */
void log_pass_on(const char *line);

/* Errors that this process, and no child of it, logs from here on are told to `tap`, too; NULL ends that. */
void log_tap_errors(void (*tap)(void *ctx, const char *text), void *ctx);

#endif
