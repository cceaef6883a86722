import { type AnalysisRecord, toAnalysisRecord } from '../../src/analysis-record.ts';
import type { PatrolConfig } from '../../src/config.ts';
import type { ErrorAnalysisEngine } from '../../src/engine.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { type Delivery, retryAll } from './delivery.ts';

/** Options of {@link createLocalDelivery}. */
export interface LocalDeliveryOptions {
  readonly config: PatrolConfig;
  readonly onAnalysis: (record: AnalysisRecord) => void;
}

const NO_ANSWER: ReadonlySet<string> = new Set(['ANALYSED_ELSEWHERE', 'SET_ASIDE']);

/**
 * The embedded default: the engine in the process. It reads the application's own source below `sourceRoot`, by
 * default the working directory. An event is delivered when it is analysed, here or in another process, or when that
 * failed and it was said why.
 */
export function createLocalDelivery({ config, onAnalysis }: LocalDeliveryOptions): Delivery {
  const stopped = new AbortController();
  let engine: Promise<ErrorAnalysisEngine> | undefined;

  const analyse = async (event: ErrorLogEvent, running: ErrorAnalysisEngine): Promise<void> => {
    const { signal } = stopped;
    try {
      const result = await running.processErrorLog(event, { signal, timeoutMs: config.modelTimeout });
      onAnalysis(toAnalysisRecord(event, result));
    } catch (error) {
      if (signal.aborted) throw error;
      // Its answer is another process's to write, or no answer is wanted; here the event is an occurrence, and that
      // is counted.
      if (error instanceof PatrolError && NO_ANSWER.has(error.code)) return;
      onAnalysis(toAnalysisRecord(event, running.explainFailure(event, error)));
    }
  };

  return {
    name: 'local',
    async send(batch) {
      try {
        engine ??= loadEngine(config);
        const running = await engine;
        const settled = await Promise.allSettled(batch.events.map((event) => analyse(event, running)));
        const failed = batch.events.filter((_, index) => settled[index]?.status === 'rejected');
        return { retry: failed.map((event) => event.eventId), rejected: [] };
      } catch (error) {
        // Wrong settings of the engine do not mend themselves while the application runs.
        const final = error instanceof PatrolError && !error.retryable;
        const problem = `the analysis engine did not start: ${messageOf(error)}`;
        if (!final) engine = undefined;
        return final
          ? { retry: [], rejected: batch.events.map((event) => event.eventId), problem }
          : retryAll(batch, problem);
      }
    },
    close: () => stopped.abort(),
  };
}

async function loadEngine(config: PatrolConfig): Promise<ErrorAnalysisEngine> {
  const { createEngine } = await import('../../src/create-engine.ts');
  return createEngine({ ...config, sourceRoot: config.sourceRoot ?? process.cwd() });
}
