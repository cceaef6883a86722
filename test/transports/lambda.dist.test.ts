import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LambdaFunction, startLambda } from '../support/lambda-runtime.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';

/** The application is a Lambda function under AWS's own runtime client. */
let sink: SinkServer;
let lambda: LambdaFunction;
beforeEach(async () => {
  sink = await startSink();
  lambda = await startLambda({
    taskRoot: fileURLToPath(new URL('./fixtures/lambda', import.meta.url)),
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: 'off' },
  });
});
afterEach(async () => {
  await lambda.stop();
  await sink.stop();
});

it('has delivered its errors when the invocation ends, warm or cold', async () => {
  for (const order of [1, 2, 3]) {
    expect(await lambda.invoke({ order })).toMatchObject({ result: 'failed' });
    expect(sink.occurrences()).toBe(order);
  }
});

it('does not fail its invocation when the sink is gone', async () => {
  await sink.stop();
  expect(await lambda.invoke({ order: 1 })).toMatchObject({ result: 'failed' });
});
