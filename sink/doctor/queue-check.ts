import { awsTroubleOf } from '../aws-trouble.ts';
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
  const trouble = awsTroubleOf(error);
  if (trouble) return found.failed(trouble.problem, trouble.remedy);
  return found.failed(
    `${queueUrl} cannot be asked: ${reasonOf(error)}.`,
    `Check ${variable}, AWS_REGION and the network.`,
  );
}
