import { userInfo } from 'node:os';
import { isRecord } from '../../src/bounds.ts';
import { loadConfig } from '../../src/config.ts';
import { messageOf, PatrolError, type PatrolErrorCode } from '../../src/errors.ts';

/** Asks the people's API of a running server. */
export interface PeopleClient {
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
}

const LOCAL = 'http://127.0.0.1:8080';
const TIMEOUT_MS = 30_000;

/**
 * A client of the server that `PATROL_SINK_URL` names, by default the one on this machine, with
 * `PATROL_DASHBOARD_TOKEN` where it is set. Its methods throw what the server answered.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for wrong settings.
 */
export function createPeopleClient(): PeopleClient {
  const { sinkUrl = LOCAL, dashboardToken, dashboardReaderToken } = loadConfig();
  const token = dashboardToken ?? dashboardReaderToken;
  const headers = {
    'content-type': 'application/json',
    'patrol-user': encodeURIComponent(whoami()),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };

  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const url = new URL(`${sinkUrl.replace(/\/$/, '')}/v1${path}`);
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause ? messageOf(cause.cause) : messageOf(cause);
      throw new PatrolError(
        'DELIVERY_FAILED',
        `No server answers at ${url.origin} (${reason}): start one with patrol serve, or set PATROL_SINK_URL.`,
        { cause },
      );
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body as T;
    const { code, message } = isRecord(body) && isRecord(body.error) ? body.error : {};
    const hint = response.status === 401 ? ' Set PATROL_DASHBOARD_TOKEN to the token of the server.' : '';
    throw new PatrolError(
      (typeof code === 'string' ? code : 'DELIVERY_FAILED') as PatrolErrorCode,
      `${typeof message === 'string' ? message : `The server answered ${response.status}.`}${hint}`,
    );
  };

  return {
    get: (path, query = {}) => {
      const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const search = new URLSearchParams(given).toString();
      return ask(search === '' ? path : `${path}?${search}`, { method: 'GET' });
    },
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}

/** The name under which the audit trail knows who typed this; a container may have no user of that number. */
function whoami(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
