import { createApp } from './app.js';
import { InventoryClient } from './clients/inventory.js';
import { PaymentsClient } from './clients/payments.js';
import { logger } from './logger.js';
import { OrderRepository } from './repositories/orders.js';

const {
  PORT = '3001',
  INVENTORY_URL = 'http://127.0.0.1:4001',
  PAYMENTS_URL = 'http://127.0.0.1:4002',
} = process.env;

const app = createApp({
  orders: new OrderRepository(),
  inventory: new InventoryClient(INVENTORY_URL),
  payments: new PaymentsClient(PAYMENTS_URL),
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  logger.info(`The orders API listens at http://127.0.0.1:${PORT}`);
});

process.once('SIGTERM', () => {
  server.close(() => logger.end());
  server.closeIdleConnections();
});
