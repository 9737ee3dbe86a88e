/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more item of `size` bytes, which is cleared. */
static void *grow(void **list, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		size_t more = *room ? *room * 2 : 8;
		void *larger = reallocarray(*list, more, size);

		if (!larger)
			return NULL;
		*list = larger;
		*room = more;
	}
	return memset((char *)*list + (*count)++ * size, 0, size);
}

/* Both structs begin with the name. */
static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct tm_hook_report *tm_hook_reports_add(struct tm_hook_reports *r)
{
	return grow((void **)&r->list, &r->count, &r->room, sizeof(*r->list));
}

void tm_hook_reports_sort(struct tm_hook_reports *r)
{
	if (r->count)
		qsort(r->list, r->count, sizeof(*r->list), by_name);
}

void tm_hook_reports_free(struct tm_hook_reports *r)
{
	free(r->list);
	*r = (struct tm_hook_reports){ 0 };
}

struct tm_hook_explanation *tm_hook_explanations_add(struct tm_hook_explanations *x)
{
	return grow((void **)&x->list, &x->count, &x->room, sizeof(*x->list));
}

void tm_hook_explanations_sort(struct tm_hook_explanations *x)
{
	if (x->count)
		qsort(x->list, x->count, sizeof(*x->list), by_name);
}

void tm_hook_explanations_free(struct tm_hook_explanations *x)
{
	free(x->list);
	*x = (struct tm_hook_explanations){ 0 };
}

void tm_hook_report_warn(struct tm_hook_report *r, const char *format, ...)
{
	va_list ap;

	if (r->warning_count == TM_WARNINGS)
		return;
	va_start(ap, format);
	vsnprintf(r->warnings[r->warning_count++], TM_WARNING, format, ap);
	va_end(ap);
}

static enum pk_source source_of(const struct tm_hook_report *r, const struct tm_explanation *x)
{
	if (x->chosen >= 0)
		return x->candidates[x->chosen].source;
	if (r->limits.flags & PK_HOOK_ROUTE)
		return PK_FROM_ROUTE;
	return r->prefixes ? PK_FROM_PREFIX_SRC : PK_FROM_NOWHERE;
}

void tm_hook_report_limits(struct tm_hook_report *r, const struct tm_image *image, uint32_t device_mtu)
{
	const struct pk_rules_head *head = tm_image_head(image);
	struct tm_surroundings around = { .device_mtu = device_mtu };
	struct tm_explanation x;

	r->limits = head->hooks[0];
	r->prefixes = head->prefixes4 + head->prefixes6;
	r->device_mtu = device_mtu;
	for (int f = PK_IPV6; f >= PK_IPV4; f--) {
		tm_explain(&x, image, &around, f == PK_IPV6, NULL);
		r->mss[f] = x.chosen < 0 ? 0 : x.candidates[x.chosen].mss;
	}
	r->source = source_of(r, &x);
	if (r->alive && r->limits.mtu && device_mtu && r->limits.mtu > device_mtu)
		tm_hook_report_warn(
			r, "the limit of %u bytes is larger than the MTU of %s, %u: --mtu auto would follow it",
			r->limits.mtu, r->device, device_mtu);
}
