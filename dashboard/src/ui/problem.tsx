/** Shows an error next to the control that caused it: the problem and the next step. */

import IconAlert from 'icon:alert-circle';
import { Alert } from '@mantine/core';
import { RequestError } from '../api/request.ts';

export function Problem({ error }: { error: Error | null | undefined }) {
  if (error === null || error === undefined) return null;
  const fix = error instanceof RequestError ? error.fix : undefined;
  return (
    <Alert variant="light" color="red" icon={<IconAlert size={20} />} role="alert">
      {problemText(error)}
      {fix !== undefined && <div>{fix}</div>}
    </Alert>
  );
}

export function problemText(error: Error): string {
  if (error instanceof RequestError) return error.message;
  // A browser's own error, such as a cancelled passkey.
  if (error.name === 'NotAllowedError') return 'The passkey was not used. Try again, or use the password.';
  return error.message;
}
