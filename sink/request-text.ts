import { PatrolError } from '../src/errors.ts';
import { gunzip } from './gunzip.ts';

const BYTE_ORDER_MARK = '\ufeff';

/**
 * The text of a request's body, unpacked where it is gzip and without a byte order mark; undefined where it would be
 * larger than `limit` bytes.
 *
 * @throws {PatrolError} `EVENT_INVALID` for broken gzip, `TRIGGER_UNKNOWN` for a charset that nobody knows.
 */
export function readText(body: Buffer, contentType: string, limit: number): string | undefined {
  const bytes = unpack(body, limit);
  return bytes && decode(bytes, charsetOf(contentType));
}

/** Told by the bytes, not the header: some servers unpack the body and leave the header. */
function unpack(body: Buffer, limit: number): Buffer | undefined {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body.length > limit ? undefined : body;
  try {
    return gunzip(body, limit);
  } catch (cause) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected the body to be whole gzip, got ${body.length} bytes that cannot be unpacked: send all of them, or none packed.`,
      { cause },
    );
  }
}

function charsetOf(contentType: string): string {
  return /;\s{0,8}charset\s{0,8}=\s{0,8}"?([\w.:-]{1,40})/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
}

function decode(bytes: Buffer, charset: string): string {
  if (charset !== 'utf-8' && charset !== 'utf8') {
    try {
      return new TextDecoder(charset).decode(bytes);
    } catch (cause) {
      throw new PatrolError(
        'TRIGGER_UNKNOWN',
        'Expected the charset of the header content-type to be utf-8, got one that is not known.',
        { cause },
      );
    }
  }
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
