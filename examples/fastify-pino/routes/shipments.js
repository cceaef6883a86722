import { planShipment } from '../services/planning.js';

/** @param {import('fastify').FastifyInstance} app */
export async function shipmentRoutes(app) {
  app.post('/shipments', async (request, reply) => {
    reply.status(201);
    return planShipment(request.body);
  });
}
