/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial-syn.h"

#include <string.h>

#include "lib/finish.h"

/* As a host would send: MSS, SACK permitted, timestamps, NOP, window scale. */
static const uint8_t options[20] = {
	2, 4, TM_TRIAL_MSS >> 8, TM_TRIAL_MSS & 0xff, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7,
};

/* Locally administered; nobody's. */
static const uint8_t nobody[6] = { 0x02, 0x54, 0x4d, 0x53, 0x53, 0x01 };

static const uint8_t doc4[2][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };
static const uint8_t doc6[2][16] = {
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
};

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* RFC 1071, of an even number of bytes */
static uint32_t sum(uint32_t total, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i += 2)
		total += p[i] << 8 | p[i + 1];
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

uint32_t tm_trial_l3(const struct tm_trial *t)
{
	return t->link == PK_LINK_ETHERNET ? PK_ETH_HEADER : 0;
}

uint32_t tm_trial_l4(const struct tm_trial *t)
{
	return tm_trial_l3(t) + (t->family == PK_IPV4 ? 20 : 40);
}

void tm_trial_addresses(const struct tm_trial *t, uint8_t source[16], uint8_t destination[16])
{
	memset(source, 0, 16);
	memset(destination, 0, 16);
	if (t->family == PK_IPV4) {
		memcpy(source, doc4[0], t->link == PK_LINK_ETHERNET ? 4 : 0);
		memcpy(destination, doc4[1], 4);
	} else {
		memcpy(source, doc6[0], t->link == PK_LINK_ETHERNET ? 16 : 0);
		memcpy(destination, doc6[1], 16);
	}
}

/* Everything but the TCP header. */
static void put_headers(const struct tm_trial *t, uint8_t *frame)
{
	uint8_t *ip = frame + tm_trial_l3(t), source[16], destination[16];
	uint16_t octets = PK_TCP_HEADER + sizeof(options);

	if (t->link == PK_LINK_ETHERNET) {
		memcpy(frame, nobody, 6);
		memcpy(frame + 6, t->source, 6);
		put16(frame + 12, t->family == PK_IPV4 ? PK_ETH_IPV4 : PK_ETH_IPV6);
	}
	tm_trial_addresses(t, source, destination);
	if (t->family == PK_IPV4) {
		ip[0] = 0x45;
		put16(ip + 2, 20 + octets);
		ip[6] = 0x40; /* do not fragment */
		ip[8] = 1;
		ip[9] = PK_PROTO_TCP;
		memcpy(ip + 12, source, 4);
		memcpy(ip + 16, destination, 4);
		put16(ip + 10, ~sum(0, ip, 20) & 0xffff);
		return;
	}
	ip[0] = 0x60;
	put16(ip + 4, octets);
	ip[6] = PK_PROTO_TCP;
	ip[7] = 1;
	memcpy(ip + 8, source, 16);
	memcpy(ip + 24, destination, 16);
}

void tm_trial_build(const struct tm_trial *t, struct tm_frame *frame)
{
	uint32_t l3 = tm_trial_l3(t), l4 = tm_trial_l4(t), octets = PK_TCP_HEADER + sizeof(options);
	uint32_t addresses = t->family == PK_IPV4 ? l3 + 12 : l3 + 8;
	uint8_t *tcp = frame->bytes + l4;

	*frame = (struct tm_frame){ .len = l4 + octets };
	put_headers(t, frame->bytes);
	put16(tcp, 0xd0c7); /* of the dynamic ports */
	put16(tcp + 2, 9); /* discard */
	put32(tcp + 4, t->sequence);
	tcp[PK_TCP_OFFSET] = octets / 4 << 4;
	tcp[PK_TCP_FLAGS] = PK_TCP_SYN;
	put16(tcp + 14, 64240);
	memcpy(tcp + PK_TCP_HEADER, options, sizeof(options));
	if (t->partial)
		put16(tcp + PK_TCP_CHECKSUM, sum(PK_PROTO_TCP + octets, frame->bytes + addresses, l4 - addresses));
	else
		tm_finish_checksum(t->link, frame->bytes, frame->len);
}

uint16_t tm_trial_expect(const struct tm_trial *t, const struct tm_rules *rules, uint32_t device_mtu,
			 uint32_t route_mtu, struct tm_frame *frame)
{
	const struct pk_rules_head *head = (const struct pk_rules_head *)rules->image.image;
	struct pk_view v = { .frame = frame->bytes,
			     .len = frame->len,
			     .room = TM_TRIAL_ROOM,
			     .device_mtu = device_mtu,
			     .route_mtu = route_mtu };
	struct pk_result result = { 0 };
	struct pk_limit limit = { 0 };
	struct pk_packet pk = { 0 };
	uint16_t was;

	if (pk_parse_closely(&v, t->link, &pk) != PK_GO_ON)
		return 0;
	pk_find_limit(&v, &pk, &rules->image, &head->hooks[rules->hook], &limit);
	pk_clamp_syn(&v, &pk, &limit, &result, &was);
	frame->len = v.len;
	return tm_trial_mss(t, frame);
}

uint16_t tm_trial_mss(const struct tm_trial *t, const struct tm_frame *frame)
{
	uint32_t at = tm_trial_l4(t) + PK_TCP_HEADER;

	if (frame->len < at + 4 || frame->bytes[at] != 2 || frame->bytes[at + 1] != 4)
		return 0;
	return frame->bytes[at + 2] << 8 | frame->bytes[at + 3];
}
