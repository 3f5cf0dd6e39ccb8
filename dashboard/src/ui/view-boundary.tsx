/** Keeps an error in one view from emptying the whole page. */
import { Component, type ReactNode } from 'react';
import { ErrorState } from './error-state.tsx';

export class ViewBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    // After an upgrade of the broker, an open page asks for files that no longer exist.
    return <ErrorState error={error} retry={() => location.reload()} />;
  }
}
