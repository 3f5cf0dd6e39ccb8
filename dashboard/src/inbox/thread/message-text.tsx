/** Shows the text of a message with its links. The direction follows the content. */
import Linkify from 'linkify-react';

const OPTIONS = {
  target: '_blank',
  rel: 'noopener noreferrer',
  defaultProtocol: 'https',
  validate: {
    url: (value: string) => /^(https?:\/\/|www\.)/i.test(value) || /^[\w-]+(\.[\w-]+)+\//.test(value),
  },
};

export function MessageText({ text }: { text: string }) {
  return (
    <span dir="auto">
      <Linkify options={OPTIONS}>{text}</Linkify>
    </span>
  );
}
