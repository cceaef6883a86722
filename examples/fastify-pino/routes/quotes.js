import { fastestQuote } from '../services/quotes.js';

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {{ carriers: import('../clients/carriers.js').CarrierClient[] }} services
 */
export async function quoteRoutes(app, { carriers }) {
  app.get('/quotes', async (request) => fastestQuote(carriers, Number(request.query.kg)));
}
