import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ErrorAction, ErrorHistory } from '../../../sink/history/history.ts';
import { createSqliteHistory } from '../../../sink/history/sqlite.ts';
import { hashOf, NOON, takenEvent } from '../../support/history-kit.ts';

const HOUR = 3_600_000;

/** One error in the plainest words: what a person would keep on a card. */
class Card {
  now = NOON;
  total = 0;
  firstSeen = Number.POSITIVE_INFINITY;
  cameBack = false;
  resolved: { at: number; release: string | undefined } | undefined;
  ignored: { count: number; time: number } | undefined;
  /** In the order in which they were first heard of. */
  readonly releases: string[] = [];

  hearOf(release: string | undefined): void {
    if (release !== undefined && !this.releases.includes(release)) this.releases.push(release);
  }

  get status(): string {
    if (this.resolved) return 'resolved';
    if (this.ignored && this.now < this.ignored.time) return 'ignored';
    if (this.cameBack) return 'regressed';
    return this.now - this.firstSeen < 24 * HOUR ? 'new' : 'ongoing';
  }
}

/** The history with one error in it. */
class Real {
  readonly history: ErrorHistory;
  constructor(card: Card) {
    this.history = createSqliteHistory({ file: ':memory:', gather: 0, now: () => card.now });
  }
}

type Step = fc.AsyncCommand<Card, Real>;

async function check(card: Card, { history }: Real): Promise<void> {
  expect(await history.find(hashOf('cart'))).toMatchObject({ status: card.status, occurrences: card.total });
  const { errors } = await history.list({ status: [card.status as 'new'] });
  expect(errors).toHaveLength(1);
}

const come = (occurrences: number, release: string | undefined, hoursLate: number): Step => ({
  toString: () => `come(${occurrences}, ${release}, ${hoursLate} h late)`,
  check: () => true,
  async run(card, real) {
    card.now += 1;
    const at = card.now - hoursLate * HOUR;
    const fields = { occurrences, timestamp: at, ...(release !== undefined && { commit: release }) };
    const [arrival] = await real.history.take([takenEvent('cart', at, fields)]);
    let change = card.total === 0 ? 'new' : 'known';
    card.total += occurrences;
    card.firstSeen = Math.min(card.firstSeen, at);
    card.hearOf(release);
    const mendedIn = card.resolved?.release;
    const isOld =
      release !== undefined &&
      mendedIn !== undefined &&
      card.releases.indexOf(release) < card.releases.indexOf(mendedIn);
    if (card.resolved && at > card.resolved.at && !isOld) {
      card.resolved = undefined;
      card.cameBack = true;
      change = 'regressed';
    } else if (card.ignored && (card.total >= card.ignored.count || at >= card.ignored.time)) {
      card.ignored = undefined;
      change = 'unignored';
    }
    expect(arrival).toMatchObject({ change, status: card.status, counted: true });
    await check(card, real);
  },
});

const act = (action: ErrorAction, write: (card: Card) => void): Step => ({
  toString: () => JSON.stringify(action),
  check: (card) => card.total > 0,
  async run(card, real) {
    card.now += 1;
    const wanted =
      action.action === 'ignore' && action.until !== undefined
        ? { ...action, until: card.now + action.until }
        : action;
    await real.history.act(hashOf('cart'), wanted, 'mina');
    write(card);
    await check(card, real);
  },
});

const wait = (hours: number): Step => ({
  toString: () => `wait(${hours} h)`,
  check: (card) => card.total > 0,
  async run(card, real) {
    card.now += hours * HOUR;
    await check(card, real);
  },
});

const release = fc.constantFrom('v1', 'v2', 'v3', undefined);
const steps = [
  fc.tuple(fc.integer({ min: 1, max: 5 }), release, fc.constantFrom(0, 0, 0, 2)).map((all) => come(...all)),
  release.map((mendedIn) =>
    act({ action: 'resolve', ...(mendedIn !== undefined && { release: mendedIn }) }, (card) => {
      card.hearOf(mendedIn);
      card.resolved = { at: card.now, release: mendedIn };
      card.ignored = undefined;
      card.cameBack = false;
    }),
  ),
  fc.constant(
    act({ action: 'reopen' }, (card) => {
      card.resolved = undefined;
      card.ignored = undefined;
      card.cameBack = false;
    }),
  ),
  fc
    .record(
      { occurrences: fc.integer({ min: 1, max: 8 }), until: fc.integer({ min: HOUR, max: 30 * HOUR }) },
      { requiredKeys: [] },
    )
    .map((limits) =>
      act({ action: 'ignore', ...limits }, (card) => {
        card.resolved = undefined;
        card.ignored = {
          count:
            limits.occurrences === undefined ? Number.POSITIVE_INFINITY : card.total + limits.occurrences,
          time: limits.until === undefined ? Number.POSITIVE_INFINITY : card.now + limits.until,
        };
      }),
    ),
  fc.constant(act({ action: 'assign', assignee: 'jun' }, () => {})),
  fc.integer({ min: 1, max: 20 }).map(wait),
];

it('has an error stand as a person would say, whatever happens to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 20 }), async (commands) => {
      const card = new Card();
      const real = new Real(card);
      try {
        await fc.asyncModelRun(() => ({ model: card, real }), commands);
      } finally {
        await real.history.close();
      }
    }),
    { numRuns: 40 },
  );
});
