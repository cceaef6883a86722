import TransportStream from 'winston-transport';
import { type AnalysisRecord, type DropRecord, isPatrolRecord } from '../src/analysis-record.ts';
import type { PatrolOptions } from '../src/config.ts';
import type { Milliseconds } from '../src/types.ts';
import { createClient, type PatrolClient } from './client.ts';
import type { FingerprintOption } from './fingerprint-option.ts';
import type { ForwarderStats } from './forwarder-port.ts';
import { isOwn } from './own-records.ts';
import { captureInfo, rehearseInfo } from './winston/capture.ts';
import { createLogWriter, type LogWriter, type WinstonInfo } from './winston/log-writer.ts';

/** Options of {@link PatrolTransport}: Patrol's own and those of every winston transport. */
export interface PatrolTransportOptions extends PatrolOptions {
  /** Least level that is captured. @defaultValue `PATROL_LEVEL`, else `error` */
  readonly level?: string | undefined;
  /** Capture nothing. @defaultValue false */
  readonly silent?: boolean | undefined;
  /** Applied before an error is captured. Not needed: Patrol reads the record itself. */
  readonly format?: BaseOptions['format'] | undefined;
  /** Capture uncaught exceptions, too. @defaultValue false */
  readonly handleExceptions?: boolean | undefined;
  /** Capture unhandled rejections, too. @defaultValue false */
  readonly handleRejections?: boolean | undefined;
  /** Which errors are one, where Patrol's own fingerprint does not see it as you do. */
  readonly fingerprint?: FingerprintOption;
}

// Named this way the declarations ask no `esModuleInterop` of the user.
type BaseOptions = import('winston-transport').TransportStreamOptions;
interface Base {
  new (options?: BaseOptions): import('winston-transport');
}
const WinstonTransport: Base = TransportStream as unknown as Base;

/** What the spool holds need not be waited for when the process crashes; a sink that is near has it by then. */
const CRASH_FLUSH_MS: Milliseconds = 150;

/**
 * Sends the errors of a winston logger to Patrol and writes each analysis through the same logger.
 * It never throws, blocks or delays the logger, whatever is logged and whatever the sink does.
 *
 * @example
 * ```ts
 * import { PatrolTransport } from 'patrol/winston';
 * logger.add(new PatrolTransport());
 * ```
 */
export class PatrolTransport extends WinstonTransport {
  readonly name: string = 'patrol';
  readonly #client: PatrolClient;
  readonly #writer: LogWriter;

  constructor(options: PatrolTransportOptions = {}) {
    const { silent, format, handleExceptions, handleRejections } = options;
    super({
      ...(silent !== undefined && { silent }),
      ...(format !== undefined && { format }),
      ...(handleExceptions !== undefined && { handleExceptions }),
      ...(handleRejections !== undefined && { handleRejections }),
    });
    this.#client = createClient({
      options,
      fingerprint: options.fingerprint,
      write: (record) => this.#write(record),
      rehearse: rehearseInfo,
    });
    this.level = this.#client.config.level;
    this.#writer = createLogWriter(this, this.#client.config.analysisLevel, () => this.#client.close());
  }

  /**
   * The logger's call for each record of any level. There is nothing to wait for, so none goes through the stream's
   * queue; levels, `silent` and `format` are winston's own work in `_write`.
   */
  override write(info: unknown, ...rest: unknown[]): boolean {
    if (rest.length > 0) return super.write(info, ...(rest as [BufferEncoding]));
    try {
      this._write(info, 'utf8', ignore);
    } catch (error) {
      // The format of this transport fails: that is one record less here, and no reason to stop the others.
      this.#client.record(() => {
        throw error;
      });
    }
    return true;
  }

  /** winston's call for each record that reaches the level. */
  override log(info: WinstonInfo, callback: () => void): void {
    try {
      this.#capture(info);
    } catch {
      // A record that cannot even be looked at is no reason to harm the application.
    }
    callback?.();
  }

  #capture(info: WinstonInfo): void {
    if (isOwn(info) || isPatrolRecord(info)) return;
    this.#writer.noteLevel(info);
    captureInfo(this.#client, info);
    if (info.exception === true || info.rejection === true)
      this.#writer.finishAfterCrash(() => this.flush(this.#client.isSafe() ? CRASH_FLUSH_MS : undefined));
  }

  #write(record: AnalysisRecord | DropRecord): void {
    this.#writer.write(record);
  }

  /** Delivers what was logged so far. True when all of it arrived within the time, by default `flushTimeout`. */
  flush(timeoutMs?: Milliseconds): Promise<boolean> {
    return this.#client.flush(timeoutMs);
  }

  /** In records: `recorded = delivered + pending + the sum of dropped`. */
  stats(): ForwarderStats {
    return this.#client.stats();
  }

  /** winston's call when the transport is removed or the logger closed. Delivers what it can in the background. */
  override close(): void {
    if (!this.#writer.detaching) void this.#client.close();
  }

  /** The stream's call at `end()`: `finish` waits for the delivery, at most `flushTimeout`. */
  override _final(callback: (error?: Error | null) => void): void {
    this.#client.close().then(
      () => callback(),
      () => callback(),
    );
  }
}

function ignore(): void {}

export default PatrolTransport;
