import { afterAll, beforeAll, describe } from 'vitest';
import { createDynamoDbStore } from '../../../src/stores/dynamodb.ts';
import type { Store } from '../../../src/stores/store.ts';
import { startDynamoDb } from '../../support/stores.ts';
import { describesAStore } from './conformance.ts';

let server: Awaited<ReturnType<typeof startDynamoDb>>;
let store: Store;
const before = { ...process.env };

beforeAll(async () => {
  server = await startDynamoDb();
  Object.assign(process.env, server.env);
  store = createDynamoDbStore({ tableName: server.tableName });
});
afterAll(async () => {
  store.close();
  await server.stop();
  process.env = before;
});

describe('a DynamoDB table', () => {
  describesAStore(() => store);
});
