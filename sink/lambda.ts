import { isRecord } from '../src/bounds.ts';
import { loadConfig, type PatrolConfig } from '../src/config.ts';
import type { Milliseconds, Timestamp } from '../src/types.ts';
import { createDeferral, type Deferral } from './deferral.ts';
import { createGate } from './gate.ts';
import { acceptAndWait, createHttpHandler } from './http.ts';
import { answerAsynchronous, answerOne, answerSqs, type LambdaResponse, toDirect } from './lambda-answers.ts';
import { toEmbeddedMetrics } from './metrics.ts';
import { resolveSecrets } from './secrets.ts';
import { createSink, type Sink } from './sink.ts';
import { stdout } from './stdout.ts';
import { readHttpEvent, toHttpEventResponse } from './triggers/http-event.ts';
import { readTrigger } from './triggers/trigger.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

export type {
  DirectAnalysis,
  DirectElsewhere,
  DirectFailure,
  DirectSetAside,
  LambdaResponse,
  SqsResponse,
} from './lambda-answers.ts';

/** Kept free at the end of an invocation for publishing what is ready. */
const MARGIN_MS: Milliseconds = 1000;

/** How long alerts may take where nobody says how long the invocation may. */
const ALERTS_MS: Milliseconds = 10_000;

/** The part of AWS's context object that is used, written structurally so that users need no `@types/aws-lambda`. */
export interface LambdaContext {
  getRemainingTimeInMillis?(): Milliseconds;
}

/** A handler of AWS Lambda. */
export type LambdaHandler = (input: unknown, context?: LambdaContext) => Promise<LambdaResponse>;

/**
 * The Lambda function: `patrol/lambda`, or `index.handler` in the zip that `patrol bundle` writes.
 * Settings come from the environment.
 *
 * @throws {PatrolError} `CONFIG_INVALID` at load, one message that names every wrong setting.
 */
export const handler: LambdaHandler = createLambdaHandler(loadConfig());

/** What is made once per container. */
interface Container {
  readonly sink: Sink;
  readonly http: ReturnType<typeof createHttpHandler>;
  readonly deferral: Deferral;
  /** The sink's own queue, where it has one. */
  readonly queueUrl: string | undefined;
}

function createLambdaHandler(config: PatrolConfig): LambdaHandler {
  let started: Promise<Container> | undefined;
  const start = () => {
    started ??= startContainer(config).catch((error: unknown) => {
      // The next invocation tries again: a secret may be readable by then.
      started = undefined;
      throw error;
    });
    return started;
  };
  // In Lambda the time before the first invocation is free; a failure shows again at the invocation.
  start().catch(() => {});

  return async (input, context) => {
    const deadline = deadlineOf(context);
    const container = await start();
    try {
      return await answer(container, input, deadline);
    } finally {
      const { metrics, alerts } = container.sink;
      await alerts?.settle(deadline ?? Date.now() + ALERTS_MS);
      const name = process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'patrol';
      for (const line of toEmbeddedMetrics(metrics.take(), name)) container.sink.log.line(line);
      // After the answer the container may be frozen, with what was not written yet.
      stdout.flush();
    }
  };
}

async function startContainer(config: PatrolConfig): Promise<Container> {
  const resolved = await resolveSecrets(config);
  const sink = await createSink(resolved, { alertTickInterval: 0 });
  return {
    sink,
    http: createHttpHandler({ gate: createGate(resolved.ingest), onDropped: sink.metrics.dropped }),
    deferral: createDeferral(sink.log),
    queueUrl: resolved.queueUrl,
  };
}

async function answer(
  { sink, http, deferral, queueUrl }: Container,
  input: unknown,
  deadline: Timestamp | undefined,
): Promise<LambdaResponse> {
  const request = readHttpEvent(input);
  if (request) {
    return toHttpEventResponse(await http(request, (records) => acceptAndWait(sink, records, deadline)));
  }
  // A clock brings no errors: what is due by now is done after every answer.
  if (isClock(input)) return undefined;
  const { trigger, records } = readTrigger(input);
  const handle = (record: TriggerRecord) => sink.handle(record, deadline);
  if (trigger === 'sqs')
    return answerSqs(input, records, { handle, handleKnown: sink.handleKnown }, deferral);
  const outcomes = await Promise.all(records.map(handle));
  switch (trigger) {
    case 'sns':
    case 'eventbridge':
    case 'cloudwatch-logs':
      return answerAsynchronous(outcomes, deferral, queueUrl);
    case 'direct-one':
      return answerOne(outcomes);
    case 'direct-many':
      return outcomes.map(toDirect);
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
function isClock(input: unknown): boolean {
  return isRecord(input) && input.source === 'aws.events' && input['detail-type'] === 'Scheduled Event';
}

function deadlineOf(context: LambdaContext | undefined): Timestamp | undefined {
  const remaining = context?.getRemainingTimeInMillis?.();
  return remaining === undefined
    ? undefined
    : Date.now() + Math.max(remaining - MARGIN_MS, Math.floor(remaining / 2));
}
