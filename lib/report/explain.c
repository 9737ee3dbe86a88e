/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain.h"

#include "lib/prefix.h"

const char *tm_source_name(enum pk_source source)
{
	switch (source) {
	case PK_FROM_NOWHERE:
		return "none";
	case PK_FROM_MSS:
		return "mss";
	case PK_FROM_MTU:
		return "mtu";
	case PK_FROM_DEVICE:
		return "auto";
	case PK_FROM_ROUTE:
		return "route";
	case PK_FROM_PREFIX_SRC:
	case PK_FROM_PREFIX_DST:
		return "prefix";
	case PK_FROM_LEARNED_SRC:
	case PK_FROM_LEARNED_DST:
		return "learned";
	}
	return "none";
}

static void add(struct tm_explanation *x, enum pk_source source, uint32_t mtu, uint32_t mss, uint8_t family)
{
	struct tm_candidate *c = &x->candidates[x->count];

	if (mtu)
		mss = pk_mtu_to_mss(mtu, family);
	if (!mss)
		return;
	*c = (struct tm_candidate){ .source = source, .mtu = mtu > 65535 ? 65535 : mtu, .mss = mss > 65535 ? 65535 : mss };
	if (x->chosen < 0 || c->mss < x->candidates[x->chosen].mss)
		x->chosen = (int)x->count;
	x->count++;
}

void tm_explain(struct tm_explanation *x, const struct tm_image *image, const struct tm_surroundings *around, bool ipv6,
		const uint8_t *address)
{
	const struct pk_hook *hook = &tm_image_head(image)->hooks[0];
	uint8_t family = ipv6 ? PK_IPV6 : PK_IPV4;
	struct tm_prefix prefix;

	*x = (struct tm_explanation){ .chosen = -1 };
	add(x, PK_FROM_MSS, 0, hook->mss, family);
	add(x, PK_FROM_MTU, hook->mtu, 0, family);
	if (hook->flags & PK_HOOK_AUTO)
		add(x, PK_FROM_DEVICE, around->device_mtu, 0, family);
	if (hook->flags & PK_HOOK_ROUTE)
		add(x, PK_FROM_ROUTE, around->route_mtu, 0, family);
	if (address && tm_prefix_find(image, ipv6, address, &prefix)) {
		add(x, PK_FROM_PREFIX_SRC, prefix.mtu, 0, family);
		x->candidates[x->count - 1].prefix = prefix;
	}
	if (address)
		add(x, PK_FROM_LEARNED_SRC, around->learned_mtu, 0, family);
}
