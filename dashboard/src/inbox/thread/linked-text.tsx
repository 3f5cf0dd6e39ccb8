/** Turns the addresses in a text into links. */
import Linkify from 'linkify-react';

const OPTIONS = {
  target: '_blank',
  rel: 'noopener noreferrer',
  defaultProtocol: 'https',
  validate: {
    url: (value: string) => /^(https?:\/\/|www\.)/i.test(value) || /^[\w-]+(\.[\w-]+)+\//.test(value),
  },
};

export default function LinkedText({ text }: { text: string }) {
  return <Linkify options={OPTIONS}>{text}</Linkify>;
}
