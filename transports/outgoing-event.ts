import { randomUUID } from 'node:crypto';
import type { PatrolConfig } from '../src/config.ts';
import type { ErrorLog, ErrorLogEvent, Timestamp } from '../src/types.ts';
import type { SpoolEntry } from './spool.ts';
import type { PendingEvent } from './windows.ts';

/** What an event says of the application that it comes from. */
export type Application = Pick<PatrolConfig, 'service' | 'environment' | 'commit' | 'repositoryUrl'>;

/** An event must pass every queue and bus on the way; SNS and EventBridge take 256 KiB. */
const MAX_EVENT_BYTES = 240 * 1024;

const RECOVERED = '';

/** Whether it came from the spool rather than from this process's log. */
export const isRecovered = ({ errorHash }: PendingEvent): boolean => errorHash === RECOVERED;

/** An event whose window is over and whose counts are fixed; its hash is of no more use. */
export function toPending(event: ErrorLogEvent, bytes: number, spooled: SpoolEntry): PendingEvent {
  const { occurrences, timestamp, lastSeen = timestamp } = event;
  return { errorHash: RECOVERED, event, occurrences, lastSeen, due: 0, fresh: false, bytes, spooled };
}

/** A new event of the application that the settings describe. */
export function toEvent(
  errorLog: ErrorLog,
  at: Timestamp,
  application: Application,
  fingerprint: readonly string[] | undefined,
): ErrorLogEvent {
  const { service, environment, commit, repositoryUrl } = application;
  return {
    eventId: randomUUID(),
    timestamp: at,
    errorLog,
    ...(repositoryUrl !== undefined && { repositoryUrl }),
    ...(commit !== undefined && { commit }),
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
    occurrences: 1,
    firstSeen: at,
    lastSeen: at,
    ...(fingerprint && { fingerprint }),
  };
}

/** Without its context an event that is too large usually fits; undefined when it does not. */
export function withinLimit(
  event: ErrorLogEvent,
): { readonly event: ErrorLogEvent; readonly json: string; readonly bytes: number } | undefined {
  const json = JSON.stringify(event);
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_EVENT_BYTES) return { event, json, bytes };
  if (event.errorLog.context === undefined) return undefined;
  const { context: _, ...errorLog } = event.errorLog;
  return withinLimit({ ...event, errorLog });
}
