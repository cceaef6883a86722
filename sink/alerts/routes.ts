import { Hono } from 'hono';
import { PatrolError } from '../../src/errors.ts';
import type { PeopleEnv } from '../http-api/person.ts';
import type { Alerts } from './alerts.ts';
import { describeWebhooks, toTestAnswer } from './description.ts';

/** `GET /` (the webhooks, without their addresses), `POST /:id/test` (sends a test and says what became of it). */
export function webhookRoutes(alerts: Alerts | undefined): Hono<PeopleEnv> {
  const routes = new Hono<PeopleEnv>();

  routes.get('/', (context) => context.json(alerts ? describeWebhooks(alerts) : []));

  routes.post('/:id/test', async (context) => {
    const outcome = await alerts?.test(context.req.param('id'));
    if (!outcome) throw new PatrolError('NOT_FOUND', 'No webhook of that id is configured.');
    return context.json(toTestAnswer(outcome));
  });

  return routes;
}
