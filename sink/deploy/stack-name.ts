import { describeShape, PatrolError } from '../../src/errors.ts';

/**
 * What CloudFormation takes, and leaves room for what stands behind it: a role or a rule has 64 characters.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
 */
export const STACK_NAME: RegExp = /^[a-zA-Z][a-zA-Z0-9-]{0,57}$/;
/** The same in words. */
export const STACK_NAME_EXPECTED = 'a letter, then letters, digits and hyphens, 58 characters at most';

/** @throws {PatrolError} `CONFIG_INVALID` for what can be no stack's name. */
export function checkStackName(name: string): void {
  if (STACK_NAME.test(name)) return;
  throw new PatrolError(
    'CONFIG_INVALID',
    `Expected --stack to be ${STACK_NAME_EXPECTED}; got ${describeShape(name)}.`,
  );
}
