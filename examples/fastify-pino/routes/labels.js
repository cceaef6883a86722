import { printLabel } from '../services/labels.js';

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {{ templates: import('../repositories/label-templates.js').LabelTemplates }} services
 */
export async function labelRoutes(app, { templates }) {
  app.get('/shipments/:id/label', async (request, reply) => {
    reply.type('text/plain');
    return printLabel(templates, request.params.id, request.query.service ?? 'standard');
  });
}
