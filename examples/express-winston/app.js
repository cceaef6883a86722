import { randomUUID } from 'node:crypto';
import express from 'express';
import { logger } from './logger.js';
import { orderRoutes } from './routes/orders.js';

/**
 * The orders API.
 *
 * @param {import('./routes/orders.js').Services} services
 */
export function createApp(services) {
  const app = express();
  app.use(express.json());

  app.use((request, response, next) => {
    request.log = logger.child({ requestId: randomUUID().slice(0, 8) });
    response.on('finish', () => {
      if (response.statusCode >= 500 || request.path === '/health') return;
      request.log.info(`${request.method} ${request.originalUrl} ${response.statusCode}`);
    });
    next();
  });

  app.get('/health', (_request, response) => response.json({ ok: true }));
  app.use('/orders', orderRoutes(services));

  // Express knows an error handler by its four parameters.
  app.use((error, request, response, _next) => {
    request.log.error(`${request.method} ${request.originalUrl} failed:`, error);
    response.status(500).json({ error: 'Something went wrong.' });
  });
  return app;
}
