import { isRecord } from '../src/bounds.ts';

/** Bytes of gzip unpacked; undefined where they would become more than `limit`. Throws for what is no gzip. */
export function gunzip(packed: Uint8Array, limit: number): Buffer | undefined {
  // Loaded with the first bytes that are packed: a cold start pays for it otherwise, and SQS brings none.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    return gunzipSync(packed, { maxOutputLength: limit });
  } catch (error) {
    if (isRecord(error) && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}
