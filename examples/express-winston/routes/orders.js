import { Router } from 'express';
import { availabilityOf } from '../services/availability.js';
import { invoiceFor } from '../services/invoices.js';
import { payFor } from '../services/payment.js';

/**
 * @typedef {object} Services
 * @property {import('../repositories/orders.js').OrderRepository} orders
 * @property {import('../clients/inventory.js').InventoryClient} inventory
 * @property {import('../clients/payments.js').PaymentsClient} payments
 */

/** @param {Services} services */
export function orderRoutes({ orders, inventory, payments }) {
  const router = Router();

  router.param('id', (request, response, next, id) => {
    request.order = orders.find(Number(id));
    if (request.order) next();
    else response.status(404).json({ error: `There is no order ${id}.` });
  });

  router.get('/:id', (request, response) => {
    response.json(request.order);
  });
  router.get('/:id/invoice', (request, response) => {
    response.json(invoiceFor(request.order));
  });
  router.get('/:id/availability', async (request, response) => {
    response.json(await availabilityOf(request.order, inventory));
  });
  router.post('/:id/payment', async (request, response) => {
    response.status(201).json(await payFor(request.order, payments));
  });
  return router;
}
