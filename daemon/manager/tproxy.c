/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <linux/if_arp.h>

#include "daemon/log.h"
#include "io/tproxy-tc.h"
#include "lib/clamp.h"

void tproxy_init(struct tproxy *t)
{
	struct tm_error e;

	if (io_nft_open(&t->nft, &e))
		log_line(LOG_INFO, "%s", e.text);
}

static int up(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e)
{
	const struct io_tproxy_order order = { .wish = config->wish, .via = config->via };
	struct tm_error why;
	int err = io_tproxy_up(&order, t->nft.context ? &t->nft : NULL, &t->done, &why);

	return err ? tm_error_code(e, err, "transparent-proxy: %s", why.text) : 0;
}

static int down(struct tproxy *t, struct tm_error *e)
{
	struct tm_error why;
	unsigned removed;
	int err = io_tproxy_down(t->nft.context ? &t->nft : NULL, &removed, &why);

	return err ? tm_error_code(e, err, "transparent-proxy: %s", why.text) : 0;
}

static void tell(const struct tproxy *t)
{
	for (int i = 0; i < TM_FAMILIES; i++) {
		const struct tm_tproxy_family *f = &t->done.plan.family[i];

		if (f->on)
			log_line(LOG_NOTICE, "transparent-proxy: %s: mark 0x%x, table %u, by %s",
				 i == TM_IPV6 ? "IPv6" : "IPv4", f->mark, f->table, tm_tproxy_via_name(t->done.via));
	}
}

int tproxy_apply(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e)
{
	int err = 0;

	if (config->present)
		err = up(t, config, e);
	else if (t->config.present)
		err = down(t, e);
	if (err)
		return err;
	if (config->present)
		tell(t);
	else if (t->config.present)
		log_line(LOG_NOTICE, "transparent-proxy: taken away, the configuration names it no longer");
	t->config = *config;
	return 0;
}

static void again(struct tproxy *t)
{
	struct tm_error e;

	if (up(t, &t->config, &e))
		log_line(LOG_ERR, "%s", e.text);
}

void tproxy_device(struct tproxy *t, const struct io_device *device)
{
	if (t->config.present && t->done.via == TM_TPROXY_VIA_TC && device->type != ARPHRD_LOOPBACK &&
	    io_device_link(device) != PK_LINK_UNKNOWN && !io_tproxy_tc_on(device->index))
		again(t);
}

void tproxy_look_again(struct tproxy *t)
{
	if (t->config.present && io_tproxy_missing(&t->config.wish)) {
		log_line(
			LOG_NOTICE,
			"transparent-proxy: somebody has taken away its rule or route of policy routing: adding it again");
		again(t);
	}
}

void tproxy_end(struct tproxy *t, bool leave)
{
	struct tm_error e;

	if (t->config.present && !leave && down(t, &e))
		log_line(LOG_ERR, "%s", e.text);
	io_nft_close(&t->nft);
	t->config = (struct tm_config_tproxy){ 0 };
}
