import { urlOf } from '../../src/checks.ts';
import { loadConfig } from '../../src/config.ts';
import { describeShape, PatrolError } from '../../src/errors.ts';
import { consumeQueue } from '../queue-consumer.ts';
import { createServer } from '../server.ts';

/** What the command line says; the rest comes from the environment. */
export interface ServeOptions {
  readonly port: string;
  readonly host?: string;
  readonly queueUrl?: string;
}

/** How long a stop waits for what was begun; orchestrators kill after 30 s. */
const STOP_MS = 25_000;
/** A message is hidden for as long as a slow analysis and its publishing may take. */
const VISIBILITY_S = 300;

const QUEUE_URL = urlOf(
  ['http', 'https'],
  'the URL of a queue (https://sqs.<region>.amazonaws.com/<account>/<name>)',
);

/** Where errors are remembered unless the settings say otherwise: beside the application, as other tools keep their data. */
const HISTORY_FILE = '.patrol/history.db';

/** `patrol serve`: the sink as an HTTP server, and as a consumer of a queue when one is given. Ends by a signal. */
export async function serve({ port, host, queueUrl }: ServeOptions): Promise<void> {
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected --port to be a whole number from 0 to 65535, got ${describeShape(port)}.`,
    );
  }
  if (queueUrl !== undefined && QUEUE_URL.read(queueUrl) === undefined) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected --queue-url to be ${QUEUE_URL.expected}, got ${describeShape(queueUrl)}.`,
    );
  }
  const { historyFile = HISTORY_FILE } = loadConfig();
  const server = await createServer({ port: number, historyFile, ...(host !== undefined && { host }) });
  const consumer =
    queueUrl === undefined
      ? undefined
      : consumeQueue(server.sink, { queueUrl, visibilityTimeout: VISIBILITY_S });
  server.sink.log.info('Listening', { url: server.url, ...(queueUrl !== undefined && { queueUrl }) });

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  server.sink.log.info('Stopping');
  await Promise.all([consumer?.close(STOP_MS), server.close(STOP_MS)]);
}
