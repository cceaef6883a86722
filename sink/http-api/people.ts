import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { PatrolConfig } from '../../src/config.ts';
import { webhookRoutes } from '../alerts/routes.ts';
import { ruleRoutes } from '../rules/routes.ts';
import type { Sink } from '../sink.ts';
import { refuse, toAnswer } from './answers.ts';
import { codeRoutes } from './code.ts';
import { errorRoutes } from './errors.ts';
import type { PeopleEnv } from './person.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { adminsWrite, createSignIn, guardWrites } from './sign-in.ts';
import { statisticsRoutes } from './statistics.ts';
import type { Updates } from './updates.ts';

/** Most bytes of a person's request. */
const MAX_BODY = 262_144;
const NO_HISTORY = 'No history is kept: set PATROL_HISTORY_FILE or PATROL_HISTORY_TABLE.';
const NOTHING_HERE = 'There is nothing under this path.';

/** What the people's API speaks for. */
export interface PeopleParts {
  readonly config: PatrolConfig;
  readonly sink: Sink;
  /** Undefined where no history is kept. */
  readonly updates: Updates | undefined;
}

/**
 * The people's API, to be mounted under `/v1`: everything but the session wants sign-in, and writing wants the role
 * `admin`. A part that has something to show adds a line here, with routes of its own.
 */
export function createPeopleApi({ config, sink, updates }: PeopleParts): Hono<PeopleEnv> {
  const signIn = createSignIn(config);
  const api = new Hono<PeopleEnv>();
  api.onError((error, context) => {
    const answer = toAnswer(context, error);
    if (answer.status >= 500) sink.log.error('Request failed', error, { path: context.req.path });
    return answer;
  });
  api.use(async (context, next) => {
    await next();
    // What people see is theirs: no cache keeps it.
    context.header('cache-control', 'no-store');
  });
  api.use(guardWrites);
  const tooLarge = `Expected a body of at most ${MAX_BODY} bytes.`;
  api.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (context) => refuse(context, 413, 'TOO_LARGE', tooLarge),
    }),
  );
  api.route('/session', sessionRoutes(signIn));
  api.use(signIn.required, adminsWrite);
  api.route('/settings', settingsRoutes(config, sink));
  if (sink.history && updates) {
    api.route('/errors', errorRoutes(sink.history, updates));
    api.route('/errors', codeRoutes(sink.history, sink.readCitedCode));
    api.route('/stats', statisticsRoutes(sink.history));
    api.get('/updates', ({ req, env }) => {
      updates.listen(env.outgoing, undefined, req.header('last-event-id') ?? req.query('lastEventId'));
      return RESPONSE_ALREADY_SENT;
    });
  } else {
    for (const path of ['/errors/*', '/stats', '/updates']) {
      api.all(path, (context) => refuse(context, 404, 'NO_HISTORY', NO_HISTORY));
    }
  }
  api.route('/rules', ruleRoutes(config));
  api.route('/webhooks', webhookRoutes(sink.alerts));
  api.all((context) => refuse(context, 404, 'NOT_FOUND', NOTHING_HERE));
  return api;
}
