/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "daemon.h"
#include "log.h"

int daemon_fail(int err, const struct tm_error *e)
{
	log_line(LOG_ERR, "%s", e->text);
	switch (err) {
	case -EPERM:
	case -EACCES:
		return DAEMON_PRIVILEGE;
	case -EOPNOTSUPP:
		return DAEMON_UNSUPPORTED;
	}
	return DAEMON_FAILED;
}
