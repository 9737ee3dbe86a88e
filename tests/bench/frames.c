/* SPDX-License-Identifier: BSD-2-Clause */
#include "frames.h"

#include "core/options.h"
#include "lib/view.h"
#include "tests/bpf/hex.h"

#include <string.h>

static uint32_t sum(const uint8_t *p, uint32_t n, uint32_t s)
{
	for (uint32_t i = 0; i + 1 < n; i += 2)
		s += pk_get16(p + i);
	return n & 1 ? s + (uint32_t)(p[n - 1] << 8) : s;
}

static bool is_ipv4(const struct bench_frame *f)
{
	return f->bytes[f->ip_at] >> 4 == 4;
}

static void checksums(struct bench_frame *f)
{
	uint8_t *ip = f->bytes + f->ip_at, *tcp = f->bytes + f->tcp_at;
	uint32_t segment = f->len - f->tcp_at, addresses = is_ipv4(f) ? 8 : 32;

	if (is_ipv4(f)) {
		pk_put16(ip + 10, 0);
		pk_put16(ip + 10, ~pk_fold(sum(ip, PK_IPV4_HEADER, 0)));
	}
	pk_put16(tcp + PK_TCP_CHECKSUM, 0);
	pk_put16(tcp + PK_TCP_CHECKSUM,
		 ~pk_fold(sum(tcp, segment, sum(tcp - addresses, addresses, PK_PROTO_TCP + segment))));
}

static uint32_t find_mss(const uint8_t *options, long n)
{
	for (long at = 0; at < n && options[at] != PK_OPT_END; at += options[at] == PK_OPT_NOP ? 1 : options[at + 1])
		if (options[at] == PK_OPT_MSS)
			return (uint32_t)at + 2;
	return 0;
}

void bench_frame(struct bench_frame *f, int family, bool syn, const char *options, unsigned payload)
{
	static const uint8_t ethernet[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	static const uint8_t src6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2 },
			     dst6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 4, [15] = 2 };
	uint8_t *ip = f->bytes + 14, *tcp;
	uint32_t total, mss;
	long n;

	memset(f, 0, sizeof(*f));
	memcpy(f->bytes, ethernet, sizeof(ethernet));
	pk_put16(f->bytes + 12, family == 4 ? 0x0800 : 0x86dd);
	f->ip_at = 14;
	f->tcp_at = 14 + (family == 4 ? PK_IPV4_HEADER : PK_IPV6_HEADER);
	tcp = f->bytes + f->tcp_at;
	n = hex_read(options, tcp + PK_TCP_HEADER, PK_TCP_OPTIONS_MAX);
	mss = find_mss(tcp + PK_TCP_HEADER, n);
	f->mss_at = mss ? f->tcp_at + PK_TCP_HEADER + mss : 0;
	f->len = f->tcp_at + PK_TCP_HEADER + (uint32_t)n + payload;
	total = f->len - f->ip_at;
	if (family == 4) {
		static const uint8_t header[PK_IPV4_HEADER] = {
			0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, PK_PROTO_TCP, 0, 0, 198, 18, 1, 2, 198, 18, 4, 2
		};

		memcpy(ip, header, sizeof(header));
		pk_put16(ip + 2, total);
	} else {
		ip[0] = 0x60;
		pk_put16(ip + 4, total - PK_IPV6_HEADER);
		ip[6] = PK_PROTO_TCP;
		ip[7] = 64;
		memcpy(ip + 8, src6, 16);
		memcpy(ip + 24, dst6, 16);
	}
	pk_put16(tcp, 40000);
	pk_put16(tcp + 2, BENCH_PORT);
	pk_put16(tcp + 4, 0x1234);
	tcp[PK_TCP_OFFSET] = (PK_TCP_HEADER + n) / 4 << 4;
	tcp[PK_TCP_FLAGS] = syn ? PK_TCP_SYN : 0x10;
	pk_put16(tcp + 14, 0xfaf0);
	checksums(f);
}

void bench_frame_source(struct bench_frame *f, const uint8_t *address)
{
	memcpy(f->bytes + f->ip_at + (is_ipv4(f) ? 12 : 8), address, is_ipv4(f) ? 4 : 16);
	checksums(f);
}
