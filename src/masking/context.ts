import type { MaskedText } from './output.ts';

/** A text while it is being masked. */
export interface MaskContext {
  readonly text: string;
  readonly out: MaskedText;
  /** In a line of an access log the status is a measurement, and the line one template. */
  isAccessLog: boolean;
  /** One attempt at a brace that is never closed is enough for the whole text. */
  bracesClose: boolean;
}
