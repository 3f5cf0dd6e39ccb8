/** Names the state of a webhook, and its problem with what to do about it. */
import IconWarning from 'icon:alert-triangle';
import type { Webhook } from '../../api/types.ts';
import { Status } from '../../ui/status.tsx';
import styles from '../developers.module.css';

export function WebhookState({ webhook: { isActive, problem } }: { webhook: Webhook }) {
  if (problem?.code === 'disabled') return <Status kind="bad">Disabled</Status>;
  if (!isActive) return <Status kind="neutral">Paused</Status>;
  if (problem !== null) return <Status kind="warning">Failing</Status>;
  return <Status kind="good">Active</Status>;
}

export function WebhookProblem({ webhook: { problem } }: { webhook: Webhook }) {
  if (problem === null) return null;
  return (
    <div className={styles.problem} data-code={problem.code}>
      <IconWarning size={16} />
      <div>
        <b>{problem.message}</b> {problem.fix}
      </div>
    </div>
  );
}
