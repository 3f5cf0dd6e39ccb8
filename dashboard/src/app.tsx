/** Chooses between the sign-in pages and the shell. */
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Route, Router, Switch } from 'wouter';
import { onSessionEnded, RequestError } from './api/request.ts';
import { PAGE_BASE } from './routes.ts';
import { SESSION_KEY, SessionProvider, useSessionQuery } from './session/session.tsx';
import { Shell } from './shell/shell.tsx';
import { ErrorState } from './ui/error-state.tsx';
import { Overlay } from './ui/overlay.tsx';
import { PageSkeleton } from './ui/skeletons.tsx';
import { ViewBoundary } from './ui/view-boundary.tsx';

const LinkPage = lazy(() => import('./session/link-page.tsx'));
const SignInDialog = lazy(() => import('./session/sign-in-dialog.tsx'));
const SignInPage = lazy(() => import('./session/sign-in-page.tsx'));

export function App() {
  return (
    <Router base={PAGE_BASE}>
      <ViewBoundary>
        <Suspense fallback={null}>
          <Routes />
        </Suspense>
      </ViewBoundary>
    </Router>
  );
}

function Routes() {
  return (
    <Switch>
      <Route path="/sign-in">{location.hash.startsWith('#token=') ? <LinkPage /> : <SignInPage />}</Route>
      <Route>
        <SignedIn />
      </Route>
    </Switch>
  );
}

/** Keeps the page and its drafts when the session ends: a dialog asks to sign in again. */
function SignedIn() {
  const { data: session, error, isPending, refetch } = useSessionQuery();
  const client = useQueryClient();
  useEffect(
    () =>
      onSessionEnded(() => {
        // The request for the session ends with the same status: it must not start itself again.
        void client.invalidateQueries({ queryKey: SESSION_KEY, exact: true }, { cancelRefetch: false });
      }),
    [client],
  );
  if (isPending) return <PageSkeleton />;
  const isSignedOut = error instanceof RequestError && error.status === 401;
  if (session === undefined) {
    return isSignedOut ? <SignInPage /> : <ErrorState error={error} retry={() => void refetch()} />;
  }
  return (
    <SessionProvider value={session}>
      <Shell />
      {isSignedOut && (
        <Overlay>
          <SignInDialog email={session.member.email} />
        </Overlay>
      )}
    </SessionProvider>
  );
}
