/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON of protect blocks: the document of `protect show`, and the part of it in that of `show`.
 */
#ifndef TM_PROTECT_JSON_H
#define TM_PROTECT_JSON_H

#include <jansson.h>

#include "report.h"

/*
 * [{"name", "state", "mode", "accelerator", "half_open", "high", "low", "rates": {…}, "counters": {…}, "devices": […], "warnings": […]}, …]
 * in the order of the reports; with `all` also "servers" and the services of each. For json_decref(); NULL without memory.
 */
json_t *tm_protects_json(const struct tm_protect_reports *reports, bool all);

/* {"schema_version", "protect": [...]}, with all of it. */
json_t *tm_protect_show_json(const struct tm_protect_reports *reports);

#endif
