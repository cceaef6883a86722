import type { AttributeValue, DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { loadOptional } from '../optional-package.ts';
import type { Milliseconds } from '../types.ts';
import type { Store } from './store.ts';

/** Options of {@link createDynamoDbStore}. */
export interface DynamoDbStoreOptions {
  /** A table whose partition key is the string `pk`; its TTL attribute should be `ttl`. */
  readonly tableName: string;
  /** Time for one request. @defaultValue 2000 */
  readonly requestTimeout?: Milliseconds;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** Loads the AWS SDK at first use. DynamoDB deletes late, so expiry is checked on every read. */
export function createDynamoDbStore(options: DynamoDbStoreOptions): Store {
  const { tableName: TableName, requestTimeout = 2000, now = Date.now } = options;
  let connection: Promise<DynamoDbConnection> | undefined;
  const connect = () => {
    connection ??= connectDynamoDb(requestTimeout, 'PATROL_CACHE_TABLE');
    return connection;
  };

  const item = (key: string, value: string, ttl: Milliseconds): Record<string, AttributeValue> => {
    const expiresAt = now() + ttl;
    return {
      pk: { S: key },
      value: { S: value },
      expiresAt: { N: String(expiresAt) },
      // DynamoDB's own expiry counts in seconds.
      ttl: { N: String(Math.ceil(expiresAt / 1000)) },
    };
  };

  const putIf = async (
    fields: Record<string, AttributeValue>,
    condition: string,
    values: Record<string, AttributeValue>,
    names?: Record<string, string>,
  ): Promise<boolean> => {
    const { sdk, client } = await connect();
    const command = new sdk.PutItemCommand({
      TableName,
      Item: fields,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
      ...(names && { ExpressionAttributeNames: names }),
    });
    return unlessConditionFails(() => client.send(command));
  };

  return {
    name: 'dynamodb',
    async get(key) {
      const { sdk, client } = await connect();
      const { Item } = await client.send(
        new sdk.GetItemCommand({ TableName, Key: { pk: { S: key } }, ConsistentRead: true }),
      );
      return Item && Number(Item.expiresAt?.N) > now() ? Item.value?.S : undefined;
    },
    async put(key, value, ttl) {
      const { sdk, client } = await connect();
      await client.send(new sdk.PutItemCommand({ TableName, Item: item(key, value, ttl) }));
    },
    putIfAbsent: (key, value, ttl) =>
      putIf(item(key, value, ttl), 'attribute_not_exists(pk) OR expiresAt <= :now', {
        ':now': { N: String(now()) },
      }),
    replace: (key, expected, value, ttl) =>
      putIf(
        item(key, value, ttl),
        '#value = :expected',
        { ':expected': { S: expected } },
        { '#value': 'value' },
      ),
    async remove(key, expected) {
      const { sdk, client } = await connect();
      const command = new sdk.DeleteItemCommand({
        TableName,
        Key: { pk: { S: key } },
        ConditionExpression: '#value = :expected',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: { ':expected': { S: expected } },
      });
      await unlessConditionFails(() => client.send(command));
    },
    async increment(key, by, ttl) {
      const { sdk, client } = await connect();
      const expiresAt = now() + ttl;
      const valid = { ':by': { N: String(by) }, ':now': { N: String(now()) } };
      const add: UpdateItemCommandInput = {
        TableName,
        Key: { pk: { S: key } },
        ConditionExpression: 'expiresAt > :now',
        UpdateExpression: 'ADD #sum :by',
        ExpressionAttributeNames: { '#sum': 'sum' },
        ExpressionAttributeValues: valid,
        ReturnValues: 'UPDATED_NEW',
      };
      const start: UpdateItemCommandInput = {
        ...add,
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        UpdateExpression: 'SET #sum = :by, expiresAt = :at, #ttl = :ttl',
        ExpressionAttributeNames: { '#sum': 'sum', '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ...valid,
          ':at': { N: String(expiresAt) },
          ':ttl': { N: String(Math.ceil(expiresAt / 1000)) },
        },
      };
      // A number that has expired starts anew; who loses that race adds to the winner's.
      for (const input of [add, start, add]) {
        let sum: string | undefined;
        const done = await unlessConditionFails(async () => {
          const { Attributes } = await client.send(new sdk.UpdateItemCommand(input));
          sum = Attributes?.sum?.N;
        });
        if (done) return Number(sum);
      }
      throw new Error(`the number ${key} could not be counted up`);
    },
    close() {
      connection?.then(
        ({ client }) => client.destroy(),
        () => {},
      );
    },
  };
}

/** The SDK, loaded, and a client of it. */
export interface DynamoDbConnection {
  readonly sdk: typeof import('@aws-sdk/client-dynamodb');
  readonly client: DynamoDBClient;
}

/**
 * Loads the AWS SDK and makes a client.
 *
 * @param setting - What asks for it, for the message when the package is missing.
 * @throws {PatrolError} `CONFIG_INVALID` when it is.
 */
export async function connectDynamoDb(
  requestTimeout: Milliseconds,
  setting: string,
): Promise<DynamoDbConnection> {
  const sdk = await loadOptional(
    '@aws-sdk/client-dynamodb',
    setting,
    () => import('@aws-sdk/client-dynamodb'),
  );
  const requestHandler = { connectionTimeout: Math.min(1000, requestTimeout), requestTimeout };
  return { sdk, client: new sdk.DynamoDBClient({ maxAttempts: 2, requestHandler }) };
}

async function unlessConditionFails(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
