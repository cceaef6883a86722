import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';

/** What a process needs in its environment to reach the emulator with an ordinary AWS client. */
export type AwsEnvironment = Readonly<
  Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>
>;

/** An emulated SQS on a free port of the loopback interface. */
export interface TestSqs {
  readonly endpoint: string;
  /** For child processes; {@link useAwsEnvironment} sets it in this one. */
  readonly env: AwsEnvironment;
  readonly client: SQSClient;
  /** Creates a queue and answers the URL that GetQueueUrl names. */
  createQueue(attributes?: Readonly<Record<string, string>>, name?: string): Promise<string>;
  queueArn(queueUrl: string): Promise<string>;
  send(queueUrl: string, body: unknown): Promise<void>;
  /** A topic that notifies a queue, wrapped in its own JSON or raw. */
  createTopic(queueUrl: string, options?: { readonly raw?: boolean }): { readonly topicArn: string };
  publish(topicArn: string, message: unknown): Promise<void>;
  /** Receives and deletes at most `most` messages, waiting `waitSeconds` for the first. */
  receive(queueUrl: string, options?: ReceiveOptions): Promise<Message[]>;
  /** Receives and deletes until `count` bodies have come, or the time is over; parsed as JSON. */
  receiveJson<T = unknown>(queueUrl: string, count: number, timeoutMs?: number): Promise<T[]>;
  /** How many messages lie in the queue: ready, in flight and delayed. */
  count(queueUrl: string): Promise<{ ready: number; inFlight: number; delayed: number }>;
  stop(): Promise<void>;
}

/** See {@link TestSqs.receive}. */
export interface ReceiveOptions {
  readonly most?: number;
  readonly waitSeconds?: number;
  /** Leave the messages in the queue. */
  readonly keep?: boolean;
}

/** Starts the emulator. Stop it in `afterAll`. */
export async function startSqs(): Promise<TestSqs> {
  const server = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const env: AwsEnvironment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const client = new SQSClient({
    endpoint,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  });

  const receive: TestSqs['receive'] = async (queueUrl, options = {}) => {
    const { most = 10, waitSeconds = 0, keep = false } = options;
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (!keep) {
      for (const { ReceiptHandle } of messages) {
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
    return messages;
  };

  return {
    endpoint,
    env,
    client,
    receive,
    async createQueue(attributes = {}, name = `queue-${randomUUID()}`) {
      await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes } }));
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
      if (QueueUrl === undefined) throw new Error(`the emulator knows no queue ${name}`);
      return QueueUrl;
    },
    createTopic(queueUrl, { raw = false } = {}) {
      const { topicArn } = server.createTopic(`topic-${randomUUID()}`);
      const name = (arnOrUrl: string) => arnOrUrl.split(/[:/]/).at(-1) ?? '';
      const attributes = { RawMessageDelivery: String(raw) };
      server.subscribe({ topic: name(topicArn), queue: name(queueUrl), attributes });
      return { topicArn };
    },
    // SNS's Query API, so that no client of it is needed: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    async publish(TopicArn, message) {
      const form = { Action: 'Publish', Version: '2010-03-31', TopicArn, Message: JSON.stringify(message) };
      const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
      if (!response.ok) throw new Error(`the emulator answered ${response.status}: ${await response.text()}`);
    },
    async queueArn(queueUrl) {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
      );
      return Attributes?.QueueArn ?? '';
    },
    async send(queueUrl, body) {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    },
    async receiveJson<T>(queueUrl: string, count: number, timeoutMs = 10_000) {
      const bodies: T[] = [];
      const deadline = Date.now() + timeoutMs;
      while (bodies.length < count && Date.now() < deadline) {
        for (const { Body } of await receive(queueUrl, { waitSeconds: 1 }))
          bodies.push(JSON.parse(Body ?? 'null'));
      }
      return bodies;
    },
    async count(queueUrl) {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
      );
      const read = (name: QueueAttributeName) => Number(Attributes?.[name] ?? 0);
      return {
        ready: read('ApproximateNumberOfMessages'),
        inFlight: read('ApproximateNumberOfMessagesNotVisible'),
        delayed: read('ApproximateNumberOfMessagesDelayed'),
      };
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

/** Sets the emulator's variables in this process; answers the way back. */
export function useAwsEnvironment(env: AwsEnvironment): () => void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
