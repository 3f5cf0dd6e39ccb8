/** Shows the initials of a contact, or an icon for a number without a name and for a group. */
import IconPerson from 'icon:user';
import IconGroup from 'icon:users';
import styles from './avatar.module.css';

export function Avatar({
  name,
  isGroup,
  size = 36,
}: {
  name: string | null;
  isGroup: boolean;
  size?: number;
}) {
  const initials = name === null ? '' : initialsOf(name);
  return (
    <span className={styles.avatar} style={{ width: size, height: size }} aria-hidden="true">
      {isGroup ? <IconGroup size={20} /> : initials === '' ? <IconPerson size={20} /> : initials}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('');
}
