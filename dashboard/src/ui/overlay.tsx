/**
 * Loads a dialog on demand. If its file cannot be loaded, because the broker does not respond, only the dialog is missing
 * and the page stays.
 */
import { Component, type ReactNode, Suspense } from 'react';
import { showProblem } from './toasts.tsx';

interface Props {
  /** Called if the dialog could not be shown, to close it. */
  onFailed?(): void;
  children: ReactNode;
}

export class Overlay extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch() {
    showProblem(
      'This part of the page could not be loaded. Check the connection to the broker and try again.',
    );
    this.props.onFailed?.();
  }

  override render() {
    return this.state.hasFailed ? null : <Suspense fallback={null}>{this.props.children}</Suspense>;
  }
}
