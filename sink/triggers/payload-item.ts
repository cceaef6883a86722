import type { ErrorLogEvent, Timestamp } from '../../src/types.ts';

/** What an envelope knows about its content. A redelivery repeats it. */
export interface Envelope {
  /** The envelope's own id; events without one get it. */
  readonly id?: string | undefined;
  readonly timestamp?: Timestamp | undefined;
}

/** One event to be, in its place. */
export interface PayloadItem {
  /** @throws {PatrolError} `EVENT_INVALID` */
  read(): ErrorLogEvent;
}

/** Answers undefined for a payload that is not its own; throws a `PatrolError` for one that is, but broken. */
export type PayloadReader = (value: unknown, envelope: Envelope) => readonly PayloadItem[] | undefined;
