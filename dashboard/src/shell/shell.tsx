/** Frames the views: navigation, the banner of the sandbox, the state of the connection, and the keyboard. */
import { Suspense } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useLiveUpdates } from '../live/live-updates.ts';
import { splitLocation } from '../routes.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageSkeleton } from '../ui/skeletons.tsx';
import { ViewBoundary } from '../ui/view-boundary.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { EnvironmentProvider } from './environment.tsx';
import { KeyboardProvider } from './keyboard.tsx';
import { Navigation } from './navigation.tsx';
import { SandboxBanner } from './sandbox-banner.tsx';
import styles from './shell.module.css';
import { Start } from './start.tsx';
import { VIEWS } from './views.ts';

export function Shell() {
  const [location] = useLocation();
  const { environment, prefix, path } = splitLocation(location);
  return (
    <EnvironmentProvider value={environment} key={environment}>
      <Router base={prefix}>
        <KeyboardProvider>
          <a className={styles.skip} href="#content">
            Skip to content
          </a>
          <div className={styles.shell} data-covers={coversNavigation(path) || undefined}>
            <Navigation />
            <div className={styles.main}>
              {environment === 'test' && <SandboxBanner />}
              <LiveConnection />
              <main id="content" className={styles.content} tabIndex={-1}>
                <Views />
              </main>
            </div>
          </div>
        </KeyboardProvider>
      </Router>
    </EnvironmentProvider>
  );
}

function Views() {
  return (
    <ViewBoundary>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          <Route path="/">
            <Start />
          </Route>
          {VIEWS.map(({ path, page: Page }) => (
            <Route key={path} path={path} nest>
              <Page />
            </Route>
          ))}
          <Route>
            <EmptyState title="This page does not exist">Choose a view in the navigation.</EmptyState>
          </Route>
        </Switch>
      </Suspense>
    </ViewBoundary>
  );
}

function LiveConnection() {
  const state = useLiveUpdates();
  return <ConnectionBar state={state} />;
}

/** On a phone, an open conversation covers the bar of the navigation. */
function coversNavigation(path: string): boolean {
  return /^\/inbox\/.+/.test(path);
}
