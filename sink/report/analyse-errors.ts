import pLimit from 'p-limit';
import { toAnalysisRecord } from '../../src/analysis-record.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { createEngine } from '../../src/create-engine.ts';
import { createModel } from '../../src/create-providers.ts';
import type { ErrorAnalysisEngine } from '../../src/engine.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { visibleLog } from '../../src/plain-text.ts';
import { type ModelPrice, priceOf, toUsage } from '../../src/pricing.ts';
import { redact } from '../../src/redaction.ts';
import { estimateTokens } from '../../src/tokens.ts';
import type { ErrorLogEvent, LLMProvider } from '../../src/types.ts';
import type { Counted } from './distinct-errors.ts';
import type { LogReport, ReportedError } from './log-report.ts';
import type { FoundError, LogScan } from './scan-logs.ts';

/** Errors that are analysed at the same time. */
const CONCURRENCY = 4;
/** What an answer takes, generously: three paragraphs, a few quotes and a patch. */
const ANSWER_TOKENS = 1000;
/** What a prompt takes beside its code: instructions, schema, error and stack. */
const PROMPT_TOKENS = 6000;
const CHARACTERS_PER_TOKEN = 3;

/** Options of {@link analyseErrors}. */
export interface AnalyseOptions {
  readonly config: PatrolConfig;
  /** Distinct errors that are analysed, the most frequent first. */
  readonly top: number;
  /** US dollars; what would go beyond is not asked. */
  readonly maxCost?: number;
  /** Asks no model, and estimates what it would cost. */
  readonly dryRun?: boolean;
  /** Told after each error. */
  readonly onAnalysed?: (done: number, all: number) => void;
}

/**
 * Analyses the most frequent errors of logs.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a limit in money where the model's price is not known.
 */
export async function analyseErrors(scan: LogScan, options: AnalyseOptions): Promise<LogReport> {
  const { config, top, maxCost, dryRun = false, onAnalysed } = options;
  const price = priceOf(config.openaiModel);
  if (!price && (maxCost !== undefined || dryRun)) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `The price of the model ${config.openaiModel} is not known: nobody can say what it costs. Leave --max-cost and --dry-run away, or take a model with a known price.`,
    );
  }
  const model = dryRun ? estimator(config, price) : await createModel(config);
  const meter = model && meterOf(model, reservationOf(config, price), maxCost);
  const engine = await createEngine(config, meter ? { llmProvider: meter.model } : {});
  const limit = pLimit(CONCURRENCY);
  const chosen = scan.errors.slice(0, top);
  let done = 0;
  const errors = await Promise.all(
    chosen.map((one) =>
      limit(async () => {
        const reported = await analyseOne(one, engine, options);
        onAnalysed?.(++done, chosen.length);
        return reported;
      }),
    ),
  );
  const { errors: all, problems, ...counts } = scan;
  return {
    ...counts,
    distinct: all.length,
    problems,
    errors,
    notShown: all.slice(top).reduce((sum, { count }) => sum + count, 0),
    dryRun,
    model: model?.model,
    calls: meter?.calls ?? 0,
    tokens: meter?.tokens ?? 0,
    costUsd: meter?.spent ?? 0,
  };
}

async function analyseOne(
  { value, count, over }: Counted<FoundError>,
  engine: ErrorAnalysisEngine,
  { config, dryRun }: AnalyseOptions,
): Promise<ReportedError> {
  const { errorHash, file, line, firstSeen, lastSeen, services } = value;
  const errorLog = redact(visibleLog(value.errorLog));
  const [service = config.service] = services;
  const event: ErrorLogEvent = {
    eventId: errorHash,
    timestamp: lastSeen ?? 0,
    errorLog: value.errorLog,
    occurrences: count,
    ...(service !== undefined && { service }),
    ...(config.environment !== undefined && { environment: config.environment }),
    ...(config.commit !== undefined && { commit: config.commit }),
    ...(config.repositoryUrl !== undefined && { repositoryUrl: config.repositoryUrl }),
  };
  const reported: ReportedError = {
    errorHash,
    ...(errorLog.name !== undefined && { name: errorLog.name }),
    message: errorLog.message,
    count,
    over,
    ...(firstSeen !== undefined && { firstSeen }),
    ...(lastSeen !== undefined && { lastSeen }),
    file,
    line,
    services: [...services].map((one) => redact(one)),
  };
  try {
    const result = await engine.processErrorLog(event, { timeoutMs: config.modelTimeout });
    if (dryRun && result.source === 'llm') return { ...reported, notAnalysed: 'a model would be asked' };
    const { patrol } = toAnalysisRecord({ ...event, errorLog }, result);
    return { ...reported, analysis: patrol };
  } catch (error) {
    return { ...reported, notAnalysed: messageOf(error) };
  }
}

/** A model whose calls are counted and held within a limit: what is in flight counts as a dear call. */
function meterOf(
  model: LLMProvider,
  reservation: number,
  most = Number.POSITIVE_INFINITY,
): { readonly model: LLMProvider; readonly calls: number; readonly tokens: number; readonly spent: number } {
  let [calls, tokens, spent, inFlight] = [0, 0, 0, 0];
  return {
    model: {
      model: model.model,
      async complete(request, options) {
        if (spent + (inFlight + 1) * reservation > most) {
          throw new PatrolError('BUDGET_EXCEEDED', 'the limit of --max-cost is reached.');
        }
        inFlight++;
        try {
          const response = await model.complete(request, options);
          calls++;
          tokens += response.usage?.totalTokens ?? 0;
          spent += response.usage?.costUsd ?? 0;
          return response;
        } finally {
          inFlight--;
        }
      },
    },
    get calls() {
      return calls;
    },
    get tokens() {
      return tokens;
    },
    get spent() {
      return spent;
    },
  };
}

/** US dollars of a dear call. */
function reservationOf(config: PatrolConfig, price: ModelPrice | undefined): number {
  const code = Math.ceil(config.maxRepositoryContextChars / CHARACTERS_PER_TOKEN);
  return toUsage(PROMPT_TOKENS + code, ANSWER_TOKENS, price).costUsd ?? 0;
}

/** Stands in for the model: is asked what it would be asked, with the same code, and says what that would take. */
function estimator({ openaiModel: model }: PatrolConfig, price: ModelPrice | undefined): LLMProvider {
  const text = JSON.stringify({
    analysis: 'No root cause found, because this is a dry run.',
    rootCause: '',
    suggestedFix: '',
    confidence: 0,
    category: 'unknown',
    evidence: [],
    patch: null,
    nextSteps: [],
  });
  return {
    model,
    complete: async ({ system, user, schema }) => {
      const asked = [system, user, JSON.stringify(schema)].reduce(
        (sum, part) => sum + estimateTokens(part),
        0,
      );
      return { model, text, usage: toUsage(asked, ANSWER_TOKENS, price) };
    },
  };
}
