import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch';
import { isRecord } from '../src/bounds.ts';
import { loadConfig } from '../src/config.ts';
import { PatrolError } from '../src/errors.ts';
import type { AnalysisResult, Milliseconds, Timestamp } from '../src/types.ts';
import { createDeferral, type Deferral } from './deferral.ts';
import { acceptAndWait, createHttpHandler } from './http.ts';
import { toEmbeddedMetrics } from './metrics.ts';
import { createSink, type RecordOutcome, type Sink } from './sink.ts';
import { type HttpEventResponse, readHttpEvent, toHttpEventResponse } from './triggers/http-event.ts';
import { readTrigger, type TriggerRecord } from './triggers/trigger.ts';

/** Kept free at the end of an invocation for publishing what is ready. */
const MARGIN_MS: Milliseconds = 1000;

/** The part of AWS's context object that is used, written structurally so that users need no `@types/aws-lambda`. */
export interface LambdaContext {
  getRemainingTimeInMillis?(): Milliseconds;
}

/** The answer to SQS (`ReportBatchItemFailures`): the messages that are to come again. */
export interface SqsResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The answer to a direct invocation, for one event. */
export type DirectAnalysis = AnalysisResult & { readonly eventId: string };
/** The answer for an event whose error another process is analysing. */
export interface DirectElsewhere {
  readonly eventId: string;
  readonly elsewhere: true;
}
/** The place of a failed event in the answer to a direct invocation with several. */
export interface DirectFailure {
  readonly error: { readonly code: string; readonly message: string };
}

/** SQS gets `batchItemFailures`; one event its analysis; several events an array in their order; a request its response. */
export type LambdaResponse =
  | SqsResponse
  | DirectAnalysis
  | DirectElsewhere
  | readonly (DirectAnalysis | DirectElsewhere | DirectFailure)[]
  | HttpEventResponse
  | undefined;

/** A handler of AWS Lambda. */
export type LambdaHandler = (input: unknown, context?: LambdaContext) => Promise<LambdaResponse>;

/** Makes a handler over a sink that is started once per container, and again only after a start that failed. */
export function createLambdaHandler(
  startSink: () => Promise<Sink>,
  token: string | undefined,
): LambdaHandler {
  let started: Promise<Sink> | undefined;
  const http = createHttpHandler({
    token,
    onDropped: (count) => void started?.then(({ metrics }) => metrics.count('Dropped', count)),
  });
  const start = () => {
    started ??= startSink().catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  };
  // In Lambda the time before the first invocation is free; a failure shows again at the invocation.
  start().catch(() => {});

  let deferring: Deferral | undefined;
  const answer = async (
    sink: Sink,
    input: unknown,
    deadline: Timestamp | undefined,
  ): Promise<LambdaResponse> => {
    const request = readHttpEvent(input);
    if (request) {
      return toHttpEventResponse(await http(request, (records) => acceptAndWait(sink, records, deadline)));
    }
    const { trigger, records } = readTrigger(input);
    const handle = (record: TriggerRecord) => sink.handle(record, deadline);
    deferring ??= createDeferral(sink.log);
    const deferral = deferring;
    switch (trigger) {
      case 'sqs':
        return answerSqs(
          (input as { readonly Records: readonly unknown[] }).Records,
          records,
          handle,
          deferral,
        );
      case 'sns':
      case 'eventbridge':
      case 'cloudwatch-logs':
        return answerAsynchronous(await Promise.all(records.map(handle)));
      case 'direct-one':
        return answerOne(await Promise.all(records.map(handle)));
      case 'direct-many':
        return (await Promise.all(records.map(handle))).map(toDirect);
    }
  };

  return async (input, context) => {
    const deadline = deadlineOf(context);
    const sink = await start();
    try {
      return await answer(sink, input, deadline);
    } finally {
      const metrics = toEmbeddedMetrics(
        sink.metrics.take(),
        process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'patrol',
      );
      if (metrics !== undefined) process.stdout.write(`${metrics}\n`);
    }
  };
}

/**
 * The Lambda function: `patrol/lambda`, or `index.handler` in the zip that `patrol bundle` writes.
 * Settings come from the environment.
 *
 * @throws {PatrolError} `CONFIG_INVALID` at load, one message that names every wrong setting.
 */
export const handler: LambdaHandler = fromEnvironment();

function fromEnvironment(): LambdaHandler {
  const config = loadConfig();
  return createLambdaHandler(() => createSink(config), config.sinkToken);
}

/** Every message is answered for by itself: only the failed ones come again, and end in the dead-letter queue alone. */
async function answerSqs(
  messages: readonly unknown[],
  records: readonly TriggerRecord[],
  handle: (record: TriggerRecord) => Promise<RecordOutcome>,
  deferral: Deferral,
): Promise<SqsResponse> {
  const pairs = messages.map((message, index) => ({ message, record: records[index] }));
  // What has no message id cannot be failed by name; it is handled and reported, and its neighbours live.
  const [named, nameless] = [pairs.filter(hasMessageId), pairs.filter((pair) => !hasMessageId(pair))];
  await Promise.all(nameless.map(({ record }) => record && handle(record)));

  const byMessage = new Map(named.map(({ message, record }) => [message, record]));
  const handleMessage = async (message: SqsMessage) => {
    const record = byMessage.get(message);
    if (!record) return;
    const { problems, failed } = await handle(record);
    if (problems.length === failed.length && (await deferral.defer(String(message.eventSourceARN), failed)))
      return;
    if (problems[0]) throw problems[0];
  };
  const fifo = named.some(({ message }) => String(message.eventSourceARN).endsWith('.fifo'));
  const processor = fifo ? new SqsFifoPartialProcessorAsync() : new BatchProcessor(EventType.SQS);
  const Records = named.map(({ message }) => message);
  // `throwOnFullBatchFailure` would turn a batch of nothing but poison into a failure of the function.
  return processPartialResponse({ Records }, handleMessage, processor, { throwOnFullBatchFailure: false });
}

/** A type, not an interface: Powertools wants the index signature that only an alias gets. */
type SqsMessage = {
  readonly messageId: string;
  readonly eventSourceARN?: unknown;
};

function hasMessageId<T extends { readonly message: unknown }>(
  pair: T,
): pair is T & { readonly message: SqsMessage } {
  return isRecord(pair.message) && typeof pair.message.messageId === 'string';
}

/**
 * Nobody reads this answer, but Lambda repeats a failed asynchronous invocation twice and then dead-letters it;
 * what was analysed already is answered from the cache.
 */
function answerAsynchronous(outcomes: readonly RecordOutcome[]): undefined {
  const [problem] = outcomes.flatMap(({ problems }) => problems);
  if (problem) throw problem;
}

function answerOne(outcomes: readonly RecordOutcome[]): DirectAnalysis | DirectElsewhere {
  const [problem] = outcomes.flatMap(({ problems }) => problems);
  const [answer] = outcomes.map(toDirect);
  if (problem && !outcomes.some(({ analysed }) => analysed.length > 0)) throw problem;
  if (!answer || 'error' in answer) throw NO_EVENT;
  return answer;
}

function toDirect({
  analysed,
  elsewhere,
  problems,
}: RecordOutcome): DirectAnalysis | DirectElsewhere | DirectFailure {
  const [first] = analysed;
  if (first) return { eventId: first.event.eventId, ...first.result };
  if (elsewhere[0]) return { eventId: elsewhere[0].eventId, elsewhere: true };
  const { code, message } = problems[0] ?? NO_EVENT;
  return { error: { code, message } };
}

const NO_EVENT = new PatrolError('EVENT_INVALID', 'Expected an event, got none.');

function deadlineOf(context: LambdaContext | undefined): Timestamp | undefined {
  const remaining = context?.getRemainingTimeInMillis?.();
  return remaining === undefined
    ? undefined
    : Date.now() + Math.max(remaining - MARGIN_MS, Math.floor(remaining / 2));
}
