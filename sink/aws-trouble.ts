import { messageOf } from '../src/errors.ts';

/** What keeps a process from asking AWS anything at all. */
export interface AwsTrouble {
  readonly problem: string;
  readonly remedy: string;
}

/** Tells whether AWS was not asked, or did not know who asks, as its SDK's errors say it; undefined for any other error. */
export function awsTroubleOf(error: unknown): AwsTrouble | undefined {
  const name = error instanceof Error ? error.name : '';
  if (/Credentials|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|ExpiredToken/.test(name)) {
    return {
      problem: `AWS takes no credentials of this process (${name}).`,
      remedy: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role.',
    };
  }
  if (/^Region (?:is missing|not accepted)/.test(messageOf(error))) {
    return {
      problem: 'No region of AWS is named, or none that can be.',
      remedy: 'Set AWS_REGION, or a region in the profile that AWS_PROFILE names.',
    };
  }
  return undefined;
}
