import { captureErrorLog } from '../../src/capture.ts';
import type { ErrorTaker } from '../forwarder-port.ts';
import type { Apart } from '../warm-up.ts';
import { recordKey } from './record-key.ts';

/** Hands a record of winston's on: as one more of a known error if it is one, else to be captured. */
export function captureInfo(taker: ErrorTaker, info: object): void {
  const key = recordKey(info);
  const timestamp = Date.now();
  if (key !== undefined && taker.repeat(key, timestamp)) return;
  taker.record(() => captureErrorLog(info), { key, timestamp });
}

const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');

/** Captures an error as winston's `format.errors({ stack: true })` would leave it. */
export function rehearseInfo(taker: ErrorTaker, error: Error, apart: Apart): void {
  const { message, stack } = error;
  const line = { level: 'error', [LEVEL]: 'error', message, [MESSAGE]: message, stack };
  apart(captureInfo, taker, { ...error, ...line });
}
