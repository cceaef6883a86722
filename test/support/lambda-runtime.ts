import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What AWS calls a function error. */
export interface FunctionError {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/** How one invocation ended. */
export interface Invocation<T = unknown> {
  readonly result?: T;
  readonly error?: FunctionError;
  readonly durationMs: number;
}

/** A Lambda function in one container: AWS's real runtime interface client in a process of its own. */
export interface LambdaFunction {
  /** Invocations are taken one at a time, in order, as in a real container. */
  invoke<T = unknown>(event: unknown, options?: { readonly timeoutMs?: number }): Promise<Invocation<T>>;
  /** Everything that the function wrote to stdout and stderr so far. */
  log(): string;
  /** From the start of the process until it asked for the first invocation. */
  readonly initMs: Promise<number>;
  stop(): Promise<void>;
}

/** Options of {@link startLambda}. */
export interface LambdaOptions {
  /** Folder of the unzipped code. */
  readonly taskRoot: string;
  /** @defaultValue `index.handler` */
  readonly handler?: string;
  /** Added to a bare environment: nothing of the caller's own is inherited but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** @defaultValue 10 000 */
  readonly timeoutMs?: number;
}

interface Job {
  readonly id: string;
  readonly payload: string;
  readonly timeoutMs: number;
  readonly settle: (outcome: Omit<Invocation, 'durationMs'>) => void;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Starts a function under `aws-lambda-ric` with a server for the Runtime API (2018-06-01) on the loopback interface.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startLambda(options: LambdaOptions): Promise<LambdaFunction> {
  const { taskRoot, handler = 'index.handler', env = {}, timeoutMs = 10_000 } = options;
  const waitingJobs: Job[] = [];
  const running = new Map<string, { job: Job; timer: NodeJS.Timeout }>();
  let runtime: ServerResponse | undefined;
  let initError: FunctionError | undefined;
  let output = '';
  let ready: (ms: number) => void = () => {};
  const initMs = new Promise<number>((resolve) => {
    ready = resolve;
  });
  const startedAt = performance.now();

  const finish = (id: string, outcome: Omit<Invocation, 'durationMs'>): boolean => {
    const found = running.get(id);
    if (!found) return false;
    clearTimeout(found.timer);
    running.delete(id);
    found.job.settle(outcome);
    return true;
  };

  const failAll = (error: FunctionError) => {
    initError = error;
    for (const job of waitingJobs.splice(0)) job.settle({ error });
    for (const id of [...running.keys()]) finish(id, { error });
  };

  const next = () => {
    const job = runtime && waitingJobs.shift();
    if (!job || !runtime) return;
    const timer = setTimeout(() => {
      const errorMessage = `Task timed out after ${job.timeoutMs / 1000} seconds`;
      finish(job.id, { error: { errorType: 'Sandbox.Timedout', errorMessage } });
    }, job.timeoutMs);
    running.set(job.id, { job, timer });
    runtime.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': job.id,
      'lambda-runtime-deadline-ms': String(Date.now() + job.timeoutMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:patrol',
      'lambda-runtime-trace-id': 'Root=1-0-0;Sampled=0',
    });
    runtime.end(job.payload);
    runtime = undefined;
  };

  const server = createServer(async (request, response) => {
    const [kind, id = '', what] = (request.url ?? '').replace('/2018-06-01/runtime/', '').split('/');
    if (kind === 'invocation' && id === 'next') {
      ready(performance.now() - startedAt);
      runtime = response;
      next();
      return;
    }
    const body = await readJson(request);
    if (kind === 'init') failAll(body as FunctionError);
    else if (what === 'response') finish(id, { result: body });
    else if (what === 'error') finish(id, { error: body as FunctionError });
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const child: ChildProcess = spawn(
    process.execPath,
    [
      '--require',
      here('./rapid-client.cjs'),
      here('../../node_modules/aws-lambda-ric/bin/index.mjs'),
      handler,
    ],
    {
      cwd: taskRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'patrol',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/patrol',
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        LAMBDA_TASK_ROOT: taskRoot,
        ...env,
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  child.on('exit', (code) => {
    failAll(initError ?? { errorType: 'Runtime.ExitError', errorMessage: `exited with ${code}` });
  });

  return {
    initMs,
    log: () => output,
    invoke<T>(event: unknown, { timeoutMs: own = timeoutMs }: { readonly timeoutMs?: number } = {}) {
      const began = performance.now();
      return new Promise<Invocation<T>>((resolve) => {
        const settle: Job['settle'] = (outcome) =>
          resolve({ ...outcome, durationMs: performance.now() - began } as Invocation<T>);
        if (initError) return settle({ error: initError });
        waitingJobs.push({ id: randomUUID(), payload: JSON.stringify(event), timeoutMs: own, settle });
        next();
      });
    },
    async stop() {
      runtime?.destroy();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
