/** Opens the inbox, or the overview while the owner has steps of the first run left. */
import { Redirect } from 'wouter';
import { isChecklistDone, useOverview } from '../overview/use-overview.ts';
import { useIsOwner } from '../session/session.tsx';
import { PageSkeleton } from '../ui/skeletons.tsx';
import { START_PATH } from './views.ts';

export function Start() {
  const isOwner = useIsOwner();
  const { data, isPending } = useOverview('24h', { isEnabled: isOwner });
  if (isOwner && isPending) return <PageSkeleton />;
  const isDone = data === undefined || isChecklistDone(data);
  return <Redirect to={isDone ? START_PATH : '/overview'} replace />;
}
