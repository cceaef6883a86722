import { Hono } from 'hono';
import { readJson } from './answers.ts';
import type { PeopleEnv } from './person.ts';
import { refuseGuess, type SignIn } from './sign-in.ts';

/** `POST /session {token, name?}` begins a session in a cookie, `DELETE` ends it, `GET` says who asks. */
export function sessionRoutes(signIn: SignIn): Hono<PeopleEnv> {
  return new Hono<PeopleEnv>()
    .get('/', signIn.required, (context) => context.json(context.get('person')))
    .post('/', async (context) => {
      const { token, name } = await readJson(context);
      const guess =
        typeof token === 'string'
          ? await signIn.begin(context, token, typeof name === 'string' ? name : undefined)
          : {};
      return guess.found ? context.json(guess.found) : refuseGuess(context, guess, 'The token is wrong.');
    })
    .delete('/', (context) => {
      signIn.end(context);
      return context.body(null, 204);
    });
}
