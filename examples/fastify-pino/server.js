import { createApp } from './app.js';
import { CarrierClient } from './clients/carriers.js';
import { logger } from './logger.js';
import { LabelTemplates } from './repositories/label-templates.js';

const { PORT = '3002', CARRIER_URLS = 'http://127.0.0.1:4003,http://127.0.0.1:4004' } = process.env;

const app = createApp({
  logger,
  carriers: CARRIER_URLS.split(',').map((url) => new CarrierClient(url)),
  templates: new LabelTemplates(new URL('./templates/', import.meta.url)),
});

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
process.once('SIGTERM', () => app.close());
