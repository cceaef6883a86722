import { isRecord } from '../../src/bounds.ts';
import { envelopeOf, readPayload } from './payload.ts';
import type { TriggerReader } from './trigger-record.ts';

/** An event of EventBridge: what it is about stands under `detail`. */
export const readEventBridge: TriggerReader = (input) => {
  if (!isRecord(input) || typeof input['detail-type'] !== 'string' || !('detail' in input)) return undefined;
  const envelope = envelopeOf(input.id, input.time);
  return {
    trigger: 'eventbridge',
    records: [{ id: envelope.id ?? 'detail', ...readPayload(input.detail, envelope) }],
  };
};
