/** Blocks and unblocks senders, with a way to undo it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { publishConversations } from '../live/live-messages.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { showDone, showProblem } from '../ui/toasts.tsx';

export function useSenderRule() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const refresh = async () => {
    publishConversations();
    await Promise.all(
      ['blocks', 'contacts', 'conversation'].map((topic) =>
        client.invalidateQueries({ queryKey: [environment, topic] }),
      ),
    );
  };
  const block = useMutation({
    mutationFn: (handle: string) =>
      send('POST', '/sender-rules', { body: { handle, action: 'block' } }).then(refresh),
    onSuccess: (_, handle) => showDone(`${formatHandle(handle)} is blocked.`, () => remove.mutate(handle)),
    onError: showProblem,
  });
  const remove = useMutation({
    mutationFn: (handle: string) =>
      send('DELETE', `/sender-rules/${encodeURIComponent(handle)}`).then(refresh),
    onSuccess: (_, handle) =>
      showDone(`${formatHandle(handle)} is not blocked any more.`, () => block.mutate(handle)),
    onError: showProblem,
  });
  return { block, remove };
}
