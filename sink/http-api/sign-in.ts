import { createHmac } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { truncate } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { visibleText } from '../../src/plain-text.ts';
import type { Seconds } from '../../src/types.ts';
import { bearerToken, isSameSecret } from '../gate.ts';
import { refuse } from './answers.ts';
import { createGuesses, type Guess } from './guesses.ts';
import type { PeopleEnv, Person } from './person.ts';
import { remoteAddress } from './remote-address.ts';

/** Settings that say who may look and who may act. */
export type SignInSettings = Pick<
  PatrolConfig,
  'dashboardToken' | 'dashboardReaderToken' | 'dashboardUserHeader' | 'dashboardAdmins'
>;

/** Knows people by a token, a session, or a trusted proxy's header. */
export interface SignIn {
  /** Lets only people in; the others get 401, 403 where nobody can sign in, or 429 after too many wrong tokens. */
  readonly required: MiddlewareHandler<PeopleEnv>;
  /** The person whom a token names, with a session in a cookie; nobody for a wrong one. */
  begin(context: Context<PeopleEnv>, token: string, name: string | undefined): Promise<Guess<Person>>;
  end(context: Context<PeopleEnv>): void;
}

const COOKIE = 'patrol_session';
const SESSION_S: Seconds = 7 * 86_400;
const MAX_NAME = 100;

/** See {@link SignIn}. */
export function createSignIn(settings: SignInSettings): SignIn {
  const { dashboardToken, dashboardReaderToken, dashboardUserHeader, dashboardAdmins } = settings;
  const roles = [
    ['admin', dashboardToken],
    ['reader', dashboardReaderToken],
  ] as const;
  const open = !dashboardToken && !dashboardReaderToken && !dashboardUserHeader;
  // Sessions outlive a restart, and end when a token changes.
  const secret = createHmac('sha256', JSON.stringify([dashboardToken, dashboardReaderToken]))
    .update(COOKIE)
    .digest('hex');

  const guesses = createGuesses();

  const byToken = (context: Context<PeopleEnv>, given: string, name: string | undefined): Guess<Person> =>
    guesses.weigh(remoteAddress(context.env.incoming), () => {
      const [role] = roles.find(([, token]) => token !== undefined && isSameSecret(given, token)) ?? [];
      return role && { name: cleanName(name) ?? role, role, signIn: 'token' };
    });

  const bySession = async (context: Context<PeopleEnv>): Promise<Person | undefined> => {
    if (!dashboardToken && !dashboardReaderToken) return undefined;
    const value = await getSignedCookie(context, secret, COOKIE);
    const [role, until, ...name] = (value || '').split(' ');
    if ((role !== 'admin' && role !== 'reader') || !(Number(until) > Date.now())) return undefined;
    return { name: name.join(' ') || role, role, signIn: 'token' };
  };

  const byProxy = (context: Context<PeopleEnv>): Person | undefined => {
    const name = cleanName(dashboardUserHeader && context.req.header(dashboardUserHeader));
    if (name === undefined) return undefined;
    const admin = dashboardAdmins === undefined || dashboardAdmins.includes(name);
    return { name, role: admin ? 'admin' : 'reader', signIn: 'proxy' };
  };

  const byBearer = (context: Context<PeopleEnv>): Guess<Person> => {
    const given = bearerToken(context.req.header('authorization'));
    return given === undefined ? {} : byToken(context, given, decoded(context.req.header('patrol-user')));
  };

  /**
   * A token that is none of ours keeps nobody out who is known otherwise: a proxy may pass on the one that its people
   * brought it.
   */
  const find = async (context: Context<PeopleEnv>): Promise<Guess<Person>> => {
    const guess = byBearer(context);
    const found = guess.found ?? (await bySession(context)) ?? byProxy(context);
    return { ...guess, found };
  };

  return {
    async required(context, next) {
      if (open) {
        if (!isLocal(context.env.incoming)) return refuse(context, 403, 'FORBIDDEN', LOOPBACK_ONLY);
        context.set('person', { name: 'local', role: 'admin', signIn: 'none' });
        return next();
      }
      const guess = await find(context);
      if (!guess.found) return refuseGuess(context, guess, SIGN_IN);
      context.set('person', guess.found);
      return next();
    },
    async begin(context, token, name) {
      const guess = byToken(context, token, name);
      const { found: person } = guess;
      if (!person) return guess;
      const until = Date.now() + SESSION_S * 1000;
      await setSignedCookie(context, COOKIE, `${person.role} ${until} ${person.name}`, secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        secure: context.req.header('x-forwarded-proto') === 'https',
        maxAge: SESSION_S,
      });
      return guess;
    },
    end(context) {
      deleteCookie(context, COOKIE, { path: '/' });
    },
  };
}

/** The answer to somebody whom nothing makes known: 401, or 429 where their token was not even looked at. */
export function refuseGuess(context: Context, { wait }: Guess<Person>, message: string): Response {
  if (wait === undefined) return refuse(context, 401, 'UNAUTHORIZED', message);
  context.header('retry-after', String(wait));
  return refuse(context, 429, 'TOO_MANY_GUESSES', `Too many wrong tokens: try again in ${wait} s.`);
}

const LOOPBACK_ONLY =
  'Without sign-in the errors are shown on this machine only: set PATROL_DASHBOARD_TOKEN, or PATROL_DASHBOARD_USER_HEADER behind a proxy that signs people in.';
const SIGN_IN =
  'Expected the header authorization: Bearer <PATROL_DASHBOARD_TOKEN>, or a session from POST /v1/session.';

/**
 * Only who may act writes, and only from a page of this server: a form of another site can send neither JSON nor
 * our cookie, and where a browser says where a request comes from, it is believed.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export const guardWrites: MiddlewareHandler<PeopleEnv> = async (context, next) => {
  const { req } = context;
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  if (!isSameOrigin(req.header('sec-fetch-site'), req.header('origin'), req.header('host'))) {
    return refuse(context, 403, 'FORBIDDEN', 'Expected a request from a page of this server.');
  }
  if (req.method === 'POST' && !/^application\/json\b/i.test(req.header('content-type') ?? '')) {
    return refuse(context, 415, 'UNSUPPORTED', 'Expected the header content-type: application/json.');
  }
  return next();
};

/** Lets a reader only look. */
export const adminsWrite: MiddlewareHandler<PeopleEnv> = async (context, next) => {
  const { req } = context;
  if (req.method !== 'GET' && req.method !== 'HEAD' && context.get('person').role !== 'admin') {
    return refuse(context, 403, 'FORBIDDEN', 'You may look, but not change anything.');
  }
  return next();
};

function isSameOrigin(site: string | undefined, origin: string | undefined, host = ''): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // No browser: those send one of the two.
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * On this machine, under a name of this machine: a page of the internet may let its name point to 127.0.0.1 (DNS
 * rebinding). What a proxy passes on comes from elsewhere.
 */
function isLocal({ socket, headers }: HttpBindings['incoming']): boolean {
  const address = socket.remoteAddress ?? '';
  const host = /^(.*?)(?::\d+)?$/.exec(headers.host ?? 'localhost')?.[1] ?? '';
  return (
    /^(?:::ffff:)?127\.|^::1$/.test(address) &&
    /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(host) &&
    headers['x-forwarded-for'] === undefined &&
    headers.forwarded === undefined
  );
}

/** Headers hold no more than Latin letters; who writes others escapes them. */
function decoded(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return name;
  }
}

function cleanName(name: string | undefined): string | undefined {
  return (
    truncate(
      visibleText(name ?? '')
        .replace(/\s+/g, ' ')
        .trim(),
      MAX_NAME,
    ) || undefined
  );
}
