import { isRecord } from '../src/bounds.ts';
import { PatrolError } from '../src/errors.ts';
import type { AnalysisResult } from '../src/types.ts';
import type { Deferral } from './deferral.ts';
import type { RecordOutcome } from './record-outcome.ts';
import type { HttpEventResponse } from './triggers/http-event.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

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
/** The answer for an event that a rule of the user's sets aside. */
export interface DirectSetAside {
  readonly eventId: string;
  readonly setAside: 'ignored' | 'sampled';
  readonly rule: string;
}
/** The place of a failed event in the answer to a direct invocation with several. */
export interface DirectFailure {
  readonly error: { readonly code: string; readonly message: string };
}

/** What a direct invocation gets for one event. */
type DirectAnswer = DirectAnalysis | DirectElsewhere | DirectSetAside;

/** SQS gets `batchItemFailures`; one event its analysis; several events an array in their order; a request its response. */
export type LambdaResponse =
  | SqsResponse
  | DirectAnswer
  | readonly (DirectAnswer | DirectFailure)[]
  | HttpEventResponse
  | undefined;

/** What is done with a record, in time or at once. */
interface Handlers {
  readonly handle: (record: TriggerRecord) => Promise<RecordOutcome>;
  readonly handleKnown: (record: TriggerRecord) => RecordOutcome | undefined;
}

/** Every message is answered for by itself: only the failed ones come again, and end in the dead-letter queue alone. */
export async function answerSqs(
  input: unknown,
  records: readonly TriggerRecord[],
  { handle, handleKnown }: Handlers,
  deferral: Deferral,
): Promise<SqsResponse> {
  const messages = isRecord(input) && Array.isArray(input.Records) ? input.Records : [];
  const pairs = messages
    .map((message, index) => ({ message, record: records[index] }))
    .filter(({ record }) => !(record && handleKnown(record)));
  if (pairs.length === 0) return { batchItemFailures: [] };
  // What has no message id cannot be failed by name; it is handled and reported, and its neighbours live.
  const [named, nameless] = [pairs.filter(hasMessageId), pairs.filter((pair) => !hasMessageId(pair))];
  await Promise.all(nameless.map(({ record }) => record && handle(record)));

  const byMessage = new Map(named.map(({ message, record }) => [message, record]));
  const handleMessage = async (message: SqsMessage) => {
    const record = byMessage.get(message);
    if (!record) return;
    const problem = await settle(await handle(record), deferral, String(message.eventSourceARN));
    if (problem) throw problem;
  };
  if (named.some(({ message }) => String(message.eventSourceARN).endsWith('.fifo'))) {
    return answerInOrder(
      named.map(({ message }) => message),
      handleMessage,
    );
  }
  const settled = await Promise.allSettled(named.map(({ message }) => handleMessage(message)));
  const failed = named.filter((_, index) => settled[index]?.status === 'rejected');
  return { batchItemFailures: failed.map(({ message }) => ({ itemIdentifier: message.messageId })) };
}

/** Puts off what has to wait; answers what is to be delivered again in the ordinary way. */
async function settle(
  { problems, failed }: RecordOutcome,
  deferral: Deferral,
  queue: string | undefined,
): Promise<PatrolError | undefined> {
  const isPutOff = problems.length === failed.length && (await deferral.defer(queue, failed));
  return isPutOff ? undefined : problems[0];
}

/** What follows a failed message of a FIFO queue comes again, too. */
async function answerInOrder(
  Records: SqsMessage[],
  handleMessage: (message: SqsMessage) => Promise<void>,
): Promise<SqsResponse> {
  const { processPartialResponse, SqsFifoPartialProcessorAsync } = await import(
    '@aws-lambda-powertools/batch'
  );
  // `throwOnFullBatchFailure` would turn a batch of nothing but poison into a failure of the function.
  return processPartialResponse({ Records }, handleMessage, new SqsFifoPartialProcessorAsync(), {
    throwOnFullBatchFailure: false,
  });
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
 * what was analysed already is answered from the cache. What has to wait longer than that goes to the sink's queue.
 */
export async function answerAsynchronous(
  outcomes: readonly RecordOutcome[],
  deferral: Deferral,
  queueUrl: string | undefined,
): Promise<undefined> {
  const settled = await Promise.all(outcomes.map((outcome) => settle(outcome, deferral, queueUrl)));
  const problem = settled.find((one) => one !== undefined);
  if (problem) throw problem;
}

/** One event's analysis; its failure is the function's. */
export function answerOne(outcomes: readonly RecordOutcome[]): DirectAnswer {
  const [problem] = outcomes.flatMap(({ problems }) => problems);
  const [answer] = outcomes.map(toDirect);
  if (problem && !outcomes.some(({ analysed }) => analysed.length > 0)) throw problem;
  if (!answer || 'error' in answer) throw NO_EVENT;
  return answer;
}

/** The place of one event in the answer for several. */
export function toDirect({
  analysed,
  elsewhere,
  setAside,
  problems,
}: RecordOutcome): DirectAnswer | DirectFailure {
  const [first] = analysed;
  if (first) return { eventId: first.event.eventId, ...first.result };
  if (elsewhere[0]) return { eventId: elsewhere[0].eventId, elsewhere: true };
  if (setAside[0]) {
    const { event, reason, rule } = setAside[0];
    return { eventId: event.eventId, setAside: reason, rule };
  }
  const { code, message } = problems[0] ?? NO_EVENT;
  return { error: { code, message } };
}

const NO_EVENT = new PatrolError('EVENT_INVALID', 'Expected an event, got none.');
