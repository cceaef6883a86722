import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorAction, ErrorHistory, TakenEvent } from '../../sink/history/history.ts';
import type { AnalysisResult, ErrorLogEvent } from '../../src/types.ts';

/** Noon, so that a few hours more are still the same day. */
export const NOON: number = Date.UTC(2026, 2, 4, 12);
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A store under test, and its clock. */
export interface HistoryUnderTest {
  readonly history: ErrorHistory;
  /** What the store itself forgets as time goes by, without being asked to. */
  expire?(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes an empty one. */
export type StartHistory = (now: () => number, options?: { retention?: number }) => Promise<HistoryUnderTest>;

let serial = 0;

/** A hash for a name. */
export const hashOf = (error: string): string => createHash('sha256').update(error).digest('hex');

/** An event of the error of that name. */
export function takenEvent(error: string, at: number, fields: Partial<ErrorLogEvent> = {}): TakenEvent {
  serial += 1;
  return {
    errorHash: hashOf(error),
    event: {
      eventId: `event-${serial}`,
      timestamp: at,
      occurrences: 1,
      service: 'orders',
      environment: 'production',
      errorLog: {
        name: 'TypeError',
        message: `${error} failed`,
        stackTrace: `TypeError: ${error} failed\n    at go (/app/${error}.js:3:9)`,
      },
      ...fields,
    },
  };
}

const NOTHING_USED = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };

/** An analysis of the error of that name. */
export function resultFor(error: string, at: number, fields: Partial<AnalysisResult> = {}): AnalysisResult {
  return {
    errorHash: hashOf(error),
    fingerprintVersion: 1,
    promptVersion: 1,
    analysis: `It is ${error}'s fault.`,
    rootCause: `The ${error} gate is shut.`,
    suggestedFix: 'Open it.',
    confidenceScore: 80,
    confidenceReasons: ['The quote is there.'],
    category: 'bug',
    source: 'llm',
    cached: false,
    analyzedAt: at,
    ttl: 86_400,
    expiresAt: at + DAY,
    location: { file: `src/${error}.js`, line: 3, function: 'go' },
    evidence: [],
    nextSteps: [],
    model: 'a-model',
    usage: { promptTokens: 900, completionTokens: 100, totalTokens: 1000, costUsd: 0.02 },
    occurrences: 1,
    ...fields,
  };
}

/** What every history has to do; run against each. */
export function describeHistory(name: string, start: StartHistory): void {
  describe(`the history in ${name}`, () => {
    let under: HistoryUnderTest;
    let history: ErrorHistory;
    let now: number;

    beforeEach(async () => {
      now = NOON;
      under = await start(() => now);
      history = under.history;
    });
    afterEach(() => under.stop());

    const take = async (error: string, fields: Partial<ErrorLogEvent> = {}) => {
      const [arrival] = await history.take([takenEvent(error, now, fields)]);
      return arrival;
    };
    const act = (error: string, action: ErrorAction, by = 'mina', version?: number) =>
      history.act(hashOf(error), action, by, version);
    const find = (error: string) => history.find(hashOf(error));
    const messages = async (query: Parameters<ErrorHistory['list']>[0]) =>
      (await history.list(query)).errors.map(({ message }) => message.split(' ')[0]);

    it('counts what comes, once an event', async () => {
      const first = takenEvent('cart', now, { occurrences: 3 });
      expect(await history.take([first])).toMatchObject([
        { eventId: first.event.eventId, counted: true, change: 'new', status: 'new' },
      ]);
      await history.analysed(first, undefined);
      expect(await history.take([first, takenEvent('cart', now, { occurrences: 4 })])).toMatchObject([
        { counted: false, change: 'known' },
        { counted: true, change: 'known' },
      ]);
      expect(await find('cart')).toMatchObject({ occurrences: 7 });
    });

    it('says again that an error was new when its event was not analysed since', async () => {
      const first = takenEvent('cart', now);
      await history.take([first]);
      expect(await history.take([first])).toMatchObject([{ counted: false, change: 'new' }]);
    });

    it('knows when, where and in which release an error was seen', async () => {
      await take('cart', { commit: 'v1', service: 'orders', environment: 'staging' });
      now += HOUR;
      await take('cart', { commit: 'v2', service: 'payments', firstSeen: now - MINUTE, lastSeen: now });
      expect(await find('cart')).toMatchObject({
        firstSeen: NOON,
        lastSeen: NOON + HOUR,
        services: ['orders', 'payments'],
        environments: ['staging', 'production'],
        releases: ['v1', 'v2'],
        name: 'TypeError',
        message: 'cart failed',
      });
    });

    it('keeps samples without their secrets', async () => {
      const secret = ['hunter', '2-', 'opensesame'].join('');
      await take('cart', {
        errorLog: { message: `login failed: password=${secret}`, context: { password: secret } },
      });
      const details = await find('cart');
      expect(details?.samples).toHaveLength(1);
      expect(details?.samples[0]?.errorLog.message).toContain('login failed');
      expect(JSON.stringify(details)).not.toContain(secret);
    });

    it('keeps the analyses, newest first, and shows the latest in lists', async () => {
      const event = takenEvent('cart', now);
      await history.take([event]);
      await history.analysed(event, resultFor('cart', now, { rootCause: 'An early guess.' }));
      await history.analysed(event, resultFor('cart', now + HOUR));
      // An answer from the cache tells nothing new.
      await history.analysed(event, resultFor('cart', now + HOUR, { cached: true }));
      const details = await find('cart');
      expect(details?.analyses.map(({ rootCause }) => rootCause)).toEqual([
        'The cart gate is shut.',
        'An early guess.',
      ]);
      expect((await history.list({})).errors).toMatchObject([
        {
          rootCause: 'The cart gate is shut.',
          confidenceScore: 80,
          source: 'llm',
          category: 'bug',
          location: 'src/cart.js:3 (go)',
        },
      ]);
    });

    it('links errors that share an analysis', async () => {
      const [a, b] = [takenEvent('cart', now), takenEvent('basket', now)];
      await history.take([a, b]);
      await history.analysed(a, resultFor('cart', now));
      await history.analysed(b, resultFor('basket', now, { similarTo: a.errorHash }));
      expect((await find('cart'))?.similar).toEqual([b.errorHash]);
      expect((await find('basket'))?.similar).toEqual([a.errorHash]);
    });

    it('is new for a day, then ongoing', async () => {
      expect(await take('cart')).toMatchObject({ status: 'new' });
      now += DAY;
      expect(await take('cart')).toMatchObject({ status: 'ongoing', change: 'known' });
    });

    it('regresses what comes back after it was resolved, once', async () => {
      await take('cart');
      now += MINUTE;
      expect(await act('cart', { action: 'resolve' })).toMatchObject({ status: 'resolved' });
      now += MINUTE;
      expect(await take('cart')).toMatchObject({ change: 'regressed', status: 'regressed' });
      expect(await take('cart')).toMatchObject({ change: 'known', status: 'regressed' });
    });

    it('leaves resolved what was logged before it was', async () => {
      await take('cart');
      now += MINUTE;
      await act('cart', { action: 'resolve' });
      now += MINUTE;
      expect(await take('cart', { timestamp: NOON })).toMatchObject({ change: 'known', status: 'resolved' });
    });

    it('regresses in the release that mends it and in later ones, not in older ones', async () => {
      await take('cart', { commit: 'v1' });
      now += MINUTE;
      await take('basket', { commit: 'v2' });
      now += MINUTE;
      await act('cart', { action: 'resolve', release: 'v2' });
      now += MINUTE;
      expect(await take('cart', { commit: 'v1' })).toMatchObject({ change: 'known', status: 'resolved' });
      expect(await find('cart')).toMatchObject({ occurrences: 2, resolvedIn: 'v2' });
      expect(await take('cart', { commit: 'v3' })).toMatchObject({ change: 'regressed' });
      now += MINUTE;
      await act('cart', { action: 'resolve', release: 'v4' });
      now += MINUTE;
      expect(await take('cart', { commit: 'v3' })).toMatchObject({ status: 'resolved' });
      expect(await take('cart', { commit: 'v4' })).toMatchObject({ change: 'regressed' });
    });

    it('ignores an error until so many more have come', async () => {
      await take('cart', { occurrences: 5 });
      await act('cart', { action: 'ignore', occurrences: 3 });
      expect(await take('cart', { occurrences: 2 })).toMatchObject({ status: 'ignored', change: 'known' });
      expect((await find('cart'))?.ignoredUntil).toEqual({ occurrences: 1 });
      expect(await take('cart')).toMatchObject({ status: 'new', change: 'unignored' });
    });

    it('ignores an error until a day has come', async () => {
      await take('cart');
      await act('cart', { action: 'ignore', until: NOON + HOUR });
      expect(await messages({ status: ['ignored'] })).toEqual(['cart']);
      now += HOUR + MINUTE;
      expect(await messages({ status: ['ignored'] })).toEqual([]);
      expect(await messages({ status: ['new'] })).toEqual(['cart']);
      expect(await take('cart')).toMatchObject({ change: 'unignored' });
    });

    it('writes down who did what', async () => {
      await take('cart');
      now += MINUTE;
      await act('cart', { action: 'assign', assignee: 'jun' }, 'mina');
      await act('cart', { action: 'note', text: 'the gate again' }, 'jun');
      await act('cart', { action: 'severity', severity: 'critical' }, 'jun');
      await act('cart', { action: 'resolve' }, 'jun');
      now += MINUTE;
      await take('cart', { commit: 'v9' });
      const details = await find('cart');
      expect(details).toMatchObject({ assignee: 'jun', severity: 'critical' });
      expect(details?.trail).toEqual([
        { at: NOON + 2 * MINUTE, by: 'patrol', entry: { action: 'regressed', release: 'v9' } },
        { at: NOON + MINUTE, by: 'jun', entry: { action: 'resolve' } },
        { at: NOON + MINUTE, by: 'jun', entry: { action: 'severity', severity: 'critical' } },
        { at: NOON + MINUTE, by: 'jun', entry: { action: 'note', text: 'the gate again' } },
        { at: NOON + MINUTE, by: 'mina', entry: { action: 'assign', assignee: 'jun' } },
      ]);
      expect((await act('cart', { action: 'assign', assignee: null })).assignee).toBeUndefined();
    });

    it('lets one of two people win', async () => {
      await take('cart');
      const seen = (await find('cart'))?.version;
      const both = await Promise.allSettled([
        act('cart', { action: 'resolve' }, 'mina', seen),
        act('cart', { action: 'ignore' }, 'jun', seen),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const lost = both.find((one) => one.status === 'rejected');
      expect(lost?.reason).toMatchObject({ code: 'CONFLICT', current: { message: 'cart failed' } });
      expect(lost?.reason.current.version).toBeGreaterThan(seen ?? 0);
    });

    it('loses no act of people and no count when both come at once', async () => {
      await take('cart');
      await Promise.all([
        ...Array.from({ length: 10 }, () => take('cart')),
        act('cart', { action: 'assign', assignee: 'jun' }),
        ...Array.from({ length: 10 }, () => take('cart')),
      ]);
      expect(await find('cart')).toMatchObject({ occurrences: 21, assignee: 'jun' });
    });

    it('knows nothing of what it has not seen', async () => {
      expect(await find('cart')).toBeUndefined();
      await expect(act('cart', { action: 'resolve' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('lists errors by any of their sides', async () => {
      await take('cart', { service: 'orders', commit: 'v1', occurrences: 2 });
      now += MINUTE;
      await take('card', { service: 'payments', environment: 'staging', commit: 'v2', occurrences: 9 });
      now += MINUTE;
      await take('cat', { service: 'order', commit: 'v2' });
      await act('cat', { action: 'assign', assignee: 'jun' });
      await act('cart', { action: 'severity', severity: 'info' });
      expect(await messages({})).toEqual(['cat', 'card', 'cart']);
      expect(await messages({ sort: 'occurrences' })).toEqual(['card', 'cart', 'cat']);
      expect(await messages({ sort: 'firstSeen' })).toEqual(['cat', 'card', 'cart']);
      expect(await messages({ service: 'order' })).toEqual(['cat']);
      expect(await messages({ environment: 'staging' })).toEqual(['card']);
      expect(await messages({ release: 'v2' })).toEqual(['cat', 'card']);
      expect(await messages({ severity: 'info' })).toEqual(['cart']);
      expect(await messages({ assignee: 'jun' })).toEqual(['cat']);
      await act('card', { action: 'resolve' });
      expect(await messages({ status: ['resolved', 'ignored'] })).toEqual(['card']);
      expect(await messages({ status: ['new'] })).toEqual(['cat', 'cart']);
    });

    it('finds errors by the beginnings of words, of the hash and of the cause', async () => {
      const cart = takenEvent('cart', now);
      await history.take([cart, takenEvent('card', now), takenEvent('주문', now)]);
      await history.analysed(cart, resultFor('cart', now));
      expect(await messages({ search: 'CAR fail' })).toHaveLength(2);
      expect(await messages({ search: 'cart' })).toEqual(['cart']);
      expect(await messages({ search: '주문' })).toEqual(['주문']);
      expect(await messages({ search: cart.errorHash.slice(0, 10) })).toEqual(['cart']);
      expect(await messages({ search: 'gate shut' })).toEqual(['cart']);
      expect(await messages({ search: 'src/cart.js:3' })).toEqual(['cart']);
      for (const odd of ['"', '*', 'a AND', 'NEAR(', "';--", '-cart ^', '🦊']) {
        expect(await messages({ search: `zzz ${odd}` })).toEqual([]);
      }
    });

    it('shows a long list page by page, each error once', async () => {
      const names = Array.from({ length: 25 }, (_, index) => `error${index}`);
      for (const [index, name] of names.entries()) {
        now = NOON + Math.floor(index / 2) * MINUTE;
        await take(name);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await history.list({ limit: 10, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.errors.map(({ message }) => message.split(' ')[0] ?? ''));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(25);
      expect(new Set(seen)).toEqual(new Set(names));
      expect(seen[0]).toBe('error24');
      await expect(history.list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    });

    it('shows no error twice when others climb between two pages', async () => {
      for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        await take(name, { occurrences: 50 - 10 * index });
      }
      const first = await history.list({ sort: 'occurrences', limit: 2 });
      await take('e', { occurrences: 100 });
      const second = await history.list({ sort: 'occurrences', limit: 2, cursor: first.next ?? '' });
      expect([...first.errors, ...second.errors].map(({ message }) => message[0])).toEqual([
        'a',
        'b',
        'c',
        'd',
      ]);
    });

    it('finds what a search names beside signs that are no words', async () => {
      await take('cart');
      expect(await messages({ search: 'cart - failed' })).toEqual(['cart']);
      expect(await messages({ search: '(cart)' })).toEqual(['cart']);
    });

    it('counts by minute, hour and day', async () => {
      await take('cart', { occurrences: 2 });
      now += MINUTE;
      await take('cart', { occurrences: 3 });
      now += HOUR;
      await take('cart', { occurrences: 5 });
      const range = { from: NOON - MINUTE, to: NOON + 2 * HOUR };
      const minutes = await history.occurrences(hashOf('cart'), range, 'minute');
      expect(minutes.slice(0, 4).map(({ count }) => count)).toEqual([0, 2, 3, 0]);
      expect(minutes[0]?.at).toBe(NOON - MINUTE);
      const hours = await history.occurrences(hashOf('cart'), range, 'hour');
      expect(hours.map(({ count }) => count)).toEqual([0, 5, 5]);
      const days = await history.occurrences(hashOf('cart'), range, 'day');
      expect(days).toEqual([{ at: NOON - 12 * HOUR, count: 10 }]);
    });

    it('tells the figures of a stretch of time', async () => {
      const cart = takenEvent('cart', now, { commit: 'v1', occurrences: 4 });
      const card = takenEvent('card', now, { service: 'payments', commit: 'v2' });
      await history.take([cart, card]);
      await act('card', { action: 'resolve' });
      now += MINUTE;
      await take('card', { service: 'payments' });
      now += 3000 - MINUTE;
      await history.analysed(cart, resultFor('cart', now));
      await history.analysed(card, resultFor('card', now, { source: 'rules', usage: NOTHING_USED }));
      await history.analysed(cart, resultFor('cart', now, { cached: true }));
      now += 2 * MINUTE;
      const range = { from: NOON - HOUR, to: NOON + HOUR };
      const statistics = await history.statistics(range);
      expect(statistics).toMatchObject({
        occurrences: 6,
        distinct: 2,
        newErrors: 2,
        regressed: 1,
        byStatus: { new: 1, regressed: 1, resolved: 0, ongoing: 0, ignored: 0 },
        answers: { model: 1, rules: 1, none: 0, cached: 1, similar: 0 },
        tokens: 1000,
      });
      expect(statistics.spentUsd).toBeCloseTo(0.02);
      expect(statistics.savedUsd).toBeCloseTo(0.02);
      expect(statistics.timeToAnalysis?.p50).toBeGreaterThan(2500);
      expect(statistics.timeToAnalysis?.p50).toBeLessThan(3500);
      expect(statistics.top.map(({ message, inRange }) => [message, inRange])).toEqual([
        ['cart failed', 4],
        ['card failed', 2],
      ]);
      expect(statistics.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(6);
      expect([...statistics.newByRelease].sort((a, b) => a.release.localeCompare(b.release))).toEqual([
        { release: 'v1', count: 1 },
        { release: 'v2', count: 1 },
      ]);
      expect(await history.statistics(range, { service: 'payments' })).toMatchObject({
        occurrences: 2,
        distinct: 1,
        newErrors: 1,
      });
      const later = await history.statistics({ from: NOON + 3 * HOUR, to: NOON + 4 * HOUR });
      expect(later).toMatchObject({ occurrences: 0, distinct: 0, newErrors: 0, tokens: 0 });
    });

    it('counts what comes late into an hour that was looked at before', async () => {
      const range = { from: NOON - 6 * HOUR, to: NOON + HOUR };
      const top = async () =>
        (await history.statistics(range)).top.map(({ message, inRange }) => [message, inRange]);
      await take('cart', { timestamp: now - 3 * HOUR, occurrences: 2 });
      expect(await top()).toEqual([['cart failed', 2]]);
      await take('cart', { timestamp: now - 3 * HOUR, occurrences: 5 });
      await take('card', { timestamp: now - 3 * HOUR, occurrences: 3 });
      expect(await top()).toEqual([
        ['cart failed', 7],
        ['card failed', 3],
      ]);
    });

    it('tells of how many answers nobody knows the cost', async () => {
      const cart = takenEvent('cart', now);
      await history.take([cart]);
      const usage = { promptTokens: 900, completionTokens: 100, totalTokens: 1000 };
      await history.analysed(cart, resultFor('cart', now, { usage }));
      await history.analysed(cart, resultFor('cart', now, { usage, cached: true }));
      await history.analysed(cart, resultFor('cart', now, { cached: true }));
      const statistics = await history.statistics({ from: NOON - HOUR, to: NOON + HOUR });
      expect(statistics).toMatchObject({ spentUsd: 0, tokens: 1000, unpriced: { spent: 1, saved: 1 } });
      expect(statistics.savedUsd).toBeCloseTo(0.02);
    });

    it('flags a rate that leaves its usual band, once a spike', async () => {
      const spiking: boolean[] = [];
      for (let stretch = 0; stretch < 24; stretch++) {
        now = NOON + stretch * 5 * MINUTE;
        spiking.push((await take('cart', { occurrences: 6 + (stretch % 3) }))?.spiking ?? false);
      }
      expect(spiking).not.toContain(true);
      now += MINUTE;
      const burst = await history.take(
        Array.from({ length: 20 }, () => takenEvent('cart', now, { occurrences: 10 })),
      );
      expect(burst.filter(({ spiking: one }) => one)).toHaveLength(1);
      const range = { from: NOON, to: now + HOUR };
      expect((await history.statistics(range)).spiking).toEqual([hashOf('cart')]);
      now += HOUR;
      expect(await take('cart')).toMatchObject({ spiking: false });
      expect((await history.statistics(range)).spiking).toEqual([]);
    });

    it('forgets what has not come for as long as is kept', async () => {
      await under.stop();
      under = await start(() => now, { retention: 30 });
      history = under.history;
      await take('cart');
      now += 20 * DAY;
      await take('card');
      now += 11 * DAY;
      expect(await history.prune()).toBe(1);
      expect(await messages({})).toEqual(['card']);
      expect(await find('cart')).toBeUndefined();
      expect(await messages({ search: 'cart' })).toEqual([]);
      expect(await take('cart')).toMatchObject({ change: 'new' });
    });

    it('keeps what belongs to an error for as long as the error comes, and no longer', async () => {
      await under.stop();
      under = await start(() => now, { retention: 30 });
      history = under.history;
      const forget = async () => {
        await under.expire?.();
        await history.prune();
      };
      const first = takenEvent('cart', now);
      await history.take([first]);
      await history.analysed(first, resultFor('cart', now));
      await act('cart', { action: 'note', text: 'the gate again' });
      now += 20 * DAY;
      await take('cart');
      now += 20 * DAY;
      await forget();
      expect(await find('cart')).toMatchObject({
        trail: [{ by: 'mina', entry: { text: 'the gate again' } }],
        analyses: [{ rootCause: 'The cart gate is shut.' }],
        samples: [{}, { eventId: first.event.eventId }],
      });
      await act('cart', { action: 'note', text: 'too late' });
      now += 11 * DAY;
      await forget();
      expect(await find('cart')).toBeUndefined();
      expect(await take('cart')).toMatchObject({ change: 'new' });
      expect(await find('cart')).toMatchObject({ trail: [], analyses: [], samples: [{}] });
    });
  });
}
