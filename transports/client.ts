import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import { type PatrolConfig, type PatrolOptions, parseConfig } from '../src/config.ts';
import type { ErrorLogEvent, Milliseconds } from '../src/types.ts';
import type { Delivery } from './delivery/delivery.ts';
import { createDelivery } from './delivery.ts';
import { type FingerprintOption, withFingerprint } from './fingerprint-option.ts';
import { createForwarder } from './forwarder.ts';
import type { Forwarder } from './forwarder-port.ts';
import { onNaturalEnd } from './natural-end.ts';
import { createReplies } from './replies/replies.ts';
import { createSpool, destinationOf } from './spool.ts';
import { type Rehearse, warmUpOnce } from './warm-up.ts';

/** What every door is made of: the settings, the way out and the way back. */
export interface PatrolClient extends Forwarder {
  readonly config: PatrolConfig;
}

/** Options of {@link createClient}. */
export interface ClientOptions {
  /** What the user gave in code; the rest comes from the environment. */
  readonly options: PatrolOptions;
  readonly fingerprint?: FingerprintOption;
  /** Writes a record to the application's log; may throw, which is caught. */
  readonly write: (record: AnalysisRecord | DropRecord) => void;
  /** Called from within `record` when it opens an event, so that a door can tell which record an analysis belongs to. */
  readonly onEvent?: (event: ErrorLogEvent) => void;
  /** How the door captures an error, to be rehearsed. @defaultValue Nothing is: nobody waits while one is captured. */
  readonly rehearse?: Rehearse;
}

const HTTP_BATCH = 100;
/** Before the first batch is sent. */
const EXPECT_AFTER_MS: Milliseconds = 25;

/**
 * Never throws: a wrong setting is one process warning that names it, and takes its default. With a wrong address
 * of the sink Patrol stays off, since the default would silently be another place.
 */
export function createClient(clientOptions: ClientOptions): PatrolClient {
  const { options, fingerprint, write, onEvent, rehearse } = clientOptions;
  const { config, problems } = parseConfig(options, process.env);
  if (problems.length > 0) warn(problems.map((problem) => problem.message).join(' '));
  const off = problems.some(({ setting }) => setting === 'queueUrl' || setting === 'sinkUrl');

  const safeWrite = (record: AnalysisRecord | DropRecord) => {
    try {
      write(record);
    } catch {
      // The application's logger does not take the record; there is nobody else to tell.
    }
  };
  const replies = off ? undefined : createReplies(config, safeWrite);

  const spool =
    config.spoolDirectory === false || off
      ? undefined
      : createSpool({
          directory: config.spoolDirectory,
          destination: destinationOf(config),
          onTrouble: (problem) =>
            warn(
              `Errors logged shortly before a crash may be lost: the spool cannot be written at ${problem}.`,
            ),
        });

  let delivery: Promise<Delivery> | undefined;
  const forwarder = createForwarder({
    config,
    write: safeWrite,
    spool,
    // The engine works through its events side by side; a second batch may pass a slow one, more would be a crowd.
    concurrency: config.queueUrl === undefined && config.sinkUrl === undefined ? 2 : 4,
    // A queue takes few at a time and the engine is better asked so; over HTTP a backlog goes in few requests.
    maxBatch: config.queueUrl === undefined && config.sinkUrl !== undefined ? HTTP_BATCH : undefined,
    delivery: off
      ? undefined
      : () => {
          delivery ??= createDelivery(config, { onAnalysis: safeWrite });
          return delivery;
        },
    onTrouble: (problem) => warn(`Errors cannot be delivered at the moment and are kept: ${problem}.`),
    onEvent(event) {
      onEvent?.(event);
      // Not within the log call, nor while a storm begins: to open a connection takes milliseconds.
      if (replies) setTimeout(() => replies.expect(event), EXPECT_AFTER_MS).unref();
    },
  });
  if (rehearse) warmUpOnce(config, rehearse);
  const leave = onNaturalEnd(
    () => forwarder.flush(),
    () => forwarder.stats().recorded,
  );

  return {
    ...forwarder,
    ...withFingerprint(forwarder, fingerprint),
    config,
    async close(timeoutMs) {
      leave();
      const done = await forwarder.close(timeoutMs);
      replies?.close();
      delivery?.then(
        (made) => made.close(),
        () => {},
      );
      return done;
    },
  };
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'PatrolWarning' });
}
