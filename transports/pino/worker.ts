import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { parentPort, workerData } from 'node:worker_threads';
import { type AnalysisRecord, type DropRecord, isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import type { PatrolOptions } from '../../src/config.ts';
import { createClient, type PatrolClient } from '../client.ts';
import { watchedByRegister } from '../register/seen.ts';
import { createDestination, type DestinationOption, type LineDestination } from './destination.ts';
import { lineKey } from './line-key.ts';
import {
  captureKeys,
  DEFAULT_STYLE,
  formatLine,
  type LineStyle,
  leastLevel,
  levelOf,
  mayReach,
  type PinoConfig,
  readPinoConfig,
  styleOf,
} from './lines.ts';

/** Options of both pino forms: plain data, since pino clones them into its worker. */
export interface PatrolPinoOptions extends PatrolOptions {
  /** File descriptor or path to which analyses go, and all lines when Patrol is the only target. @defaultValue 1 */
  readonly destination?: DestinationOption | undefined;
  /** pino's `messageKey`, where pino does not tell it. @defaultValue `msg` */
  readonly messageKey?: string | undefined;
  /** pino's `errorKey`, where pino does not tell it. @defaultValue `err` */
  readonly errorKey?: string | undefined;
  /** pino's `nestedKey`, which pino never tells. @defaultValue none */
  readonly nestedKey?: string | undefined;
  /** Makes all errors of this logger one; a function that tells them apart only `createPatrolStream` takes. */
  readonly fingerprint?: readonly string[] | undefined;
}

/** How long the start waits for pino's settings; a neighbour in the same worker may have taken the message. */
const CONFIG_TIMEOUT_MS = 50;

/** The form that runs in pino's worker thread. */
export async function createWorkerStream(options: PatrolPinoOptions = {}): Promise<Transform> {
  const stream = new WorkerStream(options);
  if (isRecord(workerData) && isRecord(workerData.workerData) && workerData.workerData.pinoWillSendConfig) {
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        parentPort?.off('message', listen);
        resolve();
      };
      const listen = (message: unknown) => {
        const config = readPinoConfig(message);
        if (config === undefined) return;
        stream.configure(config);
        finish();
      };
      const timer = setTimeout(finish, CONFIG_TIMEOUT_MS);
      parentPort?.on('message', listen);
    });
  }
  return stream;
}

/** True when the worker serves other targets, too, which write the application's lines. */
function hasNeighbours(): boolean {
  if (!isRecord(workerData) || !isRecord(workerData.workerData)) return false;
  const { targets, pipelines } = workerData.workerData;
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  return count(targets) + count(pipelines) > 1;
}

/**
 * Lines in; out go, depending on who reads: down the pipeline, lines and analyses; as the only target, both to the
 * destination; beside other targets, analyses to the destination.
 */
class WorkerStream extends Transform {
  readonly #client: PatrolClient;
  readonly #destination: LineDestination;
  readonly #decoder = new StringDecoder('utf8');
  readonly #neighbours: boolean = hasNeighbours();
  /** Both are set up by the environment then, and one of them is enough. */
  readonly #isCaptured: () => boolean;
  #config: PinoConfig;
  #least: number;
  #style: LineStyle = DEFAULT_STYLE;
  #tail = '';
  #done = false;

  constructor(options: PatrolPinoOptions) {
    super({ decodeStrings: false, encoding: 'utf8' });
    const { messageKey, errorKey, nestedKey, destination, sinkUrl, queueUrl } = options;
    this.#isCaptured = sinkUrl === undefined && queueUrl === undefined ? watchedByRegister() : () => false;
    this.#config = { messageKey, errorKey, nestedKey };
    this.#destination = createDestination(destination);
    this.#client = createClient({
      options,
      fingerprint: options.fingerprint,
      write: (record) => this.#writeRecord(record),
    });
    this.#least = leastLevel(this.#client.config.level, this.#config);
  }

  configure(config: PinoConfig): void {
    const { messageKey, errorKey, nestedKey } = this.#config;
    this.#config = {
      levels: config.levels,
      messageKey: messageKey ?? config.messageKey,
      errorKey: errorKey ?? config.errorKey,
      nestedKey,
    };
    this.#least = leastLevel(this.#client.config.level, this.#config);
  }

  /** pino's `logger.flush` arrives here when Patrol is the only target. */
  flush(callback?: (error?: Error) => void): void {
    this.#client.flush().then(
      () => callback?.(),
      () => callback?.(),
    );
  }

  override _transform(chunk: string | Buffer, _encoding: string, callback: TransformCallback): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    // What has reached this thread at once is safe at once.
    this.#client.together(() => this.#takeText(text));
    callback();
  }

  /** A text may have megabytes, and putting the rest of the one before in front of it would copy them. */
  #takeText(text: string): void {
    let start = 0;
    if (this.#tail !== '') {
      start = text.indexOf('\n') + 1;
      if (start > 0) {
        this.#takeLines(this.#tail + text.slice(0, start));
        this.#tail = '';
      }
    }
    const end = text.lastIndexOf('\n') + 1;
    if (end > start) this.#takeLines(text.slice(start, end));
    this.#tail += text.slice(end);
  }

  override _flush(callback: TransformCallback): void {
    // A last line may come without its line break.
    const rest = this.#tail + this.#decoder.end();
    this.#tail = '';
    if (rest !== '') this.#takeLines(`${rest}\n`);
    const finish = () => {
      this.#done = true;
      this.#destination.close();
      callback();
      // Nobody reads: without this the stream would not close, and pino would wait for it.
      if (!this.#isRead) this.resume();
    };
    this.#client.close().then(finish, finish);
  }

  /** Whether a pipeline reads what comes out; known by the time the first line comes. */
  get #isRead(): boolean {
    return this.readableFlowing !== null;
  }

  #takeLines(lines: string): void {
    if (this.#isRead) this.push(lines);
    else if (!this.#neighbours) this.#writeOut(lines);
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf('\n', start);
      const line = lines.slice(start, end);
      start = end + 1;
      try {
        this.#capture(line);
      } catch {
        // Neither a hostile line nor a fault here may end the worker, and with it the application.
      }
    }
  }

  #capture(line: string): void {
    if (!mayReach(line, this.#least, this.#config) || this.#isCaptured()) return;
    const timestamp = Date.now();
    const key = lineKey(line, this.#config.errorKey ?? 'err');
    if (key !== undefined && this.#client.repeat(key, timestamp)) return;
    const record = parse(line);
    if (record === undefined || isPatrolRecord(record)) return;
    const level = levelOf(record, this.#config);
    if (level === undefined || level < this.#least) return;
    this.#style = styleOf(record);
    const keys = captureKeys(this.#config);
    this.#client.record(() => captureErrorLog(record, keys), { key, timestamp });
  }

  #writeRecord(record: AnalysisRecord | DropRecord): void {
    if (this.#done) return;
    const level = record.patrol.event === 'dropped' ? 'warn' : this.#client.config.analysisLevel;
    const line = formatLine(record, level, this.#config, this.#style);
    if (this.#isRead) this.push(line);
    else this.#writeOut(line);
  }

  #writeOut(lines: string): void {
    try {
      this.#destination.write(lines);
    } catch {
      // A destination that cannot be opened: pino's own would throw into the application.
    }
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
