import { createSqsClient } from '../sqs-client.ts';
import { type Finding, type Findings, findingsOf } from './finding.ts';
import { reasonOf, TIMEOUT } from './server.ts';

/** A queue of SQS: that it is there and the credentials reach it. Nothing is sent or received. */
export async function checkQueue(
  check: 'queue' | 'reply queue',
  variable: string,
  queueUrl: string | undefined,
): Promise<Finding> {
  const found = findingsOf(check);
  if (queueUrl === undefined) return found.unused(`${variable} is not set.`);
  const client = await createSqsClient(TIMEOUT);
  try {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const waiting = Attributes?.ApproximateNumberOfMessages ?? '0';
    return found.ok(`${queueUrl} is reached; ${waiting} messages wait in it.`);
  } catch (error) {
    return explainAws(error, found, variable, queueUrl);
  } finally {
    client.destroy();
  }
}

function explainAws(error: unknown, found: Findings, variable: string, queueUrl: string): Finding {
  const name = error instanceof Error ? error.name : '';
  if (/NonExistentQueue|QueueDoesNotExist/.test(name)) {
    return found.failed(`There is no queue ${queueUrl}.`, `Correct ${variable}, its region and its account.`);
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return found.warning(
      `The credentials may not look at ${queueUrl}; sending may still be allowed.`,
      'The policy that patrol deploy prints is enough to send; add sqs:GetQueueAttributes to look.',
    );
  }
  if (/Credentials|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|ExpiredToken/.test(name)) {
    return found.failed(
      `AWS takes no credentials of this process (${name}).`,
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role.',
    );
  }
  return found.failed(
    `${queueUrl} cannot be asked: ${reasonOf(error)}.`,
    `Check ${variable}, AWS_REGION and the network.`,
  );
}
