import type { HttpBindings } from '@hono/node-server';

/** Who asks. */
export interface Person {
  /** As the audit trail names them. */
  readonly name: string;
  /** An `admin` may act, a `reader` only look. */
  readonly role: 'admin' | 'reader';
  /** How it is known: not at all (loopback only), by a token, or by a trusted proxy's header. */
  readonly signIn: 'none' | 'token' | 'proxy';
}

/** What the routes of the people's API find in their context. */
export interface PeopleEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { readonly person: Person };
}
