import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { getSession, type Session, signOut } from './server/api.ts';
import { type Failure, whenSignedOut } from './server/client.ts';
import { closeUpdates } from './server/updates.ts';

/** Who looks: not asked yet, nobody, or somebody. */
export type Visitor =
  | { readonly state: 'unknown' }
  /** The server knows nobody and takes a token. */
  | { readonly state: 'signed-out' }
  | { readonly state: 'refused'; readonly failure: Failure }
  | { readonly state: 'here'; readonly session: Session };

/** See {@link Visitor}. */
export const visitor: Signal<Visitor> = signal({ state: 'unknown' });

/** Whether the visitor may change anything. The server decides; this only hides what it would refuse. */
export const mayAct: ReadonlySignal<boolean> = computed(
  () => visitor.value.state === 'here' && visitor.value.session.role === 'admin',
);

/** The visitor's name; empty for nobody. */
export const myName: ReadonlySignal<string> = computed(() =>
  visitor.value.state === 'here' ? visitor.value.session.name : '',
);

/** Asks the server who looks. */
export async function openSession(): Promise<void> {
  const answer = await getSession();
  if (answer.ok) visitor.value = { state: 'here', session: answer.value };
  else if (answer.status === 401) visitor.value = { state: 'signed-out' };
  else visitor.value = { state: 'refused', failure: answer };
}

/** Ends the session. */
export async function closeSession(): Promise<void> {
  await signOut();
  closeUpdates();
  visitor.value = { state: 'signed-out' };
}

whenSignedOut(() => {
  closeUpdates();
  visitor.value = { state: 'signed-out' };
});
