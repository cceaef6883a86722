/**
 * `npm run demo:aws`: the same applications, now through SQS to the Lambda bundle and back. Everything runs on
 * loopback: an emulated SQS, AWS's own runtime interface client around dist/sink/bundle, GitHub's API over a real
 * repository, and an OpenAI-compatible server whose answers are scripted. They are the servers that the tests use.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startModel } from './support/model.js';
import { costOf, countsOf, table } from './support/summary.js';
import { sendTraffic, startAll } from './support/traffic.js';

register('./support/typescript.js', import.meta.url);
const { createRepository, startGitHub } = await import('../test/support/github-server.ts');
const { startSqs } = await import('../test/support/sqs.ts');
const { startLambda } = await import('../test/support/lambda-runtime.ts');
const { startEventSourceMapping } = await import('../test/support/event-source-mapping.ts');

// The AWS SDK says at each start that a later version will want a later Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const MODEL = 'gpt-4o-mini';
const print = (line) => process.stdout.write(`${line}\n`);
// A reader that goes away (`| head`) is no reason to leave the applications running.
process.stdout.on('error', () => {});
/** What has to be stopped, last started first. */
const started = [];
const stopAll = async () => {
  for (const stop of started.splice(0).reverse()) await stop();
};

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopAll().then(() => process.exit(1)));

try {
  const sqs = await startSqs();
  started.push(() => sqs.stop());
  const model = await startModel();
  started.push(() => model.stop());

  const repository = await createRepository();
  started.push(() => repository.remove());
  const commit = await repository.commit(await sourcesOf(['express-winston', 'fastify-pino']), 'Deploy');
  const github = await startGitHub({ 'acme/shop': repository });
  started.push(() => github.stop());

  const deadLetters = await sqs.createQueue({}, 'patrol-dead-letters');
  const redrive = { deadLetterTargetArn: await sqs.queueArn(deadLetters), maxReceiveCount: '2' };
  const events = await sqs.createQueue(
    { VisibilityTimeout: '6', RedrivePolicy: JSON.stringify(redrive) },
    'patrol-events',
  );
  const replies = {
    orders: await sqs.createQueue({}, 'patrol-replies-orders'),
    shipping: await sqs.createQueue({}, 'patrol-replies-shipping'),
  };

  const lambda = await startLambda({
    taskRoot: fileURLToPath(new URL('../dist/sink/bundle/', import.meta.url)),
    env: {
      ...sqs.env,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      GITHUB_API_URL: github.url,
      PATROL_ALLOWED_REPOSITORIES: 'acme/shop',
      PATROL_REPLY_QUEUE_URL_MAP: JSON.stringify(replies),
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'on-loopback-any-key-will-do',
      OPENAI_MODEL: MODEL,
    },
  });
  started.push(() => lambda.stop());
  const mapping = startEventSourceMapping({
    client: sqs.client,
    queueUrl: events,
    queueArn: await sqs.queueArn(events),
    lambda,
  });
  started.push(() => mapping.stop());
  print(`The Lambda function was ready after ${Math.round(await lambda.initMs)} ms.`);

  const { apps, stop } = await startAll({
    print,
    envOf: (name) => ({
      ...sqs.env,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PATROL_BATCH_INTERVAL: '300',
      PATROL_REPOSITORY_URL: 'https://github.com/acme/shop',
      PATROL_COMMIT: commit,
      PATROL_QUEUE_URL: events,
      PATROL_REPLY_QUEUE_URL: replies[name],
    }),
  });
  started.push(stop);
  print('');
  print('── First of all a message that is no event, straight into the queue');
  await sqs.send(events, '{"poison": ');
  const complete = await sendTraffic(apps, { print, patienceMs: 30_000 });

  print('');
  print('── What became of the message that is no event');
  const dead = await waitFor(async () => (await sqs.count(deadLetters)).ready === 1, 40_000);
  const [letter] = await sqs.receive(deadLetters, { keep: true });
  print(
    dead
      ? `It lies alone in the dead-letter queue: ${letter?.Body}`
      : 'It has not arrived in the dead-letter queue.',
  );

  print('');
  print('── Summary');
  const depth = async (queue) => {
    const { ready, inFlight, delayed } = await sqs.count(queue);
    return ready + inFlight + delayed;
  };
  const queues = table([
    ['Lambda invocations', mapping.stats.batches],
    ['deliveries that came again (the poison)', mapping.stats.failedDeliveries],
    ['requests to the model', model.calls()],
    ['requests to the code host', github.requests.length],
    ['left in the event queue', await depth(events)],
    ['left in the reply queues', (await depth(replies.orders)) + (await depth(replies.shipping))],
    ['in the dead-letter queue', await depth(deadLetters)],
  ]);
  for (const line of [...countsOf(apps), ...queues, '', ...(await costOf(apps, MODEL))]) print(line);
  if (!complete || !dead) {
    print('Not everything arrived in time. The function wrote:');
    print(lambda.log());
    process.exitCode = 1;
  }
} finally {
  await stopAll();
}

/** The files of some folders, as a repository holds them. @param {readonly string[]} folders */
async function sourcesOf(folders) {
  const files = {};
  for (const folder of folders) {
    for (const path of await readdir(new URL(`${folder}/`, import.meta.url), { recursive: true })) {
      const file = new URL(`${folder}/${path}`, import.meta.url);
      if ((await stat(file)).isFile()) files[`${folder}/${path}`] = await readFile(file, 'utf8');
    }
  }
  return files;
}

/** @param {() => Promise<boolean>} isTrue @param {number} timeoutMs */
async function waitFor(isTrue, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}
