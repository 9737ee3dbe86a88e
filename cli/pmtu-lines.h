/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of "tcpmss pmtu replay", as text or as JSON. Times are those of the engine.
 */
#ifndef CLI_PMTU_LINES_H
#define CLI_PMTU_LINES_H

#include <stdbool.h>

#include "lib/pmtu-script.h"

/* "TIME DST pmtu=N mss=N df=on|off state=… deadline=T|-", "TIME DST refused=REASON", "TIME SRC>DST mss=N|none" */
void cli_pmtu_line(const struct tm_script_answer *answer, bool json);

#endif
