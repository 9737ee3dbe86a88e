/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lab as a JSON document; what people read is drawn from that.
 */
#ifndef TM_LAB_JSON_H
#define TM_LAB_JSON_H

#include <jansson.h>

#include "lab.h"

/*
 * {"name","network","mtu","ready","hosts":[{"name","namespace","kind","devices":[{"name","mtu","peer":{"host","device"},"addr
 * esses":[…]}], "processes":[]}],"broken":[…],"started":[{"host","command"}],"try":[{"host","command","shows"}]}; the
 * caller's. NULL without memory.
 */
json_t *tm_lab_json(const struct tm_lab *lab, bool ready);

#endif
