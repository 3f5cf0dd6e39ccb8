/** Asks before removing an opt-out, because the recipient then gets messages again. */
import { useQueryClient } from '@tanstack/react-query';
import type { OptOut } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { originText } from './opt-out-origin.ts';

export function RemoveOptOut({ optOut, onClose }: { optOut: OptOut; onClose(): void }) {
  const { handle, contactName } = optOut;
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const remove = async () => {
    await send('DELETE', `/opt-outs/${encodeURIComponent(handle)}`);
    await Promise.all(
      ['opt-outs', 'contacts', 'conversations'].map((topic) =>
        client.invalidateQueries({ queryKey: [environment, topic] }),
      ),
    );
  };
  return (
    <Confirm
      title={`Write to ${contactName ?? formatHandle(handle)} again?`}
      action="Remove opt-out"
      onClose={onClose}
      run={remove}
    >
      {originText(optOut)}. Remove the opt-out only if this person asked for messages again: sending to people
      who opted out is against the law in many countries.
    </Confirm>
  );
}
