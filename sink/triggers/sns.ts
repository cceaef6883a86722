import { isRecord } from '../../src/bounds.ts';
import { envelopeOf, readParsed } from './payload.ts';
import { parseJson } from './problems.ts';
import type { TriggerReader, TriggerRecord } from './trigger-record.ts';

/** A Lambda event of an SNS topic: `Records` from `aws:sns`. */
export const readSns: TriggerReader = (input) => {
  if (!isRecord(input) || !Array.isArray(input.Records) || !input.Records.some(isSnsRecord)) return undefined;
  return { trigger: 'sns', records: input.Records.map(readRecord) };
};

function isSnsRecord(record: unknown): boolean {
  return isRecord(record) && record.EventSource === 'aws:sns';
}

function readRecord(record: unknown, index: number): TriggerRecord {
  const sns = isRecord(record) && isRecord(record.Sns) ? record.Sns : {};
  const envelope = envelopeOf(sns.MessageId, sns.Timestamp);
  return {
    id: envelope.id ?? `Records[${index}]`,
    ...readParsed(() => parseJson(sns.Message, 'Sns.Message'), envelope),
  };
}
