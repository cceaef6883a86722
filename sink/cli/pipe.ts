import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createLineSplitter } from '../log-lines/line-splitter.ts';
import { createRecordReader } from '../log-lines/record-reader.ts';
import { createTextFormat } from './analysis-text.ts';
import { createInterleaver, type Interleaver } from './interleaver.ts';
import { jsonFormatOf, type LogFormat } from './log-format.ts';

/** A joined record is over when nothing has come for so long. */
const IDLE_MS: Milliseconds = 150;
/** Events whose format is remembered until their analysis comes. */
const MAX_AWAITED = 10_000;

/** The ends of the pipe. */
export interface PipeOptions {
  readonly input: Readable;
  readonly output: Writable & { readonly hasColors?: () => boolean };
  /** Says on stderr what cannot be said in the log. */
  readonly warn: (message: string) => void;
  /** Ends the waiting for analyses after the end of the input. */
  readonly signal?: AbortSignal;
}

/**
 * `node app.js | patrol`: passes every byte on as it is, and interleaves analyses in the format of the records
 * that they analyse. Resolves when the input is over and its errors are analysed, or the output is closed.
 * Whatever happens to Patrol, the bytes pass.
 */
export async function runPipe(options: PipeOptions): Promise<void> {
  const { input, output, warn, signal } = options;
  let reader: ByteReader | undefined;
  let gone = false;
  let idle: NodeJS.Timeout | undefined;
  const out = createInterleaver(output, () => reader?.isOpen() ?? false);
  output.on('error', () => {
    gone = true;
    input.destroy();
  });

  /** Runs a step of the analysis; when it fails, the analysis is over and the pipe goes on. */
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      reader = undefined;
      warn(`analysis is off, the log passes on: ${messageOf(error)}`);
      return undefined;
    }
  };

  const errors = await startErrors(out, output.hasColors?.() === true).catch((error: unknown) => {
    warn(`analysis is off, the log passes on: ${messageOf(error)}`);
    return undefined;
  });
  reader = errors?.reader;

  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      clearTimeout(idle);
      const cut = out.cut(chunk);
      for (const part of cut > 0 ? [chunk.subarray(0, cut), chunk.subarray(cut)] : [chunk]) {
        out.pass(part);
        attempt(() => reader?.push(part));
        out.release();
      }
      if (reader?.isOpen()) {
        idle = setTimeout(() => {
          attempt(() => reader?.close());
          out.release();
        }, IDLE_MS);
      }
      await out.ready();
    }
  } catch (error) {
    if (!gone) warn(`the input broke off: ${messageOf(error)}`);
  }
  clearTimeout(idle);
  attempt(() => reader?.end());
  if (!gone) out.release();
  await errors?.drain(gone ? AbortSignal.abort() : signal);
  if (!gone) await out.end();
}

/** Finds errors in the bytes that pass. */
interface ByteReader {
  push(chunk: Buffer): void;
  close(): void;
  isOpen(): boolean;
  end(): void;
}

interface Errors {
  readonly reader: ByteReader;
  /** Waits, within a bound, until every error is analysed and its analysis inserted. */
  drain(signal: AbortSignal | undefined): Promise<void>;
}

/** Connects the reader of the log with the transports' client, and the client's analyses with the output. */
async function startErrors(out: Interleaver, colour: boolean): Promise<Errors> {
  const { createClient } = await import('../../transports/client.ts');
  const textFormat = createTextFormat({ colour });
  /** Event → the format of its record. */
  const awaited = new Map<string, LogFormat>();
  let current: LogFormat = textFormat;
  let onAnswer = () => {};

  const client = createClient({
    options: {},
    onEvent({ eventId }) {
      if (awaited.size < MAX_AWAITED) awaited.set(eventId, current);
    },
    write(record) {
      const eventId = record.patrol.event === 'analysis' ? record.patrol.eventId : '';
      out.insert((awaited.get(eventId) ?? current)(record));
      if (awaited.delete(eventId) && awaited.size === 0) onAnswer();
    },
  });
  const { config } = client;

  const records = createRecordReader(config.level, ({ errorLog, json }) => {
    current = json ? jsonFormatOf(json, config.analysisLevel) : textFormat;
    client.record(errorLog);
  });
  const lines = createLineSplitter((line) => records.push(line, undefined));
  const reader: ByteReader = {
    push: lines.push,
    close: records.close,
    isOpen: records.isOpen,
    end() {
      lines.end();
      records.close();
    },
  };

  return {
    reader,
    async drain(signal) {
      // Nobody's exit is held up here but our own, so each analysis gets the time that the settings give it.
      const bound = Math.max(config.flushTimeout, config.modelTimeout);
      const answered = new Promise<void>((resolve) => {
        onAnswer = resolve;
      });
      const repliesCome = config.replyQueueUrl !== undefined || config.sinkUrl !== undefined;
      const done = (async () => {
        const delivered = await client.flush(bound);
        if (delivered && repliesCome && awaited.size > 0) await answered;
      })();
      await withinTime(done, bound, signal);
      await client.close(0);
    },
  };
}

async function withinTime(
  work: Promise<void>,
  ms: Milliseconds,
  signal: AbortSignal | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      if (signal?.aborted) resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    }),
  ]);
  clearTimeout(timer);
}
