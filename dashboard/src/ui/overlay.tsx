/**
 * Loads a part of a view on demand, such as a dialog. If its file cannot be loaded, because the broker does not respond,
 * only this part is missing and the page stays.
 */
import { Component, type ReactNode, Suspense } from 'react';
import { showProblem } from './toasts.tsx';

const FAILED = 'This part of the page could not be loaded. Check the connection to the broker and try again.';

interface Props {
  /** Shown while it loads and if it cannot be loaded. Without it, a message says so. */
  fallback?: ReactNode;
  /** Called if a dialog could not be shown, to close it. */
  onFailed?(): void;
  children: ReactNode;
}

export class Overlay extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    const { fallback, onFailed } = this.props;
    if (fallback === undefined) showProblem(new Error(FAILED));
    onFailed?.();
  }

  override render() {
    const { fallback = null, children } = this.props;
    return this.state.hasFailed ? fallback : <Suspense fallback={fallback}>{children}</Suspense>;
  }
}
