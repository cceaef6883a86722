import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import winston from 'winston';
import { createServer, type SinkServer } from '../../sink/server.ts';
import { PatrolTransport } from '../../transports/winston.ts';

/** Analyses over the real self-hosted sink, without a model: its rules answer. */
let server: SinkServer;
const loggers: winston.Logger[] = [];
beforeEach(async () => {
  server = await createServer({ port: 0, sinkToken: 'opensesame' });
});
afterEach(async () => {
  for (const logger of loggers.splice(0)) logger.close();
  await server.close(100);
});

const start = (
  service = 'shop',
  secret: { sinkToken?: string; sinkSigningKey?: string } = { sinkToken: 'opensesame' },
) => {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      lines.push(JSON.parse(chunk.toString()));
      callback();
    },
  });
  const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });
  const options = {
    sinkUrl: server.url,
    ...secret,
    service,
    batchInterval: 20,
    spoolDirectory: false,
  } as const;
  logger.add(new PatrolTransport(options));
  loggers.push(logger);
  return { logger, analyses: () => lines.filter((line) => line.patrol) };
};
const refused = (port: number) =>
  Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), { code: 'ECONNREFUSED' });

describe('with a signing key in place of a token', () => {
  it('errors arrive and analyses come back', async () => {
    const sinkSigningKey = 'a-key-that-only-the-two-know';
    await server.close(100);
    server = await createServer({ port: 0, sinkSigningKey });
    const { logger, analyses } = start('shop', { sinkSigningKey });
    logger.error('no database', refused(5432));
    await vi.waitFor(() => expect(analyses()).toHaveLength(1), { timeout: 10_000 });
  });
});

describe('analyses come back over the stream of an HTTP sink', () => {
  it('and stand in the log of the application', async () => {
    const { logger, analyses } = start();
    logger.error('no database', refused(5432));
    await vi.waitFor(() => expect(analyses()).toHaveLength(1), { timeout: 10_000 });
    expect(analyses()[0]).toMatchObject({
      level: 'info',
      patrol: { event: 'analysis', source: 'rules', service: 'shop', occurrences: 1 },
    });
  });

  it('once, although two processes of the service listen', async () => {
    const [one, other] = [start(), start()];
    one.logger.error('no database', refused(5432));
    other.logger.error(new TypeError("Cannot read properties of undefined (reading 'x')"));
    await vi.waitFor(() => expect([one.analyses().length, other.analyses().length]).toEqual([1, 1]), {
      timeout: 10_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([one.analyses().length, other.analyses().length]).toEqual([1, 1]);
  });

  it('and go to the service that they are for', async () => {
    const [shop, billing] = [start('shop'), start('billing')];
    billing.logger.error('no database', refused(5432));
    shop.logger.error('no database', refused(5432));
    await vi.waitFor(() => expect(shop.analyses()).toHaveLength(1), { timeout: 10_000 });
    expect(shop.analyses()[0]).toMatchObject({ patrol: { service: 'shop' } });
  });
});
