import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { ErrorHash, Milliseconds, Timestamp } from '../../src/types.ts';
import type { Severity } from '../history/history.ts';
import { toRecord } from '../publish.ts';
import { canUpdate } from './connect.ts';
import type { Lane } from './lane.ts';
import type { Ledger } from './ledger.ts';
import type { Notice } from './notice.ts';
import type { Sighting, Tallies, Tally } from './tallies.ts';

/** What a history knows of an error, counted and judged; undefined where it knows nothing. */
export type StandingOf = (
  errorHash: ErrorHash,
) => Promise<{ readonly occurrences: number; readonly severity: Severity } | undefined>;

/** Parts of {@link createUpdates}. */
export interface UpdatesParts {
  readonly lanes: readonly Lane[];
  readonly ledger: Ledger;
  readonly tallies: Tallies;
  readonly standingOf: StandingOf;
  /** Whether somebody is being told of an error at the moment: its message is still to come. */
  readonly isTold: (errorHash: ErrorHash) => boolean;
  /** How often one message is written over. */
  readonly interval: Milliseconds;
}

/** Brings messages up to date: the count, and the analysis where there was none yet. */
export interface Updates {
  send(deadline: Timestamp): Promise<void>;
}

/** See {@link Updates}. */
export function createUpdates(parts: UpdatesParts): Updates {
  const { ledger, tallies, standingOf, interval } = parts;
  const lanes = parts.lanes.filter(({ webhook }) => canUpdate(webhook));

  const update = async (errorHash: ErrorHash, tally: Tally, deadline: Timestamp): Promise<void> => {
    const found = await Promise.all(
      lanes.map(async (lane) => ({ lane, message: await ledger.message(lane.webhook.id, errorHash) })),
    );
    const messages = found.flatMap(({ lane, message }) => (message ? [{ lane, message }] : []));
    if (messages.length === 0) {
      if (!parts.isTold(errorHash)) tallies.drop(errorHash);
      return;
    }
    const { pending, latest } = tally;
    tally.pending = 0;
    const counted = await ledger.count(errorHash, pending);
    const total = (await standingOf(errorHash))?.occurrences ?? counted;
    const record = withCount(latest, total);
    const isExplained = latest.result.source !== 'none';
    let isBehind = false;
    for (const { lane, message } of messages) {
      const isStale = total > message.shown || (isExplained && !message.explained);
      if (!isStale) continue;
      const { id } = lane.webhook;
      const { reference, occasion, severity } = message;
      const notice: Notice = { id: reference, occasion, severity, record };
      const outcome =
        lane.isOpen && (await ledger.mayUpdate(id, errorHash, interval))
          ? await lane.send({
              what: 'update',
              errorHash,
              write: (platform) => platform.update?.(notice, reference) ?? platform.alert(notice, reference),
              deadline,
            })
          : undefined;
      if (outcome?.delivered) {
        await ledger.keepMessage(id, errorHash, { ...message, shown: total, explained: isExplained });
      } else if (outcome && !outcome.retryable) {
        // Somebody has deleted it.
        await ledger.forgetMessage(id, errorHash);
      } else {
        // Whoever writes in this interval may not have known of all.
        isBehind = true;
      }
    }
    tally.behind = isBehind;
  };

  return {
    async send(deadline) {
      for (const [errorHash, tally] of tallies.busiest()) await update(errorHash, tally, deadline);
    },
  };
}

/** The record of an analysed event, with all that were counted of its error. */
export function withCount({ event, result }: Sighting, occurrences: number): AnalysisRecord {
  return toRecord({ ...event, occurrences }, { ...result, occurrences });
}
