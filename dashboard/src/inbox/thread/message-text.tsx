/** Shows the text of a message with its links. The direction follows the content. */
import { lazy } from 'react';
import { Overlay } from '../../ui/overlay.tsx';

/** The list of top-level domains is large, and most texts have no link. */
const LinkedText = lazy(() => import('./linked-text.tsx'));
const MAY_HAVE_LINK = /:\/\/|www\.|@|\.[a-z]{2,}/i;

export function MessageText({ text }: { text: string }) {
  return (
    <span dir="auto">
      {MAY_HAVE_LINK.test(text) ? (
        <Overlay fallback={text}>
          <LinkedText text={text} />
        </Overlay>
      ) : (
        text
      )}
    </span>
  );
}
