import Fastify, { LogController } from 'fastify';
import { labelRoutes } from './routes/labels.js';
import { quoteRoutes } from './routes/quotes.js';
import { shipmentRoutes } from './routes/shipments.js';

/**
 * The shipping API.
 *
 * @param {object} services
 * @param {import('pino').Logger} services.logger
 * @param {import('./clients/carriers.js').CarrierClient[]} services.carriers
 * @param {import('./repositories/label-templates.js').LabelTemplates} services.templates
 */
export function createApp({ logger, carriers, templates }) {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
  });

  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 500 || request.url === '/health') return;
    request.log.info(`${request.method} ${request.url} ${reply.statusCode}`);
  });

  app.setErrorHandler((error, request, reply) => {
    request.log.error(error, `${request.method} ${request.url} failed`);
    return reply.status(500).send({ error: 'Something went wrong.' });
  });

  app.get('/health', async () => ({ ok: true }));
  app.register(shipmentRoutes);
  app.register(quoteRoutes, { carriers });
  app.register(labelRoutes, { templates });
  return app;
}
