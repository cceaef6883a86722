import type { PatrolError } from '../../src/errors.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import type { DroppedBatch } from './dropped.ts';

/** What called: see the file of that name. */
export type TriggerName = 'sqs' | 'sns' | 'eventbridge' | 'cloudwatch-logs' | 'direct-one' | 'direct-many';

/** One thing that the trigger delivered, e.g. an SQS message, and what was found in it. */
export interface TriggerRecord {
  /** What the trigger calls it: an SQS message id, else its place such as `events[3]`. */
  readonly id: string;
  /** The valid events in it. */
  readonly events: readonly ErrorLogEvent[];
  /** Why something in it is not an event; each names the field. */
  readonly problems: readonly PatrolError[];
  /** How often the trigger has delivered it, this time included, where it counts. */
  readonly receiveCount?: number | undefined;
  /** True for what was counted before: the sink has put it off, or tries it again. */
  readonly counted?: boolean;
  /** What the application that sent it reports as lost. */
  readonly dropped?: DroppedBatch | undefined;
}

/** An input, recognised and validated. */
export interface TriggerRecords {
  readonly trigger: TriggerName;
  /** In the order of the input, none left out. */
  readonly records: readonly TriggerRecord[];
}

/** Answers undefined for an input that is not its own. */
export type TriggerReader = (input: unknown) => TriggerRecords | undefined;
