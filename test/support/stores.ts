import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

/** A server of a store, and what a process needs in its environment to reach it. */
export interface StoreServer {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const TABLE = 'patrol';

/** DynamoDB as dynalite emulates it, with the table that Patrol wants; in a process of its own, with plain Node. */
export async function startDynamoDb(): Promise<
  StoreServer & {
    readonly tableName: string;
    createHistoryTable(name: string): Promise<void>;
    /** What DynamoDB does by itself, and dynalite does not: deletes the items of a history whose `ttl` is over. */
    expireItems(tableName: string, now: number): Promise<void>;
  }
> {
  const port = await freePort();
  const command = fileURLToPath(new URL('../../node_modules/dynalite/cli.js', import.meta.url));
  const args = [command, '--host', '127.0.0.1', '--port', String(port), '--createTableMs', '0'];
  const child = await startServer(process.execPath, args, /Listening/i);
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  return {
    tableName: TABLE,
    async createHistoryTable(TableName) {
      const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
      await client.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: ['pk', 'sk', 'listed', 'seen'].map(attribute),
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'bySeen',
              KeySchema: [
                { AttributeName: 'listed', KeyType: 'HASH' },
                { AttributeName: 'seen', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
    },
    async expireItems(TableName, now) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      const over = Items.filter(({ ttl }) => Number(ttl?.N) * 1000 < now);
      await Promise.all(
        over.map(({ pk, sk }) =>
          client.send(new DeleteItemCommand({ TableName, Key: { pk, sk } as (typeof over)[number] })),
        ),
      );
    },
    env: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      PATROL_CACHE_TABLE: TABLE,
    },
    stop: () => {
      client.destroy();
      return end(child);
    },
  };
}

/** The program of a Redis or Valkey server, where one is installed; npm has none. */
export const redisProgram: string | undefined = ['redis-server', 'valkey-server'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);

/** A real Redis or Valkey server that keeps nothing on disk. */
export async function startRedis(): Promise<StoreServer & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'patrol-redis-'));
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  const child = await startServer(redisProgram ?? 'redis-server', args, /Ready to accept connections/i);
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    env: { PATROL_REDIS_URL: url },
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a program and waits until it says that it is ready. */
async function startServer(command: string, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!ready.test(output)) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
