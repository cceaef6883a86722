import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { connectDynamoDb, type DynamoDbConnection } from '../../src/stores/dynamodb.ts';
import type { Milliseconds, Timestamp } from '../../src/types.ts';

/** The strings and numbers of an item. */
export type Item = Readonly<Record<string, string | number>>;
/** Which items of a partition. */
export interface Query {
  readonly pk: string;
  /** Sort keys from this to that, both inclusive. */
  readonly between?: readonly [string, string];
  /** Sort keys that begin so. */
  readonly prefix?: string;
}

/** One table with the string keys `pk` and `sk`, the index `bySeen` (`listed`, `seen`) and the TTL attribute `ttl`. */
export interface HistoryTable {
  get(pk: string, sk: string): Promise<Item | undefined>;
  /** Of many keys, those that there are. */
  getAll(keys: readonly (readonly [pk: string, sk: string])[]): Promise<readonly Item[]>;
  /** @param revision - The `revision` that is expected to be there; 0: none at all; undefined: whatever. */
  put(item: Item, revision?: number): Promise<boolean>;
  /** Adds to numbers, and makes the item where there is none. */
  add(pk: string, sk: string, numbers: Readonly<Record<string, number>>, expiresAt: Timestamp): Promise<void>;
  /** Changes when an item expires, where it still is there. */
  expireAt(pk: string, sk: string, expiresAt: Timestamp): Promise<void>;
  query(query: Query): Promise<readonly Item[]>;
  /** Items of one shard of the index, latest first, page by page. */
  latest(shard: string, before: string | undefined, limit: number): Promise<readonly Item[]>;
  remove(pk: string, sk: string): Promise<void>;
  close(): void;
}

/** The name of the index by which errors are listed. */
export const SEEN_INDEX: string = 'bySeen';

/** Requests at the same time. */
const CONCURRENCY = 16;
/** DynamoDB's limit of one BatchGetItem. */
const MAX_BATCH_GET = 100;
const REQUEST_TIMEOUT_MS: Milliseconds = 5000;

/** See {@link HistoryTable}. The AWS SDK is loaded at first use; failures are `HISTORY_UNAVAILABLE`. */
export function openHistoryTable(TableName: string): HistoryTable {
  let connection: Promise<DynamoDbConnection> | undefined;
  const limit = pLimit(CONCURRENCY);

  const use = <T>(ask: (connection: DynamoDbConnection) => Promise<T>): Promise<T> =>
    limit(async () => {
      try {
        connection ??= connectDynamoDb(REQUEST_TIMEOUT_MS, 'PATROL_HISTORY_TABLE');
        return await ask(await connection);
      } catch (cause) {
        if (cause instanceof PatrolError) throw cause;
        throw new PatrolError('HISTORY_UNAVAILABLE', `The history could not be used: ${messageOf(cause)}`, {
          cause,
          retryable: true,
        });
      }
    });

  const all = async (input: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> => {
    const items: Item[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await use(({ sdk, client }) =>
        client.send(
          new sdk.QueryCommand({ TableName, ...input, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
        ),
      );
      items.push(...(page.Items ?? []).map(read));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey && items.length < (input.Limit ?? Number.POSITIVE_INFINITY));
    return items;
  };

  return {
    get: (pk, sk) =>
      use(async ({ sdk, client }) => {
        const { Item: item } = await client.send(
          new sdk.GetItemCommand({ TableName, Key: written({ pk, sk }), ConsistentRead: true }),
        );
        return item && read(item);
      }),
    async getAll(keys) {
      const batches = Array.from({ length: Math.ceil(keys.length / MAX_BATCH_GET) }, (_, index) =>
        keys.slice(index * MAX_BATCH_GET, (index + 1) * MAX_BATCH_GET),
      );
      const read = await Promise.all(batches.map((batch) => getBatch(batch)));
      return read.flat();
    },
    put: (item, revision) =>
      use(async ({ sdk, client }) => {
        const condition =
          revision === undefined
            ? {}
            : revision === 0
              ? { ConditionExpression: 'attribute_not_exists(pk)' }
              : {
                  ConditionExpression: 'revision = :revision',
                  ExpressionAttributeValues: written({ ':revision': revision }),
                };
        try {
          await client.send(new sdk.PutItemCommand({ TableName, Item: written(item), ...condition }));
          return true;
        } catch (error) {
          if (error instanceof sdk.ConditionalCheckFailedException) return false;
          throw error;
        }
      }),
    async add(pk, sk, numbers, expiresAt) {
      const entries = Object.entries(numbers);
      const sums = entries.map((_, index) => `#n${index} :n${index}`).join(', ');
      const names = entries.map(([name], index) => [`#n${index}`, name]);
      const values = entries.map(([, value], index) => [`:n${index}`, value]);
      await use(({ sdk, client }) =>
        client.send(
          new sdk.UpdateItemCommand({
            TableName,
            Key: written({ pk, sk }),
            UpdateExpression: `SET #ttl = :ttl ADD ${sums}`,
            ExpressionAttributeNames: { '#ttl': 'ttl', ...Object.fromEntries(names) },
            ExpressionAttributeValues: written({
              ':ttl': toTtl(expiresAt),
              ...Object.fromEntries(values),
            }),
          }),
        ),
      );
    },
    expireAt: (pk, sk, expiresAt) =>
      use(async ({ sdk, client }) => {
        const change = {
          UpdateExpression: 'SET #ttl = :ttl',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: written({ ':ttl': toTtl(expiresAt) }),
        };
        try {
          await client.send(new sdk.UpdateItemCommand({ TableName, Key: written({ pk, sk }), ...change }));
        } catch (error) {
          if (!(error instanceof sdk.ConditionalCheckFailedException)) throw error;
        }
      }),
    query({ pk, between, prefix }) {
      const [range, values] = between
        ? [' AND sk BETWEEN :from AND :to', { ':from': between[0], ':to': between[1] }]
        : prefix === undefined
          ? ['', {}]
          : [' AND begins_with(sk, :prefix)', { ':prefix': prefix }];
      return all({
        KeyConditionExpression: `pk = :pk${range}`,
        ExpressionAttributeValues: written({ ':pk': pk, ...values }),
        ConsistentRead: true,
      });
    },
    latest: (shard, before, count) =>
      all({
        IndexName: SEEN_INDEX,
        KeyConditionExpression: `listed = :shard${before === undefined ? '' : ' AND seen < :before'}`,
        ExpressionAttributeValues: written({
          ':shard': shard,
          ...(before !== undefined && { ':before': before }),
        }),
        ScanIndexForward: false,
        ...(Number.isFinite(count) && { Limit: count }),
      }),
    remove: (pk, sk) =>
      use(async ({ sdk, client }) => {
        await client.send(new sdk.DeleteItemCommand({ TableName, Key: written({ pk, sk }) }));
      }),
    close() {
      connection?.then(
        ({ client }) => client.destroy(),
        () => {},
      );
    },
  };

  async function getBatch(keys: readonly (readonly [string, string])[]): Promise<Item[]> {
    const items: Item[] = [];
    let asked: Record<string, AttributeValue>[] | undefined = keys.map(([pk, sk]) => written({ pk, sk }));
    while (asked && asked.length > 0) {
      const Keys: Record<string, AttributeValue>[] = asked;
      const answer = await use(({ sdk, client }) =>
        client.send(
          new sdk.BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
        ),
      );
      items.push(...(answer.Responses?.[TableName] ?? []).map(read));
      asked = answer.UnprocessedKeys?.[TableName]?.Keys;
    }
    return items;
  }
}

/** DynamoDB's own expiry counts in seconds. */
export function toTtl(expiresAt: Timestamp): number {
  return Math.ceil(expiresAt / 1000);
}

function written(item: Item): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );
}

function read(item: Readonly<Record<string, AttributeValue>>): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.N === undefined ? (value.S ?? '') : Number(value.N),
    ]),
  );
}
