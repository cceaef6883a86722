import { type Signal, signal } from '@preact/signals';

/** What is told at the edge of the page, and what can be done about it. */
export interface Notice {
  readonly kind: 'done' | 'problem';
  readonly text: string;
  readonly button?: { readonly text: string; readonly press: () => void };
}

/** The latest one; undefined once it was read. */
export const notice: Signal<Notice | undefined> = signal(undefined);

/** Long enough to read a sentence and press a button; problems stay until they are closed. */
const SHOWN_MS = 8000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells it. */
export function tell(told: Notice): void {
  clearTimeout(timer);
  notice.value = told;
  if (told.kind === 'done') timer = setTimeout(closeNotice, SHOWN_MS);
}

/** Takes it away. */
export function closeNotice(): void {
  notice.value = undefined;
}
