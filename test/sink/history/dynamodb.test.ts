import { afterAll, beforeAll } from 'vitest';
import { createDynamoDbHistory } from '../../../sink/history/dynamodb.ts';
import { describeHistory } from '../../support/history-kit.ts';
import { startDynamoDb } from '../../support/stores.ts';

let server: Awaited<ReturnType<typeof startDynamoDb>>;
let tables = 0;

beforeAll(async () => {
  server = await startDynamoDb();
  Object.assign(process.env, server.env);
});
afterAll(async () => {
  for (const name of Object.keys(server.env)) delete process.env[name];
  await server.stop();
});

describeHistory('DynamoDB', async (now, options) => {
  const tableName = `history-${++tables}`;
  await server.createHistoryTable(tableName);
  const history = createDynamoDbHistory({ tableName, now, ...options });
  return {
    history,
    expire: () => server.expireItems(tableName, now()),
    stop: () => history.close(),
  };
});
