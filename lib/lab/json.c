/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[TM_LAB_END] = "end",
	[TM_LAB_ROUTER] = "router",
	[TM_LAB_BRIDGE] = "bridge",
	[TM_LAB_BOX] = "box",
};

static json_t *addresses(const struct tm_lab_link *link, unsigned char last)
{
	struct in_addr v4 = tm_lab_address4(link->net, last);
	struct in6_addr v6 = tm_lab_address6(link->net, last);
	char text4[INET_ADDRSTRLEN + 3], text6[INET6_ADDRSTRLEN + 3];

	if (!last)
		return json_array();
	inet_ntop(AF_INET, &v4, text4, sizeof(text4));
	inet_ntop(AF_INET6, &v6, text6, sizeof(text6));
	strcat(text4, "/24");
	strcat(text6, "/64");
	return json_pack("[ss]", text4, text6);
}

static json_t *devices(const struct tm_lab *lab, const char *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lab->link_count * 2; i++) {
		const struct tm_lab_link *link = &lab->links[i / 2];
		const struct tm_lab_end *end = &link->end[i % 2], *other = &link->end[!(i % 2)];

		if (strcmp(end->host, host))
			continue;
		json_array_append_new(list, json_pack("{s:s, s:i, s:{s:s, s:s}, s:o}", "name", end->device, "mtu",
						      (int)link->mtu, "peer", "host", other->host, "device",
						      other->device, "addresses", addresses(link, end->last)));
	}
	return list;
}

static json_t *hosts(const struct tm_lab *lab)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lab->host_count; i++) {
		const struct tm_lab_host *host = &lab->hosts[i];
		char namespace[64];

		snprintf(namespace, sizeof(namespace), "tm-%s-%s", lab->name, host->name);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:[]}", "name", host->name, "namespace",
						      namespace, "kind", kinds[host->kind], "devices",
						      devices(lab, host->name), "processes"));
	}
	return list;
}

json_t *tm_lab_json(const struct tm_lab *lab, bool ready)
{
	json_t *broken = json_array(), *started = json_array(), *hints = json_array();
	char command[sizeof(lab->starts->words) + 8];

	for (size_t i = 0; i < lab->broken_count; i++)
		json_array_append_new(broken, json_string(lab->broken[i]));
	for (size_t i = 0; i < lab->start_count; i++) {
		snprintf(command, sizeof(command), "tcpmss %s", lab->starts[i].words);
		json_array_append_new(started,
				      json_pack("{s:s, s:s}", "host", lab->starts[i].host, "command", command));
	}
	for (size_t i = 0; i < lab->hint_count; i++)
		json_array_append_new(hints, json_pack("{s:s, s:s, s:s}", "host", lab->hints[i].host, "command",
						       lab->hints[i].command, "shows", lab->hints[i].shows));
	return json_pack("{s:s, s:s, s:i, s:b, s:o, s:o, s:o, s:o}", "name", lab->name, "network",
			 tm_lab_network_name(lab->network), "mtu", (int)lab->choice.mtu, "ready", (int)ready, "hosts",
			 hosts(lab), "broken", broken, "started", started, "try", hints);
}
