#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A second path-MTU engine, written from the documents and not from lib/pmtu, against "tcpmss pmtu replay": random scripts have to give
the same lines. TM_SEED=N repeats other scripts, TM_SCRIPTS=N makes more. Needs no privilege."""

import ipaddress
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
TCPMSS = os.environ.get("TCPMSS", str(ROOT / "build" / "tcpmss"))
TABLE = (68, 296, 508, 1006, 1280, 1492, 2002, 4352, 8166, 17914, 32000, 65535)


class Options:
    def __init__(self, aging=10, old_router="seed", jump=False, symmetric=False, table=TABLE):
        self.aging, self.old_router, self.jump, self.symmetric, self.table = aging, old_router, jump, symmetric, table

    def words(self):
        words = ["--old-router", self.old_router, "--raise", "jump" if self.jump else "plateau"]
        words += ["--aging", str(self.aging)] if self.aging else ["--no-aging"]
        words += ["--symmetric"] * self.symmetric
        return words + ([] if self.table == TABLE else ["--table", ",".join(map(str, self.table))])


def six(address):
    return ":" in address


def headers(address):
    return 60 if six(address) else 40


def floor(address):
    return 1280 if six(address) else 72


def show(ms):
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


class Entry:
    """What is known of a path."""

    def __init__(self, pmtu):
        self.pmtu, self.nodf, self.state = pmtu, False, "reduced"
        self.ptb = self.raised = None  # times of the last PTB, and of the last raise


class Model:
    def __init__(self, options):
        self.o, self.now, self.off = options, 0, None
        self.ceilings, self.entries, self.lines = {}, {}, []

    def deadline(self, e):
        if self.off is not None or not self.o.aging or e.state == "static":
            return None
        return e.raised + 120_000 if e.state == "raising" else e.ptb + self.o.aging * 60_000

    def pmtu(self, path):
        return self.entries[path].pmtu if path in self.entries else self.ceilings.get(path)

    def tell(self, path):
        e, (address, _) = self.entries.get(path), path
        pmtu = self.pmtu(path) or 65535
        deadline = self.deadline(e) if e else None
        self.lines.append(
            f"{show(self.now)} {address} pmtu={pmtu} mss={pmtu - headers(address)} df={'off' if e and e.nodf else 'on'} "
            f"state={e.state if e else 'none'} deadline={'-' if deadline is None else show(deadline)}")

    def refuse(self, path, reason):
        self.lines.append(f"{show(self.now)} {path[0]} refused={reason}")
        self.tell(path)

    # One for each event; path is (address, tag).

    def start(self, path, first_hop, mss=None):
        ceiling = min(first_hop, 65535, mss + headers(path[0]) if mss else 65535)
        self.ceilings[path] = ceiling = max(ceiling, floor(path[0]))
        e = self.entries.get(path)
        if e and e.state != "static" and e.pmtu >= ceiling and not e.nodf:
            del self.entries[path]
        self.tell(path)

    def reduced_by(self, mtu, length, ihl, pmtu):
        """What a PTB of MTU 0 means."""
        if pmtu == 72:
            return 71
        bound = pmtu
        if length >= 68:
            bound = length
            if length > pmtu or (length == pmtu and self.o.old_router == "rfc1191"):
                bound = max(length - 4 * ihl, 0)
        smaller = [t for t in self.o.table if t < min(bound, pmtu)]
        return max(smaller[-1] if smaller else 0, 72)

    def ptb(self, path, mtu, length=0, ihl=5):
        self.ceilings.setdefault(path, 65535)
        e, least = self.entries.get(path), floor(path[0])
        if self.off is not None:
            return self.refuse(path, "disabled")
        if (mtu < 1280) if six(path[0]) else (0 < mtu < 68):
            return self.refuse(path, "below-minimum")
        if e and e.state == "static":
            return self.refuse(path, "static")
        pmtu = min(self.pmtu(path), self.ceilings[path])
        if mtu == 0:
            if self.o.old_router == "off":
                return self.tell(path)
            mtu = self.reduced_by(mtu, length, ihl, pmtu)
        if mtu < pmtu or (mtu == pmtu and e):
            if not e:
                e = self.entries[path] = Entry(pmtu)
            e.nodf = e.nodf or mtu < least
            e.pmtu, e.state, e.ptb = max(mtu, least), "reduced", self.now
        return self.tell(path)

    def tick(self):
        for path, e in list(self.entries.items()):
            deadline = self.deadline(e)
            if deadline is None or deadline > self.now:
                continue
            larger = [t for t in self.o.table if t > e.pmtu]
            e.pmtu = self.ceilings[path] if self.o.jump or not larger else min(larger[0], self.ceilings[path])
            e.nodf, e.state, e.raised = False, "raising", self.now
            if e.pmtu == self.ceilings[path]:
                del self.entries[path]
        for path in self.ceilings:
            self.tell(path)

    def syn(self, source, destination, mss):
        if mss is not None:
            ends = [source, destination] if self.o.symmetric else [source]
            mss = min([mss] + [self.pmtu(p) - headers(p[0]) for p in ends if self.pmtu(p)])
        self.lines.append(f"{show(self.now)} {source[0]}>{destination[0]} mss={'none' if mss is None else mss}")

    def static(self, path, mtu):
        self.ceilings.setdefault(path, 65535)
        if mtu < (1280 if six(path[0]) else 68):
            return self.refuse(path, "below-minimum")
        e = self.entries[path] = Entry(max(mtu, floor(path[0])))
        e.nodf, e.state = mtu < floor(path[0]), "static"
        return self.tell(path)

    def delete(self, path):
        self.entries.pop(path, None)
        self.tell(path)

    def disable(self):
        self.off = self.now if self.off is None else self.off

    def enable(self):
        for e in self.entries.values():
            for timer in ("ptb", "raised"):
                if self.off is not None and getattr(e, timer) is not None:
                    setattr(e, timer, getattr(e, timer) + self.now - self.off)
        self.off = None

    def aging(self, minutes):
        self.o.aging = minutes


class Script:
    """Random events, told to a model and written down."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        table = TABLE if self.r.random() < 0.8 else tuple(sorted(self.r.sample(range(68, 65536), self.r.randint(1, 8))))
        options = Options(self.r.choice((10, 10, 17, 30, 0)), self.r.choice(("seed", "seed", "rfc1191", "off")),
                          self.r.random() < 0.2, self.r.random() < 0.3, table)
        self.words = options.words()
        self.model, self.lines = Model(options), []
        self.paths = [(a, t) for a in self.addresses() for t in (("",) if self.r.random() < 0.6 else ("a", "b"))]

    def addresses(self):
        """Not shortened in any other way than inet_ntop() does it."""
        for number in range(self.r.randint(1, 6)):
            if self.r.random() < 0.3:
                yield str(ipaddress.IPv6Address((0x20010DB8 << 96) + self.r.getrandbits(60) * 2 + 65536 * 65536 * 8 + number))
            else:
                yield str(ipaddress.IPv4Address(self.r.getrandbits(32)))

    def pass_time(self):
        step = self.r.choice((0, 0, 0, 1, 500, 60_000, 119_999, 120_000, 599_000, 600_000, 5_000_000))
        due = [d for d in map(self.model.deadline, self.model.entries.values()) if d is not None]
        if due and self.r.random() < 0.4:  # to a deadline, or just before or after it
            step = max(min(due) + self.r.choice((-1, 0, 0, 1)) - self.model.now, 0)
        self.model.now += step

    def mtu(self, path):
        """Where something happens: about the PMTU, the floors, the table."""
        near = self.model.pmtu(path) or 1500
        m = self.r.choice((near, near, 0, 0, 67, 68, 71, 72, 73, 1279, 1280, 1281, 65535, self.r.choice(TABLE), self.r.randint(0, 65535),
                           self.r.randint(68, 1500)))
        return min(max(m + self.r.choice((-1, 0, 0, 0, 1)), 0), 65535)

    def event(self):
        r, m = self.r, self.model
        path, kind = r.choice(self.paths), r.random()
        address, tag = path
        end = f" tag {tag}" if tag else ""
        if kind < 0.15:
            least = 1280 if six(address) else 68
            hop, mss = max(self.mtu(path), least), r.choice((None, None, r.randint(1, 65535), r.randint(1, 2000)))
            m.start(path, hop, mss)
            return f"start {address} first-hop {hop}" + (f" mss {mss}" if mss else "") + end
        if kind < 0.55:
            mtu, length, ihl = self.mtu(path), r.choice((0, self.mtu(path), self.mtu(path))), r.randint(5, 15)
            m.ptb(path, mtu, length, ihl)
            return f"ptb {address} {mtu} ihl {ihl} len {length}{end}"
        if kind < 0.78:
            m.tick()
            return "tick"
        if kind < 0.88:
            other = r.choice([p for p in self.paths if six(p[0]) == six(address)])
            mss = r.choice((None, 1460, r.randint(0, 65535)))
            m.syn(path, (other[0], tag), mss)
            return f"syn {address} {other[0]} mss {'none' if mss is None else mss}{end}"
        if kind < 0.91:
            mtu = self.mtu(path)
            m.static(path, mtu)
            return f"static {address} {mtu}{end}"
        if kind < 0.94:
            m.delete(path)
            return f"delete {address}{end}"
        if kind < 0.97:
            verb = r.choice(("disable", "enable", "enable"))
            getattr(m, verb)()
            return verb
        minutes = r.randint(10, 30)
        m.aging(minutes)
        return f"aging {minutes}"

    def write(self, events):
        for _ in range(events):
            self.pass_time()
            self.lines.append(f"{show(self.model.now)} {self.event()}\n")
        return "".join(self.lines)


def main():
    if not os.access(TCPMSS, os.X_OK):
        tap.skip_all(f"{TCPMSS} is not built")
    t, first, count = tap.Tap(), int(os.environ.get("TM_SEED", "0")), int(os.environ.get("TM_SCRIPTS", "400"))
    states = dict.fromkeys(("state=none", "state=reduced", "state=raising", "state=static", "df=off", "refused=", "mss=none"), 0)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="tm-") as folder:
        file = pathlib.Path(folder, "script")
        for seed in range(first, first + count):
            s = Script(seed)
            file.write_text(s.write(150))
            run = subprocess.run([TCPMSS, "pmtu", "replay", *s.words, file], capture_output=True, text=True, timeout=60)
            got = run.stdout.splitlines()
            for line in s.model.lines:
                for state in states:
                    states[state] += state in line
            if run.returncode or run.stderr or got != s.model.lines:
                at = next((i for i, pair in enumerate(zip(got, s.model.lines)) if pair[0] != pair[1]), min(len(got), len(s.model.lines)))
                wrong.append(f"TM_SEED={seed} {' '.join(s.words)}: line {at + 1}\n got    {got[at:at + 1]}\n wanted "
                             f"{s.model.lines[at:at + 1]}\n {run.stderr}")
    t.ok(not wrong, f"{count} random scripts give what the model gives", *wrong[:3])
    for state, times in states.items():
        t.ok(times > count, f"the scripts come to {state} often", f"{times} times")
    t.done()


if __name__ == "__main__":
    main()
