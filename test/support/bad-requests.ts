import { brotliCompressSync, gzipSync } from 'node:zlib';
import { errorEvent } from './events.ts';

/** A request that no sink takes, whatever door it comes by. */
export interface BadRequest {
  readonly is: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** What the answer says: the field, the shape of what came, what to do. */
  readonly said: RegExp;
}

/** Stands in every body for what no answer may repeat. */
export const SECRET = 'correct-horse-battery';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const event = (fields: Record<string, unknown>) => json({ ...errorEvent(), ...fields });
const packed = gzipSync(json({ events: Array.from({ length: 50 }, () => errorEvent()), note: SECRET }));
const GZIP = { 'content-encoding': 'gzip' };

/** All that a sink refuses as a whole. */
export const badRequests: readonly BadRequest[] = [
  { is: 'an empty body', body: Buffer.from(' \n'), status: 400, said: /^Expected a body of JSON.*got none/ },
  {
    is: 'JSON that is cut off',
    body: Buffer.from(`{"errorLog":{"message":"${SECRET}`),
    status: 400,
    said: /^Expected the body to be JSON, got a string of \d+ characters/,
  },
  {
    is: 'a text',
    body: json(SECRET),
    status: 400,
    said: /^Expected an event to be a JSON object, got a string/,
  },
  { is: 'null', body: json(null), status: 400, said: /^Expected an event to be a JSON object, got null/ },
  { is: 'a list in a list', body: json([[[SECRET]]]), status: 400, said: /JSON object, got an array of 1/ },
  {
    is: 'no error',
    body: json({ secret: SECRET }),
    status: 400,
    said: /^Expected event\.errorLog to be an object/,
  },
  {
    is: 'events that are no list',
    body: json({ events: SECRET }),
    status: 400,
    said: /^Expected events to be an array, got a string of 21/,
  },
  {
    is: 'OTLP that is no list',
    body: json({ resourceLogs: {} }),
    status: 400,
    said: /^Expected resourceLogs to be an array, got an object/,
  },
  {
    is: 'Vector’s logs that are no list',
    body: json({ logs: 5 }),
    status: 400,
    said: /^Expected logs to be an array, got a number/,
  },
  {
    is: 'a message that is a list',
    body: event({ errorLog: { message: [SECRET] } }),
    status: 400,
    said: /^Expected event\.errorLog\.message to be a text, got an array of 1/,
  },
  {
    is: 'a time that is none',
    body: event({ timestamp: SECRET }),
    status: 400,
    said: /^Expected event\.timestamp to be milliseconds.*got a string of 21/,
  },
  {
    is: 'a count below one',
    body: event({ occurrences: -3 }),
    status: 400,
    said: /^Expected event\.occurrences to be a whole number of at least 1, got a number/,
  },
  {
    is: 'a fingerprint that is a text',
    body: event({ fingerprint: SECRET }),
    status: 400,
    said: /^Expected event\.fingerprint to be an array/,
  },
  {
    is: 'gzip that is cut off',
    headers: GZIP,
    body: packed.subarray(0, packed.length / 2),
    status: 400,
    said: /^Expected the body to be whole gzip, got \d+ bytes.*: send all of them/,
  },
  {
    is: 'the beginning of gzip',
    body: Buffer.from([0x1f, 0x8b]),
    status: 400,
    said: /whole gzip, got 2 bytes/,
  },
  {
    is: 'a gzip bomb',
    headers: GZIP,
    body: gzipSync(Buffer.alloc(32 * 1_048_576, ' ')),
    status: 413,
    said: /^Expected a body of at most \d+ bytes when it is unpacked: send fewer/,
  },
  {
    is: 'many bombs in one',
    body: Buffer.concat(Array<Buffer>(32).fill(gzipSync(Buffer.alloc(1_048_576, ' ')))),
    status: 413,
    said: /when it is unpacked/,
  },
  {
    is: 'another packing',
    headers: { 'content-encoding': 'br' },
    body: brotliCompressSync(json(errorEvent())),
    status: 415,
    said: /^Expected the header content-encoding to be gzip, or to be left out, got a string of 2/,
  },
  {
    is: 'a form',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(`password=${SECRET}`),
    status: 415,
    said: /^Expected the header content-type to be application\/json, or application\/x-ndjson/,
  },
  {
    is: 'XML',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: Buffer.from(`<a>${SECRET}</a>`),
    status: 415,
    said: /content-type to be application\/json.*got a string of 8/,
  },
  {
    is: 'protobuf',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from([10, 0]),
    status: 415,
    said: /set the protocol to http\/json/,
  },
  {
    is: 'a charset that nobody knows',
    headers: { 'content-type': 'application/json; charset=klingon' },
    body: json(errorEvent()),
    status: 415,
    said: /charset of the header content-type to be utf-8/,
  },
];
